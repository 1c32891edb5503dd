import numpy as np


def _get(state, key, theta):
    """what is remembered under key, or zeros"""
    if key in state:
        return state[key]
    return np.zeros(theta.shape)


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = beta * _get(state, "v", theta) + (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = _get(state, "G", theta) + np.square(grad)
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * _get(state, "s", theta) + (1 - alpha) * np.square(grad)
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.get("t", 1)
    m = beta1 * _get(state, "m", theta) + (1 - beta1) * grad
    v = beta2 * _get(state, "v", theta) + (1 - beta2) * np.square(grad)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, {"m": m, "v": v, "t": t}
