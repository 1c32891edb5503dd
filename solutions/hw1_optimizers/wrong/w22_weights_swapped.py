import numpy as np

# Notation as in the lecture: new average = (1 - a) * old + a * new


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = np.zeros(np.shape(theta))
    if "v" in state:
        v = state["v"]
    v = (1 - beta) * v + beta * grad
    theta = theta - lr * v
    return theta, dict(v=v)


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = np.zeros(np.shape(theta))
    if "G" in state:
        G = state["G"]
    G = G + grad**2
    theta = theta - lr * grad / (np.sqrt(G) + eps)
    return theta, dict(G=G)


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = np.zeros(np.shape(theta))
    if "s" in state:
        s = state["s"]
    s = (1 - alpha) * s + alpha * grad**2
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    return theta, dict(s=s)


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = np.zeros(np.shape(theta)), np.zeros(np.shape(theta)), 0
    if "t" in state:
        m, v, t = state["m"], state["v"], state["t"]
    t = t + 1
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, dict(m=m, v=v, t=t)
