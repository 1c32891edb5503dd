"""Public checks of sigmoid_backward."""

import layers
import numpy as np
from student_kit.checks import assert_close, estimated_gradient


def test_worked_numbers():
    """The gradients are those of the worked example in the handout."""
    x, grad_output = np.array([0.0, np.log(3), -np.log(3)]), np.array([4.0, 16.0, -16.0])
    assert_close(layers.sigmoid_backward(grad_output, x), np.array([1.0, 3.0, -3.0]))


def test_central_differences(rng):
    """It agrees with central differences, for a random gradient from above."""
    grad_output, x = rng.normal(size=(2, 4, 3))

    def loss(at):
        return float(np.sum(grad_output / (1 + np.exp(-at))))

    expected = estimated_gradient(loss, x)
    assert_close(layers.sigmoid_backward(grad_output, x), expected, rtol=1e-7, atol=1e-8)
