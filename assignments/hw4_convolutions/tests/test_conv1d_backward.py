"""Public checks of conv1d_backward."""

import conv
import numpy as np
import pytest
from student_kit.checks import assert_close, estimated_gradient, require

X = np.array([[[1.0, 0.0, 2.0, 3.0, 1.0], [0.0, 1.0, 1.0, 0.0, 2.0]]])
WEIGHT = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]], [[0.0, 0.0, 1.0], [2.0, 0.0, 0.0]]])


def compare(grad_output, *arrays, expected, **options):
    """Compare what your function returns with three gradients."""
    result = conv.conv1d_backward(grad_output, *arrays, **options)
    names = ("grad_x", "grad_weight", "grad_bias")
    require(type(result) is tuple and len(result) == 3, f"return a tuple of three, {names}")
    for name, found, right in zip(names, result, expected, strict=True):
        assert_close(found, right, rtol=1e-7, atol=1e-8, name=name)


def test_worked_numbers():
    """The gradients are those of the handout."""
    grad_x = np.array([[[1.0, 2.0, -1.0, 0.0, 0.0], [0.0, 5.0, -1.0, -1.0, 1.0]]])
    first, second = [[-1.0, -3.0, 1.0], [-1.0, 1.0, -1.0]], [[0.0, 4.0, 6.0], [2.0, 2.0, 0.0]]
    grad_output = np.array([[[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]]])
    expected = (grad_x, np.array([first, second]), np.array([0.0, 2.0]))
    compare(grad_output, X, WEIGHT, expected=expected)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_central_differences(rng, stride, padding):
    """All three agree with central differences of your own conv1d_forward."""
    options = {"stride": stride, "padding": padding}
    x, weight, bias = (rng.normal(size=size) for size in ((2, 2, 5), (3, 2, 3), (3,)))
    grad_output = rng.normal(size=conv.conv1d_forward(x, weight, bias, **options).shape)

    def loss(*arrays):
        return float(np.sum(grad_output * conv.conv1d_forward(*arrays, **options)))

    expected = (
        estimated_gradient(lambda at: loss(at, weight, bias), x),
        estimated_gradient(lambda at: loss(x, at, bias), weight),
        estimated_gradient(lambda at: loss(x, weight, at), bias),
    )
    compare(grad_output, x, weight, expected=expected, **options)
