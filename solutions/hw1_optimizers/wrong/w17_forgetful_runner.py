import numpy as np


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    theta = np.array(theta0, dtype=float)
    hist = [theta]
    for step in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), {}, **hyper)
        hist.append(theta)
    return np.vstack(hist)


def steps_to_tolerance(losses, tol):
    for k, loss in enumerate(losses):
        if loss <= tol:
            return k


def escape_step(trajectory, center, *, radius):
    for k, theta in enumerate(trajectory):
        if np.linalg.norm(theta - center) > radius:
            return k


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    res = {}
    theta = np.array(theta0, dtype=float)
    for name in configs:
        fn, hp = configs[name]
        state = {}
        traj, losses = [theta], [f(theta)]
        for _ in range(num_steps):
            theta, state = fn(theta, grad_fn(theta), state, **hp)
            traj.append(theta)
            losses.append(f(theta))
        res[name] = {"trajectory": np.array(traj), "losses": np.array(losses, dtype=float)}
    return res
