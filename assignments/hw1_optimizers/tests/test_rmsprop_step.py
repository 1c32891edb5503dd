"""Public checks of rmsprop_step."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_keys, assert_pair


def test_worked_numbers():
    """Two steps are those of the worked example in the handout."""
    theta, state = np.array([1.0]), {}
    for grad, expected, s in ((4.0, 0.8, 4.0), (2.0, 0.7, 4.0)):
        result = optim.rmsprop_step(theta, np.array([grad]), state, lr=0.1, alpha=0.75)
        assert_pair(result)
        theta, state = result
        # eps = 1e-8 moves the last digits: the handout's numbers are without it
        assert_close(theta, np.array([expected]), rtol=1e-7, name="theta")
        assert_keys(state, {"s"})
        assert_close(state["s"], np.array([s]), name="state['s']")


def test_definition(rng):
    """Five steps agree with the definition, one parameter at a time, also with a large eps."""
    theta, grads, state = rng.normal(size=3), rng.normal(size=(5, 3)), {}
    alpha, eps = 0.8, 0.1
    for t in range(5):
        expected = theta.copy()
        for i in range(3):
            squares = [(1 - alpha) * alpha ** (t - k) * grads[k, i] ** 2 for k in range(t + 1)]
            expected[i] -= 0.3 * grads[t, i] / (sum(squares) ** 0.5 + eps)
        result = optim.rmsprop_step(theta, grads[t], state, lr=0.3, alpha=alpha, eps=eps)
        assert_pair(result)
        theta, state = result
        assert_close(theta, expected, name=f"theta after step {t + 1}")
