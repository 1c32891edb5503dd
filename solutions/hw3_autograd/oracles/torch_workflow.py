"""What torch_workflow.py is compared with: formulas, and PyTorch's own parts put together anew."""

from __future__ import annotations

import numpy as np
import torch_support
import torch
from torch.nn import functional

from autograder.oracle import Comparison


def autograd_gradient(torch_workflow, draw):
    """The derivatives by formula."""
    shape = tuple(draw.integer(f"axis {k}", 1, 4) for k in range(draw.integer("axes", 0, 3)))
    x = draw.array("x", *shape, integer=draw.choice("integer x", False, True))
    found = torch_workflow.autograd_gradient(torch_support.sum_of_squares, x)
    yield Comparison("the gradient of the squares", np.asarray(found), np.asarray(2.0 * x))
    weight = draw.array("weight", *shape)
    found = torch_workflow.autograd_gradient(torch_support.Waves(weight), x)
    expected = 2 * np.sum(weight * np.sin(x)) * weight * np.cos(x)
    yield Comparison("the gradient of the waves", np.asarray(found), np.asarray(expected))


def train_step(torch_workflow, draw):
    """torch.autograd.grad, and the update by hand."""
    params, x, y = draw_problem(draw)
    lr = draw.number("lr", 1e-3, 0.5)
    model = torch_support.Network(params)
    model.disturb(draw.number("old gradient", 0.0, 3.0))
    optimizer = torch_support.sgd(model, lr=lr)
    for _ in range(draw.integer("steps", 1, 3)):
        loss, params = step(params, x, y, lr)
        found = torch_workflow.train_step(
            model, torch_support.cross_entropy, optimizer, torch.tensor(x), torch.tensor(y)
        )
        yield Comparison("the loss", found, loss)
        yield from compare(model, params)


def train(torch_workflow, draw):
    """torch.autograd.grad, and the update by hand, batch by batch."""
    params, x, y = draw_problem(draw)
    lr, num_epochs = draw.number("lr", 1e-3, 0.5), draw.integer("num_epochs", 0, 3)
    batch_size = draw.integer("batch_size", 1, 6)
    model = torch_support.Network(params)
    model.train(draw.choice("mode", True, False))
    losses = []
    for _ in range(num_epochs):
        for first in range(0, len(x), batch_size):
            part = slice(first, first + batch_size)
            loss, params = step(params, x[part], y[part], lr)
            losses.append(loss)
    found = torch_workflow.train(
        model,
        torch_support.cross_entropy,
        torch_support.sgd(model, lr=lr),
        torch_support.loader(x, y, batch_size=batch_size),
        num_epochs=num_epochs,
    )
    yield Comparison("the number of losses", len(found), len(losses))
    for k, loss in enumerate(losses):
        yield Comparison(f"loss {k}", found[k], loss)
    yield Comparison("the mode", model.training, True)
    yield from compare(model, params)


def evaluate(torch_workflow, draw):
    """The definition, one sample at a time."""
    params, x, y = draw_problem(draw)
    model = torch_support.Network(params)
    training = draw.choice("mode", True, False)
    model.train(training)
    right = 0
    for sample, target in zip(x, y, strict=True):
        logits = forward({k: torch.tensor(v) for k, v in params.items()}, torch.tensor(sample))
        right += max(range(len(logits)), key=lambda c: float(logits[c])) == target
    batches = torch_support.loader(x, y, batch_size=draw.integer("batch_size", 1, 6))
    found = torch_workflow.evaluate(model, batches)
    yield Comparison("the accuracy", found, right / len(x))
    wanted = {"training": False, "graph": False}
    yield Comparison("the modes", model.seen, [wanted] * len(batches))
    yield Comparison("the mode afterwards", model.training, training)
    yield from compare(model, params)


def ReLUFunction(torch_workflow, draw):  # noqa: N802 - the oracle has the name of its question
    """Autograd of F.relu."""
    shape = tuple(draw.integer(f"axis {k}", 1, 4) for k in range(draw.integer("axes", 0, 3)))
    x, grad_output = draw.array("x", *shape), draw.array("grad_output", *shape)
    at = torch.tensor(x, requires_grad=True)
    output = functional.relu(at)
    output.backward(torch.tensor(grad_output))
    found = torch_support.forward_and_backward(torch_workflow.ReLUFunction, x, grad_output)
    yield Comparison("the output", found["output"], output.detach().numpy())
    yield Comparison("the gradient", found["grad_x"], at.grad.numpy())
    yield Comparison("x, afterwards", found["x"], x)
    yield Comparison("grad_output, afterwards", found["grad_output"], grad_output)
    away = np.where(np.abs(x) < 0.1, 0.5, x)
    passes = torch_support.passes_gradcheck(torch_workflow.ReLUFunction, away)
    yield Comparison("gradcheck", passes, True)


def manual_sgd_step(torch_workflow, draw):
    """torch.optim.SGD."""
    lr, many = draw.number("lr", 1e-3, 1.0), draw.integer("parameters", 1, 3)
    values = [draw.array(f"value {k}", 2, k + 1) for k in range(many)]
    grads = [
        draw.choice(f"gradient {k}", None, draw.array(f"gradient {k}", *value.shape))
        for k, value in enumerate(values)
    ]
    leaves = [torch.tensor(value, requires_grad=True) for value in values]
    for leaf, grad in zip(leaves, grads, strict=True):
        leaf.grad = None if grad is None else torch.tensor(grad)
    torch.optim.SGD(leaves, lr=lr).step()
    found = torch_support.after_step(torch_workflow.manual_sgd_step, values, grads, lr=lr)
    for after, leaf, grad in zip(found, leaves, grads, strict=True):
        yield Comparison("a parameter", after["value"], leaf.detach().numpy())
        yield Comparison("a leaf", (after["is_leaf"], after["requires_grad"]), (True, True))
        if grad is None:
            yield Comparison("no gradient", after["grad"], None)
        else:
            yield Comparison("a gradient, afterwards", after["grad"], grad)


def draw_problem(draw):
    """Draw the parameters of a network with one or two layers, samples, and their classes."""
    sizes = [draw.integer(f"size {k}", 1, 4) for k in range(draw.integer("layers", 1, 2))]
    sizes.append(draw.integer("classes", 2, 4))
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = draw.array(f"weight{k}", sizes[k], sizes[k - 1])
        params[f"bias{k}"] = draw.array(f"bias{k}", sizes[k])
    n = draw.integer("N", 1, 6)
    return params, draw.array("x", n, sizes[0]), draw.rng("y").integers(sizes[-1], size=n)


def forward(params, x):
    """Return the logits, written out."""
    for k in range(1, len(params) // 2 + 1):
        x = x @ params[f"weight{k}"].T + params[f"bias{k}"]
        if k < len(params) // 2:
            x = x * (x > 0)
    return x


def step(params, x, y, lr):
    """Return the loss of a batch, and the parameters after one step downhill."""
    at = {name: torch.tensor(array, requires_grad=True) for name, array in params.items()}
    log_probs = functional.log_softmax(forward(at, torch.tensor(x)), dim=1)
    loss = -log_probs[torch.arange(len(y)), torch.tensor(y)].mean()
    grads = torch.autograd.grad(loss, list(at.values()))
    after = [
        (tensor - lr * grad).detach().numpy()
        for tensor, grad in zip(at.values(), grads, strict=True)
    ]
    return loss.item(), dict(zip(at, after, strict=True))


def compare(model, params):
    """Yield every parameter of a model beside its expected value."""
    found = model.params()
    for name, array in params.items():
        yield Comparison(name, found[name], array)
