"""Public checks of autograd_gradient."""

import numpy as np
import torch_support
import torch_workflow
from student_kit.checks import assert_close, estimated_gradient


def test_worked_numbers():
    """The example of the lecture notes: x^2 at 2 has the gradient 4."""
    found = torch_workflow.autograd_gradient(torch_support.sum_of_squares, np.array(2.0))
    assert_close(found, 4.0, name="the gradient at 2")
    found = torch_workflow.autograd_gradient(torch_support.sum_of_squares, np.array([[1.0, -3.0]]))
    assert_close(found, np.array([[2.0, -6.0]]), name="the gradient at (1, -3)")


def test_integers():
    """A point of integers has a gradient of floats."""
    found = torch_workflow.autograd_gradient(torch_support.sum_of_squares, np.array([1, 2, 3]))
    assert_close(found, np.array([2.0, 4.0, 6.0]), name="the gradient")


def test_central_differences(rng):
    """The gradient of a function that couples its variables agrees with central differences."""
    weight, x = rng.uniform(0.5, 2, size=(2, 3)), rng.normal(size=(2, 3))
    expected = estimated_gradient(lambda at: float(np.sum(weight * np.sin(at)) ** 2), x)
    found = torch_workflow.autograd_gradient(torch_support.Waves(weight), x)
    # the error of the differences is about h^4 = 1e-12 times derivatives of order 5
    assert_close(found, expected, rtol=1e-7, atol=1e-8, name="the gradient")
