"""Hidden checks of sigmoid_forward."""

import layers
import numpy as np
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_no_warnings


def test_either_sign(rng):
    """The values are right for positive and negative x of ordinary size, and for 0."""
    x = rng.normal(scale=3, size=(6, 5))
    x[2, 3] = 0.0
    assert_close(layers.sigmoid_forward(x), reference.sigmoid_forward(x))


def test_any_shape(rng):
    """It works entry by entry, for one axis, three and four."""
    for shape in ((9,), (2, 3, 4), (2, 1, 3, 5)):
        x = rng.normal(size=shape)
        assert_close(layers.sigmoid_forward(x), reference.sigmoid_forward(x))


def test_far_from_zero(rng):
    """The values are right far from 0, where exp overflows: 0 on the left and 1 on the right."""
    x = np.concatenate([[-1e4, -800.0, -1.0, 1.0, 800.0, 1e4], rng.uniform(15, 30, size=4)])
    x = np.stack([x, -x])
    assert_close(layers.sigmoid_forward(x), reference.sigmoid_forward(x))


def test_no_warning(rng):
    """No overflow happens on the way, also where nothing of it is left in the result."""
    for sign in (-1, 1):
        x = sign * np.array([1.0, 1000.0, rng.uniform(750, 2000)])
        expected = reference.sigmoid_forward(x)
        with assert_no_warnings():
            result = layers.sigmoid_forward(x)
        assert_close(result, expected)


def test_argument_unchanged(rng):
    """x is not written into, and the output is right."""
    x = rng.normal(size=(4, 7))
    expected = reference.sigmoid_forward(x)
    with assert_inputs_unchanged():
        result = layers.sigmoid_forward(x)
    assert_close(result, expected)
