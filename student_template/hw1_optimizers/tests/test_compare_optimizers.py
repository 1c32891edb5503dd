"""Public checks of compare_optimizers."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_equal, assert_keys, require


def fixed_step(theta, grad, state, *, length=0.0, **_):
    """Move by `length` against the sign of the gradient."""
    return theta - length * np.sign(grad), {}


def test_worked_numbers():
    """The trajectories and losses are those of the worked example in the handout."""

    def f(theta):
        return float(theta[0] ** 2)

    def grad_fn(theta):
        return 2 * theta

    configs = {"short": (fixed_step, {"length": 0.5}), "long": (fixed_step, {"length": 3.0})}
    results = optim.compare_optimizers(f, grad_fn, np.array([2.0]), configs, num_steps=2)
    assert_keys(results, {"short", "long"}, name="the result")
    for name, trajectory, losses in (
        ("short", [[2.0], [1.5], [1.0]], [4.0, 2.25, 1.0]),
        ("long", [[2.0], [-1.0], [2.0]], [4.0, 1.0, 4.0]),
    ):
        assert_keys(results[name], {"trajectory", "losses"}, name=f"the entry of {name!r}")
        found = results[name]["trajectory"]
        assert_close(found, np.array(trajectory), name=f"the trajectory of {name!r}")
        assert_close(results[name]["losses"], np.array(losses), name=f"the losses of {name!r}")


def test_your_own_optimizers_on_a_saddle():
    """From just off the ridge of a saddle, your RMSProp and Adam escape before plain descent."""

    def f(theta):
        return float(theta[0] ** 2 - theta[1] ** 2) / 2

    def grad_fn(theta):
        return np.array([1.0, -1.0]) * theta

    configs = {
        "gd": (optim.gd_step, {"lr": 0.25}),
        "rmsprop": (optim.rmsprop_step, {"lr": 0.25, "alpha": 0.9}),
        "adam": (optim.adam_step, {"lr": 0.25}),
    }
    start = np.array([1.0, 0.05])
    results = optim.compare_optimizers(f, grad_fn, start, configs, num_steps=17)
    assert_keys(results, {"gd", "rmsprop", "adam"}, name="the result")
    escaped = {}
    for name in configs:
        distance = np.linalg.norm(results[name]["trajectory"], axis=1)
        require(distance.max() > 2.0, f"{name} never leaves the saddle")
        escaped[name] = int(np.argmax(distance > 2.0))
    # plain descent grows theta[1] by 1.25 per step: 0.05 * 1.25**17 is about 2.22
    assert_equal(escaped["gd"], 17, name="the step at which gd escapes")
    require(
        escaped["rmsprop"] < escaped["adam"] < escaped["gd"],
        "the order in which they escape is not rmsprop, adam, gd",
        f"found {escaped}",
    )
