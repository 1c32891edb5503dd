"""Public checks of accuracy."""

import mlp
import numpy as np
from student_kit.checks import assert_close


def test_worked_numbers():
    """Three of four are right: 0.75."""
    predicted, targets = np.array([1, 2, 0, 1]), np.array([1, 2, 2, 1])
    assert_close(mlp.accuracy(predicted, targets), 0.75)


def test_labels_as_a_column():
    """Labels of shape (N, 1) count like labels of shape (N,): one of five is right, 0.2."""
    predicted, targets = np.array([3, 1, 4, 1, 5]), np.array([[3], [2], [0], [0], [9]])
    assert_close(mlp.accuracy(predicted, targets), 0.2)
