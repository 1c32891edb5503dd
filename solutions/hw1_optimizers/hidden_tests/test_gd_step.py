"""Hidden checks of gd_step."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_equal, assert_inputs_unchanged, assert_pair


def test_general_step(rng):
    """One step is right in every parameter, for gradients of very different sizes."""
    theta, lr = rng.normal(size=6), rng.uniform(0.01, 0.5)
    grad = rng.normal(size=6) * 10.0 ** np.array([-2, -1, 0, 1, 2, 2])
    result = optim.gd_step(theta, grad, {}, lr=lr)
    assert_pair(result)
    assert_close(result[0], theta - lr * grad, name="theta")


def test_several_learning_rates(rng):
    """The step is proportional to the learning rate."""
    theta, grad = rng.normal(size=3), rng.normal(size=3)
    for lr in (1e-3, 0.7, 4.0):
        result = optim.gd_step(theta, grad, {}, lr=lr)
        assert_pair(result)
        assert_close(result[0], theta - lr * grad, name="theta")


def test_integer_theta(rng):
    """An integer theta gives a float64 result, nothing rounded."""
    theta, grad = rng.integers(-5, 6, size=4), rng.normal(size=4)
    result = optim.gd_step(theta, grad, {}, lr=0.3)
    assert_pair(result)
    assert_close(result[0], theta - 0.3 * grad, name="theta")


def test_state_comes_back(rng):
    """The state comes back as it was given, empty or not."""
    theta, grad, memory = rng.normal(size=5), rng.normal(size=5), rng.normal(size=2)
    for state in ({}, {"note": "unused", "number": 7}):
        result = optim.gd_step(theta, grad, state, lr=0.2)
        assert_pair(result)
        assert_equal(result[1], state, name="the state")
        assert_close(result[0], theta - 0.2 * grad, name="theta")
    result = optim.gd_step(theta, grad, {"v": memory}, lr=0.2)
    assert_pair(result)
    assert_close(result[1]["v"], memory, name="an array in the state")


def test_arguments_unchanged(rng):
    """theta and grad are not written into, and the step is right."""
    theta, grad = rng.normal(size=4), rng.normal(size=4)
    with assert_inputs_unchanged():
        result = optim.gd_step(theta, grad, {}, lr=0.1)
    assert_pair(result)
    assert_close(result[0], theta - 0.1 * grad, name="theta")
