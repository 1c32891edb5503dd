"""Hidden checks of exp_decay."""

import math

import diagnosis
from student_kit.checks import assert_close


def test_any_time(rng):
    """The learning rate is lr * exp(-k t), at t = 0, in whole steps and between them."""
    lr, k = rng.uniform(0.01, 1), rng.uniform(0.05, 0.5)
    for t in (0, int(rng.integers(1, 9)), rng.uniform(9, 20)):
        found = diagnosis.exp_decay(lr, t, k=k)
        assert_close(found, lr * math.exp(-k * t))


def test_equal_factors_in_equal_times(rng):
    """Each unit of time takes the same share; after log(2) / k half is left."""
    lr, k = rng.uniform(0.01, 1), rng.uniform(1.2, 3)
    found = diagnosis.exp_decay(lr, math.log(2) / k, k=k)
    assert_close(found, lr / 2)
    found = diagnosis.exp_decay(lr, 3 * math.log(2) / k, k=k)
    assert_close(found, lr / 8)
