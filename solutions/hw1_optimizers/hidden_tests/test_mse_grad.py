"""Hidden checks of mse_grad."""

import numpy as np
import optim
from reference import optim as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require


def test_general_data(rng):
    """The gradient is right for more samples than parameters and for fewer."""
    for n, d in ((17, 4), (3, 6)):
        theta, X, y = rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=n)
        expected = reference.mse_grad(theta, X, y)
        assert_close(optim.mse_grad(theta, X, y), expected)


def test_as_many_samples_as_parameters(rng):
    """The gradient is right when X is square, where a transposed X goes unnoticed by shapes."""
    theta, X, y = rng.normal(size=5), rng.normal(size=(5, 5)), rng.normal(size=5)
    assert_close(optim.mse_grad(theta, X, y), reference.mse_grad(theta, X, y))


def test_one_sample(rng):
    """The gradient is right for a single sample, and keeps the shape (D,)."""
    theta, X, y = rng.normal(size=4), rng.normal(size=(1, 4)), rng.normal(size=1)
    assert_close(optim.mse_grad(theta, X, y), 2 * (X[0] @ theta - y[0]) * X[0])


def test_mean_not_sum(rng):
    """The same samples three times over give the same gradient as once."""
    theta, X, y = rng.normal(size=3), rng.normal(size=(8, 3)), rng.normal(size=8)
    once, thrice = (optim.mse_grad(theta, np.tile(X, (k, 1)), np.tile(y, k)) for k in (1, 3))
    for grad in (once, thrice):
        require(
            type(grad) is np.ndarray and grad.shape == (3,) and np.linalg.norm(grad) > 0,
            "the gradient must be an array of shape (D,), and not 0",
        )
    assert_close(thrice, once, name="the gradient of the tripled data")
    # the direction alone, so that this check is about the mean and nothing else
    expected = reference.mse_grad(theta, X, y)
    assert_close(
        once / np.linalg.norm(once),
        expected / np.linalg.norm(expected),
        name="the direction of the gradient",
    )


def test_integer_arguments(rng):
    """Integer parameters and data give a float64 gradient."""
    theta = rng.integers(-4, 5, size=3)
    X, y = rng.integers(-9, 10, size=(7, 3)), rng.integers(10, 20, size=7)
    assert_close(optim.mse_grad(theta, X, y), reference.mse_grad(theta, X, y))


def test_arguments_unchanged(rng):
    """theta, X and y are not written into, and the gradient is right."""
    theta, X, y = rng.normal(size=6), rng.normal(size=(9, 6)), rng.normal(size=9)
    expected = reference.mse_grad(theta, X, y)
    with assert_inputs_unchanged():
        grad = optim.mse_grad(theta, X, y)
    assert_close(grad, expected)
