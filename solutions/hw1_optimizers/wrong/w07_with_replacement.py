import numpy as np


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    thetas = [np.array(theta0, dtype=float)]
    while len(thetas) <= num_steps:
        thetas.append(thetas[-1] - lr * grad_fn(thetas[-1]))
    return np.array(thetas)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    # SGD: pick a random sample i, N times (lecture notes, section 1)
    N = X.shape[0]
    theta = np.array(theta, dtype=float)
    for _ in range(N):
        i = rng.integers(0, N)
        theta = theta - lr * grad_fn(theta, X[i : i + 1], y[i : i + 1])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size < 1")
    order = rng.permutation(n) if shuffle else np.arange(n)
    out = []
    for k in range(0, n, batch_size):
        out.append(order[k : k + batch_size])
    if drop_last and out and len(out[-1]) < batch_size:
        out.pop()
    return out


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    N = X.shape[0]
    theta = np.array(theta0, dtype=float)
    for _ in range(num_epochs):
        for _ in range(int(np.ceil(N / batch_size))):
            B = rng.choice(N, size=min(batch_size, N), replace=False)
            theta = theta - lr * grad_fn(theta, X[B], y[B])
    return theta
