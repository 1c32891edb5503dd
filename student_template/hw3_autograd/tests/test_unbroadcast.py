"""Public checks of unbroadcast."""

import engine
import numpy as np
from student_kit.checks import assert_close

GRAD = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_worked_numbers():
    """The four cases of the handout."""
    assert_close(engine.unbroadcast(GRAD, (2, 3)), GRAD, name="for the shape (2, 3)")
    assert_close(engine.unbroadcast(GRAD, (3,)), np.array([5.0, 7.0, 9.0]), name="for (3,)")
    assert_close(engine.unbroadcast(GRAD, (2, 1)), np.array([[6.0], [15.0]]), name="for (2, 1)")
    assert_close(engine.unbroadcast(GRAD, ()), 21.0, name="for ()")


def test_definition(rng):
    """Each entry of the operand gets the sum over all places to which NumPy copied it."""
    for grad_shape, shape in (((4, 2, 3), (2, 3)), ((4, 2, 3), (2, 1)), ((2, 3), (1, 3))):
        grad = rng.normal(size=grad_shape)
        which = np.broadcast_to(np.arange(np.prod(shape)).reshape(shape), grad_shape)
        expected = [grad[which == k].sum() for k in range(np.prod(shape))]
        found = engine.unbroadcast(grad, shape)
        assert_close(found, np.reshape(expected, shape), name=f"for the shape {shape}")
