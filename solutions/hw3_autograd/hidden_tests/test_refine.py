"""Hidden checks of refine."""

import math

import diagnosis
from student_kit.checks import assert_close, assert_pair


def refined(*arguments, **options):
    """Return the new range; fail if it is no pair."""
    found = diagnosis.refine(*arguments, **options)
    assert_pair(found, of="(new_low, new_high)")
    return found


def draw(rng):
    """Return a range of two to five decades, and a value well inside of it, off the middle."""
    low = 10.0 ** rng.uniform(-6, -3)
    decades = rng.uniform(2, 5)
    position = rng.choice([0.3, 0.7]) + rng.uniform(-0.03, 0.03)
    return low, low * 10.0**decades, low * 10.0 ** (position * decades)


def test_width(rng):
    """The new range has shrink times as many decades as the old one."""
    low, high, best = draw(rng)
    for shrink in (0.5, rng.uniform(0.1, 0.3)):
        new_low, new_high = refined(low, high, best, shrink=shrink)
        assert_close(float(new_high / new_low), (high / low) ** shrink, name="new_high / new_low")


def test_middle(rng):
    """The best value is the middle of the new range, on the log scale."""
    low, high, best = draw(rng)
    new_low, new_high = refined(low, high, best, shrink=rng.uniform(0.1, 0.45))
    assert_close(math.sqrt(new_low * new_high), best, name="the middle")


def test_both_ends(rng):
    """Both ends are right, the lower one first."""
    low, high, best = draw(rng)
    shrink = rng.uniform(0.2, 0.45)
    new_low, new_high = refined(low, high, best, shrink=shrink)
    factor = (high / low) ** (shrink / 2)
    assert_close(new_low, best / factor, name="new_low")
    assert_close(new_high, best * factor, name="new_high")


def test_best_on_the_border(rng):
    """If best lies at an end, half of the new range lies beyond that end."""
    low = 10.0 ** rng.uniform(-6, -3)
    high, shrink = 1e4 * low, rng.uniform(0.3, 0.7)
    factor = 100.0**shrink
    for best in (low, high):
        new_low, new_high = refined(low, high, best, shrink=shrink)
        assert_close(new_low, best / factor, name="new_low")
        assert_close(new_high, best * factor, name="new_high")


def test_values_above_one(rng):
    """It is the same for values above 1 and ranges of less than a decade."""
    low = rng.uniform(20, 60)
    high, best = 3 * low, 1.2 * low
    new_low, new_high = refined(low, high, best, shrink=0.5)
    assert_close(new_low, best / 3**0.25, name="new_low")
    assert_close(new_high, best * 3**0.25, name="new_high")
