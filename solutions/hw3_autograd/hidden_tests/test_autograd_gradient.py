"""Hidden checks of autograd_gradient."""

import numpy as np
import torch_support
import torch_workflow
from student_kit.checks import assert_close, assert_inputs_unchanged


def waves(rng, shape):
    """Return a function of PyTorch tensors, a point, and the function's gradient there."""
    weight, x = rng.uniform(0.5, 2, size=shape), rng.uniform(-3, 3, size=shape)
    gradient = 2 * np.sum(weight * np.sin(x)) * weight * np.cos(x)
    return torch_support.Waves(weight), x, gradient


def test_any_shape(rng):
    """The gradient of a function that couples its variables, at points of any shape."""
    for shape in ((4,), (2, 3, 2)):
        fn, x, expected = waves(rng, shape)
        with assert_inputs_unchanged():
            found = torch_workflow.autograd_gradient(fn, x)
        assert_close(found, expected, name="the gradient")


def test_single_number(rng):
    """The example of the lecture notes, x^2, at any x: a single number has a gradient, too."""
    x = np.array(rng.uniform(-3, 3))
    found = torch_workflow.autograd_gradient(torch_support.sum_of_squares, x)
    assert_close(found, float(2 * x), name="the gradient")


def test_integers(rng):
    """A point of integers has a gradient of floats."""
    x = rng.integers(-5, 6, size=(3, 2))
    x[0] = 4, -3
    found = torch_workflow.autograd_gradient(torch_support.sum_of_squares, x)
    assert_close(found, 2.0 * x, name="the gradient")


def test_as_precise_as_float64(rng):
    """All digits of float64 count: two points that are the same in float32 are two points."""
    x = 1000.0 + rng.uniform(1e-6, 1e-5, size=5)
    found = torch_workflow.autograd_gradient(torch_support.sum_of_squares, x)
    assert_close(found - 2000.0, 2 * (x - 1000.0), rtol=1e-6, name="the gradient, less 2000")
