"""Hidden checks of adagrad_step.

Where eps stands, and how large it is, is checked on its own: elsewhere gradients are at least 1,
where that changes theta by less than EPS_ASIDE.
"""

import numpy as np
import optim
import pytest
from reference import optim as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_keys, assert_pair

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


@pytest.mark.weight(2)
def test_six_steps_from_an_empty_state(rng):
    """theta is right after each of six steps from an empty state."""
    theta, grads, lr = rng.normal(size=5), draw_grads(rng, 6), rng.uniform(0.1, 0.8)
    expected = follow(reference.adagrad_step, theta, grads, lr=lr)
    for k, result in enumerate(follow(optim.adagrad_step, theta, grads, lr=lr)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)


def test_sum_of_squares_is_returned(rng):
    """The returned state holds the sum of all squared gradients, and nothing else."""
    theta, grads = rng.normal(size=5), draw_grads(rng, 5)
    total = np.cumsum(grads**2, axis=0)
    for k, (_, state) in enumerate(follow(optim.adagrad_step, theta, grads, lr=0.2)):
        assert_keys(state, {"G"})
        assert_close(state["G"], total[k], name=f"state['G'] after step {k + 1}")


def test_one_step_from_a_given_sum(rng):
    """A step goes on from the sum in the state that it was given."""
    theta, grad, G = rng.normal(size=4), rng.uniform(1, 3, size=4), rng.uniform(1, 9, size=4)
    expected, _ = reference.adagrad_step(theta, grad, {"G": G}, lr=0.5)
    result = optim.adagrad_step(theta, grad, {"G": G}, lr=0.5)
    assert_pair(result)
    assert_close(result[0], expected, name="theta", **EPS_ASIDE)


def test_eps_outside_the_root(rng):
    """eps is added to the root, not under it: seen with gradients as small as eps = 0.01."""
    theta = rng.normal(size=5)
    grads = rng.uniform(1, 2, size=(5, 5)) * 10.0 ** np.array([-4, -3, -2, -1, 0])
    expected = follow(reference.adagrad_step, theta, grads, lr=0.3, eps=1e-2)
    for k, result in enumerate(follow(optim.adagrad_step, theta, grads, lr=0.3, eps=1e-2)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}")


def test_default_eps(rng):
    """eps is 1e-10 where none is given: seen with gradients as small as that."""
    theta, grad = rng.normal(size=3), rng.uniform(1, 3, size=3) * 1e-10
    expected, _ = reference.adagrad_step(theta, grad, {}, lr=0.7)
    result = optim.adagrad_step(theta, grad, {}, lr=0.7)
    assert_pair(result)
    assert_close(result[0], expected, name="theta")


def test_zero_gradient(rng):
    """A parameter whose gradient is exactly 0 stays where it is, while the others move."""
    theta, grads = rng.normal(size=5), draw_grads(rng, 3)
    grads[:, 2] = 0.0
    expected = follow(reference.adagrad_step, theta, grads, lr=0.4)
    for k, result in enumerate(follow(optim.adagrad_step, theta, grads, lr=0.4)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)


def test_integer_theta(rng):
    """From an integer theta, three steps give float64 results, nothing rounded."""
    theta, grads = rng.integers(-5, 6, size=5), draw_grads(rng, 3)
    expected = follow(reference.adagrad_step, theta, grads, lr=0.3)
    for k, (found, state) in enumerate(follow(optim.adagrad_step, theta, grads, lr=0.3)):
        assert_close(found, expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)
        assert_keys(state, {"G"})
        assert_close(state["G"], expected[k][1]["G"], name=f"state['G'] after step {k + 1}")


def test_arguments_unchanged(rng):
    """theta, grad and state are not written into, and the step is right."""
    theta, grad, G = rng.normal(size=6), rng.uniform(1, 3, size=6), rng.uniform(1, 9, size=6)
    expected, _ = reference.adagrad_step(theta, grad, {"G": G}, lr=0.1)
    with assert_inputs_unchanged():
        result = optim.adagrad_step(theta, grad, {"G": G}, lr=0.1)
    assert_pair(result)
    assert_close(result[0], expected, name="theta", **EPS_ASIDE)
