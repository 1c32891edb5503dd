"""Public checks of tensor_arithmetic."""

import engine
import numpy as np
import support
import torch
from student_kit.checks import assert_close

A, B = np.array([1.0, 2.0]), np.array([4.0, 8.0])
G = np.array([10.0, 100.0])  # the gradient that arrives


def check(node, leaves, data, gradients):
    """Compare a node's data, and what its gradient G sends to the leaves."""
    assert_close(node.data, data, name="the data")
    found = support.gradients_by_paths(node, G, leaves)
    for number, (gradient, expected) in enumerate(zip(found, gradients, strict=True), start=1):
        assert_close(gradient, np.array(expected), name=f"the gradient of operand {number}")


def test_worked_numbers():
    """The table of the handout, with two operands that require a gradient."""
    a, b = engine.Tensor(A, requires_grad=True), engine.Tensor(B, requires_grad=True)
    check(a + b, [a, b], np.array([5.0, 10.0]), ([10.0, 100.0], [10.0, 100.0]))
    check(a - b, [a, b], np.array([-3.0, -6.0]), ([10.0, 100.0], [-10.0, -100.0]))
    check(a * b, [a, b], np.array([4.0, 16.0]), ([40.0, 800.0], [10.0, 200.0]))
    check(a / b, [a, b], np.array([0.25, 0.25]), ([2.5, 12.5], [-0.625, -3.125]))
    check(a**3, [a], np.array([1.0, 8.0]), ([30.0, 1200.0],))
    check(-a, [a], np.array([-1.0, -2.0]), ([-10.0, -100.0],))


def test_constants_on_either_side():
    """A number or an array beside a Tensor is a constant, on the left and on the right."""
    a = engine.Tensor(A, requires_grad=True)
    check(a - 3, [a], np.array([-2.0, -1.0]), ([10.0, 100.0],))
    check(3 - a, [a], np.array([2.0, 1.0]), ([-10.0, -100.0],))
    check(B / a, [a], np.array([4.0, 4.0]), ([-40.0, -200.0],))
    check(B * a, [a], np.array([4.0, 16.0]), ([40.0, 800.0],))
    check(2 + a, [a], np.array([3.0, 4.0]), ([10.0, 100.0],))


def test_broadcasting_as_in_pytorch(rng):
    """Gradients of operands that are broadcast have the operands' shapes."""
    x, y, gradient = rng.normal(size=(3, 2)), rng.uniform(1, 2, size=2), rng.normal(size=(3, 2))

    def expression(x, y):
        return (x - y) * y / (x * x + 1.0) + y**2

    a, b = engine.Tensor(x, requires_grad=True), engine.Tensor(y, requires_grad=True)
    node = expression(a, b)
    p, q = torch.tensor(x, requires_grad=True), torch.tensor(y, requires_grad=True)
    result = expression(p, q)
    result.backward(torch.tensor(gradient))
    assert_close(node.data, result.detach().numpy(), name="the data")
    of_x, of_y = support.gradients_by_paths(node, gradient, [a, b])
    assert_close(of_x, p.grad.numpy(), name="the gradient of x")
    assert_close(of_y, q.grad.numpy(), name="the gradient of y")
