"""Hidden checks of numerical_gradient."""

import layers
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged

# For a quadratic function central differences are exact, up to rounding: 1e-16 of values of about
# 100, divided by the h of the check. A one-sided difference is off by about h.
EXACT = {"rtol": 1e-6, "atol": 1e-6}


def make_quadratic(rng, shape):
    """Return f and its gradient; f couples all entries of x, and any h gives it exactly."""
    size = int(np.prod(shape))
    A, b = rng.normal(size=(size, size)), rng.normal(size=size)

    def f(x):
        flat = np.ravel(x)
        return float(flat @ A @ flat + b @ flat)

    def grad(x):
        return ((A + A.T) @ np.ravel(x) + b).reshape(shape)

    return f, grad


def test_function_that_couples_its_variables(rng):
    """The gradient of a quadratic function is right in every entry of a vector, for a wide h."""
    f, grad = make_quadratic(rng, (5,))
    x = rng.normal(size=5)
    assert_close(layers.numerical_gradient(f, x, h=0.25), grad(x), **EXACT)


def test_any_shape(rng):
    """The gradient has the shape of x, and every entry is right, for two, three and four axes."""
    for shape in ((2, 3), (2, 1, 2), (1, 2, 1, 2)):
        f, grad = make_quadratic(rng, shape)
        x = rng.normal(size=shape)
        assert_close(layers.numerical_gradient(f, x, h=0.125), grad(x), **EXACT)


def test_error_of_central_differences(rng):
    """On cubes, the estimate is 3 x^2 + h^2: central differences with the h that was given."""
    x = rng.uniform(1, 2, size=3)

    def f(at):
        return float(np.sum(at**3))

    for h in (0.5, 0.01):
        assert_close(layers.numerical_gradient(f, x, h=h), 3 * x**2 + h**2, atol=1e-10)


def test_size_of_the_default_step(rng):
    """Without h, the step is 1e-5, and the estimate as good as float64 allows."""
    x = rng.uniform(-1, 1, size=4)

    def f(at):
        return float(np.sum(np.sin(1000 * at)))

    # the waves are so short that the estimate tells which h it was made with
    expected = np.cos(1000 * x) * np.sin(1000 * 1e-5) / 1e-5
    assert_close(layers.numerical_gradient(f, x), expected, rtol=1e-6, atol=1e-5)


def test_integer_x(rng):
    """An integer x gives a float64 gradient: x + h is not rounded to an integer."""
    f, grad = make_quadratic(rng, (3,))
    x = rng.integers(-4, 5, size=3)
    assert_close(layers.numerical_gradient(f, x, h=0.25), grad(x), **EXACT)


def test_x_as_before(rng):
    """On return x is exactly as it was, and the gradient is right."""
    f, grad = make_quadratic(rng, (2, 3))
    # spread over decades, so that adding and subtracting a step would leave rounding behind
    x = rng.normal(size=(2, 3)) * 10.0 ** rng.integers(-3, 2, size=(2, 3))
    with assert_inputs_unchanged():
        result = layers.numerical_gradient(f, x, h=0.1)
    assert_close(result, grad(x), **EXACT)
