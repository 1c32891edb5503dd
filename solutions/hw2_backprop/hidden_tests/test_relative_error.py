"""Hidden checks of relative_error."""

import layers
import numpy as np
import pytest
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, shape):
    """Return two positive arrays; each entry of the second is smaller by some per cent."""
    a = rng.uniform(1, 3, size=shape)
    return a, a * (1 - rng.uniform(0.01, 0.05, size=shape))


def test_largest_entry_counts(rng):
    """It is the largest relative difference, for any shape and sign, whichever is larger."""
    for shape in ((8,), (4, 3), (2, 3, 5)):
        a, b = draw(rng, shape)
        worst = int(rng.integers(a.size))
        signs = rng.choice([-1.0, 1.0], size=shape)
        signs.flat[worst] = -1.0
        b.flat[worst] *= 0.8
        a, b = signs * a, signs * b
        assert_close(layers.relative_error(a, b), reference.relative_error(a, b))
        assert_close(layers.relative_error(b, a), reference.relative_error(a, b))


def test_one_wrong_entry_is_not_averaged_away(rng):
    """One wrong entry among a thousand right ones shows in full, too large or too small."""
    a = rng.uniform(1, 2, size=1000)
    for factor, expected in ((0.75, 0.25), (4.0, 0.75)):
        b = a.copy()
        b[rng.integers(1000)] *= factor
        assert_close(layers.relative_error(a, b), expected)


def test_negative_entries(rng):
    """Signs are right: two negative gradients are compared by size, and a and -a differ by 2."""
    a = -rng.uniform(1, 3, size=6)
    b = a * np.array([1.0, 1.5, 1.0, 1.25, 1.0, 1.0])
    assert_close(layers.relative_error(a, b), 1 / 3)
    assert_close(layers.relative_error(a, -a), 2.0)


def test_zero_in_both(rng):
    """An entry that is 0 in both counts as equal; 0 against anything else counts 1."""
    a, b = draw(rng, (5,))
    a[2] = b[2] = 0.0
    assert_close(layers.relative_error(a, b), reference.relative_error(a, b))
    b[2] = 1e-20
    assert_close(layers.relative_error(a, b), 1.0)


def test_scale_does_not_matter(rng):
    """Tiny and huge gradients are judged like ordinary ones."""
    a, b = draw(rng, (7,))
    expected = reference.relative_error(a, b)
    for scale in (1e-12, 1e12):
        assert_close(layers.relative_error(scale * a, scale * b), expected)


def test_nan_is_not_hidden(rng):
    """A NaN in either array makes the result NaN, wherever it stands."""
    a, b = draw(rng, (6,))
    assert_close(layers.relative_error(a, b), reference.relative_error(a, b))
    for broken in (0, 3, 5):
        bad = a.copy()
        bad[broken] = np.nan
        for pair in ((bad, b), (b, bad)):
            assert_close(layers.relative_error(*pair), np.nan)


def test_refuses_different_shapes(rng):
    """Arrays of different shapes raise a ValueError, also where NumPy could broadcast them."""
    a, b = draw(rng, (3, 4))
    assert_close(layers.relative_error(a, b), reference.relative_error(a, b))
    for other in (b[0], b[:1], b[:, :1], b.T, b.ravel()):
        with pytest.raises(ValueError, match=r"\d"):
            layers.relative_error(a, other)


def test_arguments_unchanged(rng):
    """a and b are not written into, and the result is right."""
    a, b = draw(rng, (9,))
    expected = reference.relative_error(a, b)
    with assert_inputs_unchanged():
        result = layers.relative_error(a, b)
    assert_close(result, expected)
