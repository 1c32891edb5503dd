import math

import numpy as np


def activation_stats(activations):
    n = activations.size
    mean = float(activations.sum() / n)
    # like tensor.std()
    std = math.sqrt(((activations - mean) ** 2).sum() / (n - 1))
    return {"mean": mean, "std": std, "zero_fraction": float((activations == 0).sum()) / n}


def exp_decay(lr, t, *, k):
    gamma = k
    return lr * gamma**t


def step_decay(lr, epoch, *, drop, every):
    for e in range(1, epoch):
        if e % every == 0:
            lr = lr * drop
    return lr


def update_ratio(param, update):
    size = np.sqrt((param**2).sum())
    return float(np.sqrt((update**2).sum()) / max(size, 1e-12))
