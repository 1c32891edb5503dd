import numpy as np


def relative_error(a, b):
    assert a.shape == b.shape, f"shapes {a.shape} and {b.shape}"
    worst = 0.0
    for p, q in zip(a.ravel(), b.ravel()):
        if np.isnan(p) or np.isnan(q):
            return float("nan")
        if p != q:
            worst = max(worst, abs(p - q) / max(abs(p), abs(q)))
    return worst


def gradient_check(f, grad, x, *, rng, num_checks=None):
    if grad.shape != x.shape:
        raise ValueError(f"shapes {grad.shape} and {x.shape}")
    idx = list(np.ndindex(x.shape))
    rng.shuffle(idx)
    if num_checks is not None:
        idx = idx[:num_checks]
    a, b = [], []
    for i in idx:
        i = tuple(i)
        e = np.zeros(x.shape)
        e[i] = 1e-5
        a.append((f(x + e) - f(x - e)) / 2e-5)
        b.append(grad[i])
    return relative_error(np.array(a), np.array(b))


def mse_loss(pred, target):
    assert pred.shape == target.shape, f"shapes {pred.shape} and {target.shape}"
    return np.mean((pred - target) ** 2), 2 * (pred - target) / pred.size


def softmax_cross_entropy(logits, targets):
    N, C = logits.shape
    if targets.shape != (N,):
        raise ValueError("targets must be a vector with one class per row")
    assert targets.min() >= 0 and targets.max() < C, "targets out of range"
    z = logits - logits.max(axis=1, keepdims=True)
    lse = np.log(np.exp(z).sum(axis=1))
    loss = np.mean(lse - z[np.arange(N), targets])
    grad = np.exp(z - lse[:, None]) / N
    grad[np.arange(N), targets] -= 1 / N
    return loss, grad


def linear_backward(grad_output, x, weight):
    assert grad_output.shape == (x.shape[0], weight.shape[0])
    return grad_output @ weight, grad_output.T @ x, np.ones(len(x)) @ grad_output
