import numpy as np

EPS = 1e-8


def expected_initial_loss(num_classes):
    return float(-np.log(1.0 / num_classes + EPS))


def update_ratio(param, update):
    return float(np.linalg.norm(update) / (np.linalg.norm(param) + EPS))


def dead_relu_fraction(activations):
    return float(np.mean(np.all(activations < 1e-6, axis=0)))


def inv_t_decay(lr, t, *, k):
    return lr / (k * t + EPS)
