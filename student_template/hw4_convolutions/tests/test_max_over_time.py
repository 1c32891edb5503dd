"""Public checks of max_over_time."""

import numpy as np
import text
from student_kit.checks import assert_close


def test_worked_numbers():
    """Two filters at three positions, as in the handout."""
    x = np.array([[[1.0, 4.0, 2.0], [-3.0, -1.0, -2.0]]])
    assert_close(text.max_over_time(x), np.array([[4.0, -1.0]]))


def test_two_sentences():
    """Each sentence has maxima of its own."""
    x = np.array([[[1.0, 2.0]], [[7.0, 5.0]]])
    assert_close(text.max_over_time(x), np.array([[2.0], [7.0]]))
