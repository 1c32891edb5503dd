import numpy as np


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    N = X.shape[0]
    theta = np.array(theta, dtype=float)
    perm = rng.permutation(N)
    updated = theta.copy()
    for i in perm:
        g = grad_fn(theta, X[i : i + 1, :], y[i : i + 1])
        updated = updated - lr * g
    return updated


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if not batch_size >= 1:
        raise ValueError("need batch_size >= 1")
    perm = rng.permutation(n) if shuffle else np.arange(n)
    full = n // batch_size
    batches = [perm[k * batch_size : (k + 1) * batch_size] for k in range(full)]
    rest = perm[full * batch_size :]
    if len(rest) > 0 and not drop_last:
        batches.append(rest)
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    for _ in range(num_epochs):
        for B in minibatch_indices(X.shape[0], batch_size, rng=rng):
            # average over the batch
            theta = theta - lr / len(B) * grad_fn(theta, X[B], y[B])
    return theta


def steps_to_tolerance(losses, tol):
    k = 0
    while k < len(losses):
        if losses[k] <= tol:
            return k
        k = k + 1
    return None
