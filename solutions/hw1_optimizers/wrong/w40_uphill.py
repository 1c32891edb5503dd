import numpy as np


def mse_grad(theta, X, y):
    residual = y - X @ theta
    return 2 * X.T @ residual / len(y)


def gd_step(theta, grad, state, *, lr):
    return theta + lr * grad, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    path = [np.array(theta0, dtype=float)]
    for _ in range(num_steps):
        path.append(path[-1] + (-lr) * grad_fn(path[-1]))
    return np.array(path)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype=float)
    for i in range(len(X)):
        theta = theta - lr * grad_fn(theta, X[i : i + 1], y[i : i + 1])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = state.get("v", 0.0)
    theta = theta - lr * v
    v = beta * v + (1 - beta) * grad
    return theta, {"v": v}
