"""Public checks of adagrad_step."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_keys, assert_pair


def test_worked_numbers():
    """Two steps are those of the worked example in the handout."""
    theta, state = np.array([1.0, 1.0]), {}
    for grad, expected, G in (
        ([4.0, 0.0], [0.5, 1.0], [16.0, 0.0]),
        ([3.0, 0.5], [0.2, 0.5], [25.0, 0.25]),
    ):
        result = optim.adagrad_step(theta, np.array(grad), state, lr=0.5)
        assert_pair(result)
        theta, state = result
        # eps = 1e-10 moves the last digits: the handout's numbers are without it
        assert_close(theta, np.array(expected), rtol=1e-8, name="theta")
        assert_keys(state, {"G"})
        assert_close(state["G"], np.array(G), name="state['G']")


def test_definition(rng):
    """Five steps agree with the definition, one parameter at a time, also with a large eps."""
    theta, grads, state, eps = rng.normal(size=3), rng.normal(size=(5, 3)), {}, 0.1
    for t in range(5):
        expected = theta.copy()
        for i in range(3):
            size = sum(grads[k, i] ** 2 for k in range(t + 1)) ** 0.5
            expected[i] -= 0.3 * grads[t, i] / (size + eps)
        result = optim.adagrad_step(theta, grads[t], state, lr=0.3, eps=eps)
        assert_pair(result)
        theta, state = result
        assert_close(theta, expected, name=f"theta after step {t + 1}")
