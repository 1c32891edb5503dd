import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    x0 = np.asarray(x, dtype=np.float64)
    f0 = f(x0.copy())
    g = np.empty(x0.shape)
    for i in np.ndindex(x0.shape):
        x1 = x0.copy()
        x1[i] += h
        g[i] = (f(x1) - f0) / h
    return g


def relative_error(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape=} {b.shape=}")
    m = np.maximum(np.abs(a), np.abs(b))
    r = np.divide(np.abs(a - b), m, out=np.zeros(a.shape), where=m != 0)
    return r.max()


def gradient_check(f, grad, x, *, rng, num_checks=None):
    x = np.asarray(x, dtype=np.float64)
    grad = np.asarray(grad)
    if grad.shape != x.shape:
        raise ValueError(f"{grad.shape=} {x.shape=}")
    h = 1e-5
    if num_checks is None or num_checks >= x.size:
        picks = list(np.ndindex(x.shape))
    else:
        picks = [tuple(rng.integers(0, d) for d in x.shape) for _ in range(num_checks)]
    ana, num = [], []
    for i in picks:
        xp, xm = x.copy(), x.copy()
        xp[i] += h
        xm[i] -= h
        num.append((f(xp) - f(xm)) / (2 * h))
        ana.append(grad[i])
    return relative_error(np.array(ana), np.array(num))


def linear_forward(x, weight, bias):
    return bias + x @ weight.T
