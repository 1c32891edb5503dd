"""Correct, with other algebra: the same functions, equal up to rounding."""

import itertools

import numpy as np


def mse_grad(theta, X, y):
    """The normal equations, X'X theta - X'y."""
    return 2 / len(y) * (np.linalg.multi_dot([X.T, X, theta]) - np.einsum("nd,n->d", X, y))


def gd_step(theta, grad, state, *, lr):
    """A matrix product of [theta, grad] with [1, -lr]."""
    return np.stack([theta, grad], axis=1) @ np.array([1.0, -lr]), {**state}


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    """The start minus the running sum of all moves."""
    start = np.array(theta0, dtype=float)
    moves = np.zeros((num_steps + 1, start.size))
    theta = start
    for k in range(num_steps):
        moves[k + 1] = -lr * grad_fn(theta)
        theta = theta + moves[k + 1]
    return start + np.cumsum(moves, axis=0)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    """A random order by sorting random numbers; batches of one by np.take."""
    theta = theta * 1.0
    for i in rng.random(len(y)).argsort():
        X_batch, y_batch = np.take(X, [i], axis=0), np.take(y, [i])
        theta = theta + (-lr) * grad_fn(theta, X_batch, y_batch)
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    """How many batches, by arithmetic."""
    if batch_size < 1:
        raise ValueError(f"{batch_size=} must be 1 or more")
    order = rng.choice(n, size=n, replace=False) if shuffle else np.r_[:n]
    count = n // batch_size if drop_last else -(-n // batch_size)
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(count)]


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    """All epochs in one chain, every batch sorted."""
    theta = np.asarray(theta0) + 0.0
    epochs = (minibatch_indices(len(y), batch_size, rng=rng) for _ in range(num_epochs))
    for batch in itertools.chain.from_iterable(epochs):
        order = np.sort(batch)  # the order inside a batch does not matter to its mean
        theta = theta - lr * grad_fn(theta, X[order], y[order])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    """v + (1 - beta) * (g - v)."""
    state = dict(state)
    v = state.setdefault("v", np.zeros(theta.shape))
    v = v + (1 - beta) * (grad - v)
    return theta + np.negative(lr) * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    """The root by hypot: sqrt(a^2 + b^2)."""
    state = {"G": np.zeros(theta.shape), **state}
    root = np.hypot(np.sqrt(state["G"]), grad)
    return theta - np.true_divide(lr * grad, root + eps), {"G": state["G"] + grad * grad}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    """s + (1 - alpha) * (g^2 - s), the root as a power."""
    s = state["s"] if state else np.zeros(theta.shape)
    s = s + (1 - alpha) * (grad * grad - s)
    return theta - lr * np.reciprocal(s**0.5 + eps) * grad, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Kingma and Ba's more efficient order, with the eps that makes it the same."""
    zero = np.zeros(theta.shape)
    m, v, t = state.get("m", zero), state.get("v", zero), state.get("t", 0) + 1
    m = m - (1 - beta1) * (m - grad)
    v = np.average([v, np.abs(grad) ** 2], axis=0, weights=[beta2, 1 - beta2])
    root = np.sqrt(1 - np.power(beta2, t))
    lr_t = lr * root / (1 - np.power(beta1, t))
    return theta - lr_t * m / (np.sqrt(v) + eps * root), {"t": t, "v": v, "m": m}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    """As a fold over the steps."""

    def advance(point, _):
        theta, state = point
        return step_fn(theta, grad_fn(theta), state, **hyper)

    start = (np.asarray(theta0, dtype=float), {})
    points = itertools.accumulate(range(num_steps), advance, initial=start)
    return np.vstack([theta for theta, _ in points])


def steps_to_tolerance(losses, tol):
    """The smallest of all indices that qualify."""
    return min((k for k in range(len(losses)) if tol - losses[k] >= 0), default=None)


def escape_step(trajectory, center, *, radius):
    """Squared distances by einsum, against the squared radius."""
    offset = trajectory - center
    squared = np.einsum("td,td->t", offset, offset)
    return next((k for k, value in enumerate(squared) if value > radius**2), None)


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    """As one comprehension."""
    paths = {
        name: run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        for name, (step_fn, hyper) in configs.items()
    }
    return {
        name: {"losses": np.apply_along_axis(f, 1, path), "trajectory": path}
        for name, path in paths.items()
    }
