"""Correct, with local copies that are then written into (`-=`, `out=`, masks)."""

import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    """One working copy, moved to and fro with nditer."""
    work = np.array(x, dtype=np.float64)
    grad = np.empty_like(work)
    it = np.nditer(work, flags=["multi_index"], op_flags=[["readwrite"]])
    while not it.finished:
        index = it.multi_index
        work[index] += h
        grad[index] = f(work)
        work[index] -= 2 * h
        grad[index] -= f(work)
        work[index] += h
        it.iternext()
    grad /= 2 * h
    return grad


def relative_error(a, b):
    """Repair the denominator where it is 0."""
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    if not a.shape == b.shape:
        raise ValueError(f"{a.shape} against {b.shape}")
    size = np.abs(a)
    np.maximum(size, np.abs(b), out=size)
    size[size == 0] = 1
    a -= b
    np.abs(a, out=a)
    a /= size
    return a.max()


def gradient_check(f, grad, x, *, rng, num_checks=None):
    """Shuffle the entries in place; move one working copy to and fro."""
    work = np.array(x, dtype=np.float64)
    if np.shape(grad) != work.shape:
        raise ValueError(f"a gradient of shape {np.shape(grad)} for x of shape {work.shape}")
    order = np.arange(work.size)
    rng.shuffle(order)
    if num_checks is not None:
        order = order[: min(num_checks, work.size)]
    flat, numeric = work.reshape(-1), np.empty(order.size)
    for row, k in enumerate(order):
        start = flat[k]
        flat[k] = start + 1e-5
        difference = f(work)
        flat[k] = start - 1e-5
        difference -= f(work)
        flat[k] = start
        numeric[row] = difference / 2e-5
    return relative_error(numeric, np.reshape(grad, -1)[order])


def linear_forward(x, weight, bias):
    """Add the bias to the product in place."""
    out = np.dot(x, weight.T)
    out += bias
    return out


def linear_backward(grad_output, x, weight):
    """Sum over the samples into arrays of zeros."""
    grad_weight, grad_bias = np.zeros_like(weight), np.zeros(len(weight))
    for sample, grad in zip(x, grad_output, strict=True):
        grad_weight += np.outer(grad, sample)
        grad_bias += grad
    return np.matmul(grad_output, weight), grad_weight, grad_bias


def relu_forward(x):
    """Erase what is negative in a copy."""
    out = x.copy()
    out[out < 0] = 0
    return out


def relu_backward(grad_output, x):
    """Erase in a copy."""
    grad = grad_output.copy()
    grad[x <= 0] = 0
    return grad


def sigmoid_forward(x):
    """Fill both sides with masks."""
    out = np.zeros_like(x)
    right = x >= 0
    out[right] = 1 / (1 + np.exp(-x[right]))
    left = np.exp(x[~right])
    out[~right] = left / (1 + left)
    return out


def sigmoid_backward(grad_output, x):
    """One buffer."""
    s = sigmoid_forward(x)
    s -= s**2
    s *= grad_output
    return s


def softmax(logits):
    """One buffer."""
    probs = logits.copy()
    probs -= np.amax(probs, axis=1, keepdims=True)
    np.exp(probs, out=probs)
    probs /= probs.sum(axis=1, keepdims=True)
    return probs


def softmax_cross_entropy(logits, targets):
    """Shift a copy, then turn it into the gradient."""
    n = len(logits)
    if targets.shape != logits.shape[:1]:
        raise ValueError(f"targets of shape {targets.shape} for {n} samples")
    if ((targets < 0) | (targets >= logits.shape[1])).any():
        raise ValueError("targets out of range")
    grad = logits.copy()
    grad -= grad.max(axis=1)[:, np.newaxis]
    rows = np.arange(n)
    losses = np.log(np.exp(grad).sum(axis=1)) - grad[rows, targets]
    np.exp(grad, out=grad)
    grad /= grad.sum(axis=1, keepdims=True)
    grad[rows, targets] -= 1.0
    grad /= n
    return losses.sum() / n, grad


def mse_loss(pred, target):
    """Scale the difference in place."""
    if pred.shape != target.shape:
        raise ValueError(f"expected {pred.shape}, found {target.shape}")
    grad = pred.astype(float)
    grad -= target
    loss = np.square(grad).mean()
    grad *= 2
    grad /= grad.size
    return loss, grad
