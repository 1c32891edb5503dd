import numpy as np


def gd_step(theta, grad, state, *, lr):
    out = theta.copy()
    for i in range(len(theta)):
        out[i] = theta[i] - lr * grad[i]
    return out, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    trajectory = np.zeros((num_steps + 1, theta0.size), dtype=theta0.dtype)
    trajectory[0, :] = theta0
    for k in range(num_steps):
        trajectory[k + 1, :] = trajectory[k, :] - lr * grad_fn(trajectory[k, :])
    return trajectory


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v_prev = state["v"] if "v" in state else np.zeros_like(theta)
    v = np.zeros_like(theta)
    new = np.zeros_like(theta)
    for i in range(len(theta)):
        v[i] = beta * v_prev[i] + (1 - beta) * grad[i]
        new[i] = theta[i] - lr * v[i]
    return new, {"v": v}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s_prev = state["s"] if "s" in state else np.zeros_like(theta)
    s = alpha * s_prev + (1 - alpha) * grad**2
    new = theta - lr * grad / (np.sqrt(s) + eps)
    return new, {"s": s}
