"""Public checks of shift."""

import numpy as np
import tiny

from student_kit.checks import assert_close


def test_every_entry_moves_by_the_same_amount():
    """Every entry of the result is the entry of x plus `by`."""
    assert_close(tiny.shift(np.array([1.0, 2.0]), by=0.5), np.array([1.5, 2.5]))
