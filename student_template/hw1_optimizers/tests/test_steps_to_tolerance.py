"""Public checks of steps_to_tolerance."""

import numpy as np
import optim
from student_kit.checks import assert_equal


def test_worked_numbers():
    """The first small enough loss counts, and one equal to the tolerance is small enough."""
    losses = np.array([5.0, 2.0, 0.9, 1.2, 0.3])
    assert_equal(optim.steps_to_tolerance(losses, 1.0), 2)
    assert_equal(optim.steps_to_tolerance(losses, 0.3), 4)


def test_never():
    """It is None if the loss never is small enough, and NaN never is."""
    losses = np.array([3.0, np.nan, 0.7, np.nan])
    assert_equal(optim.steps_to_tolerance(losses, 0.5), None)
    assert_equal(optim.steps_to_tolerance(losses, 1.0), 2)
