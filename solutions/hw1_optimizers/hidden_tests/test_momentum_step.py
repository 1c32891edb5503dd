"""Hidden checks of momentum_step."""

import numpy as np
import optim
from reference import optim as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_keys, assert_pair


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
    """Return gradients of either sign, of four very different sizes."""
    sizes = 10.0 ** np.array([-2, -1, 0, 2])
    return rng.uniform(1, 3, size=(steps, 4)) * rng.choice([-1, 1], size=(steps, 4)) * sizes


def test_six_steps_from_an_empty_state(rng):
    """theta is right after each of six steps from an empty state."""
    theta, grads = rng.normal(size=4), draw_grads(rng, 6)
    hyper = {"lr": rng.uniform(0.05, 0.5), "beta": rng.uniform(0.3, 0.8)}
    expected = follow(reference.momentum_step, theta, grads, **hyper)
    for k, result in enumerate(follow(optim.momentum_step, theta, grads, **hyper)):
        assert_close(result[0], expected[k][0], name=f"theta after step {k + 1}")


def test_velocity_is_returned(rng):
    """The returned state holds the velocity, and nothing else."""
    theta, grads = rng.normal(size=4), draw_grads(rng, 5)
    expected = follow(reference.momentum_step, theta, grads, lr=0.1, beta=0.7)
    for k, (_, state) in enumerate(follow(optim.momentum_step, theta, grads, lr=0.1, beta=0.7)):
        assert_keys(state, {"v"})
        assert_close(state["v"], expected[k][1]["v"], name=f"state['v'] after step {k + 1}")


def test_one_step_from_a_given_velocity(rng):
    """A step goes on from the velocity in the state that it was given."""
    theta, grad, v = rng.normal(size=5), rng.normal(size=5), rng.normal(size=5)
    expected, _ = reference.momentum_step(theta, grad, {"v": v}, lr=0.3, beta=0.6)
    result = optim.momentum_step(theta, grad, {"v": v}, lr=0.3, beta=0.6)
    assert_pair(result)
    assert_close(result[0], expected, name="theta")


def test_default_beta(rng):
    """beta is 0.9 where none is given; 0 makes it plain gradient descent."""
    theta, grad, v = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3)
    for hyper, beta in (({}, 0.9), ({"beta": 0.0}, 0.0)):
        expected, _ = reference.momentum_step(theta, grad, {"v": v}, lr=0.2, beta=beta)
        result = optim.momentum_step(theta, grad, {"v": v}, lr=0.2, **hyper)
        assert_pair(result)
        assert_close(result[0], expected, name="theta")


def test_integer_theta(rng):
    """From an integer theta, three steps give float64 results, nothing rounded."""
    theta, grads = rng.integers(-5, 6, size=3), rng.normal(size=(3, 3))
    expected = follow(reference.momentum_step, theta, grads, lr=0.4, beta=0.5)
    for k, (found, state) in enumerate(follow(optim.momentum_step, theta, grads, lr=0.4, beta=0.5)):
        assert_close(found, expected[k][0], name=f"theta after step {k + 1}")
        assert_keys(state, {"v"})
        assert_close(state["v"], expected[k][1]["v"], name=f"state['v'] after step {k + 1}")


def test_arguments_unchanged(rng):
    """theta, grad and state are not written into, and the step is right."""
    theta, grad, v = rng.normal(size=6), rng.normal(size=6), rng.normal(size=6)
    expected, _ = reference.momentum_step(theta, grad, {"v": v}, lr=0.1, beta=0.9)
    with assert_inputs_unchanged():
        result = optim.momentum_step(theta, grad, {"v": v}, lr=0.1, beta=0.9)
    assert_pair(result)
    assert_close(result[0], expected, name="theta")
