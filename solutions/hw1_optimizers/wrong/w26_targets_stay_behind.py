import numpy as np


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.copy(theta).astype(float)
    data = np.column_stack((X, y))
    data = rng.permutation(data)
    for row in data:
        x_i, y_i = row[:-1], row[-1]
        theta = theta - lr * grad_fn(theta, x_i[None, :], np.array([y_i]))
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size must be at least one.")
    inds = list(range(n))
    if shuffle:
        rng.shuffle(inds)
    res = []
    while len(inds) >= batch_size:
        res.append(np.array(inds[:batch_size]))
        inds = inds[batch_size:]
    if inds and not drop_last:
        res.append(np.array(inds))
    return res


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.copy(theta0).astype(float)
    N = len(X)
    for _ in range(num_epochs):
        X_shuffled = rng.permutation(X)
        y_shuffled = rng.permutation(y)
        for i in range(0, N, batch_size):
            g = grad_fn(theta, X_shuffled[i : i + batch_size], y_shuffled[i : i + batch_size])
            theta = theta - lr * g
    return theta


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    theta = np.copy(theta0).astype(float)
    out = theta.reshape(1, -1)
    for _ in range(num_steps):
        theta = theta - lr * grad_fn(theta)
        out = np.append(out, theta.reshape(1, -1), axis=0)
    return out
