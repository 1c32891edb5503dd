import numpy as np


def mse_grad(theta, X, y):
    """d/dtheta 1/N ||X theta - y||^2"""
    A = X.T @ X
    b = X.T @ y
    return 2 * (A @ theta - b) / X.shape[0]


def gd_step(theta, grad, state, *, lr):
    new = np.empty(theta.shape)
    new[:] = theta - lr * grad
    return new, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    thetas = np.empty((num_steps + 1,) + theta0.shape)
    thetas[0] = theta0
    for k in range(num_steps):
        # decreasing step size, needed for convergence
        thetas[k + 1] = thetas[k] - lr / (k + 1) * grad_fn(thetas[k])
    return thetas


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype=float)
    for i in rng.choice(len(X), size=len(X), replace=False):
        theta = theta - lr * grad_fn(theta, X[np.newaxis, i], y[np.newaxis, i])
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size >= 1 please")
    order = np.arange(n)
    if shuffle:
        order = rng.choice(n, size=n)
    batches = [order[a : a + batch_size] for a in range(0, n, batch_size)]
    if drop_last:
        batches = [b for b in batches if len(b) == batch_size]
    return batches


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    for epoch in range(num_epochs):
        order = rng.choice(len(X), size=len(X), replace=False)
        for a in range(0, len(X), batch_size):
            b = order[a : a + batch_size]
            theta = theta - lr * grad_fn(theta, X[b], y[b])
        lr = lr * 0.95
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    if not state:
        v = grad
    else:
        v = beta * state["v"] + (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    if not state:
        G = grad * grad
    else:
        G = state["G"] + grad * grad
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G.astype(float)}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    if not state:
        s = (1 - alpha) * grad * grad
    else:
        s = alpha * state["s"] + (1 - alpha) * grad * grad
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if not state:
        m, v, t = (1 - beta1) * grad, (1 - beta2) * grad * grad, 1
    else:
        m = beta1 * state["m"] + (1 - beta1) * grad
        v = beta2 * state["v"] + (1 - beta2) * grad * grad
        t = state["t"] + 1
    mh = m / (1 - beta1**t)
    vh = v / (1 - beta2**t)
    return theta - lr * mh / (np.sqrt(vh) + eps), {"m": m, "v": v, "t": t}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    thetas = np.empty((num_steps + 1,) + theta0.shape)
    thetas[0] = theta0
    state = {}
    for k in range(num_steps):
        thetas[k + 1], state = step_fn(thetas[k], grad_fn(thetas[k]), state, **hyper)
    return thetas


def steps_to_tolerance(losses, tol):
    k = np.searchsorted(-losses, -tol)
    return int(k) if k < len(losses) else None


def escape_step(trajectory, center, *, radius):
    k = np.nonzero(((trajectory - center) ** 2).sum(1) > radius**2)[0]
    return k[0].item() if len(k) else None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    return {
        name: (
            lambda T: {"trajectory": T, "losses": np.array([f(t) for t in T], dtype=float)}
        )(run_optimizer(fn, grad_fn, theta0, num_steps=num_steps, **hp))
        for name, (fn, hp) in configs.items()
    }
