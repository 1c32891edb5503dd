import numpy as np


def mse_grad(theta, X, y):
    N, D = X.shape
    g = np.zeros(D)
    for xi, yi in zip(X, y):
        g += 2 * (xi @ theta - yi) * xi
    return g


def gd_step(theta, grad, state, *, lr):
    theta = [float(t) for t in theta]
    for i in range(len(theta)):
        theta[i] -= lr * grad[i]
    return np.array(theta), state


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.asarray(theta, dtype=float)
    idx = list(range(len(X)))
    rng.shuffle(idx)
    for i in idx:
        theta = theta - lr * grad_fn(theta, X[i], y[i])
    return theta


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.asarray(theta0, dtype=float)
    for _ in range(num_epochs):
        idx = list(range(len(X)))
        rng.shuffle(idx)
        for i in range(0, len(idx), batch_size):
            batch = idx[i : i + batch_size]
            theta = theta - lr * grad_fn(theta, X[batch], y[batch])
    return theta
