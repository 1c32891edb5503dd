"""What the functions of cnn.py are compared with: the same networks in PyTorch, float64."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import BatchSampler

from autograder.oracle import Comparison


def cnn_loss(cnn, draw):
    """Autograd of F.conv2d, F.relu, F.max_pool2d, F.linear and F.cross_entropy."""
    C, kernel = draw.integer("C", 1, 3), (draw.integer("KH", 1, 3), draw.integer("KW", 1, 3))
    H, W = (k + draw.integer(name, 1, 5) for name, k in zip("HW", kernel, strict=True))
    filters, classes = draw.integer("F", 1, 3), draw.integer("classes", 1, 4)
    pooled = filters * ((H - kernel[0] + 1) // 2) * ((W - kernel[1] + 1) // 2)
    # quarters: whole weights would make logits so large that their differences lose digits
    params = {
        "conv_weight": draw.array("4 conv_weight", filters, C, *kernel) / 4,
        # whole: what is equal in two windows is equal whatever is added first, and the pool sees it
        "conv_bias": draw.array("4 conv_bias", filters, integer=True) / 4,
        "weight": draw.array("4 weight", classes, pooled) / 4,
        "bias": draw.array("4 bias", classes) / 4,
    }
    keys = draw.choice("order of the keys", list(params), list(reversed(params)))
    params = {key: params[key] for key in keys}
    x = draw.array("x", draw.integer("N", 1, 4), C, H, W)
    targets = draw.rng("targets").integers(classes, size=len(x))
    at = tensors(params)
    expected = functional.cross_entropy(image_logits(at, torch.tensor(x)), torch.tensor(targets))
    expected.backward()
    loss, grads = cnn.cnn_loss(params, x, targets)
    yield Comparison("the loss", loss, expected.item())
    yield Comparison("the keys", sorted(grads), sorted(params))
    for key, tensor in at.items():
        yield Comparison(f"grads[{key!r}]", grads[key], tensor.grad.numpy())


def train_cnn(cnn, draw):
    """torch.optim.SGD, on the batches whose losses were returned."""
    rng = draw.rng("rng")
    C, H, W = draw.integer("C", 1, 2), draw.integer("H", 3, 5), draw.integer("W", 3, 5)
    filters, classes = draw.integer("F", 1, 3), draw.integer("classes", 2, 4)
    pooled = filters * ((H - 1) // 2) * ((W - 1) // 2)
    shapes = [(filters, C, 2, 2), (filters,), (classes, pooled), (classes,)]
    X = rng.normal(size=(draw.integer("N", 1, 5), C, H, W))
    yield from trained(cnn.train_cnn, image_logits, shapes, X, draw, rng)


def train_text_cnn(cnn, draw):
    """torch.optim.SGD, on the batches whose losses were returned."""
    rng = draw.rng("rng")
    length, width = draw.integer("L", 1, 6), draw.integer("D", 1, 4)
    kernel, filters = draw.integer("K", 1, length), draw.integer("F", 1, 4)
    classes = draw.integer("classes", 2, 4)
    shapes = [(filters, width, kernel), (filters,), (classes, filters), (classes,)]
    X = rng.normal(size=(draw.integer("N", 1, 5), length, width))
    yield from trained(cnn.train_text_cnn, text_logits, shapes, X, draw, rng)


def trained(train, logits_of, shapes, X, draw, rng):
    """Compare a training with that of the same network in PyTorch, batch by batch."""
    keys = ("conv_weight", "conv_bias", "weight", "bias")
    # no whole numbers: no two batches have the same loss
    params = {key: rng.normal(size=shape) / 2 for key, shape in zip(keys, shapes, strict=True)}
    n, batch_size = len(X), draw.integer("batch_size", 1, 6)
    num_epochs, lr = draw.integer("num_epochs", 0, 2), draw.number("lr", 1e-3, 0.3)
    y = rng.integers(shapes[-1][0], size=n)
    found, losses = train(
        params, X, y, lr=lr, batch_size=batch_size, num_epochs=num_epochs, rng=rng
    )
    each = list(map(len, BatchSampler(range(n), batch_size, drop_last=False)))
    yield Comparison("the number of steps", np.shape(losses), (num_epochs * len(each),))
    at = tensors(params)
    optimizer = torch.optim.SGD(at.values(), lr=lr)
    expected, left = [], []
    for size, loss in zip(each * num_epochs, losses, strict=True):
        left = left or list(range(n))
        of_samples = functional.cross_entropy(
            logits_of(at, torch.tensor(X)), torch.tensor(y), reduction="none"
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


def image_logits(at, x):
    """Return the logits of the network over images."""
    maps = functional.conv2d(x, at["conv_weight"], at["conv_bias"])
    pooled = functional.max_pool2d(functional.relu(maps), 2)
    return functional.linear(pooled.flatten(1), at["weight"], at["bias"])


def text_logits(at, x):
    """Return the logits of the network over texts."""
    scores = functional.conv1d(x.transpose(1, 2), at["conv_weight"], at["conv_bias"])
    strongest = functional.relu(scores).amax(dim=2)
    return functional.linear(strongest, at["weight"], at["bias"])


def tensors(params):
    """Return a tensor for each array, which collects its gradient."""
    return {key: torch.tensor(value, requires_grad=True) for key, value in params.items()}
