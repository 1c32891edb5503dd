# Hausaufgabe 1 (I come from Matlab, so indices start at 1 in my head)
import numpy as np


def mse_grad(theta, X, y):
    [N, D] = X.shape
    r = X @ theta - y
    g = np.zeros(D)
    for j in range(1, D + 1):
        g[j - 1] = 2 / N * np.sum(r * X[:, j - 1])
    return g


def gd_step(theta, grad, state, *, lr):
    return (theta - lr * grad), state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    D = np.size(theta0)
    path = np.zeros([num_steps + 1, D])
    path[0, :] = theta0
    for k in range(1, num_steps + 1):
        path[k, :] = path[k - 1, :] - lr * grad_fn(path[k - 1, :])
    return path


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    N = np.size(y)
    theta = 1.0 * theta
    p = rng.permutation(N)
    for k in range(1, N):
        i = p[k]
        theta = theta - lr * grad_fn(theta, X[i : i + 1, :], y[i : i + 1])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size: %d" % batch_size)
    p = np.arange(0, n)
    if shuffle:
        p = rng.permutation(p)
    batches = []
    for k in range(1, n // batch_size + 1):
        batches.append(p[(k - 1) * batch_size : k * batch_size])
    if not drop_last and n % batch_size > 0:
        batches.append(p[n // batch_size * batch_size :])
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = 1.0 * theta0
    for _epoch in range(1, num_epochs):
        for b in minibatch_indices(np.size(y), batch_size, rng=rng):
            theta = theta - lr * grad_fn(theta, X[b, :], y[b])
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    if len(state) == 0:
        v = np.zeros(np.size(theta))
    else:
        v = state["v"]
    v = beta * v + (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    if len(state) == 0:
        G = np.zeros(np.size(theta))
    else:
        G = state["G"]
    G = G + grad**2
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    if len(state) == 0:
        s = np.zeros(np.size(theta))
    else:
        s = state["s"]
    s = alpha * s + (1 - alpha) * grad**2
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if len(state) == 0:
        m = np.zeros(np.size(theta))
        v = np.zeros(np.size(theta))
        t = 1
    else:
        m, v, t = state["m"], state["v"], state["t"]
    t = t + 1
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    return theta - lr * mhat / (np.sqrt(vhat) + eps), {"m": m, "v": v, "t": t}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    path = np.zeros([num_steps + 1, np.size(theta0)])
    path[0, :] = theta0
    state = {}
    for k in range(1, num_steps + 1):
        [theta, state] = step_fn(path[k - 1, :], grad_fn(path[k - 1, :]), state, **hyper)
        path[k, :] = theta
    return path


def steps_to_tolerance(losses, tol):
    for k in range(1, np.size(losses) + 1):
        if losses[k - 1] <= tol:
            return k
    return None


def escape_step(trajectory, center, *, radius):
    [T, D] = np.shape(trajectory)
    for k in range(1, T + 1):
        if np.sqrt(np.sum((trajectory[k - 1, :] - center) ** 2)) > radius:
            return k - 1
    return None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    out = {}
    for name in configs:
        path = run_optimizer(
            configs[name][0], grad_fn, theta0, num_steps=num_steps, **configs[name][1]
        )
        losses = np.zeros(num_steps + 1)
        for k in range(1, num_steps + 2):
            losses[k - 1] = f(path[k - 1, :])
        out[name] = {"trajectory": path, "losses": losses}
    return out
