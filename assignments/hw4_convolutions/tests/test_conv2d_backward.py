"""Public checks of conv2d_backward."""

import conv
import numpy as np
import pytest
from student_kit.checks import assert_close, estimated_gradient, require

IMAGE = np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 3.0, 2.0], [2.0, 0.0, 1.0, 1.0]])
KERNEL = np.array([[1.0, 0.0], [2.0, -1.0]])


def compare(grad_output, *arrays, expected, **options):
    """Compare what your function returns with three gradients."""
    result = conv.conv2d_backward(grad_output, *arrays, **options)
    names = ("grad_x", "grad_weight", "grad_bias")
    require(type(result) is tuple and len(result) == 3, f"return a tuple of three, {names}")
    for name, found, right in zip(names, result, expected, strict=True):
        # a loss is linear in each of them: only rounding is left, about 1e-15 / 1e-3
        assert_close(found, right, rtol=1e-7, atol=1e-8, name=name)


def test_worked_numbers():
    """The gradients are those of the handout: one image, one kernel, no padding."""
    grad_image = np.array([[1.0, 0.0, -1.0, 0.0], [4.0, 0.0, -2.0, 1.0], [4.0, 0.0, -1.0, 0.0]])
    grad_kernel = np.array([[2.0, 6.0], [1.0, 0.0]])
    compare(
        np.array([[[[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]]]),
        IMAGE[None, None],
        KERNEL[None, None],
        expected=(grad_image[None, None], grad_kernel[None, None], np.array([3.0])),
    )


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 0), (2, 1)])
def test_central_differences(rng, stride, padding):
    """All three agree with central differences of your own conv2d_forward."""
    options = {"stride": stride, "padding": padding}
    x, weight, bias = (rng.normal(size=size) for size in ((1, 2, 3, 4), (2, 2, 2, 3), (2,)))
    grad_output = rng.normal(size=conv.conv2d_forward(x, weight, bias, **options).shape)

    def loss(*arrays):
        return float(np.sum(grad_output * conv.conv2d_forward(*arrays, **options)))

    expected = (
        estimated_gradient(lambda at: loss(at, weight, bias), x),
        estimated_gradient(lambda at: loss(x, at, bias), weight),
        estimated_gradient(lambda at: loss(x, weight, at), bias),
    )
    compare(grad_output, x, weight, expected=expected, **options)
