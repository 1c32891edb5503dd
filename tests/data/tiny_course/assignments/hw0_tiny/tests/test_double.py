"""Public checks of double."""

import numpy as np
import tiny

from student_kit.checks import assert_close, assert_inputs_unchanged


def test_every_entry_is_doubled():
    """Every entry of the result is twice the entry of x."""
    assert_close(tiny.double(np.array([1.0, -2.0, 3.0])), np.array([2.0, -4.0, 6.0]))


def test_the_argument_is_left_alone():
    """The array x is as it was before the call."""
    with assert_inputs_unchanged():
        tiny.double(np.array([1.0, 2.0]))
