"""Correct, with explicit Python loops over samples, features and classes."""

import math

import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    """A fresh pair of points for every entry; x itself is never touched."""
    x = np.asarray(x)
    grad = np.zeros(x.size)
    for k in range(x.size):
        above, below = x.astype(float).ravel(), x.astype(float).ravel()
        above[k] += h
        below[k] -= h
        grad[k] = (f(above.reshape(x.shape)) - f(below.reshape(x.shape))) / h / 2
    return grad.reshape(x.shape)


def relative_error(a, b):
    """One pair at a time, with the largest kept."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} is not {b.shape}")
    worst = 0.0
    for u, v in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True):
        if math.isnan(u) or math.isnan(v):
            return math.nan
        if u != v:
            worst = max(worst, abs(u - v) / max(abs(u), abs(v)))
    return worst


def gradient_check(f, grad, x, *, rng, num_checks=None):
    """Draw the entries out of a shrinking list, without the other two functions."""
    if np.shape(grad) != np.shape(x):
        raise ValueError(f"shapes {np.shape(grad)} and {np.shape(x)}")
    left = list(np.ndindex(*x.shape))
    worst = 0.0
    while left and num_checks != 0:
        index = left.pop(int(rng.integers(len(left))))
        values = []
        for step in (1e-5, -1e-5):
            at = x.astype(float)
            at[index] += step
            values.append(f(at))
        numeric = (values[0] - values[1]) / 2e-5
        if numeric != grad[index]:
            difference = abs(numeric - grad[index])
            worst = max(worst, difference / max(abs(numeric), abs(grad[index])))
        num_checks = None if num_checks is None else num_checks - 1
    return worst


def linear_forward(x, weight, bias):
    """Three loops: the definition."""
    out = np.zeros((x.shape[0], weight.shape[0]))
    for n in range(x.shape[0]):
        for j in range(weight.shape[0]):
            out[n, j] = bias[j]
            for i in range(x.shape[1]):
                out[n, j] += weight[j, i] * x[n, i]
    return out


def linear_backward(grad_output, x, weight):
    """Every product of the forward pass gives its two contributions."""
    grad_x, grad_weight = np.zeros(x.shape), np.zeros(weight.shape)
    grad_bias = np.zeros(weight.shape[0])
    for n in range(x.shape[0]):
        for j in range(weight.shape[0]):
            grad_bias[j] += grad_output[n, j]
            for i in range(x.shape[1]):
                grad_x[n, i] += grad_output[n, j] * weight[j, i]
                grad_weight[j, i] += grad_output[n, j] * x[n, i]
    return grad_x, grad_weight, grad_bias


def relu_forward(x):
    """One entry at a time."""
    out = np.zeros(x.shape)
    for index, value in np.ndenumerate(x):
        if value > 0:
            out[index] = value
    return out


def relu_backward(grad_output, x):
    """One entry at a time."""
    grad = np.zeros_like(x, dtype=float)
    for index in np.ndindex(x.shape):
        grad[index] = grad_output[index] if x[index] > 0 else 0.0
    return grad


def sigmoid_forward(x):
    """One entry at a time, with the form that suits its sign."""
    out = np.empty(x.shape)
    for index, value in np.ndenumerate(x):
        if value >= 0:
            out[index] = 1 / (1 + math.exp(-value))
        else:
            out[index] = math.exp(value) / (1 + math.exp(value))
    return out


def sigmoid_backward(grad_output, x):
    """One entry at a time: s(x) * s(-x)."""
    grad = np.empty(x.shape)
    for index, value in np.ndenumerate(x):
        small = math.exp(-abs(value))
        grad[index] = grad_output[index] * small / (1 + small) ** 2
    return grad


def softmax(logits):
    """One row at a time."""
    probs = []
    for row in logits:
        largest = max(row)
        exps = [math.exp(value - largest) for value in row]
        probs.append([value / sum(exps) for value in exps])
    return np.array(probs)


def softmax_cross_entropy(logits, targets):
    """One sample at a time."""
    n, c = logits.shape
    if np.ndim(targets) != 1 or len(targets) != n:
        raise ValueError("targets: one class index per sample, please")
    loss, grad = 0.0, np.zeros((n, c))
    for i in range(n):
        if not 0 <= targets[i] < c:
            raise ValueError("one of the targets is no class")
        largest = max(logits[i])
        total = sum(math.exp(value - largest) for value in logits[i])
        loss -= (logits[i, targets[i]] - largest - math.log(total)) / n
        for k in range(c):
            p = math.exp(logits[i, k] - largest) / total
            grad[i, k] = (p - (k == targets[i])) / n
    return loss, grad


def mse_loss(pred, target):
    """One entry at a time."""
    if pred.shape != target.shape:
        raise ValueError(f"{pred.shape} and {target.shape}")
    loss, grad = 0.0, np.zeros(pred.shape)
    for index in np.ndindex(*pred.shape):
        loss += (pred[index] - target[index]) ** 2 / pred.size
        grad[index] = 2 * (pred[index] - target[index]) / pred.size
    return loss, grad
