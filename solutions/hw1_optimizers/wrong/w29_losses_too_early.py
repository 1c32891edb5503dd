import numpy as np


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    theta = np.asarray(theta0, dtype=float)
    grad = grad_fn(theta)
    state = {}
    trajectory = [theta]
    for _ in range(num_steps):
        theta, state = step_fn(theta, grad, state, **hyper)
        trajectory.append(theta)
    return np.array(trajectory)


def steps_to_tolerance(losses, tol):
    if np.nanmin(losses) > tol:
        return None
    return int(np.nanargmin(losses))


def escape_step(trajectory, center, *, radius):
    outside = np.linalg.norm(trajectory - center, axis=-1) > radius
    for k, o in enumerate(outside):
        if o:
            return k
    return None


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    results = {}
    for name, (step_fn, hyper) in configs.items():
        theta = np.asarray(theta0, dtype=float)
        state = {}
        trajectory = [theta]
        losses = []
        for _ in range(num_steps):
            losses.append(f(theta))
            theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
            trajectory.append(theta)
        results[name] = {"trajectory": np.array(trajectory), "losses": np.array(losses)}
    return results
