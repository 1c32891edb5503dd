import math

import numpy as np


def mse_grad(theta, X, y):
    N = len(X)
    D = len(theta)
    grad = np.zeros(D)
    for i in range(N):
        # prediction for sample i
        pred = 0.0
        for j in range(D):
            pred += X[i][j] * theta[j]
        error = pred - y[i]
        for j in range(D):
            grad[j] += error * X[i][j]
    for j in range(D):
        grad[j] = grad[j] / N
    return grad


def gd_step(theta, grad, state, *, lr):
    new_theta = np.zeros(len(theta))
    for j in range(len(theta)):
        new_theta[j] = theta[j] - lr * grad[j]
    return new_theta, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    D = len(theta0)
    path = np.zeros((num_steps + 1, D))
    for j in range(D):
        path[0][j] = theta0[j]
    for k in range(num_steps):
        g = grad_fn(path[k].copy())
        for j in range(D):
            path[k + 1][j] = path[k][j] - lr * g[j]
    return path


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    N = len(X)
    theta = np.array(theta, dtype=float)
    order = rng.permutation(N)
    for i in order:
        g = grad_fn(theta, X[i : i + 1], y[i : i + 1])
        theta = theta - lr * g
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size has to be at least 1")
    if shuffle:
        order = rng.permutation(n)
    else:
        order = np.arange(n)
    batches = []
    start = 0
    while start < n:
        end = min(start + batch_size, n)
        if end - start < batch_size and drop_last:
            break
        batches.append(order[start:end])
        start = end
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    for _epoch in range(num_epochs):
        batches = minibatch_indices(len(X), batch_size, rng=rng)
        for b in batches:
            theta = theta - lr * grad_fn(theta, X[b], y[b])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    D = len(theta)
    if "v" in state:
        old_v = state["v"]
    else:
        old_v = [0.0] * D
    v = np.zeros(D)
    new_theta = np.zeros(D)
    for j in range(D):
        v[j] = beta * old_v[j] + (1 - beta) * grad[j]
        new_theta[j] = theta[j] - lr * v[j]
    return new_theta, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    D = len(theta)
    if "G" in state:
        old_G = state["G"]
    else:
        old_G = [0.0] * D
    G = np.zeros(D)
    new_theta = np.zeros(D)
    for j in range(D):
        G[j] = old_G[j] + grad[j] ** 2
        new_theta[j] = theta[j] - lr * grad[j] / (math.sqrt(G[j]) + eps)
    return new_theta, {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    D = len(theta)
    if "s" in state:
        old_s = state["s"]
    else:
        old_s = [0.0] * D
    s = np.zeros(D)
    new_theta = np.zeros(D)
    for j in range(D):
        s[j] = alpha * old_s[j] + (1 - alpha) * grad[j] ** 2
        new_theta[j] = theta[j] - lr * grad[j] / (math.sqrt(s[j]) + eps)
    return new_theta, {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    D = len(theta)
    if "t" in state:
        old_m, old_v, t = state["m"], state["v"], state["t"] + 1
    else:
        old_m, old_v, t = [0.0] * D, [0.0] * D, 1
    m = np.zeros(D)
    v = np.zeros(D)
    new_theta = np.zeros(D)
    for j in range(D):
        m[j] = beta1 * old_m[j] + (1 - beta1) * grad[j]
        v[j] = beta2 * old_v[j] + (1 - beta2) * grad[j] ** 2
        m_hat = m[j] / (1 - beta1**t)
        v_hat = v[j] / (1 - beta2**t)
        new_theta[j] = theta[j] - lr * m_hat / (math.sqrt(v_hat) + eps)
    return new_theta, {"m": m, "v": v, "t": t}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    D = len(theta0)
    path = np.zeros((num_steps + 1, D))
    path[0] = theta0
    theta = path[0].copy()
    state = {}
    for k in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        path[k + 1] = theta
    return path


def steps_to_tolerance(losses, tol):
    for k in range(len(losses)):
        if losses[k] < tol:
            return k
    return None


def escape_step(trajectory, center, *, radius):
    for k in range(len(trajectory)):
        total = 0.0
        for j in range(len(center)):
            total += (trajectory[k][j] - center[j]) ** 2
        if math.sqrt(total) > radius:
            return k
    return None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    results = {}
    for name in configs:
        step_fn, hyper = configs[name]
        path = run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        losses = np.zeros(num_steps + 1)
        for k in range(num_steps + 1):
            losses[k] = f(path[k])
        results[name] = {"trajectory": path, "losses": losses}
    return results
