import numpy as np
from functools import reduce
from itertools import accumulate

mse_grad = lambda theta, X, y: 2 * np.mean((X @ theta - y) * X.T, axis=-1)


def gd_step(theta, grad, state, *, lr): return theta - lr * grad, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    start = np.asarray(theta0, float)
    return np.array(list(accumulate(range(num_steps), lambda th, _: th - lr * grad_fn(th), initial=start)))


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    return reduce(lambda th, i: th - lr * grad_fn(th, X[[i]], y[[i]]), rng.permutation(len(X)), np.asarray(theta, float))


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    idx = rng.permutation(n) if shuffle else np.arange(n)
    cut = [idx[i:i + batch_size] for i in range(0, n, batch_size)]
    return [c for c in cut if len(c) == batch_size] if drop_last else cut


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    batches = [b for _ in range(num_epochs) for b in minibatch_indices(len(X), batch_size, rng=rng)]
    return reduce(lambda th, b: th - lr * grad_fn(th, X[b], y[b]), batches, np.asarray(theta0, float))


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = beta * state.get("v", 0) + (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state.get("G", 0.) + grad ** 2
    return theta - lr * grad / np.sqrt(G), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state.get("s", 0) + (1 - alpha) * grad ** 2
    return theta - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = beta1 * state.get("m", 0) + (1 - beta1) * grad, beta2 * state.get("v", 0) + (1 - beta2) * grad ** 2, state.get("t", 0) + 1
    return theta - lr * m / (1 - beta1 ** t) / (np.sqrt(v / (1 - beta2 ** t)) + eps), {"m": m, "v": v, "t": t}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    go = lambda pair, _: step_fn(pair[0], grad_fn(pair[0]), pair[1], **hyper)
    return np.array([th for th, _ in accumulate(range(num_steps), go, initial=(np.asarray(theta0, float), {}))])


def steps_to_tolerance(losses, tol): return next((k for k, l in enumerate(losses) if l <= tol), None)


def escape_step(trajectory, center, *, radius): return next((k for k, d in enumerate(np.linalg.norm(trajectory - center, axis=1)) if d > radius), None)


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    runs = {name: run_optimizer(fn, grad_fn, theta0, num_steps=num_steps, **hp) for name, (fn, hp) in configs.items()}
    return {name: {"trajectory": run, "losses": f(run.T)} for name, run in runs.items()}
