"""Hidden checks of dead_relu_fraction."""

import diagnosis
import numpy as np
import pytest
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, n, units, dead):
    """Return outputs of ReLUs: `dead` units always 0, the others for every second sample."""
    x = rng.uniform(0.01, 2, size=(n, units))
    x[np.add.outer(np.arange(n), np.arange(units)) % 2 == 0] = 0.0  # as on a chessboard
    x[:, units - dead :] = 0.0
    return x[rng.permutation(n)][:, rng.permutation(units)]


@pytest.mark.weight(2)
def test_share_of_dead_units(rng):
    """It is the number of units that are 0 for every sample, divided by the number of units."""
    for n, units in ((9, 23), (31, 7), (12, 12)):
        dead = int(rng.integers(1, units // 2))
        found = diagnosis.dead_relu_fraction(draw(rng, n, units, dead))
        assert_close(found, dead / units)


def test_a_unit_that_is_awake_once(rng):
    """One sample for which a unit is not 0, be it ever so little, and the unit is not dead."""
    x = np.zeros((13, 8))
    awake = rng.permutation(8)[:3]
    x[rng.integers(13, size=3), awake] = 1e-12
    assert_close(diagnosis.dead_relu_fraction(x), 5 / 8)


def test_none_and_all(rng):
    """It is 0 if no unit is dead, however sparse the layer is, and 1 if all are."""
    assert_close(diagnosis.dead_relu_fraction(draw(rng, 10, 6, 6)), 1.0)
    assert_close(diagnosis.dead_relu_fraction(draw(rng, 10, 6, 0)), 0.0)


def test_samples_without_any_output(rng):
    """A sample for which all units are 0 is no dead unit."""
    x = draw(rng, 11, 5, 2)
    x = np.concatenate([x, np.zeros((4, 5))])
    assert_close(diagnosis.dead_relu_fraction(x[rng.permutation(15)]), 2 / 5)


def test_one_sample_and_one_unit(rng):
    """With one sample, every unit that is 0 counts; one unit alone is dead or not."""
    units = 9
    x = np.zeros((1, units))
    x[0, rng.permutation(units)[:4]] = 1e-3
    assert_close(diagnosis.dead_relu_fraction(x), 5 / 9)
    assert_close(diagnosis.dead_relu_fraction(np.zeros((6, 1))), 1.0)


def test_arguments_unchanged(rng):
    """The activations are not written into, and the fraction is right."""
    x = draw(rng, 14, 10, 3)
    with assert_inputs_unchanged():
        found = diagnosis.dead_relu_fraction(x)
    assert_close(found, 0.3)
