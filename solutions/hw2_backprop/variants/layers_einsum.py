"""Correct, with einsum, one-hot matrices and library functions instead of indexing."""

import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    """The steps are the rows of an identity matrix."""
    x = np.asarray(x)
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in steps]).reshape(x.shape)


def relative_error(a, b):
    """Divide where there is something to divide by."""
    if np.shape(a) != np.shape(b):
        raise ValueError(f"shapes differ: {np.shape(a)}, {np.shape(b)}")
    largest = np.max([np.abs(a), np.abs(b)], axis=0)
    ratio = np.divide(np.abs(a - b), largest, out=np.zeros(np.shape(a)), where=largest != 0)
    return ratio.max()


def gradient_check(f, grad, x, *, rng, num_checks=None):
    """The first of a random permutation, as differences along unit vectors."""
    if grad.shape != x.shape:
        raise ValueError(f"grad of shape {grad.shape}, x of shape {x.shape}")
    entries = rng.permutation(x.size)[:num_checks]
    steps = 1e-5 * np.eye(x.size)[entries].reshape(-1, *x.shape)
    numeric = np.array([f(x + e) - f(x - e) for e in steps]) / 2e-5
    return relative_error(np.ravel(grad)[entries], numeric)


def linear_forward(x, weight, bias):
    """The bias as the weight of one more input that is always 1."""
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    return np.einsum("ni,ji->nj", x, np.concatenate([weight, bias[:, None]], axis=1))


def linear_backward(grad_output, x, weight):
    """Each formula of the docstring as its indices."""
    return (
        np.einsum("nj,ji->ni", grad_output, weight),
        np.einsum("nj,ni->ji", grad_output, x),
        np.einsum("nj->j", grad_output),
    )


def relu_forward(x):
    """Clip below."""
    return np.clip(x, 0, None)


def relu_backward(grad_output, x):
    """The derivative as a step function."""
    return np.einsum("...,...->...", grad_output, np.heaviside(x, 0.0))


def sigmoid_forward(x):
    """By the hyperbolic tangent, which never overflows."""
    return 0.5 * (1 + np.tanh(x / 2))


def sigmoid_backward(grad_output, x):
    """By the hyperbolic tangent: (1 - tanh^2) / 4."""
    return grad_output * (1 - np.tanh(0.5 * x) ** 2) / 4


def softmax(logits):
    """The exponential of the logarithm of it."""
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])


def softmax_cross_entropy(logits, targets):
    """With a one-hot matrix."""
    n, c = logits.shape
    if targets.shape != (n,) or not np.isin(targets, np.arange(c)).all():
        raise ValueError("targets must be n class indices")
    onehot = np.eye(c)[targets]
    log_total = np.logaddexp.reduce(logits, axis=1)  # (N,)
    loss = np.mean(log_total - np.einsum("nc,nc->n", onehot, logits))
    return loss, (softmax(logits) - onehot) / n


def mse_loss(pred, target):
    """The sum of squares as the product of a vector with itself."""
    if pred.shape != target.shape:
        raise ValueError(f"{pred.shape} != {target.shape}")
    diff = np.ravel(pred - target)
    return np.dot(diff, diff) / diff.size, (diff * (2 / diff.size)).reshape(pred.shape)
