"""Correct, with local copies that are then written into (`-=`, `out=`), as for large models."""

import numpy as np


def mse_grad(theta, X, y):
    """Overwrite the residual of our own."""
    residual = np.array(X @ theta, dtype=float)
    residual -= y
    residual *= 2
    residual /= len(y)
    return np.dot(residual, X)


def gd_step(theta, grad, state, *, lr):
    """Subtract from a copy."""
    theta = theta.astype(float)
    theta -= lr * grad
    return theta, state.copy()


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    """One working copy, a copy of it per row."""
    theta = np.array(theta0, dtype=float)
    trajectory = np.empty((num_steps + 1, theta.size))
    trajectory[0] = theta
    for k in range(1, num_steps + 1):
        theta -= lr * grad_fn(theta)
        trajectory[k] = theta
    return trajectory


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    """Shuffle an index array in place, subtract from a copy of theta."""
    theta = theta.astype(float)
    order = np.arange(X.shape[0])
    rng.shuffle(order)
    for i in order:
        theta -= lr * grad_fn(theta, X[i][None], y[i][None])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    """Shuffle in place, cut at the multiples of batch_size."""
    if not batch_size >= 1:
        raise ValueError("batch_size must be >= 1")
    order = np.arange(n)
    if shuffle:
        rng.shuffle(order)
    if drop_last:
        order = order[: n // batch_size * batch_size]
    if order.size == 0:
        return []
    return np.split(order, range(batch_size, order.size, batch_size))


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    """Shuffle copies of X and y together, then take slices of them."""
    theta = np.array(theta0, dtype=float)
    n = len(X)
    for _ in range(num_epochs):
        order = rng.permutation(n)
        X_epoch, y_epoch = X[order], y[order]
        for start in range(0, n, batch_size):
            batch = slice(start, min(start + batch_size, n))
            theta -= lr * grad_fn(theta, X_epoch[batch], y_epoch[batch])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    """Copy the velocity, then scale and add in place."""
    theta = theta.astype(float)
    v = np.array(state.get("v", np.zeros(theta.shape)), dtype=float)
    v *= beta
    v += (1 - beta) * grad
    theta -= lr * v
    return theta, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    """One buffer for the denominator."""
    theta = theta.astype(float)
    G = np.array(state.get("G", np.zeros(theta.shape)), dtype=float)
    G += np.square(grad)
    buffer = np.sqrt(G)
    buffer += eps
    np.divide(grad, buffer, out=buffer)
    buffer *= lr
    theta -= buffer
    return theta, {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    """One buffer for the denominator."""
    theta = theta.astype(float)
    s = np.array(state.get("s", np.zeros(theta.shape)), dtype=float)
    np.multiply(s, alpha, out=s)
    s += (1.0 - alpha) * np.square(grad)
    buffer = np.empty_like(s)
    np.sqrt(s, out=buffer)
    np.add(buffer, eps, out=buffer)
    np.divide(grad, buffer, out=buffer)
    theta -= lr * buffer
    return theta, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """A copy of the state, written into, with the arrays copied first."""
    theta = theta.astype(float)
    state = {
        "m": np.array(state.get("m", np.zeros(theta.shape)), dtype=float),
        "v": np.array(state.get("v", np.zeros(theta.shape)), dtype=float),
        "t": state.get("t", 0),
    }
    state["t"] += 1
    state["m"] *= beta1
    state["m"] += (1 - beta1) * grad
    state["v"] *= beta2
    state["v"] += (1 - beta2) * np.power(grad, 2)
    buffer = np.sqrt(state["v"] / (1 - beta2 ** state["t"]))
    buffer += eps
    np.divide(state["m"], buffer, out=buffer)
    theta -= lr / (1 - beta1 ** state["t"]) * buffer
    return theta, state


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    """Rows of an array that was made beforehand."""
    theta = np.asarray(theta0).astype(float)
    trajectory = np.empty((num_steps + 1, *theta.shape))
    np.copyto(trajectory[0], theta)
    state = {}
    for row in trajectory[1:]:
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        np.copyto(row, theta)
    return trajectory


def steps_to_tolerance(losses, tol):
    """Mask what is not a number, then look for the first True."""
    losses = np.array(losses, dtype=float)
    losses[np.isnan(losses)] = np.inf
    hits = losses <= tol
    if not hits.any():
        return None
    return int(hits.argmax())


def escape_step(trajectory, center, *, radius):
    """Squares in place."""
    offset = np.array(trajectory, dtype=float)
    offset -= center
    offset *= offset
    distance = offset.sum(axis=-1)
    np.sqrt(distance, out=distance)
    hits = distance > radius
    return int(hits.argmax()) if hits.any() else None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    """Losses into an array that was made beforehand."""
    results = dict.fromkeys(configs)
    for name, config in configs.items():
        trajectory = run_optimizer(config[0], grad_fn, theta0, num_steps=num_steps, **config[1])
        losses = np.zeros(len(trajectory))
        for k, theta in enumerate(trajectory):
            losses[k] = f(theta)
        results[name] = {"trajectory": trajectory, "losses": losses}
    return results
