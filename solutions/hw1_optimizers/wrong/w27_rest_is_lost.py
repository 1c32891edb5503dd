import numpy as np


def mse_grad(theta, X, y):
    return 2 * np.einsum("nd,n->d", X, X @ theta - y) / X.shape[0]


def gd_step(theta, grad, state, *, lr):
    return theta - np.multiply(lr, grad), state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    trajectory = np.zeros((num_steps + 1, theta0.shape[0]))
    theta = np.array(theta0, dtype=float)
    for k in range(num_steps + 1):
        theta = theta - lr * grad_fn(theta)
        trajectory[k] = theta
    return trajectory


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype=float)
    n = X.shape[0]
    i = 0
    perm = rng.permutation(n)
    while i < n:
        j = perm[i]
        theta -= lr * grad_fn(theta, X[j : j + 1], y[j : j + 1])
        i += 1
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size must not be smaller than 1")
    order = rng.permutation(n)
    batches = [order[i : i + batch_size] for i in range(0, n, batch_size)]
    if drop_last and n % batch_size:
        del batches[-1]
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    n = X.shape[0]
    num_batches = n // batch_size
    for _ in range(num_epochs):
        perm = rng.permutation(n)
        for b in range(num_batches):
            sel = perm[b * batch_size : (b + 1) * batch_size]
            theta -= lr * grad_fn(theta, X[sel], y[sel])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    try:
        v = state["v"]
    except KeyError:
        v = np.zeros(theta.shape[0])
    v = beta * v + (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    try:
        G = state["G"]
    except KeyError:
        G = np.zeros(theta.shape[0])
    G = G + grad**2
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    try:
        s = state["s"]
    except KeyError:
        s = np.zeros(theta.shape[0])
    s = alpha * s + (1 - alpha) * grad**2
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    try:
        m, v, t = state["m"], state["v"], state["t"]
    except KeyError:
        m, v, t = np.zeros(theta.shape[0]), np.zeros(theta.shape[0]), 0
    t += 1
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    update = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - lr * update, {"m": m, "v": v, "t": t}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    trajectory = np.zeros((num_steps + 1, theta0.shape[0]))
    theta = np.array(theta0, dtype=float)
    trajectory[0] = theta
    state = {}
    for k in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        trajectory[k + 1] = theta
    return trajectory


def steps_to_tolerance(losses, tol):
    return next((k for k in range(len(losses)) if losses[k] <= tol), None)


def escape_step(trajectory, center, *, radius):
    d = trajectory - center
    return next((k for k in range(len(d)) if np.sqrt(d[k] @ d[k]) > radius), None)


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    out = dict()
    for name, (step_fn, hyper) in configs.items():
        trajectory = run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        losses = np.zeros(num_steps + 1)
        for k in range(num_steps):
            losses[k] = f(trajectory[k])
        out[name] = {"trajectory": trajectory, "losses": losses}
    return out
