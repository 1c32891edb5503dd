import numpy as np


def steps_to_tolerance(losses, tol):
    for i in range(len(losses)):
        if losses[i] <= tol:
            return i
    return -1


def escape_step(trajectory, center, *, radius):
    outside = np.linalg.norm(trajectory - center) > radius
    if not outside:
        return None
    for i in range(len(trajectory)):
        if np.linalg.norm(trajectory[i]) > radius:
            return i


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    theta = np.array(theta0, dtype=float)
    state = {}
    trajectory = [theta]
    for i in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        trajectory += [theta]
    return np.array(trajectory)


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    table = {}
    for name, config in configs.items():
        trajectory = run_optimizer(config[0], grad_fn, theta0, num_steps=num_steps, **config[1])
        table[name] = (trajectory, np.array([f(t) for t in trajectory], dtype=float))
    return table
