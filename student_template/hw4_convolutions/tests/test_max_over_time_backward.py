"""Public checks of max_over_time_backward."""

import numpy as np
import text
from student_kit.checks import assert_close


def test_worked_numbers():
    """The gradient goes to the maxima of the handout."""
    x = np.array([[[1.0, 4.0, 2.0], [-3.0, -1.0, -2.0]]])
    expected = np.array([[[0.0, 10.0, 0.0], [0.0, 20.0, 0.0]]])
    assert_close(text.max_over_time_backward(np.array([[10.0, 20.0]]), x), expected)


def test_first_of_two_maxima():
    """Of two maxima the first gets all."""
    x = np.array([[[5.0, 1.0, 5.0]]])
    expected = np.array([[[3.0, 0.0, 0.0]]])
    assert_close(text.max_over_time_backward(np.array([[3.0]]), x), expected)
