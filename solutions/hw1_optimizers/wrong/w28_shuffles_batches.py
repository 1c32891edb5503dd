import numpy as np


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype="float64")
    for i in np.random.default_rng(0).permutation(len(X)):
        theta = theta - lr * grad_fn(theta, X[i : i + 1], y[i : i + 1])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    assert batch_size >= 1, "batch_size must be >= 1"
    batches = [np.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]
    if drop_last and n % batch_size != 0:
        batches = batches[:-1]
    if shuffle:
        order = rng.permutation(len(batches))
        batches = [batches[k] for k in order]
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype="float64")
    for _ in range(num_epochs):
        perm = rng.permutation(len(X))
        for i in range(0, len(X), batch_size):
            sel = perm[i : i + batch_size]
            theta = theta - lr * grad_fn(theta, X[sel], y[sel])
    return theta


def mse_grad(theta, X, y):
    return (2 * X.T @ (X @ theta - y)) / y.size
