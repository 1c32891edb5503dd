"""Public checks of tensor_reshape."""

import engine
import numpy as np
import support
from student_kit.checks import assert_close


def test_worked_numbers():
    """The matrix of the handout, reshaped and transposed."""
    x = engine.Tensor(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), requires_grad=True)
    gradient = np.array([[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]])
    for node, data, expected in (
        (x.reshape((3, 2)), [[1, 2], [3, 4], [5, 6]], [[10, 20, 30], [40, 50, 60]]),
        (x.transpose(), [[1, 4], [2, 5], [3, 6]], [[10, 30, 50], [20, 40, 60]]),
    ):
        assert_close(node.data, np.array(data, dtype=float), name="the data")
        (found,) = support.gradients_by_paths(node, gradient, [x])
        assert_close(found, np.array(expected, dtype=float), name="the gradient")


def test_axes_there_and_back(rng):
    """Each entry's gradient goes back to that entry, for an order that is not its own inverse."""
    values = rng.normal(size=(2, 3, 4))
    x = engine.Tensor(values, requires_grad=True)
    node = x.transpose(axes=(2, 0, 1))
    expected = np.moveaxis(values, 2, 0)
    assert_close(node.data, expected, name="the data")
    # the gradient that arrives holds the values themselves: so each must come back to its place
    (found,) = support.gradients_by_paths(node, np.ascontiguousarray(expected), [x])
    assert_close(found, values, name="the gradient")


def test_what_is_left():
    """A length of -1 stands for whatever is left."""
    x = engine.Tensor(np.arange(6.0), requires_grad=True)
    node = x.reshape((2, -1))
    assert_close(node.data, np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]), name="the data")
    (found,) = support.gradients_by_paths(node, np.ones((2, 3)), [x])
    assert_close(found, np.ones(6), name="the gradient")
