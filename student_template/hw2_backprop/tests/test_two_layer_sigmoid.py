"""Public checks of two_layer_sigmoid."""

import mlp
import numpy as np
from student_kit.checks import assert_close


def test_worked_numbers():
    """Two samples go through the tiny network of the handout."""
    params = {
        "weight1": np.array([[1.0, -2.0], [0.0, 1.0], [2.0, 0.0]]),
        "bias1": np.array([0.0, -1.0, 0.0]),
        "weight2": np.array([[2.0, -1.0, 0.0]]),
        "bias2": np.array([-0.5]),
    }
    # x1: the hidden sums are 0, 0, 4, so the first two hidden units are 1/2, and the last sum is
    # 2/2 - 1/2 - 1/2 = 0
    x = np.array([[2.0, 1.0], [0.0, 0.0]])
    at_zero = 1 / (1 + np.exp(-(1.0 - 1 / (1 + np.e) - 0.5)))
    assert_close(mlp.two_layer_sigmoid(params, x), np.array([[0.5], [at_zero]]))
