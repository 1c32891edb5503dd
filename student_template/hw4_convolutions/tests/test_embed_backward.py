"""Public checks of embed_backward."""

import numpy as np
import text
from student_kit.checks import assert_close, estimated_gradient


def test_worked_numbers():
    """Token 2 comes twice and token 1 not at all, as in the handout."""
    grad_output = np.array([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])
    expected = np.array([[10.0, 20.0], [0.0, 0.0], [101.0, 202.0]])
    assert_close(text.embed_backward(grad_output, np.array([2, 0, 2]), 3), expected)


def test_against_differences(rng):
    """It is the gradient of the lookup, estimated by moving each number of the table."""
    ids, grad_output = np.array([[3, 1, 3], [0, 3, 1]]), rng.normal(size=(2, 3, 2))

    def loss_at(table):
        return float(np.sum(grad_output * table[ids]))

    expected = estimated_gradient(loss_at, rng.normal(size=(5, 2)))
    found = text.embed_backward(grad_output, ids, 5)
    assert_close(found, expected, rtol=1e-6, atol=1e-8)
