import numpy as np


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = state.get("v") or np.zeros(theta.shape)
    v = beta * v + (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state["G"]
    if G is None:
        G = np.zeros(theta.shape)
    G = G + grad**2
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = state.get("s", None)
    if s is None:
        s = np.zeros(theta.shape)
    s = alpha * s + (1 - alpha) * grad**2
    return theta - lr * grad / np.sqrt(s) + eps, {"s": s}


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype=float)
    order = rng.shuffle(np.arange(len(X)))
    for i in order:
        theta = theta - lr * grad_fn(theta, X[i : i + 1], y[i : i + 1])
    return theta
