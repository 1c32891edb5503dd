"""Correct, in plain Python: loops, the math module, counting; and numbers that are NumPy's."""

import math

import numpy as np


def expected_initial_loss(num_classes):
    """Minus the logarithm of the probability."""
    return -math.log(1 / num_classes)


def check_initial_loss(loss, num_classes, *, tol=0.1):
    """Between two bounds."""
    expected = math.log(num_classes)
    return expected - tol <= loss <= expected + tol


def overfits_tiny_batch(train_fn, x, y, *, max_steps, target_loss):
    """Count the steps in a while loop."""
    steps, loss = 0, math.inf
    while steps < max_steps and loss > target_loss:
        loss = train_fn(x, y)
        steps += 1
        if math.isnan(loss) or math.isinf(loss):
            return False
    return loss <= target_loss


def update_ratio(param, update):
    """Sum squares one by one."""
    size = sum(float(p) * float(p) for p in param.ravel())
    moved = sum(float(u) * float(u) for u in update.ravel())
    return math.inf if size == 0 else math.sqrt(moved / size)


def dead_relu_fraction(activations):
    """Look at each unit, one sample after the other."""
    samples, units = activations.shape
    dead = 0
    for unit in range(units):
        for n in range(samples):
            if activations[n, unit] != 0:
                break
        else:
            dead += 1
    return dead / units


def activation_stats(activations):
    """Two passes over a list."""
    values = activations.flatten().tolist()
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
    zeros = len([value for value in values if value == 0.0])
    return {"zero_fraction": zeros / len(values), "std": math.sqrt(variance), "mean": mean}


def diagnose_losses(train_losses, val_losses):
    """Walk through the epochs."""
    if len(train_losses) != len(val_losses):
        raise ValueError(f"{len(train_losses)} and {len(val_losses)} epochs")
    for curve in (train_losses, val_losses):
        for loss in curve:
            if math.isnan(loss) or math.isinf(loss):
                return "diverged"
    first, last = train_losses[0], train_losses[len(train_losses) - 1]
    if last / first > 1.5:
        return "diverged"
    jumps = 0
    for k in range(1, len(train_losses)):
        if train_losses[k] / train_losses[k - 1] > 1.1:
            jumps += 1
    if jumps / (len(train_losses) - 1) > 0.25:
        return "lr too high"
    if last / first > 0.9:
        return "lr too low"
    lowest = min(val_losses)
    end = val_losses[len(val_losses) - 1]
    return "overfitting" if end / lowest > 1.2 and end / last > 1.5 else "healthy"


def sample_log_uniform(low, high, size, *, rng):
    """One number after the other, with natural logarithms."""
    values = np.zeros(size)
    for i in range(size):
        values[i] = math.exp(math.log(low) + rng.random() * (math.log(high) - math.log(low)))
    return values


def random_search(train_fn, space, *, num_trials, rng):
    """Keep the best so far."""
    results, best, highest = [], None, -math.inf
    for _ in range(num_trials):
        setting = {}
        for name in space:
            setting[name] = sample_log_uniform(space[name][0], space[name][1], 1, rng=rng)[0]
        accuracy = train_fn(setting)
        results.append((setting, accuracy))
        if accuracy > highest:
            best, highest = setting, accuracy
    return best, results


def on_border(value, low, high, *, fraction=0.1):
    """Measure in decades."""
    width = fraction * (math.log10(high) - math.log10(low))
    return (
        math.log10(value) < math.log10(low) + width or math.log10(value) > math.log10(high) - width
    )


def refine(low, high, best, *, shrink):
    """Natural logarithms."""
    half = shrink * (math.log(high) - math.log(low)) / 2
    return math.exp(math.log(best) - half), math.exp(math.log(best) + half)


def step_decay(lr, epoch, *, drop, every):
    """One factor after the other."""
    while epoch >= every:
        lr, epoch = lr * drop, epoch - every
    return lr


def exp_decay(lr, t, *, k):
    """The math module."""
    return lr * math.exp(-k * t)


def inv_t_decay(lr, t, *, k):
    """A power of minus one."""
    return lr * (1.0 + k * t) ** -1
