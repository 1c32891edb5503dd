import numpy as np


def diagnose_losses(train_losses, val_losses):
    if train_losses.shape != val_losses.shape:
        raise ValueError(f"shapes {train_losses.shape} {val_losses.shape}")
    verdict = "healthy"
    gap = val_losses[-1] / train_losses[-1]
    if gap > 1.5 and val_losses[-1] > 1.2 * np.min(val_losses):
        verdict = "overfitting"
    elif train_losses[-1] > 0.9 * train_losses[0]:
        verdict = "lr too low"
    elif np.mean(train_losses[1:] / train_losses[:-1] > 1.1) > 0.25:
        verdict = "lr too high"
    if not np.all(np.isfinite(train_losses)) or not np.all(np.isfinite(val_losses)):
        verdict = "diverged"
    elif train_losses[-1] > 1.5 * train_losses[0]:
        verdict = "diverged"
    return verdict


def on_border(value, low, high, *, fraction=0.1):
    position = np.log(value / low) / np.log(high / low)
    if position < fraction:
        return True
    elif position < 1 - fraction:
        return False
    elif position > 1:
        return False
    return True
