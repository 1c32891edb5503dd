"""Optimizers, homework 1.

Robust versions: I stop when converged and keep the steps from exploding.
"""

import numpy as np
from numpy.linalg import norm

TINY = 1e-6


def mse_grad(theta, X, y):
    return np.tensordot(X @ theta - y, X, axes=1) * 2 / X.shape[0]


def gd_step(theta, grad, state, *, lr):
    theta = np.array(theta, dtype=float, copy=True)
    theta -= lr * np.asarray(grad)
    return theta, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    theta = np.array(theta0, dtype=float)
    out = [theta.copy()]
    for _ in range(num_steps):
        g = grad_fn(theta)
        if norm(g) < TINY:
            break
        theta = theta - lr * g
        out.append(theta.copy())
    return np.array(out)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype=float)
    keys = rng.random(len(X))
    for i in np.argsort(keys):
        theta = theta - lr * grad_fn(theta, X[[i], :], y[[i]])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size must be a natural number")
    idx = np.argsort(rng.random(n)) if shuffle else np.arange(n)
    return [
        idx[i : i + batch_size]
        for i in range(0, n, batch_size)
        if i + batch_size <= n or not drop_last
    ]


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    for _ in range(num_epochs):
        for idx in minibatch_indices(len(X), batch_size, rng=rng):
            theta = theta - lr * grad_fn(theta, X[idx], y[idx])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = state.get("v", np.zeros(len(theta)))
    v = v + (1 - beta) * (grad - v)
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = np.add(state.get("G", 0), np.square(grad, dtype=float))
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state.get("s", 0) + (1 - alpha) * np.square(grad)
    rms = np.maximum(np.sqrt(s), eps)
    return theta - lr * grad / rms, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0) + (1 - beta1) * grad
    v_old = state.get("v", 0)
    v = beta2 * v_old + (1 - beta2) * np.square(grad)
    v = np.maximum(v, v_old)  # amsgrad, converges provably
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - lr * step, {"m": m, "v": v, "t": t}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    theta = np.array(theta0, dtype=float)
    out, state = [theta.copy()], {}
    for _ in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        out.append(theta.copy())
    return np.array(out)


def steps_to_tolerance(losses, tol):
    losses = np.asarray(losses)
    ok = losses <= tol
    return int(ok.argmax()) if ok.any() else None


def escape_step(trajectory, center, *, radius):
    far = norm(np.asarray(trajectory) - np.asarray(center), axis=1) > radius
    return int(far.argmax()) if far.any() else None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    table = {}
    for name in sorted(configs):
        step_fn, hyper = configs[name]
        traj = run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        table[name] = {"trajectory": traj, "losses": np.array(list(map(f, traj)), dtype=float)}
    return table
