"""Hidden checks of on_border. No value lies within 1 % of the range from where a border begins."""

import diagnosis
from student_kit.checks import assert_equal


def draw(rng):
    """Return the ends of a range of more than three decades."""
    low = 10.0 ** rng.uniform(-6, -5)
    return low, low * 10.0 ** rng.uniform(3, 3.6)


def at(low, high, position):
    """Return the value at this position of the range, 0 to 1 on the log scale."""
    return low ** (1 - position) * high**position


def check(low, high, positions, expected, **options):
    """Compare the answers for values at these positions."""
    for position in positions:
        found = diagnosis.on_border(at(low, high, position), low, high, **options)
        assert_equal(found, expected)


def test_lower_border(rng):
    """The first tenth of the range, on the log scale, is border; what follows is not."""
    low, high = draw(rng)
    check(low, high, (0.01, rng.uniform(0.02, 0.08), 0.09), True)
    check(low, high, (0.11, rng.uniform(0.12, 0.4)), False)


def test_upper_border(rng):
    """The last tenth of the range is border; what comes before is not."""
    low, high = draw(rng)
    check(low, high, (0.91, rng.uniform(0.92, 0.98), 0.99), True)
    check(low, high, (0.89, rng.uniform(0.6, 0.88)), False)


def test_log_scale(rng):
    """The middle of the range is the middle of the exponents, and no border."""
    low = 10.0 ** rng.uniform(-8, -7)
    check(low, 1e6 * low, (0.2, 0.5, 0.8), False)
    check(low, 1e6 * low, (0.05, 0.95), True)


def test_ranges_that_are_narrow_or_above_one(rng):
    """It is the same for ranges of less than a decade, and for values above 1."""
    for low in (rng.uniform(0.1, 0.3), rng.uniform(20, 900)):
        high = rng.uniform(3, 5) * low
        check(low, high, (0.07, 0.93), True)
        check(low, high, (0.15, 0.5, 0.85), False)


def test_fraction(rng):
    """fraction is the width of the border at each end."""
    low, high = draw(rng)
    for fraction in (rng.uniform(0.02, 0.06), rng.uniform(0.15, 0.4)):
        inside, outside = fraction - 0.012, fraction + 0.012
        check(low, high, (inside, 1 - inside), True, fraction=fraction)
        check(low, high, (outside, 0.5, 1 - outside), False, fraction=fraction)


def test_outside_of_the_range(rng):
    """What lies outside of the range, on either side, counts as border."""
    low, high = draw(rng)
    check(low, high, (-2.0, -0.3, 1.3, 3.0), True)
    check(low, high, (0.5,), False)
