"""Public checks of backward."""

import engine
import numpy as np
import pytest
import support
import torch
from student_kit.checks import assert_close, require


def test_worked_numbers():
    """The small graph of the handout: x has two ways to the loss, 2 * 3 + 5."""
    x = engine.Tensor(1.0, requires_grad=True)
    u = support.weighted_sum(engine.Tensor, [x], [2.0])
    loss = support.weighted_sum(engine.Tensor, [u, x], [3.0, 5.0])
    loss.backward()
    assert_close(x.grad, 11.0, name="the gradient of x")
    require(u.grad is None, "u is no leaf: without retain_grads it keeps no gradient")
    loss.backward(retain_grads=True)
    assert_close(x.grad, 22.0, name="the gradient of x after a second call")
    assert_close(u.grad, 3.0, name="the gradient of u, with retain_grads")


def test_expression_of_the_handout():
    """(relu(x w + b) - y)^2, written with your operations."""
    engine.Tensor(1.0, requires_grad=True).backward()  # says so if it is not started
    x, y = engine.Tensor(3.0), engine.Tensor(4.0)
    w, b = engine.Tensor(2.0, requires_grad=True), engine.Tensor(-1.0, requires_grad=True)
    error = (x * w + b).relu() - y
    loss = error * error
    loss.backward()
    assert_close(loss.data, 1.0, name="the loss")
    assert_close(w.grad, 6.0, name="the gradient of w")
    assert_close(b.grad, 2.0, name="the gradient of b")
    require(x.grad is None and y.grad is None, "constants get no gradient")


def test_as_in_pytorch(rng):
    """A layer, its loss and a penalty have the gradients that PyTorch says."""
    engine.Tensor(1.0, requires_grad=True).backward()  # says so if it is not started
    data, target = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    values = rng.normal(size=(3, 2)), rng.normal(size=2)

    def loss(weight, bias, data, target):
        error = (data @ weight + bias).relu() - target
        return (error**2).mean() + 0.1 * (weight * weight).sum()

    parameters = [engine.Tensor(value, requires_grad=True) for value in values]
    at = [torch.tensor(value, requires_grad=True) for value in values]
    loss(*parameters, data, target).backward()
    loss(*at, torch.tensor(data), torch.tensor(target)).backward()
    for name, parameter, tensor in zip(("weight", "bias"), parameters, at, strict=True):
        assert_close(parameter.grad, tensor.grad.numpy(), name=f"the gradient of the {name}")


def test_a_deep_graph():
    """The gradient finds its way through two thousand nodes."""
    x = engine.Tensor(1.0, requires_grad=True)
    support.deep_root(engine.Tensor, x, [2.0, 0.5] * 1000).backward()
    assert_close(x.grad, 1.0, name="the gradient")


def test_starts_from_one_number():
    """From an array of several numbers there is no gradient to compute: a ValueError."""
    x = engine.Tensor(np.ones(2), requires_grad=True)
    with pytest.raises(ValueError, match=r"\w"):
        x.backward()
