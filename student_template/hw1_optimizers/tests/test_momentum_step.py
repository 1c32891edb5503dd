"""Public checks of momentum_step."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_keys, assert_pair


def test_worked_numbers():
    """Three steps with gradient 1 are those of the worked example in the handout."""
    theta, state = np.array([1.0]), {}
    for expected, v in ((0.99, 0.1), (0.971, 0.19), (0.9439, 0.271)):
        result = optim.momentum_step(theta, np.array([1.0]), state, lr=0.1, beta=0.9)
        assert_pair(result)
        theta, state = result
        assert_close(theta, np.array([expected]), name="theta")
        assert_keys(state, {"v"})
        assert_close(state["v"], np.array([v]), name="state['v']")


def test_velocity_is_a_weighted_sum(rng):
    """After t steps, v is the sum of (1 - beta) * beta**(t - k) * g_k over k = 1 ... t."""
    theta, grads, state, beta = rng.normal(size=3), rng.normal(size=(5, 3)), {}, 0.7
    for t in range(1, 6):
        weights = [(1 - beta) * beta ** (t - k) for k in range(1, t + 1)]
        velocity = sum(w * g for w, g in zip(weights, grads, strict=False))
        expected = theta - 0.2 * velocity
        result = optim.momentum_step(theta, grads[t - 1], state, lr=0.2, beta=beta)
        assert_pair(result)
        theta, state = result
        assert_close(theta, expected, name=f"theta after step {t}")


def test_new_arrays(rng):
    """The results are new arrays: neither theta nor the velocity in the state is written into."""
    theta, grad, v = rng.normal(size=4), rng.normal(size=4), rng.normal(size=4)
    with assert_inputs_unchanged():
        result = optim.momentum_step(theta, grad, {"v": v}, lr=0.5, beta=0.75)
    assert_pair(result)
    assert_close(result[0], theta - 0.375 * v - 0.125 * grad, name="theta")
