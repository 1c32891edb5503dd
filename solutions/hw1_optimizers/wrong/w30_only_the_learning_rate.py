import numpy as np


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    lr = hyper.get("lr", 0.01)
    theta = np.array(theta0, dtype=float)
    state = {}
    traj = np.zeros((num_steps + 1, len(theta)))
    traj[0] = theta
    for k in range(1, num_steps + 1):
        theta, state = step_fn(theta, grad_fn(theta), state, lr=lr)
        traj[k] = theta
    return traj


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    out = {}
    state = {}
    for name, (step_fn, hyper) in configs.items():
        theta = np.array(theta0, dtype=float)
        traj = np.zeros((num_steps + 1, len(theta)))
        traj[0] = theta
        for k in range(1, num_steps + 1):
            theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
            traj[k] = theta
        out[name] = {"trajectory": traj, "losses": np.array([f(t) for t in traj])}
    return out


def steps_to_tolerance(losses, tol):
    if not any(losses <= tol):
        return None
    return list(losses <= tol).index(True)


def escape_step(trajectory, center, *, radius):
    distances = ((trajectory - center) ** 2).sum(axis=1)
    for k in range(len(distances)):
        if distances[k] > radius:
            return k
    return None
