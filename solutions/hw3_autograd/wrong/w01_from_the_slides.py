import numpy as np


def expected_initial_loss(num_classes):
    p = 1 / num_classes
    return -np.log2(p)


def sample_log_uniform(low, high, size, *, rng):
    # learning_rate = 10 ** uniform(-6, 1)
    return 10 ** rng.uniform(low, high, size)


def step_decay(lr, epoch, *, drop, every):
    return lr * drop ** (epoch / every)


def exp_decay(lr, t, *, k):
    return lr * np.exp(k * t)
