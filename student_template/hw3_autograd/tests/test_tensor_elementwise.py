"""Public checks of tensor_elementwise."""

import engine
import numpy as np
import support
from student_kit.checks import assert_close, estimated_gradient


def test_worked_numbers():
    """The functions of the handout at 1, 2 and -2, with the gradients 10, 100 and 1000."""
    gradient = np.array([10.0, 100.0, 1000.0])
    x = engine.Tensor(np.array([1.0, 2.0, -2.0]), requires_grad=True)
    e = float(np.e)
    for node, data, expected in (
        (x.relu(), [1.0, 2.0, 0.0], [10.0, 100.0, 0.0]),
        (x.exp(), [e, e**2, e**-2], [10 * e, 100 * e**2, 1000 * e**-2]),
        ((x * x).log(), [0.0, np.log(4), np.log(4)], [20.0, 100.0, -1000.0]),
    ):
        assert_close(node.data, np.array(data), name="the data")
        (found,) = support.gradients_by_paths(node, gradient, [x])
        assert_close(found, np.array(expected), name="the gradient")


def test_relu_at_zero():
    """The derivative of the ReLU at 0 is 0."""
    x = engine.Tensor(np.array([0.0, 3.0]), requires_grad=True)
    (found,) = support.gradients_by_paths(x.relu(), np.array([7.0, -7.0]), [x])
    assert_close(found, np.array([0.0, -7.0]), name="the gradient")


def test_central_differences(rng):
    """The gradients of exp and log agree with central differences."""
    values, gradient = rng.uniform(1, 2, size=(2, 3)), rng.normal(size=(2, 3))
    x = engine.Tensor(values, requires_grad=True)
    for node, function in ((x.exp(), np.exp), (x.log(), np.log)):
        expected = estimated_gradient(
            lambda at, f=function: float(np.sum(gradient * f(at))), values
        )
        (found,) = support.gradients_by_paths(node, gradient, [x])
        # the error of the differences is about h^4 = 1e-12, and their rounding 1e-16 / 1e-3
        assert_close(found, expected, rtol=1e-8, atol=1e-10, name="the gradient")
