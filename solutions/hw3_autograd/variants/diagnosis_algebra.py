"""Correct, by other algebra: roots and quotients in place of logarithms, ranks, masked sums."""

import numpy as np


def expected_initial_loss(num_classes):
    """Base 2, converted to nats."""
    return np.log2(num_classes) * np.log(2)


def check_initial_loss(loss, num_classes, *, tol=0.1):
    """np.isclose without its relative part."""
    return bool(np.isclose(loss, np.log(num_classes), rtol=0.0, atol=tol))


def overfits_tiny_batch(train_fn, x, y, *, max_steps, target_loss):
    """A generator of losses that ends by itself."""
    losses = (train_fn(x, y) for _ in range(max_steps))
    ends = next((loss for loss in losses if not target_loss < loss < np.inf), np.inf)
    return bool(-np.inf < ends <= target_loss)


def update_ratio(param, update):
    """Root mean squares: the number of entries cancels."""
    size = np.sqrt(np.mean(np.square(param)))
    if not param.any():
        return np.inf
    return np.sqrt(np.mean(np.square(update))) / size


def dead_relu_fraction(activations):
    """One minus the fraction of units whose largest output is positive."""
    return 1.0 - np.count_nonzero(activations.max(axis=0) > 0) / activations.shape[1]


def activation_stats(activations):
    """Sums of absolute deviations' squares; zeros as what is left beside the others."""
    mean = activations.sum() / activations.size
    std = np.linalg.norm(activations - mean) / np.sqrt(activations.size)
    zeros = activations.size - np.count_nonzero(activations)
    return {"mean": mean, "std": std, "zero_fraction": zeros / activations.size}


def diagnose_losses(train_losses, val_losses):
    """Logarithms, where factors are differences."""
    try:
        both = np.stack([train_losses, val_losses])
    except ValueError as error:
        raise ValueError(f"{len(train_losses)} and {len(val_losses)} epochs") from error
    if not np.all(np.abs(both) < np.inf):
        return "diverged"
    train, val = np.log(both)
    change = train[-1] - train[0]
    if change > np.log(1.5):
        return "diverged"
    if 4 * np.count_nonzero(np.diff(train) > np.log(1.1)) > len(train) - 1:
        return "lr too high"
    if change > np.log(0.9):
        return "lr too low"
    risen, gap = val[-1] - val.min(), val[-1] - train[-1]
    if risen > np.log(1.2) and gap > np.log(1.5):
        return "overfitting"
    return "healthy"


def sample_log_uniform(low, high, size, *, rng):
    """Low times a power of high / low."""
    return low * (high / low) ** rng.uniform(size=size)


def random_search(train_fn, space, *, num_trials, rng):
    """Draw all settings first, one column for each hyper-parameter; sort to find the best."""
    columns = {
        name: low * (high / low) ** rng.random(num_trials) for name, (low, high) in space.items()
    }
    settings = [{name: columns[name][i] for name in space} for i in range(num_trials)]
    results = [(setting, train_fn(setting)) for setting in settings]
    valid = [i for i in range(num_trials) if not np.isnan(results[i][1])]
    best = sorted(valid, key=lambda i: (-results[i][1], i))[0]
    return settings[best], results


def on_border(value, low, high, *, fraction=0.1):
    """Compare with where the borders begin, and take no logarithm."""
    width = (high / low) ** fraction
    return bool(value / low < width or high / value < width)


def refine(low, high, best, *, shrink):
    """Divide and multiply by the root of the factor."""
    factor = (high / low) ** (shrink / 2)
    return best / factor, best * factor


def step_decay(lr, epoch, *, drop, every):
    """The exponential of a sum of logarithms."""
    return lr * np.exp(np.floor(epoch / every) * np.log(drop))


def exp_decay(lr, t, *, k):
    """A power of gamma, as in PyTorch."""
    return lr * np.exp(-k) ** t


def inv_t_decay(lr, t, *, k):
    """Numerator and denominator divided by k."""
    return (lr / k) / (1 / k + t)
