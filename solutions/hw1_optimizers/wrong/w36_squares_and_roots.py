import numpy as np


def gd_step(theta, grad, state, *, lr):
    step = lr * grad
    theta_new = theta - step
    return theta_new, state


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v_prev = state.get("v", 0)
    v = beta * v_prev + (1 - beta) * grad
    step = lr * v
    return theta - step, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G_prev = state.get("G", 0)
    G = G_prev + np.abs(grad)
    step = lr * grad / (np.sqrt(G) + eps)
    return theta - step, {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s_prev = state.get("s", 0)
    s = alpha * s_prev + (1 - alpha) * grad**2
    step = lr * grad / (s + eps)
    return theta - step, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m_prev, v_prev, t_prev = state.get("m", 0), state.get("v", 0), state.get("t", 0)
    t = t_prev + 1
    m = beta1 * m_prev + (1 - beta1) * grad
    v = beta2 * v_prev + (1 - beta2) * m**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    step = lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta - step, {"m": m, "v": v, "t": t}
