"""Hidden checks of run_optimizer, mostly with step functions made here."""

import numpy as np
import optim
import pytest
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_pair, require


def make_grad_fn(rng, d):
    """Return the gradient of a smooth function that couples the d parameters."""
    A, b = rng.normal(size=(d, d)), rng.normal(size=d)

    def grad_fn(theta):
        return A.T @ np.tanh(A @ theta - b)

    return grad_fn


def simple_step(theta, grad, state, *, lr=0.05, **_):
    """Return a step that remembers nothing."""
    return theta - lr * grad, {}


def fading_step(theta, grad, state, *, lr=0.05, fade=0.5, **_):
    """Return a step that counts in its state, and shrinks with the count."""
    count = state.get("count", 0)
    return theta - lr * fade**count * grad, {"count": count + 1}


def replay(step_fn, grad_fn, theta, num_steps, **hyper):
    """Return the trajectory by its definition."""
    state, visited = {}, [theta]
    for _ in range(num_steps):
        result = step_fn(theta, grad_fn(theta), state, **hyper)
        assert_pair(result, name="the result of the step function")
        theta, state = result
        visited.append(theta)
    return np.array(visited, dtype=float)


def test_whole_trajectory(rng):
    """Every row is right, from the start to the last of six steps."""
    grad_fn, theta0 = make_grad_fn(rng, 4), rng.normal(size=4)
    expected = replay(simple_step, grad_fn, theta0, 6)
    assert_close(optim.run_optimizer(simple_step, grad_fn, theta0, num_steps=6), expected)


@pytest.mark.weight(2)
def test_state_goes_from_step_to_step(rng):
    """Each step gets the state that the step before returned, the first one an empty dict."""
    grad_fn, theta0 = make_grad_fn(rng, 3), rng.normal(size=3)
    states = []

    def step_fn(theta, grad, state, **_):
        states.append(state)
        return fading_step(theta, grad, state)

    expected = replay(fading_step, grad_fn, theta0, 5)
    trajectory = optim.run_optimizer(step_fn, grad_fn, theta0, num_steps=5)
    counts = [state.get("count", 0) for state in states]
    require(counts == [0, 1, 2, 3, 4], "a step did not get the state that the step before returned")
    require(np.shape(trajectory)[1:] == (3,), "the trajectory has the wrong shape")
    assert_close(trajectory[-1], expected[-1], name="the last row")


def test_gradient_at_the_latest_point(rng):
    """Each step gets the latest theta, and the gradient there."""
    grad_fn, theta0 = make_grad_fn(rng, 5), rng.normal(size=5)
    seen = []

    def step_fn(theta, grad, state, **_):
        seen.append((theta, grad))
        return simple_step(theta, grad, state)

    expected = replay(simple_step, grad_fn, theta0, 4)
    trajectory = optim.run_optimizer(step_fn, grad_fn, theta0, num_steps=4)
    require(len(seen) == 4, "the step function must be called num_steps times")
    for k, (theta, grad) in enumerate(seen):
        assert_close(grad, grad_fn(theta), name=f"the gradient given to step {k + 1}")
    assert_close(trajectory[-1], expected[-1], name="the last row")


def test_hyperparameters_are_passed_on(rng):
    """All hyper-parameters reach the step function by name, and nothing else does."""
    grad_fn, theta0 = make_grad_fn(rng, 3), rng.normal(size=3)
    hyper = {"lr": rng.uniform(0.1, 0.3), "fade": rng.uniform(0.5, 0.9)}
    seen = []

    def step_fn(theta, grad, state, **given):
        seen.append(given)
        return fading_step(theta, grad, state, **given)

    trajectory = optim.run_optimizer(step_fn, grad_fn, theta0, num_steps=3, **hyper)
    require(len(seen) > 0, "the step function was never called")
    require(
        all(given == hyper for given in seen), "the step function did not get its hyper-parameters"
    )
    expected = theta0 - hyper["lr"] * grad_fn(theta0)
    assert_close(trajectory[1], expected, name="the row after the first step")


def test_number_of_steps(rng):
    """The trajectory has num_steps + 1 rows, also for no step at all and for one."""
    grad_fn, theta0 = make_grad_fn(rng, 4), rng.normal(size=4)
    for num_steps in (0, 1, 2):
        expected = replay(simple_step, grad_fn, theta0, num_steps)
        trajectory = optim.run_optimizer(simple_step, grad_fn, theta0, num_steps=num_steps)
        assert_close(trajectory, expected)


def test_runs_are_independent(rng):
    """A second run starts afresh: it gives the same trajectory as the first."""
    grad_fn, theta0 = make_grad_fn(rng, 3), rng.normal(size=3)
    expected = replay(fading_step, grad_fn, theta0, 1)
    for run in ("first", "second"):
        trajectory = optim.run_optimizer(fading_step, grad_fn, theta0, num_steps=1)
        require(np.shape(trajectory)[1:] == (3,), "the trajectory has the wrong shape")
        assert_close(trajectory[-1], expected[-1], name=f"the last row of the {run} run")


def test_integer_start_unchanged(rng):
    """An integer theta0 gives a float64 trajectory, and is not written into."""
    grad_fn, theta0 = make_grad_fn(rng, 6), rng.integers(-3, 4, size=6)
    for num_steps in (2, 0):
        expected = replay(simple_step, grad_fn, theta0, num_steps)
        with assert_inputs_unchanged():
            trajectory = optim.run_optimizer(simple_step, grad_fn, theta0, num_steps=num_steps)
        assert_close(trajectory, expected)


def test_your_own_momentum(rng):
    """It runs your own momentum_step just as calling it step by step does."""
    grad_fn, theta0 = make_grad_fn(rng, 4), rng.normal(size=4)
    hyper = {"lr": 0.3, "beta": 0.6}
    trajectory = optim.run_optimizer(optim.momentum_step, grad_fn, theta0, num_steps=4, **hyper)
    expected = replay(optim.momentum_step, grad_fn, theta0, 4, **hyper)
    assert_close(trajectory, expected)
