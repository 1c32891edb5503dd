"""Public checks of update_ratio."""

import diagnosis
import numpy as np
from student_kit.checks import assert_close


def test_worked_numbers():
    """A parameter of length 5 moved by 0.01 has the ratio 0.002; so it has as a matrix."""
    param, update = np.array([3.0, 0.0, 0.0, -4.0]), np.array([0.01, 0.0, 0.0, 0.0])
    assert_close(diagnosis.update_ratio(param, update), 0.002)
    found = diagnosis.update_ratio(param.reshape(2, 2), update.reshape(2, 2))
    assert_close(found, 0.002)


def test_a_bias_at_the_start():
    """A bias that is all zeros has no size: whatever moves it is infinitely large."""
    assert_close(diagnosis.update_ratio(np.zeros(3), np.array([0.0, 0.1, 0.0])), np.inf)
