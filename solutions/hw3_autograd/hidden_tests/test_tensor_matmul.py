"""Hidden checks of tensor_matmul: what PyTorch says of the same products."""

from operator import matmul

import engine
import numpy as np
import pytest
import support
import torch
from student_kit.checks import assert_close, assert_inputs_unchanged


def value(tensor):
    """Return what a PyTorch tensor holds: an array, or one number."""
    return tensor.detach().numpy() if tensor.shape else tensor.item()


def check(rng, expression, *arrays, constants=()):
    """Compare the value and the gradients of an expression in your Tensors with PyTorch's."""
    leaves = [engine.Tensor(array, requires_grad=True) for array in arrays]
    node = expression(*leaves, *constants)
    at = [torch.tensor(array, requires_grad=True) for array in arrays]
    fixed = [torch.tensor(constant, dtype=torch.float64) for constant in constants]
    expected = expression(*at, *fixed)
    assert_close(node.data, value(expected), name="the data of the result")
    grad_output = np.array(rng.normal(size=expected.shape))
    expected.backward(torch.tensor(grad_output))
    found = support.gradients_by_paths(node, grad_output, leaves)
    for number, (gradient, tensor) in enumerate(zip(found, at, strict=True), start=1):
        assert_close(gradient, value(tensor.grad), name=f"the gradient of operand {number}")


def test_product_of_two_matrices(rng):
    """A product of two matrices, neither of them square, and its two gradients."""
    check(rng, matmul, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)))
    check(rng, matmul, rng.normal(size=(1, 3)), rng.normal(size=(3, 2)))


def test_square_matrices(rng):
    """Square matrices, for which a product in the wrong order has the right shape."""
    check(rng, matmul, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)))
    check(rng, lambda a: a @ a, rng.normal(size=(3, 3)))


def test_chain_of_products(rng):
    """A chain of products, in which one matrix comes up twice."""
    shapes = (2, 3), (3, 4), (4, 3)
    check(rng, lambda a, b, c: a @ b @ (c @ b) @ c, *(rng.normal(size=size) for size in shapes))


def test_arrays_as_operands(rng):
    """An array on either side is a constant: data @ weights, and weights @ data."""
    a, constant = rng.normal(size=(4, 3)), rng.normal(size=(3, 5))
    check(rng, matmul, a, constants=[constant])
    check(rng, lambda b, c: c @ b, constant, constants=[a])


def test_refuses_what_is_no_matrix(rng):
    """Vectors, numbers and stacks of matrices raise a ValueError; matrices have a product."""
    a = rng.normal(size=(3, 3))
    check(rng, matmul, a, rng.normal(size=(3, 2)))
    for shape in ((3,), (2, 3, 3)):
        other = engine.Tensor(rng.normal(size=shape))
        with pytest.raises(ValueError, match=r"\d"):
            engine.Tensor(a) @ other
        with pytest.raises(ValueError, match=r"\d"):
            other @ engine.Tensor(a)


def test_nothing_is_written_into(rng):
    """Neither the operands nor the gradient that arrives are changed."""
    x, y, grad_output = (rng.normal(size=size) for size in ((2, 3), (3, 4), (2, 4)))
    a, b = engine.Tensor(x, requires_grad=True), engine.Tensor(y, requires_grad=True)
    node = a @ b
    with assert_inputs_unchanged():
        node.grad_fn(grad_output)
    expected = np.einsum("ij,kj->ik", grad_output, y)
    (found,) = support.gradients_by_paths(node, grad_output, [a])
    assert_close(found, expected, name="the gradient of a")
    assert_close(a.data, x, name="the data of a, afterwards")
    assert_close(b.data, y, name="the data of b, afterwards")
