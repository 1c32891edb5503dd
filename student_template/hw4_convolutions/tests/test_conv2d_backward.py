"""Public checks of conv2d_backward."""

import conv
import numpy as np
import pytest
from student_kit.checks import assert_close, estimated_gradient, require

NAMES = ("grad_x", "grad_weight", "grad_bias")
IMAGE = np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 3.0, 2.0], [2.0, 0.0, 1.0, 1.0]])
KERNEL = np.array([[1.0, 0.0], [2.0, -1.0]])


def gradients(grad_output, *arrays, **options):
    """Return what your function returns, if it is a tuple of three."""
    result = conv.conv2d_backward(grad_output, *arrays, **options)
    require(type(result) is tuple and len(result) == 3, f"return a tuple of three, {NAMES}")
    return result


def compare(result, expected):
    """Compare your three gradients with what they should be."""
    for name, found, right in zip(NAMES, result, expected, strict=True):
        # a loss is linear in each of them: only rounding is left, about 1e-15 / 1e-3
        assert_close(found, right, rtol=1e-7, atol=1e-8, name=name)


def test_worked_numbers():
    """The gradients are those of the handout: one image, one kernel, no padding."""
    grad_image = np.array([[1.0, 0.0, -1.0, 0.0], [4.0, 0.0, -2.0, 1.0], [4.0, 0.0, -1.0, 0.0]])
    grad_kernel = np.array([[2.0, 6.0], [1.0, 0.0]])
    grad_output = np.array([[[[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]]])
    result = gradients(grad_output, IMAGE[None, None], KERNEL[None, None])
    compare(result, (grad_image[None, None], grad_kernel[None, None], np.array([3.0])))


@pytest.mark.parametrize(
    ("stride", "padding", "size"), [(1, 0, (2, 2)), (1, 1, (4, 4)), (2, 0, (1, 1)), (2, 1, (2, 2))]
)
def test_central_differences(rng, stride, padding, size):
    """All three agree with central differences of your own conv2d_forward."""
    options = {"stride": stride, "padding": padding}
    x, weight, bias = (rng.normal(size=shape) for shape in ((1, 2, 3, 4), (2, 2, 2, 3), (2,)))
    grad_output = rng.normal(size=(1, 2, *size))
    result = gradients(grad_output, x, weight, **options)

    def loss(*arrays):
        return float(np.sum(grad_output * conv.conv2d_forward(*arrays, **options)))

    expected = (
        estimated_gradient(lambda at: loss(at, weight, bias), x),
        estimated_gradient(lambda at: loss(x, at, bias), weight),
        estimated_gradient(lambda at: loss(x, weight, at), bias),
    )
    compare(result, expected)
