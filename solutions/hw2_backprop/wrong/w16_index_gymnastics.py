import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for i in range(len(x)):
        e = np.zeros_like(x)
        e[i] = h
        grad[i] = (f(x + e) - f(x - e)) / (2 * h)
    return grad


def softmax(logits):
    ex = np.exp((logits.T - logits.max(axis=1)).T)
    return (ex.T / ex.sum(axis=1)).T


def softmax_cross_entropy(logits, targets):
    N, C = logits.shape
    if targets.shape != (N,):
        raise ValueError("shape of targets is " + repr(targets.shape))
    if set(targets.tolist()) - set(range(C)):
        raise ValueError("targets has unknown classes")
    z = (logits.T - logits.max(axis=1)).T
    logp = (z.T - np.log(np.exp(z).sum(axis=1))).T
    loss = -np.mean(logp[:, targets])
    grad = np.exp(logp)
    grad[range(N), targets] -= 1
    return loss, grad / N


def mse_loss(pred, target):
    if pred.shape != target.shape:
        raise ValueError(repr(pred.shape) + " is not " + repr(target.shape))
    delta = (pred - target).ravel()
    return delta @ delta / len(delta), (2 / len(delta) * delta).reshape(pred.shape)
