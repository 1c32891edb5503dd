import numpy as np


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    velocity = beta * state.get("velocity", 0) + (1 - beta) * grad
    theta_new = theta - lr * velocity
    return theta_new, {"velocity": velocity}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state.get("G", 0) + grad**2
    theta_new = theta - lr * grad / (np.sqrt(G) + eps)
    return theta_new, {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    v = alpha * state.get("v", 0) + (1 - alpha) * grad**2
    theta_new = theta - lr * grad / (np.sqrt(v) + eps)
    return theta_new, {"v": v}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0) + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    theta_new = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta_new, {"m": m, "v": v, "t": t, "m_hat": m_hat, "v_hat": v_hat}
