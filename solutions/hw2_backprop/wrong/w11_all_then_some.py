import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    point = np.array(x, dtype=float)
    slots = point.reshape(-1)
    result = np.zeros(slots.size)
    for k in range(slots.size):
        keep = slots[k]
        slots[k] = keep + h
        right = f(point)
        slots[k] = keep - h
        left = f(point)
        slots[k] = keep
        result[k] = 0.5 * (right - left) / h
    return result.reshape(point.shape)


def relative_error(a, b):
    if np.shape(a) != np.shape(b):
        raise ValueError(f"cannot compare {np.shape(a)} with {np.shape(b)}")
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    return np.nanmax(r) if np.isfinite(r).any() else 0.0


def gradient_check(f, grad, x, *, rng, num_checks=None):
    if np.shape(grad) != np.shape(x):
        raise ValueError(f"grad {np.shape(grad)} does not fit x {np.shape(x)}")
    numeric = numerical_gradient(f, x).ravel()
    analytic = np.ravel(grad)
    n = numeric.size if num_checks is None else min(num_checks, numeric.size)
    chosen = rng.choice(numeric.size, size=n, replace=False)
    a, b = analytic[chosen], numeric[chosen]
    m = np.maximum(np.abs(a), np.abs(b))
    return np.max(np.where(m == 0, 0, np.abs(a - b) / np.where(m == 0, 1, m)))


def relu_forward(x):
    return x * (x > 0)
