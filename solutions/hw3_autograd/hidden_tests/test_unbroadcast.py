"""Hidden checks of unbroadcast."""

import engine
import numpy as np
from reference import engine as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def check(rng, grad_shape, shape):
    """Compare one sum with the reference."""
    grad = rng.normal(size=grad_shape)
    expected = reference.unbroadcast(grad, shape)
    # of shape () a number will do
    expected = expected if shape else float(expected)
    assert_close(engine.unbroadcast(grad, shape), expected, name=f"the gradient of shape {shape}")


def test_axes_added_on_the_left(rng):
    """Axes that the operand lacks are summed over, one or several, down to a single number."""
    for grad_shape, shape in (
        ((5, 3), (3,)),
        ((2, 5, 3), (3,)),
        ((2, 5, 3), (5, 3)),
        ((4,), ()),
        ((5, 3), ()),
    ):
        check(rng, grad_shape, shape)


def test_axes_of_length_one(rng):
    """Axes along which the operand has length 1 are summed over, and stay."""
    for grad_shape, shape in (
        ((5, 3), (5, 1)),
        ((5, 3), (1, 3)),
        ((5, 3), (1, 1)),
        ((2, 5, 3), (2, 1, 3)),
        ((2, 5, 3), (1, 5, 1)),
    ):
        check(rng, grad_shape, shape)


def test_added_and_of_length_one(rng):
    """An operand may lack axes and have others of length 1."""
    for grad_shape, shape in (
        ((2, 5, 3), (5, 1)),
        ((2, 5, 3), (1, 3)),
        ((2, 5, 3), (1,)),
        ((4, 2, 5, 3), (2, 1, 1)),
    ):
        check(rng, grad_shape, shape)


def test_equal_lengths(rng):
    """The right axis is summed over, also where all axes have the same length."""
    for grad_shape, shape in (((4, 4), (4,)), ((4, 4), (4, 1)), ((3, 3, 3), (3, 1, 3))):
        check(rng, grad_shape, shape)


def test_nothing_was_broadcast(rng):
    """A gradient that has the shape already stays what it is, and only then."""
    check(rng, (5, 3), (3,))
    for shape in ((5, 3), (4,), (1, 3), (5, 1, 1), ()):
        check(rng, shape, shape)


def test_argument_unchanged(rng):
    """The gradient that is given is not written into."""
    grad = rng.normal(size=(2, 4, 3))
    with assert_inputs_unchanged():
        found = engine.unbroadcast(grad, (4, 1))
    assert_close(found, np.einsum("nij->i", grad)[:, None])
