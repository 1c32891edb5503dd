"""Hidden checks of sample_log_uniform. Any correct use of rng passes."""

import diagnosis
import numpy as np
import pytest
from student_kit.checks import assert_close, require

# by how much the share of n draws below a point may differ from the true one, times the root of n:
# more has a chance of 5e-11, whatever the point (Massart's bound)
WIDE = 3.5


def draw(low, high, size, rng):
    """Return a sample; fail if it is no array of this size."""
    found = diagnosis.sample_log_uniform(low, high, size, rng=rng)
    require(type(found) is np.ndarray, "the result is not an array")
    require(found.shape == (size,), f"the result has the shape {found.shape}, not (size,)")
    require(np.isfinite(found).all(), "a value is NaN or infinite")
    return found


def require_log_uniform(values, low, high):
    """Fail unless the positions of the values on the log scale are uniform."""
    require((values > 0).all(), "a value is not positive")
    positions = np.sort(np.log(values / low) / np.log(high / low))
    require(positions[0] > -1e-9 and positions[-1] < 1 + 1e-9, "a value is outside of low and high")
    n = len(values)
    distance = np.max(np.abs(positions - (np.arange(n) + 0.5) / n))
    require(distance < WIDE / np.sqrt(n), "the values are not uniform on the log scale")


@pytest.mark.weight(2)
def test_equal_shares_of_all_decades(rng):
    """Each of six decades, from 1e-6 to 1, gets a sixth of the values."""
    values = draw(1e-6, 1.0, 3000, rng)
    require_log_uniform(values, 1e-6, 1.0)
    for decade in range(-6, 0):
        share = float(np.mean((values >= 10.0**decade) & (values < 10.0 ** (decade + 1))))
        # seven standard deviations
        require(abs(share - 1 / 6) < 0.05, "a decade gets more or less than its share")


def test_any_range(rng):
    """The same holds for ends that are no powers of ten, and for ranges above 1."""
    for low, factor in ((rng.uniform(1e-4, 3e-4), 40.0), (rng.uniform(2, 90), 1e4)):
        require_log_uniform(draw(low, factor * low, 900, rng), low, factor * low)


def test_narrow_range(rng):
    """All values are between low and high, also where these are close to each other."""
    low = rng.uniform(0.02, 0.3)
    values = draw(low, 1.01 * low, 400, rng)
    require_log_uniform(values, low, 1.01 * low)


def test_size(rng):
    """size values come back, as an array of shape (size,), also if it is one."""
    for size in (1, int(rng.integers(2, 9)), 10):
        values = draw(1e-3, 1e-2, size, rng)
        require(values.dtype == np.float64, "the values are not float64")
        require(
            (values >= 0.000999).all() and (values <= 0.01001).all(), "a value is out of bounds"
        )
        require(len(set(values.tolist())) == size, "a value comes twice")


def test_randomness_comes_from_rng(rng):
    """Equal generators give equal values, and the generator goes on from call to call."""
    seed = int(rng.integers(2**32))
    generator = np.random.default_rng(seed)
    first, second = draw(1e-5, 0.1, 12, generator), draw(1e-5, 0.1, 12, generator)
    again = draw(1e-5, 0.1, 12, np.random.default_rng(seed))
    assert_close(again, first, name="the values of an equal generator")
    require((first != second).any(), "one generator gave the same values twice")


@pytest.mark.weight(2)
def test_values_come_in_no_order(rng):
    """The first few values already lie all over the range: nothing is sorted, no grid is used."""
    values = draw(1e-6, 1.0, 2000, rng)
    require(len(set(values.tolist())) == 2000, "a value comes twice")
    require_log_uniform(values[:500], 1e-6, 1.0)
    gaps = np.diff(np.sort(np.log(values)))
    # of random values, one gap in ten is twice as wide as the mean; of a grid, none
    require(gaps.max() > 2 * gaps.mean(), "the values are those of a grid")
