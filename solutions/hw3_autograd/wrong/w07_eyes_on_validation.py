import numpy as np


def diagnose_losses(train_losses, val_losses):
    if train_losses.shape != val_losses.shape:
        raise ValueError(f"shapes {train_losses.shape} {val_losses.shape}")
    if not np.isfinite(val_losses).all() or not np.isfinite(train_losses).all():
        return "diverged"
    if val_losses[-1] > 1.5 * val_losses[0]:
        return "diverged"
    ratio = val_losses[1:] / val_losses[:-1]
    if (ratio > 1.1).mean() > 0.25:
        return "lr too high"
    if val_losses[-1] > 0.9 * val_losses[0]:
        return "lr too low"
    if val_losses[-1] > 1.2 * val_losses.min() and val_losses[-1] > 1.5 * train_losses[-1]:
        return "overfitting"
    return "healthy"


def random_search(train_fn, space, *, num_trials, rng):
    # validation loss: the smaller the better
    results = []
    for _ in range(num_trials):
        c = {n: float(10 ** rng.uniform(np.log10(a), np.log10(b))) for n, (a, b) in space.items()}
        results.append((c, train_fn(c)))
    losses = [r[1] for r in results]
    return results[int(np.nanargmin(losses))][0], results
