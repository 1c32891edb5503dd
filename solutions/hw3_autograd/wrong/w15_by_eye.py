import numpy as np


def diagnose_losses(train_losses, val_losses):
    if len(train_losses) != len(val_losses):
        raise ValueError(f"different lengths: {len(train_losses)}, {len(val_losses)}")
    if np.isnan(train_losses).any() or np.isnan(val_losses).any():
        return "diverged"
    if np.isinf(train_losses).any() or np.isinf(val_losses).any():
        return "diverged"
    if train_losses[-1] > 1.5 * train_losses[0]:
        return "diverged"
    rises = np.diff(train_losses) > 0
    if rises.mean() > 0.25:
        return "lr too high"
    if train_losses[0] - train_losses[-1] < 0.1:
        return "lr too low"
    if val_losses[-1] > 1.2 * val_losses.min():
        return "overfitting"
    return "healthy"


def dead_relu_fraction(activations):
    dead = 0
    for unit in activations.T:
        if unit.mean() < 0.01:
            dead += 1
    return dead / activations.shape[0]


def update_ratio(param, update):
    if not np.any(param):
        return np.inf
    return np.abs(update).mean() / np.abs(param).mean()


def on_border(value, low, high, *, fraction=0.1):
    return bool(value < 2 * low or value > high / 2)
