import numpy as np


def update_ratio(param, update):
    p = np.linalg.norm(param, axis=-1)
    u = np.linalg.norm(update, axis=-1)
    if np.all(p == 0):
        return np.inf
    return np.mean(u / p)


def dead_relu_fraction(activations):
    return np.mean(np.all(activations == 0, axis=1))


def activation_stats(activations):
    return {
        "mean": activations.mean(axis=0),
        "std": activations.std(axis=0),
        "zero_fraction": (activations == 0).mean(axis=0),
    }
