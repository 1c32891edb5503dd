import numpy as np

LR = 0.1
BETA = 0.9
EPS = 1e-8


def gd_step(theta, grad, state, *, lr):
    theta_next = np.zeros(theta.shape)
    np.subtract(theta, lr * grad, out=theta_next)
    return theta_next, state


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    if "v" not in state:
        v = np.zeros(theta.shape)
    else:
        v = state["v"].copy()
    v = BETA * v + (1 - BETA) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    if "G" not in state:
        G = np.zeros(theta.shape)
    else:
        G = state["G"].copy()
    G += grad**2
    return theta - lr * grad / (np.sqrt(G) + EPS), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    if "s" not in state:
        s = np.zeros(theta.shape)
    else:
        s = state["s"].copy()
    s *= alpha
    s += (1 - alpha) * grad**2
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}
