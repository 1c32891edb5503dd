import numpy as np


def mse_grad(theta, X, y):
    n = X.shape[0]
    return (2.0 / n) * np.dot(X.T, np.dot(X, theta) - y)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    th = np.asarray(theta, dtype=float)
    for batch in minibatch_indices(len(y), 1, rng=rng):
        th = th - lr * grad_fn(th, X[batch], y[batch])
    return th


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size must be >= 1")
    indices = rng.permutation(n) if shuffle else np.arange(n)
    batches = [indices[i : i + batch_size] for i in range(0, n, batch_size)]
    if drop_last:
        batches = batches[:-1]
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    th = np.asarray(theta0, dtype=float)
    batches = minibatch_indices(len(y), batch_size, rng=rng)
    for epoch in range(num_epochs):
        for batch in batches:
            th = th - lr * grad_fn(th, X[batch], y[batch])
    return th
