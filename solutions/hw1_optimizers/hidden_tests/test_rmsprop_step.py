"""Hidden checks of rmsprop_step.

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
    theta, grads = rng.normal(size=5), draw_grads(rng, 6)
    hyper = {"lr": rng.uniform(0.01, 0.1), "alpha": rng.uniform(0.6, 0.9)}
    expected = follow(reference.rmsprop_step, theta, grads, **hyper)
    for k, result in enumerate(follow(optim.rmsprop_step, theta, grads, **hyper)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)


def test_mean_square_is_returned(rng):
    """The returned state holds the moving average of the squares, and nothing else."""
    theta, grads = rng.normal(size=5), draw_grads(rng, 5)
    expected = follow(reference.rmsprop_step, theta, grads, lr=0.02, alpha=0.8)
    for k, (_, state) in enumerate(follow(optim.rmsprop_step, theta, grads, lr=0.02, alpha=0.8)):
        assert_keys(state, {"s"})
        assert_close(state["s"], expected[k][1]["s"], name=f"state['s'] after step {k + 1}")


def test_one_step_from_a_given_mean_square(rng):
    """A step goes on from the mean square in the state that it was given."""
    theta, grad, s = rng.normal(size=4), rng.uniform(1, 3, size=4), rng.uniform(1, 9, size=4)
    expected, _ = reference.rmsprop_step(theta, grad, {"s": s}, lr=0.2, alpha=0.7)
    result = optim.rmsprop_step(theta, grad, {"s": s}, lr=0.2, alpha=0.7)
    assert_pair(result)
    assert_close(result[0], expected, name="theta", **EPS_ASIDE)


def test_default_alpha(rng):
    """alpha is 0.99 where none is given."""
    theta, grad, s = rng.normal(size=3), rng.uniform(5, 9, size=3), rng.uniform(1, 9, size=3)
    expected, _ = reference.rmsprop_step(theta, grad, {"s": s}, lr=0.1, alpha=0.99)
    result = optim.rmsprop_step(theta, grad, {"s": s}, lr=0.1)
    assert_pair(result)
    assert_close(result[0], expected, name="theta", **EPS_ASIDE)


def test_eps_outside_the_root(rng):
    """eps is added to the root, not under it: seen with gradients as small as eps = 0.01."""
    theta = rng.normal(size=5)
    grads = rng.uniform(1, 2, size=(5, 5)) * 10.0 ** np.array([-4, -3, -2, -1, 0])
    hyper = {"lr": 0.05, "alpha": 0.9, "eps": 1e-2}
    expected = follow(reference.rmsprop_step, theta, grads, **hyper)
    for k, result in enumerate(follow(optim.rmsprop_step, theta, grads, **hyper)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}")


def test_default_eps(rng):
    """eps is 1e-8 where none is given: seen with gradients as small as that."""
    theta, grad = rng.normal(size=3), rng.uniform(1, 3, size=3) * 1e-8
    expected, _ = reference.rmsprop_step(theta, grad, {}, lr=0.7, alpha=0.5)
    result = optim.rmsprop_step(theta, grad, {}, lr=0.7, alpha=0.5)
    assert_pair(result)
    assert_close(result[0], expected, name="theta")


def test_zero_gradient(rng):
    """A parameter whose gradient is exactly 0 stays where it is, while the others move."""
    theta, grads = rng.normal(size=5), draw_grads(rng, 3)
    grads[:, 1] = 0.0
    expected = follow(reference.rmsprop_step, theta, grads, lr=0.05, alpha=0.75)
    for k, result in enumerate(follow(optim.rmsprop_step, theta, grads, lr=0.05, alpha=0.75)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)


def test_integer_theta(rng):
    """From an integer theta, three steps give float64 results, nothing rounded."""
    theta, grads = rng.integers(-5, 6, size=5), draw_grads(rng, 3)
    expected = follow(reference.rmsprop_step, theta, grads, lr=0.03, alpha=0.8)
    for k, (found, state) in enumerate(
        follow(optim.rmsprop_step, theta, grads, lr=0.03, alpha=0.8)
    ):
        assert_close(found, expected[k][0], name=f"theta after step {k + 1}", **EPS_ASIDE)
        assert_keys(state, {"s"})
        assert_close(state["s"], expected[k][1]["s"], name=f"state['s'] after step {k + 1}")


def test_arguments_unchanged(rng):
    """theta, grad and state are not written into, and the step is right."""
    theta, grad, s = rng.normal(size=6), rng.uniform(1, 3, size=6), rng.uniform(1, 9, size=6)
    expected, _ = reference.rmsprop_step(theta, grad, {"s": s}, lr=0.1, alpha=0.9)
    with assert_inputs_unchanged():
        result = optim.rmsprop_step(theta, grad, {"s": s}, lr=0.1, alpha=0.9)
    assert_pair(result)
    assert_close(result[0], expected, name="theta", **EPS_ASIDE)
