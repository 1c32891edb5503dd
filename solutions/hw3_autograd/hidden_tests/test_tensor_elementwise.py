"""Hidden checks of tensor_elementwise: what PyTorch says of the same functions."""

import engine
import numpy as np
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


def test_relu(rng):
    """The ReLU passes what is positive, and the gradient there, whatever its sign."""
    check(rng, lambda x: x.relu(), rng.normal(size=(4, 5)))
    check(rng, lambda x: x.relu(), np.array(rng.uniform(1, 2)))


def test_relu_at_zero(rng):
    """At exactly 0 the derivative of the ReLU is 0."""
    x = rng.normal(size=(3, 4))
    x[rng.integers(3), :2], x[1, 3] = 0.0, -0.0
    check(rng, lambda x: x.relu(), x)


def test_exp(rng):
    """The exponential is its own derivative."""
    check(rng, lambda x: x.exp(), rng.normal(size=(4, 3)))
    check(rng, lambda x: x.exp(), rng.uniform(-40, 40, size=6))


def test_log(rng):
    """The derivative of the logarithm is 1 / x."""
    check(rng, lambda x: x.log(), rng.uniform(0.1, 3, size=(3, 4)))
    check(rng, lambda x: x.log(), 10 ** rng.uniform(-9, 9, size=6))


def test_nothing_is_written_into(rng):
    """Neither the operand nor the gradient that arrives is changed."""
    x, grad_output = rng.uniform(0.5, 2, size=(2, 3)), rng.normal(size=(2, 3))
    x[0] *= -1
    grad_output[:, 0] = -np.abs(grad_output[:, 0])  # every pair of signs comes up
    grad_output[:, 1] = np.abs(grad_output[:, 1])
    for name, at, derivative in (
        ("relu", x, x > 0),
        ("exp", x, np.exp(x)),
        ("log", np.abs(x), 1 / np.abs(x)),
    ):
        a = engine.Tensor(at, requires_grad=True)
        node = getattr(a, name)()
        with assert_inputs_unchanged():
            node.grad_fn(grad_output)
        (found,) = support.gradients_by_paths(node, grad_output, [a])
        assert_close(found, grad_output * derivative, name=f"the gradient of {name}")
        assert_close(a.data, at, name="the data, afterwards")
