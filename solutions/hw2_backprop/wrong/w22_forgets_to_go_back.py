import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        plus = f(x)
        x[i] -= 2 * h
        minus = f(x)
        grad[i] = (plus - minus) / (2 * h)
    return grad


def relative_error(a, b):
    if a.shape != b.shape:
        raise ValueError(f"a has the shape {a.shape}, b {b.shape}")
    denom = np.maximum(np.abs(a), np.abs(b))
    denom = np.where(denom == 0, 1.0, denom)
    return np.max((a - b) / denom)


def gradient_check(f, grad, x, *, rng, num_checks=None):
    if grad.shape != x.shape:
        raise ValueError(f"grad has the shape {grad.shape}, x {x.shape}")
    h = 1e-5
    total = x.size
    count = total if num_checks is None else min(total, num_checks)
    order = rng.choice(total, count, replace=False)
    errors = []
    for k in order:
        step = np.zeros(total)
        step[k] = h
        step = step.reshape(x.shape)
        numeric = (f(x + step) - f(x - step)) / (2 * h)
        given = grad.flat[k]
        size = max(abs(numeric), abs(given))
        errors.append(0.0 if size == 0 else abs(numeric - given) / size)
    return np.max(errors)


def relu_forward(x):
    return np.clip(x, 0, None)
