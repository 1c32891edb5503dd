"""Public checks of total."""

import numpy as np
import tiny

from student_kit.checks import assert_close


def test_the_doubled_entries_are_added_up():
    """The result is the sum of the doubled entries."""
    assert_close(tiny.total(np.array([1.0, 2.0, 4.0])), 14.0)
