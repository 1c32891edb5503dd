"""Hidden checks of compare_optimizers, with step functions made here."""

import numpy as np
import optim
from student_kit.checks import (
    assert_close,
    assert_equal,
    assert_inputs_unchanged,
    assert_keys,
    require,
)


def make_function(rng, d):
    """Return a smooth loss that couples the d parameters, and its gradient."""
    A, b = rng.normal(size=(d, d)), rng.normal(size=d)

    def f(theta):
        return float(np.log(np.cosh(A @ theta - b)).sum())

    def grad_fn(theta):
        return A.T @ np.tanh(A @ theta - b)

    return f, grad_fn


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
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        visited.append(theta)
    return np.array(visited, dtype=float)


def part(results, name, key):
    """Return results[name][key]; fail if that is not where it is."""
    assert_equal(type(results).__name__, "dict", name="the type of the result")
    assert_equal(name in results, True, name=f"{name!r} in the result")
    assert_keys(results[name], {"trajectory", "losses"}, name=f"the entry of {name!r}")
    return results[name][key]


def test_all_start_at_the_same_point(rng):
    """Every optimizer starts at theta0, whatever ran before it."""
    f, grad_fn = make_function(rng, 4)
    theta0 = rng.normal(size=4)
    configs = {"one": (simple_step, {}), "two": (simple_step, {}), "three": (fading_step, {})}
    results = optim.compare_optimizers(f, grad_fn, theta0, configs, num_steps=3)
    for name, (step_fn, hyper) in configs.items():
        trajectory = part(results, name, "trajectory")
        expected = replay(step_fn, grad_fn, theta0, 3, **hyper)
        assert_close(trajectory, expected, name=f"the trajectory of {name!r}")


def test_losses_belong_to_the_trajectory(rng):
    """losses[k] is the loss at row k of the same trajectory, also where the loss grows."""
    f, grad_fn = make_function(rng, 3)
    configs = {"plain": (simple_step, {"lr": 0.2}), "uphill": (simple_step, {"lr": -0.1})}
    results = optim.compare_optimizers(f, grad_fn, rng.normal(size=3), configs, num_steps=4)
    for name in configs:
        trajectory = part(results, name, "trajectory")
        require(np.shape(trajectory) == (5, 3), f"the trajectory of {name!r} has the wrong shape")
        expected = np.array([f(theta) for theta in trajectory])
        assert_close(part(results, name, "losses"), expected, name=f"the losses of {name!r}")


def test_each_has_its_own_state(rng):
    """An optimizer begins with an empty state, also after another one of the same kind."""
    f, grad_fn = make_function(rng, 5)
    theta0 = rng.normal(size=5)
    configs = {"first": (fading_step, {"fade": 0.7}), "second": (fading_step, {"fade": 0.3})}
    results = optim.compare_optimizers(f, grad_fn, theta0, configs, num_steps=2)
    for name, (_, hyper) in configs.items():
        trajectory = part(results, name, "trajectory")
        require(np.shape(trajectory) == (3, 5), f"the trajectory of {name!r} has the wrong shape")
        # the moves, so that this check does not depend on the start
        moves = -np.diff(trajectory, axis=0)
        factors = 0.05 * hyper["fade"] ** np.arange(2)
        expected = np.array([c * grad_fn(at) for c, at in zip(factors, trajectory, strict=False)])
        assert_close(moves, expected, name=f"the moves of {name!r}")


def test_hyperparameters_of_each(rng):
    """Every optimizer gets the hyper-parameters of its own entry."""
    f, grad_fn = make_function(rng, 3)
    theta0 = rng.normal(size=3)
    rates = [float(lr) for lr in rng.uniform(0.01, 0.5, size=3)]
    configs = {f"lr {k}": (simple_step, {"lr": lr}) for k, lr in enumerate(rates)}
    results = optim.compare_optimizers(f, grad_fn, theta0, configs, num_steps=1)
    for name, (_, hyper) in configs.items():
        trajectory = part(results, name, "trajectory")
        move = trajectory[0] - trajectory[1]
        assert_close(move, hyper["lr"] * grad_fn(trajectory[0]), name=f"the move of {name!r}")


def test_names_in_order(rng):
    """The result has one entry per name, in the order of configs, and each is the right one."""
    f, grad_fn = make_function(rng, 2)
    theta0 = rng.normal(size=2)
    # never the alphabetical order, which sorting would give
    names = ["zeta", *(str(name) for name in rng.permutation(["alpha", "kappa", "mu"]))]
    configs = {name: (simple_step, {"lr": 0.1 * k}) for k, name in enumerate(names, start=1)}
    results = optim.compare_optimizers(f, grad_fn, theta0, configs, num_steps=1)
    assert_equal(type(results).__name__, "dict", name="the type of the result")
    assert_equal(list(results), names, name="the list of names")
    loss = f(theta0 - 0.1 * grad_fn(theta0))
    losses = part(results, names[0], "losses")
    assert_close(losses[-1:], np.array([loss]), name="the last loss of the first entry")


def test_integer_start_unchanged(rng):
    """theta0 and configs are not written into; from an integer theta0 the results are float64."""
    f, grad_fn = make_function(rng, 4)
    theta0, configs = rng.integers(-2, 3, size=4), {"only": (simple_step, {"lr": 0.3})}
    expected = replay(simple_step, grad_fn, theta0, 2, lr=0.3)
    with assert_inputs_unchanged():
        results = optim.compare_optimizers(f, grad_fn, theta0, configs, num_steps=2)
    assert_close(part(results, "only", "trajectory"), expected, name="the trajectory")
