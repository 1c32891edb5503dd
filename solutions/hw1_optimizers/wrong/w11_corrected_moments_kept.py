"""Hand-in of hw1. I put everything the methods have in common into helpers."""

import numpy as np


def _float(a):
    return np.array(a, dtype=np.float64)


def ema(old, new, decay):
    """Exponential moving average."""
    return decay * old + (1.0 - decay) * new


def mse_grad(theta, X, y):
    X, y, theta = _float(X), _float(y), _float(theta)
    residual = X @ theta - y
    return 2.0 * residual @ X / X.shape[0]


def gd_step(theta, grad, state, *, lr):
    return _float(theta) - lr * _float(grad), dict(state)


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    trajectory = np.empty((num_steps + 1, len(theta0)))
    trajectory[0] = theta0
    for k in range(1, num_steps + 1):
        trajectory[k] = trajectory[k - 1] - lr * grad_fn(trajectory[k - 1])
    return trajectory


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = _float(theta)
    for (i,) in minibatch_indices(len(X), 1, rng=rng):
        theta = theta - lr * grad_fn(theta, X[i, None], y[i, None])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("wrong batch_size: " + str(batch_size))
    order = np.arange(n)
    if shuffle:
        rng.shuffle(order)
    batches = []
    for b in range(n // batch_size):
        batches.append(order[b * batch_size : (b + 1) * batch_size])
    if n % batch_size != 0 and not drop_last:
        batches.append(order[-(n % batch_size) :])
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = _float(theta0)
    for _ in range(num_epochs):
        for idx in minibatch_indices(len(X), batch_size, rng=rng):
            theta = theta - lr * grad_fn(theta, X[idx], y[idx])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = ema(state.get("v", 0.0), _float(grad), beta)
    return _float(theta) - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state.get("G", 0.0) + _float(grad) ** 2
    return _float(theta) - lr * _float(grad) / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = ema(state.get("s", 0.0), _float(grad) ** 2, alpha)
    return _float(theta) - lr * _float(grad) / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.get("t", 0) + 1
    m = ema(state.get("m", 0.0), _float(grad), beta1) / (1 - beta1**t)
    v = ema(state.get("v", 0.0), _float(grad) ** 2, beta2) / (1 - beta2**t)
    return _float(theta) - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    trajectory = np.empty((num_steps + 1, len(theta0)))
    trajectory[0] = theta0
    state = {}
    for k in range(1, num_steps + 1):
        g = grad_fn(trajectory[k - 1])
        trajectory[k], state = step_fn(trajectory[k - 1], g, state, **hyper)
    return trajectory


def steps_to_tolerance(losses, tol):
    hits = np.flatnonzero(np.asarray(losses) <= tol)
    return int(hits[0]) if hits.size else None


def escape_step(trajectory, center, *, radius):
    outside = np.flatnonzero(np.linalg.norm(trajectory - center, axis=1) > radius)
    return int(outside[0]) if outside.any() else None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    table = {}
    for name, (step_fn, hyper) in configs.items():
        trajectory = run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        table[name] = {
            "trajectory": trajectory,
            "losses": _float([f(theta) for theta in trajectory]),
        }
    return table
