import numpy as np


def check_initial_loss(loss, num_classes, *, tol=0.1):
    difference = abs(loss - np.log(num_classes))
    if difference <= tol:
        return "ok"
    return "suspicious"


def overfits_tiny_batch(train_fn, x, y, *, max_steps, target_loss):
    losses = []
    for _ in range(max_steps):
        losses.append(train_fn(x, y))
        if not np.isfinite(losses[-1]) or losses[-1] <= target_loss:
            break
    return losses


def random_search(train_fn, space, *, num_trials, rng):
    results = []
    for _ in range(num_trials):
        config = {}
        for name, (low, high) in space.items():
            config[name] = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        results.append((config, train_fn(config)))
    results.sort(key=lambda r: -r[1] if r[1] == r[1] else np.inf)
    return results[0], results


def diagnose_losses(train_losses, val_losses):
    if train_losses.shape != val_losses.shape:
        raise ValueError(f"shapes {train_losses.shape} {val_losses.shape}")
    if not np.isfinite(np.concatenate([train_losses, val_losses])).all():
        return "Diverged"
    if train_losses[-1] > 1.5 * train_losses[0]:
        return "Diverged"
    if np.mean(train_losses[1:] > 1.1 * train_losses[:-1]) > 0.25:
        return "LR too high"
    if train_losses[-1] > 0.9 * train_losses[0]:
        return "LR too low"
    if val_losses[-1] > 1.2 * val_losses.min() and val_losses[-1] > 1.5 * train_losses[-1]:
        return "Overfitting"
    return "Healthy"


def refine(low, high, best, *, shrink):
    centre, half = np.log10(best), shrink * np.log10(high / low) / 2
    return np.array([10 ** (centre - half), 10 ** (centre + half)])
