"""What the functions of diagnosis.py are compared with: PyTorch's schedulers, and definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from torch.nn import functional
from torch.optim import lr_scheduler

from autograder.oracle import Approximation, Comparison

# above the distance of an empirical distribution from the true one, times the root of the number
# of values, but for once in 10^9 times (Massart's bound)
WIDE = 3.3


def expected_initial_loss(diagnosis, draw):
    """F.cross_entropy of logits that are all equal."""
    num_classes = draw.integer("num_classes", 1, 300)
    logits = torch.full((2, num_classes), draw.number("logit", -3.0, 3.0), dtype=torch.float64)
    expected = functional.cross_entropy(logits, torch.tensor([0, num_classes - 1])).item()
    yield Comparison("the loss", diagnosis.expected_initial_loss(num_classes), expected)


def check_initial_loss(diagnosis, draw):
    """By F.cross_entropy of equal logits; no loss is on the bound itself."""
    num_classes, tol = draw.integer("num_classes", 2, 300), draw.number("tol", 0.01, 1.0)
    options = draw.choice("options", {}, {"tol": tol})
    logits = torch.zeros((1, num_classes), dtype=torch.float64)
    expected = functional.cross_entropy(logits, torch.tensor([0])).item()
    off = draw.choice("off", 0.0, 0.5, 0.99, 1.01, 3.0) * draw.choice("sign", 1, -1)
    loss = expected + off * options.get("tol", 0.1)
    found = diagnosis.check_initial_loss(loss, num_classes, **options)
    yield Comparison("the answer", found, abs(off) < 1)
    for bad in (math.nan, math.inf, -math.inf):
        found = diagnosis.check_initial_loss(bad, num_classes, **options)
        yield Comparison(f"the answer for {bad}", found, False)


def overfits_tiny_batch(diagnosis, draw):
    """The first of all losses that is low enough, or not finite, and whether it is in time."""
    values = (1.0, 0.25, 0.125, 0.0625, math.nan, math.inf)
    losses = [draw.choice(f"loss {k}", *values) for k in range(draw.integer("losses", 1, 6))]
    max_steps = draw.integer("max_steps", 1, len(losses))
    x, y, seen = draw.array("x", 3, 2), draw.array("y", 3, integer=True), []

    def train_fn(*samples):
        seen.append(samples)
        return losses[len(seen) - 1]

    target = draw.choice("target_loss", 0.125, 0.2)
    found = diagnosis.overfits_tiny_batch(train_fn, x, y, max_steps=max_steps, target_loss=target)
    ends = [k for k in range(max_steps) if not target < losses[k] < math.inf]
    yield Comparison("the answer", found, bool(ends) and losses[ends[0]] <= target)
    yield Comparison("the number of steps", len(seen), ends[0] + 1 if ends else max_steps)
    yield Comparison("x of the last step", seen[-1][0], x)
    yield Comparison("y of the last step", seen[-1][1], y)


def update_ratio(diagnosis, draw):
    """torch.linalg.vector_norm."""
    shape = draw_shape(draw)
    param, update = (draw.array(name, *shape, decades=2) for name in ("param", "update"))
    update[(0,) * len(shape)] = 1.0  # not all zeros
    sizes = [torch.linalg.vector_norm(torch.tensor(array)).item() for array in (param, update)]
    expected = sizes[1] / sizes[0] if sizes[0] else math.inf
    yield Comparison("the ratio", diagnosis.update_ratio(param, update), expected)
    found = diagnosis.update_ratio(np.zeros(shape), update)
    yield Comparison("the ratio to zeros", found, math.inf)


def dead_relu_fraction(diagnosis, draw):
    """Units without a gradient, by autograd."""
    x = draw.array("x", draw.integer("N", 1, 5), draw.integer("units", 1, 6), integer=True)
    bias = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    out = functional.relu(torch.tensor(x) - 1 + bias)
    out.sum().backward()
    expected = (bias.grad == 0).double().mean().item()
    found = diagnosis.dead_relu_fraction(out.detach().numpy().copy())
    yield Comparison("the fraction", found, expected)


def activation_stats(diagnosis, draw):
    """torch.std_mean without Bessel's correction, and a count."""
    x = draw.array("activations", *draw_shape(draw), decades=1)
    std, mean = torch.std_mean(torch.tensor(x), correction=0)
    found = diagnosis.activation_stats(x)
    yield Comparison("the keys", sorted(found), ["mean", "std", "zero_fraction"])
    yield Comparison("mean", found["mean"], mean.item())
    yield Comparison("std", found["std"], std.item())
    zeros = x.ravel().tolist().count(0.0)
    yield Comparison("zero_fraction", found["zero_fraction"], zeros / x.size)


