import numpy as np


def relative_error(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    diff = np.abs(a - b)
    scale = np.maximum(np.abs(a), np.abs(b))
    scale = np.where(scale == 0, 1, scale)
    return np.max(diff / scale)


def gradient_check(f, grad, x, *, rng, num_checks=None):
    if grad.shape != x.shape:
        raise ValueError(f"grad has shape {grad.shape}, x {x.shape}")
    x = x.astype(float)
    k = x.size if num_checks is None else min(num_checks, x.size)
    h = 1e-5
    worst = 0.0
    for flat in rng.permutation(x.size)[:k]:
        i = np.unravel_index(flat, x.shape)
        old = x[i]
        x[i] = old + h
        up = f(x)
        x[i] = old - h
        down = f(x)
        x[i] = old
        num = (up - down) / (2 * h)
        biggest = max(abs(num), abs(grad[i]))
        err = abs(num - grad[i]) / biggest if biggest != 0 else 0.0
        if not err <= worst:
            worst = err
            if np.isnan(err):
                return err
    return worst


def softmax_cross_entropy(logits, targets):
    N = logits.shape[0]
    rows = np.arange(N)
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -logp[rows, targets].mean()
    grad = np.exp(logp)
    grad[rows, targets] -= 1
    return loss, grad / N


def mse_loss(pred, target):
    d = pred - target
    return np.mean(d**2), 2 * d / d.size
