import numpy as np


def mse_grad(theta, X, y):
    theta = theta.reshape(-1, 1)
    N = X.shape[0]
    y_hat = X.dot(theta)  # (N, 1)
    error = y_hat - y
    grad = 2 / N * X.T.dot(error)
    return grad.sum(axis=1)


def gd_step(theta, grad, state, *, lr):
    theta = theta.reshape(-1, 1).astype(float)
    grad = grad.reshape(-1, 1)
    theta = theta - lr * grad
    return theta.ravel(), state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    thetas = [theta0.reshape(-1, 1).astype(float)]
    for _ in range(num_steps):
        g = grad_fn(thetas[-1].ravel()).reshape(-1, 1)
        thetas.append(thetas[-1] - lr * g)
    return np.array(thetas)


def escape_step(trajectory, center, *, radius):
    c = center.reshape(1, -1)
    d = np.sqrt(((trajectory - c) ** 2).sum(axis=1))
    for k in range(d.shape[0]):
        if d[k] > radius:
            return k
    return None


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = theta.astype(float)
    for i in rng.permutation(X.shape[0]):
        x_i = X[i].reshape(1, -1)
        y_i = y[i].reshape(-1)
        theta = theta - lr * grad_fn(theta, x_i, y_i).ravel()
    return theta
