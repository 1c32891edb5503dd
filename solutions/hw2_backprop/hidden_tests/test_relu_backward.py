"""Hidden checks of relu_backward."""

import layers
import numpy as np
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_either_sign(rng):
    """The gradient passes where x is positive, whatever its own sign, and nowhere else."""
    grad_output, x = rng.normal(size=(2, 8, 7))
    expected = reference.relu_backward(grad_output, x)
    assert_close(layers.relu_backward(grad_output, x), expected)


def test_zero(rng):
    """At x = 0 (and -0) the derivative is 0; at the smallest positive x it is 1."""
    grad_output = rng.normal(size=(3, 5))
    x = np.tile([0.0, -0.0, 1e-12, -1e-12, 2.0], (3, 1))
    expected = grad_output * [0, 0, 1, 0, 1]
    assert_close(layers.relu_backward(grad_output, x), expected)


def test_size_of_x_does_not_matter(rng):
    """Only the sign of x counts: the gradient passes as it is, for small x and for large."""
    grad_output = rng.normal(size=(4, 6))
    x = rng.choice([-1.0, 1.0], size=(4, 6)) * 10.0 ** rng.uniform(-6, 6, size=(4, 6))
    expected = reference.relu_backward(grad_output, x)
    assert_close(layers.relu_backward(grad_output, x), expected)


def test_any_shape(rng):
    """It works entry by entry, for one axis, three and four."""
    for shape in ((9,), (2, 3, 4), (2, 1, 3, 5)):
        grad_output, x = rng.normal(size=(2, *shape))
        expected = reference.relu_backward(grad_output, x)
        assert_close(layers.relu_backward(grad_output, x), expected)


def test_arguments_unchanged(rng):
    """Neither grad_output nor x is written into, and the gradient is right."""
    grad_output, x = rng.normal(size=(2, 5, 4))
    expected = reference.relu_backward(grad_output, x)
    with assert_inputs_unchanged():
        result = layers.relu_backward(grad_output, x)
    assert_close(result, expected)
