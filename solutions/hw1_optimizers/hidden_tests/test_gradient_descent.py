"""Hidden checks of gradient_descent."""

import numpy as np
import optim
from reference import optim as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require


def make_grad_fn(rng, d):
    """Return the gradient of a smooth function that couples the d parameters."""
    A, b = rng.normal(size=(d, d)), rng.normal(size=d)

    def grad_fn(theta):
        return A.T @ np.tanh(A @ theta - b)

    return grad_fn


def test_whole_trajectory(rng):
    """Every row is right, from the start to the last of seven updates."""
    grad_fn, theta0, lr = make_grad_fn(rng, 4), rng.normal(size=4), rng.uniform(0.02, 0.2)
    expected = reference.gradient_descent(grad_fn, theta0, lr=lr, num_steps=7)
    assert_close(optim.gradient_descent(grad_fn, theta0, lr=lr, num_steps=7), expected)


def test_each_row_follows_from_the_row_before(rng):
    """Each row is the row before minus lr times the gradient there."""
    grad_fn, theta0 = make_grad_fn(rng, 3), rng.normal(size=3)
    trajectory = optim.gradient_descent(grad_fn, theta0, lr=0.1, num_steps=5)
    require(
        np.ndim(trajectory) == 2 and len(trajectory) >= 2, "the result must have one row per point"
    )
    expected = np.array([row - 0.1 * grad_fn(row) for row in trajectory[:-1]])
    assert_close(trajectory[1:], expected, name="the rows after the first")


def test_number_of_steps(rng):
    """The trajectory has num_steps + 1 rows, also for no step at all and for one."""
    grad_fn, theta0 = make_grad_fn(rng, 5), rng.normal(size=5)
    for num_steps in (0, 1, 3):
        trajectory = optim.gradient_descent(grad_fn, theta0, lr=0.05, num_steps=num_steps)
        expected = reference.gradient_descent(grad_fn, theta0, lr=0.05, num_steps=num_steps)
        assert_close(trajectory, expected)
    # where the gradient is 0, steps are made all the same
    trajectory = optim.gradient_descent(np.zeros_like, theta0, lr=0.05, num_steps=4)
    assert_close(trajectory, np.tile(theta0, (5, 1)))


def test_integer_start(rng):
    """An integer theta0 gives a float64 trajectory, nothing rounded, also without any step."""
    grad_fn, theta0 = make_grad_fn(rng, 3), rng.integers(-3, 4, size=3)
    for num_steps in (4, 0):
        expected = reference.gradient_descent(grad_fn, theta0, lr=0.1, num_steps=num_steps)
        trajectory = optim.gradient_descent(grad_fn, theta0, lr=0.1, num_steps=num_steps)
        assert_close(trajectory, expected)


def test_start_unchanged(rng):
    """theta0 is not written into, and the trajectory ends where it should."""
    grad_fn, theta0 = make_grad_fn(rng, 6), rng.normal(size=6)
    expected = reference.gradient_descent(grad_fn, theta0, lr=0.1, num_steps=3)
    with assert_inputs_unchanged():
        trajectory = optim.gradient_descent(grad_fn, theta0, lr=0.1, num_steps=3)
    assert_close(trajectory[-1], expected[-1], name="the last row")
