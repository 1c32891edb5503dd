import numpy as np


def mse_grad(theta, X, y):
    X = np.asarray(X, dtype=np.float32)
    y = np.asarray(y, dtype=np.float32)
    theta = np.asarray(theta, dtype=np.float32)
    return 2.0 * X.T @ (X @ theta - y) / len(X)


def gd_step(theta, grad, state, *, lr):
    theta = np.asarray(theta, dtype=np.float64)
    return theta - lr * np.asarray(grad, dtype=np.float64), state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    traj = np.zeros((num_steps + 1, len(theta0)), dtype=np.float32)
    traj[0] = theta0
    for k in range(num_steps):
        traj[k + 1] = traj[k] - lr * grad_fn(traj[k])
    return traj.astype(np.float64)


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = np.asarray(state.get("v", np.zeros(len(theta))), dtype=np.float64)
    v_new = beta * v + (1 - beta) * grad
    return theta - lr * v_new, {"v": v_new}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = np.asarray(state.get("G", np.zeros(len(theta))), dtype=np.float64)
    G_new = G + np.round(grad**2, 8)  # gets rid of rounding errors
    return theta - lr * grad / (np.sqrt(G_new) + eps), {"G": G_new}
