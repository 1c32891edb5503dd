import numpy as np


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    # Polyak's heavy ball, as in Ruder's overview
    v_old = state.get("v", np.zeros(len(theta)))
    v = beta * v_old + lr * grad
    return theta - v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state.get("G", np.zeros(len(theta))) + grad * grad
    return theta - lr / np.sqrt(G + eps) * grad, {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state.get("s", np.zeros(len(theta))) + (1 - alpha) * grad * grad
    return theta - lr / (np.sqrt(s) + eps) * grad, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = state.get("m", np.zeros(len(theta)))
    v = state.get("v", np.zeros(len(theta)))
    t = state.get("t", 0) + 1
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad * grad
    lr_t = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - lr_t * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}
