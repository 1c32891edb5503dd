import numpy as np


def gd_step(theta, grad, state, *, lr):
    return np.array([t - lr * g for t, g in zip(theta, grad)], dtype=float), state


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state["G"] if state else np.zeros(len(grad))
    theta_next = theta - lr / (np.sqrt(G) + eps) * grad
    G_next = G + np.power(grad, 2)
    return theta_next, {"G": G_next}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = state["s"] if state else np.zeros(len(grad))
    s_next = alpha * s + (1 - alpha) * np.power(grad, 2)
    theta_next = theta - lr / (np.sqrt(s_next) + eps) * grad
    return theta_next, {"s": s_next}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = state["m"] if state else np.zeros(len(grad))
    v = state["v"] if state else np.zeros(len(grad))
    t = state["t"] if state else 0
    t_next = t + 1
    m_next = beta1 * m + (1 - beta1) * grad
    v_next = beta2 * v + (1 - beta2) * np.power(grad, 2)
    m_hat = m_next / (1 - np.power(beta1, t_next))
    v_hat = v_next / (1 - np.power(beta2, t_next))
    theta_next = theta - lr / np.sqrt(v_hat + eps) * m_hat
    return theta_next, {"m": m_next, "v": v_next, "t": t_next}
