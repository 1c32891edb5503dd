"""Public checks of run_optimizer."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_pair


def alternating_step(theta, grad, state, *, length=0.0, **_):
    """Move by `length`, forwards and backwards in turn: a step that needs its state."""
    direction = state.get("direction", 1.0)
    return theta + direction * length * grad, {"direction": -direction}


def test_worked_numbers():
    """The trajectory is that of the worked example in the handout."""

    def grad_fn(theta):
        return theta + 1.0

    trajectory = optim.run_optimizer(
        alternating_step, grad_fn, np.array([1.0, 3.0]), num_steps=3, length=0.5
    )
    expected = np.array([[1.0, 3.0], [2.0, 5.0], [0.5, 2.0], [1.25, 3.5]])
    assert_close(trajectory, expected)


def test_your_own_momentum():
    """It runs your own momentum_step just as calling it step by step does."""

    def grad_fn(theta):
        return 3 * theta

    trajectory = optim.run_optimizer(
        optim.momentum_step, grad_fn, np.array([2, -1]), num_steps=4, lr=0.2, beta=0.5
    )
    theta, state = np.array([2.0, -1.0]), {}
    rows = [theta]
    for _ in range(4):
        result = optim.momentum_step(theta, grad_fn(theta), state, lr=0.2, beta=0.5)
        assert_pair(result, name="the result of momentum_step")
        theta, state = result
        rows.append(theta)
    assert_close(trajectory, np.array(rows))
