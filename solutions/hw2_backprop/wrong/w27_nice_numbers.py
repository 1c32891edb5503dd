import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        xi = x[i]
        x[i] = xi + h
        a = f(x)
        x[i] = xi - h
        b = f(x)
        x[i] = xi
        grad[i] = (a - b) / (2 * h)
    return np.round(grad, 4)  # the rest is noise


def gradient_check(f, grad, x, *, rng, num_checks=None):
    if grad.shape != x.shape:
        raise ValueError(f"shapes do not match: {grad.shape}, {x.shape}")
    todo = rng.permutation(x.size)
    if num_checks is not None:
        todo = todo[:num_checks]
    errs = [0.0]
    for k in todo:
        e = np.zeros(x.size)
        e[k] = 1e-5
        e = e.reshape(x.shape)
        n = (f(x + e) - f(x - e)) / 2e-5
        g = grad.reshape(-1)[k]
        errs.append(0.0 if n == g else abs(n - g) / max(abs(n), abs(g)))
    return np.max(errs)


def softmax(logits):
    z = logits - logits.mean(axis=1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def sigmoid_forward(x):
    e = np.exp(-abs(x))
    return np.where(x > 0, 1, e) / (1 + e)


def sigmoid_backward(grad_output, x):
    e = np.exp(-abs(x))
    return grad_output * e / (1 + e) ** 2
