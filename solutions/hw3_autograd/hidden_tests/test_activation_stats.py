"""Hidden checks of activation_stats."""

import math

import diagnosis
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_keys

KEYS = {"mean", "std", "zero_fraction"}


def stats(activations):
    """Return the three numbers; fail if others come back."""
    found = diagnosis.activation_stats(activations)
    assert_keys(found, KEYS, name="the result")
    return found


def test_mean_of_all_entries(rng):
    """The mean is over all entries, for any shape."""
    for shape in ((9,), (6, 4), (3, 2, 5, 4)):
        x = rng.uniform(0.5, 3, size=shape)
        x.flat[rng.integers(x.size)] = -1.5
        mean = sum(x.ravel().tolist()) / x.size
        assert_close(stats(x)["mean"], mean, name="mean")


def test_std_of_all_entries(rng):
    """The standard deviation is over all entries, divided by their number and not one less."""
    for shape in ((5,), (3, 4), (2, 3, 2, 2)):
        x = rng.normal(size=shape) + 1.0
        mean = sum(x.ravel().tolist()) / x.size
        variance = sum((value - mean) ** 2 for value in x.ravel().tolist()) / x.size
        assert_close(stats(x)["std"], math.sqrt(variance), name="std")


def test_share_of_zeros(rng):
    """zero_fraction is the number of entries that are exactly 0, divided by that of all."""
    for shape in ((17,), (7, 9), (2, 5, 3, 4)):
        x = rng.uniform(0.1, 2, size=shape)
        zeros = int(rng.integers(1, x.size - 1))
        x.flat[rng.permutation(x.size)[:zeros]] = 0.0
        found = stats(x)["zero_fraction"]
        assert_close(found, zeros / x.size, name="zero_fraction")


def test_negative_and_tiny_entries_are_not_zero(rng):
    """Of a layer with a tanh the negative entries are no zeros, and neither are tiny ones."""
    x = np.tanh(rng.normal(size=(6, 5)) - 0.5)
    x[rng.permutation(6)[:2], 3] = 0.0
    x[:, 1] = 1e-15
    found = stats(x)
    assert_close(found["zero_fraction"], 2 / 30, name="zero_fraction")


def test_units_that_differ(rng):
    """Units that differ from each other widen the std, however little each varies by itself."""
    x = np.repeat([[1.0, 2.0, 6.0]], 8, axis=0) * rng.uniform(1, 2)
    mean = sum(x[0].tolist()) / 3
    variance = sum((value - mean) ** 2 for value in x[0].tolist()) / 3
    found = stats(x)
    assert_close(found["std"], math.sqrt(variance), name="std")
    assert_close(found["mean"], mean, name="mean")


def test_arguments_unchanged(rng):
    """The activations are not written into, and the mean is right."""
    x = rng.uniform(0.5, 3, size=(4, 7))
    mean = sum(x.ravel().tolist()) / x.size
    with assert_inputs_unchanged():
        found = stats(x)
    assert_close(found["mean"], mean, name="mean")
