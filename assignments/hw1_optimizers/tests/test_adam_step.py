"""Public checks of adam_step."""

import numpy as np
import optim
from student_kit.checks import (
    assert_close,
    assert_equal,
    assert_inputs_unchanged,
    assert_keys,
    assert_pair,
)


def test_worked_numbers():
    """Two steps, with gradients 4 and 0, are those of the worked example in the handout."""
    theta, state = np.array([1.0]), {}
    for t, grad, expected, m, v in (
        (1, 4.0, 0.9, 0.4, 0.016),
        (2, 0.0, 0.832994175, 0.36, 0.015984),
    ):
        result = optim.adam_step(theta, np.array([grad]), state, lr=0.1)
        assert_pair(result)
        theta, state = result
        assert_close(theta, np.array([expected]), rtol=1e-8, name=f"theta after step {t}")
        assert_keys(state, {"m", "v", "t"})
        assert_close(state["m"], np.array([m]), name=f"state['m'] after step {t}")
        assert_close(state["v"], np.array([v]), name=f"state['v'] after step {t}")
        assert_equal(state["t"], t, name=f"state['t'] after step {t}")


def test_first_step_has_length_lr(rng):
    """The first step moves each parameter by lr against the sign of its gradient, at any size."""
    theta, grad = rng.normal(size=4), np.array([1e3, -2.0, 0.05, -7e-3])
    result = optim.adam_step(theta, grad, {}, lr=0.2)
    assert_pair(result)
    # eps = 1e-8 is 1.4e-6 of the smallest gradient
    assert_close(result[0], theta - 0.2 * np.sign(grad), rtol=0, atol=1e-6, name="theta")


def test_definition(rng):
    """Five steps agree with the definition, one parameter at a time, also with a large eps."""
    theta, grads, state = rng.normal(size=3), rng.normal(size=(5, 3)), {}
    beta1, beta2, eps = 0.7, 0.9, 0.1
    for t in range(1, 6):
        # both corrections divide by the sum of the weights given so far
        weights1 = [beta1 ** (t - k) for k in range(1, t + 1)]
        weights2 = [beta2 ** (t - k) for k in range(1, t + 1)]
        expected = theta.copy()
        for i in range(3):
            mean = sum(w * g for w, g in zip(weights1, grads[:t, i], strict=True)) / sum(weights1)
            square = sum(w * g * g for w, g in zip(weights2, grads[:t, i], strict=True))
            expected[i] -= 0.3 * mean / ((square / sum(weights2)) ** 0.5 + eps)
        result = optim.adam_step(
            theta, grads[t - 1], state, lr=0.3, beta1=beta1, beta2=beta2, eps=eps
        )
        assert_pair(result)
        theta, state = result
        assert_close(theta, expected, name=f"theta after step {t}")


def test_new_arrays():
    """The results are new arrays: neither theta nor the moments in the state are written into."""
    state = {"m": np.array([0.5, -0.25]), "v": np.array([1.0, 4.0]), "t": 1}
    theta, grad = np.array([1.0, 2.0]), np.array([1.5, 0.25])
    with assert_inputs_unchanged():
        result = optim.adam_step(theta, grad, state, lr=0.1, beta1=0.5, beta2=0.5, eps=1e-12)
    assert_pair(result)
    # m = (1, 0) and v = (1.625, 2.03125), both divided by 1 - 0.5**2
    expected = np.array([1.0 - 0.1 / 0.75 / (1.625 / 0.75) ** 0.5, 2.0])
    assert_close(result[0], expected, name="theta")
