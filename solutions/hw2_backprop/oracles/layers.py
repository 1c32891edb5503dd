"""What the functions of layers.py are compared with: PyTorch in float64, and definitions."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from autograder.oracle import Approximation, Comparison


def numerical_gradient(layers, draw):
    """What central differences are of a cubic function, and autograd for the default step."""
    x = draw.array("x", *draw_shape(draw), integer=draw.choice("integer x", False, True))
    A, b = draw.array("A", x.size, x.size), draw.array("b", x.size)
    h = draw.choice("h", 0.25, 0.5, 0.0625)

    def f(at):
        flat = at.ravel()
        return float(flat @ A @ flat + b @ flat + np.sum(flat**3))

    flat = x.ravel().astype(float)
    expected = (A + A.T) @ flat + b + 3 * flat**2 + h**2
    found = layers.numerical_gradient(f, x, h=h)
    yield Comparison("the estimate", found, expected.reshape(x.shape), rtol=1e-6)

    def waves(at):
        return torch.sin(torch.as_tensor(at)).sum() ** 2

    (gradient,) = pulled_back(waves, np.array(1.0), x.astype(float))
    found = layers.numerical_gradient(lambda at: float(waves(at)), x)
    yield Approximation("the gradient", found, gradient, rtol=1e-5)


def relative_error(layers, draw):
    """The definition, in a loop; NaN, and shapes that differ."""
    shape = draw_shape(draw)
    a, b = draw.array("a", *shape, decades=3), draw.array("b", *shape, decades=3)
    equal = draw.integer("entries that are equal", 0, a.size)
    b.flat[:equal] = a.flat[:equal]
    expected = 0.0
    for u, v in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True):
        if u != v:
            expected = max(expected, abs(u - v) / max(abs(u), abs(v)))
    yield Comparison("the error", layers.relative_error(a, b), expected)
    yield Comparison("the error, the other way round", layers.relative_error(b, a), expected)
    found = refuses(layers.relative_error, a, b[None])
    yield Comparison("another shape is refused", found, True)
    a.flat[draw.integer("which is NaN", 0, a.size - 1)] = np.nan
    yield Comparison("the error of a NaN", layers.relative_error(a, b), np.nan)


def gradient_check(layers, draw):
    """The definition, over the entries in which f was evaluated."""
    shape, rng = draw_shape(draw), draw.rng("rng")
    x = draw.array("x", *shape, integer=draw.choice("integer x", False, True))
    w = rng.uniform(1, 2, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    errors = rng.uniform(0.1, 0.9, size=shape)
    num_checks = draw.choice("num_checks", None, draw.integer("some", 1, x.size + 1))
    seen = []

    def f(at):
        seen.append(np.array(at))
        return float(np.sum(w * (at + np.sin(at) / 2)))

    grad = w * (1 + np.cos(x) / 2) * (1 - errors)
    found = layers.gradient_check(f, grad, x, rng=rng, num_checks=num_checks)
    moved = np.any([np.abs(at - x) > 1e-9 for at in seen], axis=0)
    count = x.size if num_checks is None else min(num_checks, x.size)
    yield Comparison("the number of entries", int(moved.sum()), count)
    yield Comparison("the error", found, float(errors[moved].max()), rtol=1e-4)
    refused = refuses(layers.gradient_check, f, grad[None], x, rng=rng)
    yield Comparison("another shape is refused", refused, True)


def linear_forward(layers, draw):
    """F.linear."""
    x, weight, bias, _ = draw_linear(draw)
    expected = functional.linear(*map(torch.tensor, (x, weight, bias))).numpy()
    yield Comparison("the output", layers.linear_forward(x, weight, bias), expected)


def linear_backward(layers, draw):
    """Autograd of F.linear."""
    x, weight, bias, grad_output = draw_linear(draw)
    expected = pulled_back(functional.linear, grad_output, x, weight, bias)
    found = layers.linear_backward(grad_output, x, weight)
    names = ("grad_x", "grad_weight", "grad_bias")
    yield Comparison("how many gradients", len(found), 3)
    for name, ours, theirs in zip(names, found, expected, strict=True):
        yield Comparison(name, ours, theirs)


def relu_forward(layers, draw):
    """F.relu."""
    x = draw.array("x", *draw_shape(draw), decades=3)
    yield Comparison("the output", layers.relu_forward(x), functional.relu(torch.tensor(x)).numpy())


def relu_backward(layers, draw):
    """Autograd of F.relu."""
    shape = draw_shape(draw)
    grad_output, x = draw.array("grad_output", *shape), draw.array("x", *shape, decades=3)
    (expected,) = pulled_back(functional.relu, grad_output, x)
    yield Comparison("grad_x", layers.relu_backward(grad_output, x), expected)


def sigmoid_forward(layers, draw):
    """torch.sigmoid."""
    x = draw.choice("scale", 1.0, 400.0) * draw.array("x / scale", *draw_shape(draw))
    yield Comparison("the output", layers.sigmoid_forward(x), torch.tensor(x).sigmoid().numpy())


def sigmoid_backward(layers, draw):
    """Autograd of torch.sigmoid."""
    shape = draw_shape(draw)
    grad_output = draw.array("grad_output", *shape)
    x = draw.choice("scale", 1.0, 400.0) * draw.array("x / scale", *shape)
    (expected,) = pulled_back(torch.sigmoid, grad_output, x)
    yield Comparison("grad_x", layers.sigmoid_backward(grad_output, x), expected)


def softmax(layers, draw):
    """torch.softmax."""
    logits = draw_logits(draw)
    expected = torch.softmax(torch.tensor(logits), dim=1).numpy()
    yield Comparison("the probabilities", layers.softmax(logits), expected)


def softmax_cross_entropy(layers, draw):
    """Autograd of F.cross_entropy; and targets that it is not made for."""
    logits = draw_logits(draw)
    n, c = logits.shape
    targets = draw.rng("targets").integers(c, size=n)
    at = torch.tensor(logits, requires_grad=True)
    expected = functional.cross_entropy(at, torch.tensor(targets))
    expected.backward()
    loss, grad = layers.softmax_cross_entropy(logits, targets)
    yield Comparison("the loss", loss, expected.item())
    yield Comparison("grad_logits", grad, at.grad.numpy())
    for name, wrong in {
        "a column": targets[:, None],
        "one-hot rows": np.eye(c, dtype=int)[targets],
        "a class too many": np.full(n, c),
        "a class below 0": np.full(n, -1),
    }.items():
        found = refuses(layers.softmax_cross_entropy, logits, wrong)
        yield Comparison(f"{name} is refused", found, True)


def mse_loss(layers, draw):
    """Autograd of F.mse_loss; and shapes that differ."""
    shape = draw_shape(draw)
    pred, target = draw.array("pred", *shape, decades=1), draw.array("target", *shape, decades=1)
    at = torch.tensor(pred, requires_grad=True)
    expected = functional.mse_loss(at, torch.tensor(target))
    expected.backward()
    loss, grad = layers.mse_loss(pred, target)
    yield Comparison("the loss", loss, expected.item())
    yield Comparison("grad_pred", grad, at.grad.numpy())
    found = refuses(layers.mse_loss, pred, target[..., None])
    yield Comparison("another shape is refused", found, True)


def draw_shape(draw):
    """Draw a shape with one to three axes."""
    axes = draw.integer("axes", 1, 3)
    return tuple(draw.integer(f"axis {k}", 1, 4) for k in range(axes))


def draw_linear(draw):
    """Draw x, weight and bias of a linear layer, and the gradient that arrives at its output."""
    n, d_in, d_out = (draw.integer(name, 1, 5) for name in ("N", "D_in", "D_out"))
    x, weight = draw.array("x", n, d_in, decades=1), draw.array("weight", d_out, d_in)
    return x, weight, draw.array("bias", d_out), draw.array("grad_output", n, d_out)


def draw_logits(draw):
    """Draw logits; large ones are whole numbers, so that a difference of two has all digits."""
    n, c = draw.integer("N", 1, 5), draw.integer("C", 1, 5)
    if draw.choice("large logits", False, True):
        return 400.0 * draw.array("logits / 400", n, c, integer=True)
    return draw.array("logits", n, c)


def pulled_back(function, grad_output, *arrays):
    """Return autograd's gradients of sum(grad_output * function(*arrays))."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    function(*tensors).backward(torch.tensor(grad_output))
    return [tensor.grad.numpy() for tensor in tensors]


def refuses(function, *arguments, **options):
    """Return whether a call raises a ValueError."""
    error = None
    try:
        function(*arguments, **options)
    except ValueError as raised:
        error = raised
    return error is not None
