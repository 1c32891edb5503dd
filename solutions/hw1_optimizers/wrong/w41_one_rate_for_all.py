import numpy as np


def mse_grad(theta, X, y):
    X, y = np.asarray(X), np.asarray(y)
    return np.average(2 * (X @ theta - y) * X.T, axis=1)


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = beta * np.asarray(state.get("v", 0.0)) + (1 - beta) * np.asarray(grad)
    return np.asarray(theta) - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state.get("G", np.zeros(len(theta)))
    G = G + np.dot(grad, grad)
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = state.get("s", np.zeros(len(theta)))
    s = alpha * s + (1 - alpha) * np.mean(grad**2)
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = state.get("m", np.zeros(len(theta)))
    v = state.get("v", np.zeros(len(theta)))
    t = state.get("t", 0) + 1
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), {
        "m": m,
        "v": v,
        "t": float(t),
    }
