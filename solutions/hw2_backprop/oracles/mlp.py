"""What the functions of mlp.py are compared with: PyTorch in float64, and definitions."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import torch
from torch.nn import functional
from torch.nn.init import calculate_gain
from torch.utils.data import BatchSampler

from autograder.oracle import Approximation, Comparison


def init_mlp(mlp, draw):
    """The shapes of torch.nn.Linear, and the deviation of torch.nn.init.kaiming_normal_."""
    sizes, rng = draw_sizes(draw), draw.rng("rng")
    params = mlp.init_mlp(sizes, rng=rng)
    numbers = range(1, len(sizes))
    expected = {f"weight{k}": (sizes[k], sizes[k - 1]) for k in numbers}
    expected |= {f"bias{k}": (sizes[k],) for k in numbers}
    yield Comparison("the shapes", {key: np.shape(params[key]) for key in params}, expected)
    for k in numbers:
        yield Comparison(f"bias{k}", params[f"bias{k}"], np.zeros(sizes[k]))
    fan_in, fan_out = draw.choice("fan_in", 30, 120), 60
    weight = mlp.init_mlp([fan_in, fan_out], rng=rng)["weight1"]
    found, std = float(np.sqrt(np.mean(weight**2))), calculate_gain("relu") / math.sqrt(fan_in)
    # an estimate is farther off than 6 of its own deviations once in 10^8 times
    yield Approximation("the size of the weights", found, std, rtol=6 / math.sqrt(2 * weight.size))


def mlp_forward(mlp, draw):
    """F.linear and F.relu."""
    params, x = draw_network(draw)
    expected = forward(tensors(params), torch.tensor(x).double()).numpy()
    yield Comparison("the logits", mlp.mlp_forward(params, x), expected)


def mlp_loss(mlp, draw):
    """Autograd of F.cross_entropy, and of half the squared weights."""
    params, x = draw_network(draw)
    classes = len(params[f"bias{len(params) // 2}"])
    targets = draw.rng("targets").integers(classes, size=len(x))
    options = draw.choice("options", {}, {"weight_decay": draw.number("weight_decay", 0.0, 1.0)})
    at = tensors(params, requires_grad=True)
    expected = functional.cross_entropy(
        forward(at, torch.tensor(x).double()), torch.tensor(targets)
    )
    for key, tensor in at.items():
        if key.startswith("weight"):
            expected = expected + options.get("weight_decay", 0.0) / 2 * tensor.square().sum()
    expected.backward()
    loss, grads = mlp.mlp_loss(params, x, targets, **options)
    yield Comparison("the loss", loss, expected.item())
    yield Comparison("the keys", sorted(grads), sorted(params))
    for key, tensor in at.items():
        yield Comparison(f"grads[{key!r}]", grads[key], tensor.grad.numpy())


def two_layer_sigmoid(mlp, draw):
    """F.linear and torch.sigmoid."""
    params, x = draw_network(draw, layers=2)
    x = x * draw.choice("scale of x", 1, 400)
    at = tensors(params)
    hidden = functional.linear(torch.tensor(x).double(), at["weight1"], at["bias1"]).sigmoid()
    expected = functional.linear(hidden, at["weight2"], at["bias2"]).sigmoid().numpy()
    yield Comparison("the output", mlp.two_layer_sigmoid(params, x), expected)


def predict(mlp, draw):
    """The definition, on the logits of F.linear and F.relu."""
    params, x = draw_network(draw)
    logits = forward(tensors(params), torch.tensor(x).double()).tolist()
    expected = np.array([row.index(max(row)) for row in logits])
    yield Comparison("the classes", mlp.predict(params, x), expected)


def accuracy(mlp, draw):
    """The definition, in a loop."""
    n, c = draw.integer("N", 1, 9), draw.integer("C", 1, 4)
    predicted, targets = draw.rng("rng").integers(c, size=(2, n))
    right = [predicted[i] == targets[i] for i in range(n)].count(True)
    for name, a, b in (
        ("two vectors", predicted, targets),
        ("a column of targets", predicted, targets[:, None]),
        ("a column of predictions", predicted[:, None], targets),
    ):
        yield Comparison(f"the accuracy of {name}", mlp.accuracy(a, b), right / n)


def train_mlp(mlp, draw):
    """torch.optim.SGD, on the batches whose losses were returned."""
    n, batch_size = draw.integer("N", 1, 5), draw.integer("batch_size", 1, 6)
    num_epochs, lr = draw.integer("num_epochs", 0, 2), draw.number("lr", 1e-3, 0.3)
    sizes, rng = draw_sizes(draw, classes=2), draw.rng("rng")
    # no whole numbers: no two batches have the same loss
    params = {key: rng.normal(size=shape) / 2 for key, shape in shapes(sizes).items()}
    X, y = rng.normal(size=(n, sizes[0])), rng.integers(sizes[-1], size=n)
    found, losses = mlp.train_mlp(
        params, X, y, lr=lr, batch_size=batch_size, num_epochs=num_epochs, rng=rng
    )
    each = list(map(len, BatchSampler(range(n), batch_size, drop_last=False)))
    yield Comparison("the number of steps", np.shape(losses), (num_epochs * len(each),))
    at = tensors(params, requires_grad=True)
    optimizer = torch.optim.SGD(at.values(), lr=lr)
    expected, left = [], []
    for size, loss in zip(each * num_epochs, losses, strict=True):
        left = left or list(range(n))
        of_samples = functional.cross_entropy(
            forward(at, torch.tensor(X)), torch.tensor(y), reduction="none"
        )
        batch = batch_with(loss, size, left, of_samples.tolist())
        left = [i for i in left if i not in batch]
        optimizer.zero_grad()
        mean = of_samples[list(batch)].mean()
        mean.backward()
        optimizer.step()
        expected.append(mean.item())
    if expected:
        yield Comparison("the losses", losses, np.array(expected))
    yield Comparison("the keys", sorted(found), sorted(params))
    for key, tensor in at.items():
        yield Comparison(f"params[{key!r}]", found[key], tensor.detach().numpy())


def batch_with(loss, size, left, losses):
    """Return which of the samples left make a batch with this loss, or nearly."""

    def distance(batch):
        return abs(sum(losses[i] for i in batch) / size - loss)

    return min(combinations(left, size), key=distance)


def draw_sizes(draw, *, layers=None, classes=1):
    """Draw the sizes of a network with one to three layers, and so many classes or more."""
    layers = layers or draw.integer("L", 1, 3)
    sizes = [draw.integer(f"size {k}", 1, 4) for k in range(layers)]
    return [*sizes, draw.integer("C", classes, 4)]


def shapes(sizes):
    """Return the shape of each parameter, by its key."""
    found = {}
    for k in range(1, len(sizes)):
        found[f"weight{k}"], found[f"bias{k}"] = (sizes[k], sizes[k - 1]), (sizes[k],)
    return found


def draw_network(draw, *, layers=None):
    """Draw the parameters of a network, in either order, and a batch for it."""
    sizes = draw_sizes(draw, layers=layers)
    # quarters: whole weights would make logits so large that their differences lose digits
    params = {key: draw.array(f"4 {key}", *shape) / 4 for key, shape in shapes(sizes).items()}
    keys = draw.choice("order of the keys", list(params), list(reversed(params)))
    whole = draw.choice("integer x", False, True)
    x = draw.array("x", draw.integer("N", 1, 5), sizes[0], integer=whole)
    return {key: params[key] for key in keys}, x


def tensors(params, *, requires_grad=False):
    """Return a tensor for each array."""
    return {key: torch.tensor(value, requires_grad=requires_grad) for key, value in params.items()}


def forward(params, x):
    """Return the logits of a network."""
    depth = len(params) // 2
    for k in range(1, depth + 1):
        x = functional.linear(x, params[f"weight{k}"], params[f"bias{k}"])
        x = functional.relu(x) if k < depth else x
    return x
