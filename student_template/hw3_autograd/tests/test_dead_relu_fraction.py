"""Public checks of dead_relu_fraction."""

import diagnosis
import numpy as np
from student_kit.checks import assert_close


def test_worked_numbers():
    """One of four units is 0 for all three samples: 0.25."""
    activations = np.array([[0.0, 0.0, 1.5, 0.0], [0.2, 0.0, 0.7, 0.0], [0.0, 0.0, 0.1, 3.0]])
    assert_close(diagnosis.dead_relu_fraction(activations), 0.25)


def test_sparse_is_not_dead():
    """Each unit is silent for all samples but one: no unit is dead. Without that one, all are."""
    assert_close(diagnosis.dead_relu_fraction(1e-6 * np.eye(5)), 0.0)
    assert_close(diagnosis.dead_relu_fraction(0 * np.eye(5)), 1.0)
