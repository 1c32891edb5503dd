import numpy as np


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    theta = np.array(theta0, dtype=float)
    traj = [theta]
    for _ in range(num_steps):
        theta = theta - lr * grad_fn(theta)
        traj.append(theta)
    return np.squeeze(np.array(traj))


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size < 1 makes no sense")
    order = np.arange(n)
    if shuffle:
        rng.shuffle(order)
    if drop_last:
        order = order[: n - n % batch_size]
    return np.array_split(order, max(1, -(-len(order) // batch_size)))


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    for _ in range(num_epochs):
        p = rng.permutation(len(X))
        while len(p):
            now, p = p[:batch_size], p[batch_size:]
            theta = theta - lr * grad_fn(theta, X[now], y[now])
    return theta


def steps_to_tolerance(losses, tol):
    k = 0
    try:
        while losses[k] > tol:
            k += 1
    except IndexError:
        return None
    return k


def escape_step(trajectory, center, *, radius):
    k = 0
    try:
        while not np.linalg.norm(trajectory[k] - center) > radius:
            k += 1
    except IndexError:
        return None
    return k
