"""Hidden checks of steps_to_tolerance."""

import numpy as np
import optim
from student_kit.checks import assert_equal


def test_first_of_several(rng):
    """It is the first of several losses that are small enough, though later ones are smaller."""
    losses = rng.uniform(2, 5, size=20)
    first = int(rng.integers(3, 8))
    losses[[first, first + 4, 17]] = 0.9, 0.2, 0.5
    assert_equal(optim.steps_to_tolerance(losses, 1.0), first)


def test_equal_counts(rng):
    """A loss that is equal to the tolerance is small enough."""
    losses = rng.uniform(1, 2, size=9)
    losses[4] = 0.25
    assert_equal(optim.steps_to_tolerance(losses, 0.25), 4)


def test_never_reached(rng):
    """It is None if no loss is small enough, and an int if the last one is."""
    losses = rng.uniform(1, 2, size=11)
    assert_equal(optim.steps_to_tolerance(losses, 0.5), None)
    losses[10] = 0.4
    assert_equal(optim.steps_to_tolerance(losses, 0.5), 10)


def test_reached_at_the_start(rng):
    """It is 0 if the loss at the start is small enough, and 1 if the one after it is."""
    losses = rng.uniform(1, 2, size=6)
    for first in (1, 0):
        losses[first] = 0.1
        assert_equal(optim.steps_to_tolerance(losses, 0.3), first)


def test_diverged_losses_never_count(rng):
    """A loss that is NaN or infinite is never small enough."""
    losses = rng.uniform(2, 3, size=8)
    losses[[1, 3]] = np.nan, np.inf
    assert_equal(optim.steps_to_tolerance(losses, 1.0), None)
    losses[6] = 0.5
    assert_equal(optim.steps_to_tolerance(losses, 1.0), 6)


def test_negative_losses(rng):
    """It works for losses below zero and a negative tolerance."""
    losses = -rng.uniform(1, 2, size=13)
    losses[[5, 9]] = -3.5, -4.0
    assert_equal(optim.steps_to_tolerance(losses, -3.0), 5)
