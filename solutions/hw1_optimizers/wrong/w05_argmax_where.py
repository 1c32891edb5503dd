import numpy as np


def steps_to_tolerance(losses, tol):
    return int(np.argmax(np.asarray(losses) <= tol))


def escape_step(trajectory, center, *, radius):
    dist = np.linalg.norm(trajectory - center, axis=1)
    return int(np.where(dist > radius)[0][0])


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    thetas = [np.asarray(theta0, dtype=float)]
    state = {}
    for _ in range(num_steps):
        theta, state = step_fn(thetas[-1], grad_fn(thetas[-1]), state, **hyper)
        thetas.append(theta)
    return np.stack(thetas)


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    out = {}
    for name, (step_fn, hyper) in configs.items():
        traj = run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        out[name] = dict(trajectory=traj, losses=np.array([float(f(th)) for th in traj]))
    return out
