"""Correct, with explicit Python loops over every sample and every parameter."""

import math

import numpy as np


def mse_grad(theta, X, y):
    """Sum sample by sample, divide once at the end."""
    n, d = X.shape
    grad = np.zeros(d)
    for i in range(n):
        error = sum(X[i, j] * theta[j] for j in range(d)) - y[i]
        for j in range(d):
            grad[j] += 2 * error * X[i, j]
    return grad / n


def gd_step(theta, grad, state, *, lr):
    """One parameter at a time; the state goes back as the same object."""
    new = np.empty(len(theta))
    for j in range(len(theta)):
        new[j] = theta[j] - lr * grad[j]
    return new, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    """Fill an array that was made beforehand; ask for the gradient at the last point too."""
    trajectory = np.zeros((num_steps + 1, len(theta0)))
    for j in range(len(theta0)):
        trajectory[0, j] = theta0[j]
    for k in range(num_steps):
        grad = grad_fn(trajectory[k].copy())
        for j in range(len(theta0)):
            trajectory[k + 1, j] = trajectory[k, j] - lr * grad[j]
    return trajectory


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    """Draw the samples out of a shrinking list."""
    theta = [float(value) for value in theta]
    left = list(range(len(X)))
    while left:
        i = left.pop(int(rng.integers(len(left))))
        grad = grad_fn(np.array(theta), X[[i]], y[[i]])
        for j in range(len(theta)):
            theta[j] -= lr * grad[j]
    return np.array(theta)


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    """Shuffle a list by swaps (Fisher-Yates), then fill the batches one index at a time."""
    if batch_size <= 0:
        raise ValueError("batch_size must be positive")
    order = list(range(n))
    if shuffle:
        for i in range(n - 1, 0, -1):
            j = int(rng.integers(i + 1))
            order[i], order[j] = order[j], order[i]
    batches, batch = [], []
    for i in order:
        batch.append(i)
        if len(batch) == batch_size:
            batches.append(np.array(batch))
            batch = []
    if batch and not drop_last:
        batches.append(np.array(batch))
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    """Without minibatch_indices: sort by random keys, go in strides."""
    theta = np.array([float(value) for value in theta0])
    for _ in range(num_epochs):
        order = np.argsort(rng.random(len(X)))
        start = 0
        while start < len(X):
            rows = order[start : start + batch_size]
            grad = grad_fn(theta, np.array([X[i] for i in rows]), np.array([y[i] for i in rows]))
            theta = np.array([theta[j] - lr * grad[j] for j in range(len(theta))])
            start += batch_size
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    """One parameter at a time."""
    old = state["v"] if "v" in state else np.zeros(len(theta))
    v, new = np.zeros(len(theta)), np.zeros(len(theta))
    for j in range(len(theta)):
        v[j] = beta * old[j] + (1 - beta) * grad[j]
        new[j] = theta[j] - lr * v[j]
    return new, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    """One parameter at a time, math.sqrt."""
    old = state["G"] if "G" in state else np.zeros(len(theta))
    G, new = np.zeros(len(theta)), np.zeros(len(theta))
    for j in range(len(theta)):
        G[j] = old[j] + grad[j] * grad[j]
        new[j] = theta[j] - lr / (math.sqrt(G[j]) + eps) * grad[j]
    return new, {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    """One parameter at a time, math.sqrt."""
    old = state["s"] if "s" in state else np.zeros(len(theta))
    s, new = np.zeros(len(theta)), np.zeros(len(theta))
    for j in range(len(theta)):
        s[j] = alpha * old[j] + (1 - alpha) * grad[j] * grad[j]
        new[j] = theta[j] - lr / (math.sqrt(s[j]) + eps) * grad[j]
    return new, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One parameter at a time, the corrections by repeated multiplication."""
    d = len(theta)
    if not state:
        state = {"m": [0.0] * d, "v": [0.0] * d, "t": 0}
    power1 = power2 = 1.0
    for _ in range(state["t"] + 1):
        power1, power2 = power1 * beta1, power2 * beta2
    m, v, new = np.zeros(d), np.zeros(d), np.zeros(d)
    for j in range(d):
        m[j] = beta1 * state["m"][j] + (1 - beta1) * grad[j]
        v[j] = beta2 * state["v"][j] + (1 - beta2) * grad[j] * grad[j]
        new[j] = theta[j] - lr * (m[j] / (1 - power1)) / (math.sqrt(v[j] / (1 - power2)) + eps)
    return new, {"m": m, "v": v, "t": state["t"] + 1}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    """Fill an array that was made beforehand."""
    trajectory = np.zeros((num_steps + 1, len(theta0)))
    trajectory[0] = theta0
    state = {}
    for k in range(num_steps):
        theta = trajectory[k].copy()
        result = step_fn(theta, grad_fn(theta), state, **hyper)
        trajectory[k + 1], state = result[0], result[1]
    return trajectory


def steps_to_tolerance(losses, tol):
    """Return at the first hit."""
    for k, loss in enumerate(losses):
        if loss <= tol:
            return k
    return None


def escape_step(trajectory, center, *, radius):
    """Return at the first hit, math.hypot over the coordinates."""
    for k in range(len(trajectory)):
        distance = math.hypot(*(trajectory[k][j] - center[j] for j in range(len(center))))
        if distance > radius:
            return k
    return None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    """Without run_optimizer: the loop written out, the loss taken along the way."""
    results = {}
    for name in configs:
        step_fn, hyper = configs[name]
        theta, state = np.array(theta0, dtype=np.float64), {}
        points, losses = [theta], [f(theta)]
        for _ in range(num_steps):
            theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
            points.append(np.array(theta))
            losses.append(f(theta))
        results[name] = {"trajectory": np.array(points), "losses": np.array(losses)}
    return results
