"""Public checks of escape_step."""

import numpy as np
import optim
from student_kit.checks import assert_equal


def test_worked_numbers():
    """The first point farther than the radius counts; one at exactly the radius is inside."""
    trajectory = np.array([[0.0, 0.1], [0.6, 0.8], [0.9, 0.9], [0.0, 0.5], [3.0, 4.0]])
    assert_equal(optim.escape_step(trajectory, np.array([0.0, 0.0]), radius=1.0), 2)


def test_never():
    """It is None if the path stays inside, and distances are from the center."""
    trajectory = np.array([[9.0, 5.0], [10.5, 5.5], [11.5, 5.0]])
    assert_equal(optim.escape_step(trajectory, np.array([10.0, 5.0]), radius=2.0), None)
    assert_equal(optim.escape_step(trajectory, np.array([10.0, 5.0]), radius=1.2), 2)
