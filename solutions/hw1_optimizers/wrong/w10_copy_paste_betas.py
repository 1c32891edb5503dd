import numpy as np


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = beta * state["v"] if state else 0
    v = v + (1 - beta) * grad
    theta = theta - lr * v
    return theta, {"v": v}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state["s"] if state else 0
    s = s + (1 - alpha) * grad**2
    theta = theta - lr * grad / (s**0.5 + eps)
    return theta, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * state["m"] if state else 0
    v = beta2 * state["v"] if state else 0
    t = state["t"] if state else 0
    t = t + 1
    m = m + (1 - beta1) * grad
    v = v + (1 - beta1) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (v_hat**0.5 + eps)
    return theta, {"m": m, "v": v, "t": t}


def escape_step(trajectory, center, *, radius):
    k = 0
    for point in trajectory:
        if np.sqrt(np.sum((point - center) ** 2)) > radius:
            return k
        k += 1
