import numpy as np


def mse_grad(theta, X, y):
    err = X @ theta - y
    G = 2 * err[:, None] * X
    return G.sum(axis=0) / G.size


def steps_to_tolerance(losses, tol):
    below = [k for k, loss in enumerate(losses) if loss <= tol]
    return below[0] if below else None


def escape_step(trajectory, center, *, radius):
    diff = np.abs(np.asarray(trajectory) - np.asarray(center))
    outside = [k for k in range(len(diff)) if diff[k].sum() > radius]
    return outside[0] if outside else None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    comparison = {}
    for name, (step_fn, hyper) in configs.items():
        theta, state = np.asarray(theta0, dtype=float), {}
        thetas = [theta]
        for _ in range(num_steps):
            theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
            thetas.append(theta)
        comparison[name] = {
            "trajectory": np.stack(thetas),
            "losses": np.array([f(th) for th in thetas], dtype=float),
        }
    return comparison
