"""Hidden tests of moving_average: they share its points equally.

Inputs come from `rng`, which is seeded anew for each submission. Each test asserts at least one
value that no function gets right by doing nothing.
"""

import averages
from reference import averages as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_random_values(rng):
    """The average is right for random values."""
    average, value = rng.normal(size=(2, 5))
    beta = rng.uniform(0.6, 0.9)
    expected = reference.moving_average(average, value, beta=beta)
    assert_close(averages.moving_average(average, value, beta=beta), expected)


def test_nothing_stays_for_beta_zero(rng):
    """With beta = 0 the average is the new value, and the arguments are left alone."""
    average, value = rng.normal(size=(2, 3)) + 4.0
    with assert_inputs_unchanged():
        found = averages.moving_average(average, value, beta=0.0)
    assert_close(found, value)
