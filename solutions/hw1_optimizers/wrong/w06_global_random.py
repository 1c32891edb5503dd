import numpy as np

np.random.seed(42)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = theta.astype(float)
    perm = np.random.permutation(X.shape[0])
    for i in perm:
        xi = X[i].reshape(1, -1)
        yi = y[i].reshape(1)
        theta = theta - lr * grad_fn(theta, xi, yi)
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size <= 0:
        raise ValueError(f"batch_size must be positive, not {batch_size}")
    idx = np.arange(n)
    if shuffle:
        np.random.shuffle(idx)
    if drop_last:
        n = n - n % batch_size
    return [idx[i : min(i + batch_size, n)] for i in range(0, n, batch_size)]


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = theta0.astype(float)
    for _ in range(num_epochs):
        perm = rng.permutation(X.shape[0])
        Xs, ys = X[perm], y[perm]
        for i in range(0, X.shape[0], batch_size):
            theta = theta - lr * grad_fn(theta, Xs[i : i + batch_size], ys[i : i + batch_size])
    return theta


def mse_grad(theta, X, y):
    return 2 * np.mean((X @ theta - y)[:, np.newaxis] * X, axis=0)
