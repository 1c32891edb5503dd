import numpy as np


def mse_grad(theta, X, y):
    N = X.shape[0]
    grad = np.zeros(theta.shape)
    for i in range(N):
        grad = 2 / N * (X[i] @ theta - y[i]) * X[i]
    return grad


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype=float)
    for i in rng.permutation(X.shape[0]):
        theta = theta - lr * grad_fn(theta, X[i : i + 1], y[i])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size is too small")
    order = rng.permutation(n) if shuffle else np.arange(n)
    batches = []
    for i in range(0, n, batch_size):
        if i + batch_size > n and drop_last:
            continue
        batches.append(order[i : i + batch_size])
    return np.array(batches, dtype=object)


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    y = y.reshape(-1, 1)
    for _ in range(num_epochs):
        perm = rng.permutation(X.shape[0])
        for i in range(0, X.shape[0], batch_size):
            B = perm[i : i + batch_size]
            theta = theta - lr * grad_fn(theta, X[B], y[B])
    return theta
