import numpy as np


def sample_log_uniform(low, high, size, *, rng):
    return rng.uniform(low, high, size)


def on_border(value, low, high, *, fraction=0.1):
    margin = fraction * (high - low)
    return bool(value < low + margin or value > high - margin)


def refine(low, high, best, *, shrink):
    width = (high - low) * shrink
    return max(low, best - width / 2), min(high, best + width / 2)


def step_decay(lr, epoch, *, drop, every):
    steps = epoch // every
    return lr - steps * drop * lr


def inv_t_decay(lr, t, *, k):
    return np.maximum(lr * (1 - k * t), 0)
