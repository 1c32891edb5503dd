import numpy as np


def dead_relu_fraction(activations):
    dead = (activations.max(axis=0) <= 0).sum()
    return 100 * dead / activations.shape[1]


def check_initial_loss(loss, num_classes, *, tol=0.1):
    expected = np.log(num_classes)
    # within ten per cent
    return bool(abs(loss - expected) / expected <= tol)


def activation_stats(activations):
    return {
        "mean": float(activations.mean()),
        "std": float(activations.std()),
        "zero_fraction": int((activations == 0).sum()),
    }
