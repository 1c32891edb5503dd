"""Public checks of sample_log_uniform. Any correct use of rng passes."""

import diagnosis
import numpy as np
from student_kit.checks import require


def test_shares_of_decades(rng):
    """Of 4000 values between 1e-5 and 0.1, each of the four decades gets about a quarter."""
    values = diagnosis.sample_log_uniform(1e-5, 0.1, 4000, rng=rng)
    require(np.shape(values) == (4000,), f"the shape is {np.shape(values)}, not (4000,)")
    require(np.min(values) > 0.99e-5, f"the smallest value is {np.min(values)}, below low")
    require(np.max(values) < 0.101, f"the largest value is {np.max(values)}, above high")
    for exponent in (-5, -4, -3, -2):
        inside = (values > 10.0**exponent) & (values < 10.0 ** (exponent + 1))
        found = float(inside.mean())
        require(
            # seven standard deviations
            abs(found - 0.25) < 0.05,
            f"from 1e{exponent} to 1e{exponent + 1} lies not a quarter of the values",
            f"found {found:.3f}",
        )


def test_median(rng):
    """Half of the values between 0.02 and 0.5 are below 0.1, which is the root of 0.02 * 0.5."""
    values = diagnosis.sample_log_uniform(0.02, 0.5, 4000, rng=rng)
    found = float(np.mean(np.asarray(values) < 0.1))
    require(abs(found - 0.5) < 0.06, "not half of the values are below 0.1", f"found {found:.3f}")


def test_equal_generators():
    """Equal generators give equal values, another one gives others."""
    draws = [
        diagnosis.sample_log_uniform(1e-3, 1.0, 5, rng=np.random.default_rng(seed))
        for seed in (7, 7, 8)
    ]
    for values in draws:
        require(np.shape(values) == (5,), f"the shape is {np.shape(values)}, not (5,)")
    require((draws[0] == draws[1]).all(), "two equal generators gave different values")
    require((draws[0] != draws[2]).all(), "two different generators gave the same values")
