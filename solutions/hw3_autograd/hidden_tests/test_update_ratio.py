"""Hidden checks of update_ratio."""

import math

import diagnosis
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_no_warnings


def length(values):
    """Return the square root of the sum of squares, by definition."""
    return math.sqrt(sum(float(value) ** 2 for value in np.ravel(values)))


def test_ratio_of_the_lengths(rng):
    """It is the length of the update divided by the length of the parameter."""
    param, update = rng.normal(size=7), 0.01 * rng.normal(size=7)
    assert_close(diagnosis.update_ratio(param, update), length(update) / length(param))


def test_any_shape(rng):
    """For matrices and filters it is the root of the sum of the squares of all entries."""
    for shape in ((4, 3), (3, 3), (5, 2, 3, 4)):
        param, update = rng.normal(size=(2, *shape))
        found = diagnosis.update_ratio(param, update)
        assert_close(found, length(update) / length(param))


def test_signs_do_not_cancel(rng):
    """Updates of either sign count by their size: the sum of the entries says nothing."""
    param = rng.uniform(1, 2, size=6) * np.array([1, -1, 1, -1, 1, -1])
    update = rng.uniform(0.1, 0.2, size=6) * np.array([1, 1, -1, -1, 1, -1])
    expected = length(update) / length(param)
    assert_close(diagnosis.update_ratio(param, update), expected)
    assert_close(diagnosis.update_ratio(-param, update), expected)


def test_one_large_entry_counts_most(rng):
    """Lengths are compared: one entry that moves far is not averaged away."""
    param, update = rng.uniform(1, 2, size=50), 1e-6 * rng.normal(size=50)
    update[rng.integers(50)] = 5.0
    assert_close(diagnosis.update_ratio(param, update), length(update) / length(param))


def test_scale(rng):
    """Twice the update is twice the ratio, twice the parameter half of it; tiny ones are fine."""
    param, update = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    expected = length(update) / length(param)
    assert_close(diagnosis.update_ratio(param, 2 * update), 2 * expected)
    assert_close(diagnosis.update_ratio(2 * param, update), expected / 2)
    assert_close(diagnosis.update_ratio(1e-12 * param, 1e-15 * update), 1e-3 * expected)


def test_param_of_zeros(rng):
    """For a parameter of zeros it is infinite, without a warning; else it is not."""
    update = rng.normal(size=5)
    with assert_no_warnings():
        assert_close(diagnosis.update_ratio(np.zeros(5), update), math.inf)
        assert_close(diagnosis.update_ratio(np.zeros((5, 1)), update[:, None]), math.inf)
    assert_close(diagnosis.update_ratio(np.eye(5)[2], update), length(update))


def test_arguments_unchanged(rng):
    """Neither argument is written into, and the ratio is right."""
    param, update = rng.normal(size=(2, 8))
    expected = length(update) / length(param)
    with assert_inputs_unchanged():
        found = diagnosis.update_ratio(param, update)
    assert_close(found, expected)
