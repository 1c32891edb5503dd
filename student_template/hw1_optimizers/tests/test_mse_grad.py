"""Public checks of mse_grad."""

import numpy as np
import optim
from student_kit.checks import assert_close, estimated_gradient


def test_worked_numbers():
    """The gradient is that of the worked example in the handout."""
    X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    y = np.array([1.0, 3.0, 5.0, 7.0])
    assert_close(optim.mse_grad(np.array([0.0, 1.0]), X, y), np.array([-5.0, -10.0]))


def test_central_differences(rng):
    """The gradient agrees with central differences of the loss."""
    theta, X, y = rng.normal(size=3), rng.normal(size=(7, 3)), rng.normal(size=7)

    def loss(at):
        return sum((X[i] @ at - y[i]) ** 2 for i in range(7)) / 7

    # exact for a quadratic, up to rounding: about 1e-16 / 1e-5
    expected = estimated_gradient(loss, theta)
    assert_close(optim.mse_grad(theta, X, y), expected, rtol=1e-7, atol=1e-8)
