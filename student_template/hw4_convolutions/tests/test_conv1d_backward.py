"""Public checks of conv1d_backward."""

import conv
import numpy as np
import pytest
from student_kit.checks import assert_close, estimated_gradient, require

NAMES = ("grad_x", "grad_weight", "grad_bias")
X = np.array([[[1.0, 0.0, 2.0, 3.0, 1.0], [0.0, 1.0, 1.0, 0.0, 2.0]]])
WEIGHT = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]], [[0.0, 0.0, 1.0], [2.0, 0.0, 0.0]]])


def gradients(grad_output, *arrays, **options):
    """Return what your function returns, if it is a tuple of three."""
    result = conv.conv1d_backward(grad_output, *arrays, **options)
    require(type(result) is tuple and len(result) == 3, f"return a tuple of three, {NAMES}")
    return result


def compare(result, expected):
    """Compare your three gradients with what they should be."""
    for name, found, right in zip(NAMES, result, expected, strict=True):
        assert_close(found, right, rtol=1e-7, atol=1e-8, name=name)


def test_worked_numbers():
    """The gradients are those of the handout."""
    grad_x = np.array([[[1.0, 2.0, -1.0, 0.0, 0.0], [0.0, 5.0, -1.0, -1.0, 1.0]]])
    first, second = [[-1.0, -3.0, 1.0], [-1.0, 1.0, -1.0]], [[0.0, 4.0, 6.0], [2.0, 2.0, 0.0]]
    grad_output = np.array([[[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]]])
    result = gradients(grad_output, X, WEIGHT)
    compare(result, (grad_x, np.array([first, second]), np.array([0.0, 2.0])))


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])  # both have three positions
def test_central_differences(rng, stride, padding):
    """All three agree with central differences of your own conv1d_forward."""
    options = {"stride": stride, "padding": padding}
    x, weight, bias = (rng.normal(size=shape) for shape in ((2, 2, 5), (3, 2, 3), (3,)))
    grad_output = rng.normal(size=(2, 3, 3))
    result = gradients(grad_output, x, weight, **options)

    def loss(*arrays):
        return float(np.sum(grad_output * conv.conv1d_forward(*arrays, **options)))

    expected = (
        estimated_gradient(lambda at: loss(at, weight, bias), x),
        estimated_gradient(lambda at: loss(x, at, bias), weight),
        estimated_gradient(lambda at: loss(x, weight, at), bias),
    )
    compare(result, expected)
