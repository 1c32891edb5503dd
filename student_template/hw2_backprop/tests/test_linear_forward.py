"""Public checks of linear_forward."""

import layers
import numpy as np
from student_kit.checks import assert_close


def test_worked_numbers():
    """Both layers of the worked network in the handout give its numbers."""
    x, bias = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([0.0, -1.0, 0.0])
    weight = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    a = layers.linear_forward(x, weight, bias)
    assert_close(a, np.array([[1.0, 1.0, -1.0], [2.0, 0.0, 1.0]]), name="a")
    hidden = np.array([[1.0, 1.0, 0.0], [2.0, 0.0, 1.0]])
    weight, bias = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), np.array([1.0, 1.0])
    logits = layers.linear_forward(hidden, weight, bias)
    assert_close(logits, np.array([[2.0, 2.0], [2.0, 1.0]]), name="logits")


def test_definition(rng):
    """Every entry is the sum that the docstring defines, where all sizes are different."""
    x, weight, bias = rng.normal(size=(4, 2)), rng.normal(size=(3, 2)), rng.normal(size=3)
    expected = np.zeros((4, 3))
    for n in range(4):
        for j in range(3):
            expected[n, j] = bias[j] + sum(weight[j, i] * x[n, i] for i in range(2))
    assert_close(layers.linear_forward(x, weight, bias), expected)
