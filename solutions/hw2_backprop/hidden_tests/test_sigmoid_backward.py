"""Hidden checks of sigmoid_backward."""

import layers
import numpy as np
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_either_sign(rng):
    """The gradient is right for x and grad_output of either sign."""
    grad_output, x = rng.normal(scale=2, size=(2, 8, 7))
    expected = reference.sigmoid_backward(grad_output, x)
    assert_close(layers.sigmoid_backward(grad_output, x), expected)


def test_zero(rng):
    """At x = 0, where the sigmoid is steepest, a quarter of the gradient passes."""
    grad_output = rng.normal(size=6)
    assert_close(layers.sigmoid_backward(grad_output, np.zeros(6)), grad_output / 4)


def test_far_from_zero(rng):
    """Far from 0 the gradient is 0, not NaN, and near 0 it is what it should be."""
    x = np.array([[-1e4, -800.0, -30.0, -1.0], [1.0, 30.0, 800.0, 1e4]])
    grad_output = rng.normal(size=x.shape)
    expected = reference.sigmoid_backward(grad_output, x)
    assert_close(layers.sigmoid_backward(grad_output, x), expected)


def test_any_shape(rng):
    """It works entry by entry, for one axis, three and four."""
    for shape in ((9,), (2, 3, 4), (2, 1, 3, 5)):
        grad_output, x = rng.normal(size=(2, *shape))
        expected = reference.sigmoid_backward(grad_output, x)
        assert_close(layers.sigmoid_backward(grad_output, x), expected)


def test_arguments_unchanged(rng):
    """Neither grad_output nor x is written into, and the gradient is right."""
    grad_output, x = rng.normal(size=(2, 5, 4))
    expected = reference.sigmoid_backward(grad_output, x)
    with assert_inputs_unchanged():
        result = layers.sigmoid_backward(grad_output, x)
    assert_close(result, expected)
