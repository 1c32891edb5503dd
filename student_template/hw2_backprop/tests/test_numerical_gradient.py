"""Public checks of numerical_gradient."""

import layers
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_worked_numbers():
    """The estimate is that of the worked example in the handout, made with h = 0.5."""

    def f(x):
        return float(x[0] ** 2 * x[1] + x[1] ** 3)

    grad = layers.numerical_gradient(f, np.array([1.0, 2.0]), h=0.5)
    assert_close(grad, np.array([4.0, 13.25]))


def test_default_step(rng):
    """With the default h, the estimate agrees with the derivative on paper to eight digits."""
    x = rng.uniform(1, 2, size=(2, 3))

    def f(at):
        return float(np.sum(np.log(at)) * at[0, 0])

    expected = x[0, 0] / x
    expected[0, 0] += np.sum(np.log(x))
    assert_close(layers.numerical_gradient(f, x), expected, rtol=1e-8, atol=1e-8)


def test_x_as_before():
    """On return x is exactly as it was; if it holds integers, the gradient is float64 still."""

    def f(x):
        return float(np.prod(x))

    for x in (np.array([2.0, 0.1, -3.0]), np.array([2, 1, -3])):
        expected = np.array([x[1] * x[2], x[0] * x[2], x[0] * x[1]], dtype=float)
        with assert_inputs_unchanged():
            grad = layers.numerical_gradient(f, x)
        # rounding: 1e-16 of values of about 5, divided by h = 1e-5
        assert_close(grad, expected, rtol=1e-8, atol=1e-8)
