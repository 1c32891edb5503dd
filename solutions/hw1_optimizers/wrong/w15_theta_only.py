import numpy as np


def gd_step(theta, grad, state, *, lr):
    return theta.astype(np.float64) - lr * grad


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = state["v"] if "v" in state else 0.0
    v = beta * v + (1 - beta) * grad
    return theta.astype(np.float64) - lr * v, v


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state["G"] if "G" in state else 0.0
    G = G + grad**2
    return theta.astype(np.float64) - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = state["s"] if "s" in state else 0.0
    s = alpha * s + (1 - alpha) * grad**2
    return theta.astype(np.float64) - lr * grad / (np.sqrt(s) + eps), {"s": s}
