import numpy as np


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = beta * state.get("v", np.zeros(theta.shape)) + (1 - beta) * grad
    t = state.get("t", 0) + 1
    v_hat = v / (1 - beta**t)
    return theta - lr * v_hat, {"v": v, "t": t}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state.get("G", np.zeros(theta.shape)) + grad**2
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    if "s" in state:
        s = alpha * state["s"] + (1 - alpha) * grad**2
    else:
        s = grad**2  # nothing to average yet
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.get("t", 0)
    m = beta1 * state.get("m", np.zeros(theta.shape)) + (1 - beta1) * grad
    v = beta2 * state.get("v", np.zeros(theta.shape)) + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1 ** (t + 1))
    v_hat = v / (1 - beta2 ** (t + 1))
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t + 1}
