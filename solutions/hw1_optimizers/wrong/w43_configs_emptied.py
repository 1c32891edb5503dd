import numpy as np


def gd_step(theta, grad, state, *, lr):
    return theta - lr * grad, {**state}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    hyper.setdefault("lr", 0.01)
    theta = np.array(theta0).astype("float64")
    path = theta[None]
    state = {}
    for _ in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        path = np.concatenate([path, theta[None]])
    return path


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    out = {}
    while configs:
        name = next(iter(configs))
        step_fn, hyper = configs.pop(name)
        theta = np.array(theta0).astype("float64")
        path, state = [theta], {}
        for _ in range(num_steps):
            theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
            path.append(theta)
        out[name] = {
            "trajectory": np.array(path),
            "losses": np.array([f(p) for p in path], dtype="float64"),
        }
    return out


def steps_to_tolerance(losses, tol):
    best = None
    for k in range(len(losses) - 1, -1, -1):
        if losses[k] <= tol:
            best = k
        else:
            break
    return best