def diagnose_losses(diagnosis, draw):
    """The rules of the docstring, in plain Python; curves near a threshold are left out."""
    epochs = draw.integer("E", 2, 9)
    train, val = ([draw.choice(f"first loss of {name}", 1.0, 2.0)] for name in ("train", "val"))
    for name, curve in (("train", train), ("val", val)):
        for k in range(1, epochs):
            factor = draw.choice(f"factor {k} of {name}", 0.7, 0.97, 0.4, 1.03, 1.23, 2.1)
            curve.append(curve[-1] * factor)
    broken = draw.choice("broken", None, train, val)
    if broken is not None:
        bad = draw.choice("loss", math.nan, math.inf, -math.inf)
        broken[draw.integer("epoch", 0, epochs - 1)] = bad
    refusal = None
    try:
        diagnosis.diagnose_losses(np.array(train), np.array(val[1:]))
    except ValueError as raised:
        refusal = raised
    yield Comparison("another length is refused", refusal is not None, True)
    if not near_a_threshold(train, val):
        found = diagnosis.diagnose_losses(np.array(train), np.array(val))
        yield Comparison("the diagnosis", found, by_the_rules(train, val))


def near_a_threshold(train, val):
    """Whether some comparison of the rules is closer than 0.1 %."""
    ratios = [(train[-1] / train[0], 1.5), (train[-1] / train[0], 0.9)]
    ratios += [(now / before, 1.1) for before, now in itertools.pairwise(train)]
    ratios += [(val[-1] / min(val), 1.2), (val[-1] / train[-1], 1.5)]
    jumps = sum(now / before > 1.1 for before, now in itertools.pairwise(train))
    near = any(abs(ratio / threshold - 1) < 1e-3 for ratio, threshold in ratios)
    return near or 4 * jumps == len(train) - 1


def by_the_rules(train, val):
    """Return the diagnosis, in plain Python."""
    for loss in train + val:
        if loss != loss or loss in (math.inf, -math.inf):
            return "diverged"
    rises = 0
    for before, now in itertools.pairwise(train):
        if now / before > 1.1:
            rises += 1
    lowest = sorted(val)[0]
    rules = {
        "diverged": train[-1] / train[0] > 1.5,
        "lr too high": 4 * rises > len(train) - 1,
        "lr too low": train[-1] / train[0] > 0.9,
        "overfitting": val[-1] / lowest > 1.2 and val[-1] / train[-1] > 1.5,
        "healthy": True,
    }
    return next(text for text, holds in rules.items() if holds)


def sample_log_uniform(diagnosis, draw):
    """torch's uniform distribution of the logarithms, by the distance of the distributions."""
    low, decades = 10.0 ** draw.number("log10(low)", -6.0, 2.0), draw.number("decades", 0.1, 6.0)
    size, rng = draw.choice("size", 1, 7, 200), draw.rng("rng")
    high = low * 10.0**decades
    values = diagnosis.sample_log_uniform(low, high, size, rng=rng)
    yield Comparison("the shape", np.shape(values), (size,))
    yield Comparison("how many differ", len(set(values.tolist())), size)
    yield uniform_on_the_log_scale(values, low, high)


def random_search(diagnosis, draw):
    """What train_fn was given, and the first largest accuracy in plain Python."""
    names = ["lr", "weight_decay", "other"][: draw.integer("names", 1, 3)]
    space = {name: (10.0 ** draw.integer(f"log10(low) of {name}", -6, -1), 1.0) for name in names}
    num_trials, rng = draw.integer("num_trials", 1, 40), draw.rng("rng")
    scores = draw.rng("scores").integers(1, 5, size=num_trials) / 4.0
    scores[:-1][draw.rng("diverged").random(num_trials - 1) < 0.3] = math.nan
    seen = []

    def train_fn(setting):
        seen.append(dict(setting))
        return float(scores[len(seen) - 1])

    best, results = diagnosis.random_search(train_fn, space, num_trials=num_trials, rng=rng)
    yield Comparison("the settings", [dict(setting) for setting, _ in results], seen)
    accuracies = np.array([accuracy for _, accuracy in results])
    yield Comparison("the accuracies", accuracies, scores)
    largest = max(score for score in scores.tolist() if score == score)
    yield Comparison("the best", best, seen[scores.tolist().index(largest)])
    for name, (low, high) in space.items():
        yield uniform_on_the_log_scale(np.array([found[name] for found in seen]), low, high)


