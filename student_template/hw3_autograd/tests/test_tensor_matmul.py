"""Public checks of tensor_matmul."""

import engine
import numpy as np
import pytest
import support
import torch
from student_kit.checks import assert_close


def test_worked_numbers():
    """The product of the handout, and its two gradients."""
    a = engine.Tensor(np.array([[1.0, 2.0]]), requires_grad=True)
    b = engine.Tensor(np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0]]), requires_grad=True)
    product = a @ b
    assert_close(product.data, np.array([[7.0, 2.0, 2.0]]), name="the data")
    of_a, of_b = support.gradients_by_paths(product, np.array([[1.0, 10.0, 100.0]]), [a, b])
    assert_close(of_a, np.array([[201.0, 13.0]]), name="the gradient of A")
    expected = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])
    assert_close(of_b, expected, name="the gradient of B")


def test_as_in_pytorch(rng):
    """data @ weights, with an array on the left, has the gradient that PyTorch says."""
    data, weights, gradient = (rng.normal(size=size) for size in ((5, 3), (3, 4), (5, 4)))
    leaf = engine.Tensor(weights, requires_grad=True)
    product = data @ leaf
    at = torch.tensor(weights, requires_grad=True)
    (torch.tensor(data) @ at).backward(torch.tensor(gradient))
    assert_close(product.data, data @ weights, name="the data")
    (found,) = support.gradients_by_paths(product, gradient, [leaf])
    assert_close(found, at.grad.numpy(), name="the gradient of the weights")


def test_matrices_only():
    """A vector is refused with a ValueError."""
    a, b = engine.Tensor(np.eye(2)), engine.Tensor(np.ones(2))
    assert_close((a @ a).data, np.eye(2), name="the product of two matrices")
    with pytest.raises(ValueError, match="2"):
        a @ b
