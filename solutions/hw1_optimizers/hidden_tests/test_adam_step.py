"""Hidden checks of adam_step.

Where eps stands, and how large it is, is checked on its own: elsewhere gradients are at least 1,
where that changes theta by less than EPS_ASIDE.
"""

import numpy as np
import optim
import pytest
from reference import optim as reference
from student_kit.checks import (
    assert_close,
    assert_equal,
    assert_inputs_unchanged,
    assert_keys,
    assert_pair,
)

EPS_ASIDE = {"rtol": 1e-6, "atol": 1e-6}


def follow(step, theta, grads, **hyper):
    """Return (theta, state) after each step, from the empty state."""
    state, visited = {}, []
    for grad in grads:
        result = step(theta, grad, state, **hyper)
        assert_pair(result)
        visited.append(result)
        theta, state = result
    return visited


def draw_grads(rng, steps):
    """Return gradients of either sign and of four decades, none smaller than 1."""
    sizes = 10.0 ** np.arange(5)
    return rng.uniform(1, 3, size=(steps, 5)) * rng.choice([-1, 1], size=(steps, 5)) * sizes


def draw_state(rng, d, t):
    """Return a state that could stand after t steps."""
    return {"m": rng.uniform(-1, 1, size=d), "v": rng.uniform(1, 4, size=d), "t": t}


@pytest.mark.weight(2)
def test_seven_steps_from_an_empty_state(rng):
    """theta is right after each of seven steps from an empty state."""
    theta, grads = rng.normal(size=5), draw_grads(rng, 7)
    hyper = {"lr": rng.uniform(0.01, 0.1), "beta1": rng.uniform(0.5, 0.8), "beta2": 0.95}
    expected = follow(reference.adam_step, theta, grads, **hyper)
    for k, result in enumerate(follow(optim.adam_step, theta, grads, **hyper)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)


def test_moments_are_returned(rng):
    """The returned state holds the two moments as they are before the correction."""
    theta, grads = rng.normal(size=5), draw_grads(rng, 5)
    hyper = {"lr": 0.05, "beta1": 0.7, "beta2": 0.9}
    expected = follow(reference.adam_step, theta, grads, **hyper)
    for k, (_, state) in enumerate(follow(optim.adam_step, theta, grads, **hyper)):
        assert_keys(state, {"m", "v", "t"})
        assert_close(state["m"], expected[k][1]["m"], name=f"state['m'] after step {k + 1}")
        assert_close(state["v"], expected[k][1]["v"], name=f"state['v'] after step {k + 1}")


def test_steps_are_counted(rng):
    """state["t"] is an int that counts the steps, 1 after the first."""
    theta, grads, start = rng.normal(size=5), draw_grads(rng, 4), rng.integers(5, 40)
    for k, (_, state) in enumerate(follow(optim.adam_step, theta, grads, lr=0.1)):
        assert_keys(state, {"m", "v", "t"})
        assert_equal(state["t"], k + 1, name=f"state['t'] after step {k + 1}")
    result = optim.adam_step(theta, grads[0], draw_state(rng, 5, int(start)), lr=0.1)
    assert_pair(result)
    assert_keys(result[1], {"m", "v", "t"})
    assert_equal(result[1]["t"], int(start) + 1, name="state['t'] after one more step")


def test_one_step_from_a_given_state(rng):
    """A step goes on from the moments and the count in the state that it was given."""
    theta, grad = rng.normal(size=4), rng.uniform(1, 3, size=4)
    state = draw_state(rng, 4, 3)
    state["v"][0] = 16.0  # above any squared gradient here: the moment falls
    hyper = {"lr": 0.2, "beta1": 0.8, "beta2": 0.9}
    expected, _ = reference.adam_step(theta, grad, state, **hyper)
    result = optim.adam_step(theta, grad, state, **hyper)
    assert_pair(result)
    assert_close(result[0], expected, name="theta", **EPS_ASIDE)


def test_default_hyperparameters(rng):
    """lr, beta1, beta2 and eps are 0.001, 0.9, 0.999 and 1e-8 where none are given."""
    theta, scale = rng.normal(size=4), 10.0 ** np.array([-9, -8, -7, 0])
    grads = rng.uniform(1, 3, size=(3, 4)) * scale
    expected = follow(reference.adam_step, theta, grads)
    for k, result in enumerate(follow(optim.adam_step, theta, grads)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}")


def test_eps_outside_the_root(rng):
    """eps is added to the root, not under it, after the correction: seen with eps = 0.01."""
    theta = rng.normal(size=5)
    grads = rng.uniform(1, 2, size=(5, 5)) * 10.0 ** np.array([-4, -3, -2, -1, 0])
    hyper = {"lr": 0.1, "beta1": 0.8, "beta2": 0.99, "eps": 1e-2}
    expected = follow(reference.adam_step, theta, grads, **hyper)
    for k, result in enumerate(follow(optim.adam_step, theta, grads, **hyper)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}")


def test_zero_gradient(rng):
    """A parameter whose gradient is exactly 0 stays where it is, while the others move."""
    theta, grads = rng.normal(size=5), draw_grads(rng, 3)
    grads[:, 3] = 0.0
    expected = follow(reference.adam_step, theta, grads, lr=0.05)
    for k, result in enumerate(follow(optim.adam_step, theta, grads, lr=0.05)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)


def test_integer_theta(rng):
    """From an integer theta, three steps give float64 results, nothing rounded."""
    theta, grads = rng.integers(-5, 6, size=5), draw_grads(rng, 3)
    expected = follow(reference.adam_step, theta, grads, lr=0.1)
    for k, (found, state) in enumerate(follow(optim.adam_step, theta, grads, lr=0.1)):
        assert_close(found, expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)
        assert_keys(state, {"m", "v", "t"})
        assert_close(state["m"], expected[k][1]["m"], name=f"state['m'] after step {k + 1}")
        assert_close(state["v"], expected[k][1]["v"], name=f"state['v'] after step {k + 1}")


def test_arguments_unchanged(rng):
    """theta, grad and state are not written into, and the step is right."""
    theta, grad, state = rng.normal(size=6), rng.uniform(1, 3, size=6), draw_state(rng, 6, 8)
    hyper = {"lr": 0.5, "beta1": 0.8, "beta2": 0.9}
    expected, _ = reference.adam_step(theta, grad, state, **hyper)
    with assert_inputs_unchanged():
        result = optim.adam_step(theta, grad, state, **hyper)
    assert_pair(result)
    assert_close(result[0], expected, name="theta", **EPS_ASIDE)
