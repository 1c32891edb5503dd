"""Public checks of gradient_descent."""

import numpy as np
import optim
from student_kit.checks import assert_close


def valley_grad(theta):
    """Return the gradient of theta[0]**2 / 2 + 5 * theta[1]**2, a narrow valley."""
    return np.array([1.0, 10.0]) * theta


def test_worked_numbers():
    """The trajectory is that of the worked example in the handout."""
    trajectory = optim.gradient_descent(valley_grad, np.array([1.0, 1.0]), lr=0.05, num_steps=2)
    assert_close(trajectory, np.array([[1.0, 1.0], [0.95, 0.5], [0.9025, 0.25]]))


def test_closed_form():
    """On the valley, theta after k steps is theta0 * (1 - lr * curvature)**k."""
    trajectory = optim.gradient_descent(valley_grad, np.array([3, -2]), lr=0.15, num_steps=6)
    k = np.arange(7)[:, None]
    assert_close(trajectory, np.array([3.0, -2.0]) * np.array([0.85, -0.5]) ** k)