def on_border(diagnosis, draw):
    """By comparing the value with where the border begins, which takes no logarithm."""
    low, decades = 10.0 ** draw.number("log10(low)", -6.0, 2.0), draw.number("decades", 0.1, 6.0)
    fraction = draw.number("fraction", 0.02, 0.48)
    options = draw.choice("options", {}, {"fraction": fraction})
    high, width = low * 10.0**decades, options.get("fraction", 0.1)
    value = low * 10.0 ** (decades * draw.number("position", -0.5, 1.5))
    begins, ends = low * (high / low) ** width, high / (high / low) ** width
    if min(abs(value / begins - 1), abs(value / ends - 1)) > 1e-6:
        found = diagnosis.on_border(value, low, high, **options)
        yield Comparison("the answer", found, not begins < value < ends)


def refine(diagnosis, draw):
    """By roots of the width as a factor."""
    low, factor = 10.0 ** draw.number("log10(low)", -6.0, 2.0), draw.number("high / low", 1.1, 1e6)
    best = low * draw.number("best / low", 0.5, 2e6)
    shrink = draw.number("shrink", 0.01, 0.99)
    found = diagnosis.refine(low, low * factor, best, shrink=shrink)
    yield Comparison("how many ends", len(found), 2)
    half = math.sqrt(factor**shrink)
    yield Comparison("new_low", found[0], best / half)
    yield Comparison("new_high", found[1], best * half)


def step_decay(diagnosis, draw):
    """torch.optim.lr_scheduler.StepLR."""
    lr, drop = draw.number("lr", 1e-3, 1.0), draw.number("drop", 0.1, 0.9)
    every, epochs = draw.integer("every", 1, 6), draw.integer("epochs", 0, 20)
    found = [diagnosis.step_decay(lr, epoch, drop=drop, every=every) for epoch in range(epochs + 1)]
    expected = scheduled(lr_scheduler.StepLR, lr, epochs, step_size=every, gamma=drop)
    yield Comparison("the learning rates", np.array(found), expected)


def exp_decay(diagnosis, draw):
    """torch.optim.lr_scheduler.ExponentialLR; and times that are no whole numbers."""
    lr, k, epochs = draw.number("lr", 1e-3, 1.0), draw.number("k", 0.01, 1.0), 12
    found = [diagnosis.exp_decay(lr, t, k=k) for t in range(epochs + 1)]
    expected = scheduled(lr_scheduler.ExponentialLR, lr, epochs, gamma=math.exp(-k))
    yield Comparison("the learning rates", np.array(found), expected)
    t = draw.number("t", 0.0, 20.0)
    yield Comparison("the learning rate", diagnosis.exp_decay(lr, t, k=k), lr / math.e ** (k * t))


def inv_t_decay(diagnosis, draw):
    """torch.optim.lr_scheduler.LambdaLR of the formula; and times that are no whole numbers."""
    lr, k, epochs = draw.number("lr", 1e-3, 1.0), draw.number("k", 0.01, 3.0), 12
    found = [diagnosis.inv_t_decay(lr, t, k=k) for t in range(epochs + 1)]
    expected = scheduled(lr_scheduler.LambdaLR, lr, epochs, lr_lambda=lambda t: 1 / (1 + k * t))
    yield Comparison("the learning rates", np.array(found), expected)
    t = draw.number("t", 0.0, 20.0)
    left = 1 / diagnosis.inv_t_decay(lr, t, k=k) - 1 / lr
    yield Comparison("what 1 / lr has grown by", float(left * lr + 1), k * t + 1)


def scheduled(scheduler, lr, epochs, **options):
    """Return the learning rates of epochs 0 ... epochs of a scheduler of PyTorch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    schedule = scheduler(optimizer, **options)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(epochs):
        optimizer.step()
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return np.array(rates)


def uniform_on_the_log_scale(values, low, high):
    """Compare the distribution of values with the log-uniform one."""
    n = len(values)
    positions = np.sort(np.log10(values / low) / np.log10(high / low))
    distance = float(np.max(np.abs(positions - (np.arange(n) + 0.5) / n)))
    return Approximation("1 + distance from uniform", 1 + distance, 1.0, rtol=WIDE / math.sqrt(n))


def draw_shape(draw):
    """Draw a shape with one to four axes."""
    axes = draw.integer("axes", 1, 4)
    return tuple(draw.integer(f"axis {k}", 1, 4) for k in range(axes))
