"""Correct, by recursion, sorting and library calls; search without sample_log_uniform."""

from itertools import pairwise

import numpy as np


def expected_initial_loss(num_classes):
    """The cross-entropy of zero logits, by log-sum-exp."""
    return float(np.logaddexp.reduce(np.zeros(num_classes)))


def check_initial_loss(loss, num_classes, *, tol=0.1):
    """The negation of being too far away would accept a NaN, so it is asked for first."""
    if np.isnan(loss):
        return False
    return not (abs(loss - np.log(num_classes)) > tol)


def overfits_tiny_batch(train_fn, x, y, *, max_steps, target_loss):
    """One step, and the rest by itself."""
    if max_steps == 0:
        return False
    loss = train_fn(x, y)
    if not np.isfinite(loss):
        return False
    return loss <= target_loss or overfits_tiny_batch(
        train_fn, x, y, max_steps=max_steps - 1, target_loss=target_loss
    )


def update_ratio(param, update):
    """Scalar products."""
    p, u = np.ravel(param), np.ravel(update)
    return np.sqrt(u @ u / (p @ p)) if p @ p > 0 else np.inf


def dead_relu_fraction(activations):
    """Sum over samples: outputs are never negative, so only zeros add up to zero."""
    totals = np.sum(activations, axis=0)
    return np.mean(totals == 0)


def activation_stats(activations):
    """The methods of the array."""
    x = np.asarray(activations, dtype=float)
    return {"mean": x.mean(), "std": x.var() ** 0.5, "zero_fraction": (x == 0).sum() / x.size}


def diagnose_losses(train_losses, val_losses):
    """A table of rules."""
    if np.shape(train_losses) != np.shape(val_losses):
        raise ValueError(f"shapes {np.shape(train_losses)} and {np.shape(val_losses)} differ")
    train, val = list(map(float, train_losses)), list(map(float, val_losses))
    if not np.isfinite(train + val).all():
        return "diverged"
    steps = list(pairwise(train))
    jumps = [b for a, b in steps if b > a + 0.1 * a]
    rules = [
        ("diverged", train[-1] - train[0] > 0.5 * train[0]),
        ("lr too high", len(jumps) > len(steps) / 4),
        ("lr too low", train[0] - train[-1] < 0.1 * train[0]),
        ("overfitting", val[-1] > max(1.2 * sorted(val)[0], 1.5 * train[-1])),
        ("healthy", True),
    ]
    return next(text for text, holds in rules if holds)


def sample_log_uniform(low, high, size, *, rng):
    """Uniform logarithms to the base 2."""
    return np.exp2(rng.uniform(np.log2(low), np.log2(high), size=(size,)))


def random_search(train_fn, space, *, num_trials, rng):
    """max with a key that puts NaN last; the hyper-parameters of a trial in one draw."""
    lows, highs = np.log(np.array(list(space.values()))).T
    results = []
    while len(results) < num_trials:
        values = np.exp(rng.uniform(lows, highs))
        setting = dict(zip(space, values.tolist(), strict=True))
        results += [(setting, float(train_fn(dict(setting))))]
    best = max(results, key=lambda pair: (not np.isnan(pair[1]), pair[1]))
    return dict(best[0]), results


def on_border(value, low, high, *, fraction=0.1):
    """The distance from the middle of the range, where the whole width is 1."""
    off = (np.log(value) - 0.5 * np.log(low * high)) / np.log(high / low)
    return bool(abs(off) > 0.5 - fraction)


def refine(low, high, best, *, shrink):
    """np.logspace from end to end."""
    decades = shrink * np.log10(high / low)
    ends = np.logspace(np.log10(best) - decades / 2, np.log10(best) + decades / 2, num=2)
    return tuple(ends.tolist())


def step_decay(lr, epoch, *, drop, every):
    """One step, and the rest by itself."""
    if epoch < every:
        return lr
    return drop * step_decay(lr, epoch - every, drop=drop, every=every)


def exp_decay(lr, t, *, k):
    """Add up logarithms."""
    return np.exp(np.log(lr) - k * t)


def inv_t_decay(lr, t, *, k):
    """1 / lr grows in proportion to the time."""
    return 1 / (1 / lr + k * t / lr)
