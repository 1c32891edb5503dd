"""Public checks of relu_backward."""

import layers
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged, estimated_gradient


def test_worked_numbers():
    """The gradient is that of the worked network in the handout, 0 where the input is exactly 0."""
    s = 0.3655292893
    a = np.array([[1.0, 1.0, -1.0], [2.0, 0.0, 1.0]])
    grad_hidden = np.array([[-0.25, 0.25, 0.25], [s, -s, -s]])
    expected = np.array([[-0.25, 0.25, 0.0], [s, 0.0, -s]])
    assert_close(layers.relu_backward(grad_hidden, a), expected)


def test_central_differences(rng):
    """It agrees with central differences, away from the kink, and writes into no argument."""
    grad_output = rng.normal(size=(4, 3))
    x = rng.uniform(0.1, 1, size=(4, 3)) * rng.choice([-1.0, 1.0], size=(4, 3))

    def loss(at):
        return float(np.sum(grad_output * np.where(at > 0, at, 0.0)))

    expected = estimated_gradient(loss, x)
    with assert_inputs_unchanged():
        grad = layers.relu_backward(grad_output, x)
    assert_close(grad, expected, rtol=1e-7, atol=1e-8)
