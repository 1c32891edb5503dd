import numpy as np

history = {"v": None, "G": None, "s": None, "m": None, "t": 0}


def mse_grad(theta, X, y):
    n = y.shape[0]
    loss_grad = 2 * (X.dot(theta) - y)
    return X.T.dot(loss_grad) / n


def gd_step(theta, grad, state, *, lr):
    theta_new = theta - lr * grad
    return theta_new, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    theta = theta0 * 1.0
    thetas = [theta]
    for k in range(num_steps):
        theta = gd_step(theta, grad_fn(theta), {}, lr=lr)[0]
        thetas.append(theta)
    return np.array(thetas)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = theta * 1.0
    for k in rng.permutation(y.shape[0]):
        theta = gd_step(theta, grad_fn(theta, X[k : k + 1], y[k : k + 1]), {}, lr=lr)[0]
    return theta


def minibatch_indices(n, batch_size, *, rng, shuffle=True, drop_last=False):
    if batch_size < 1:
        raise ValueError("batch_size!")
    idx = rng.permutation(n) if shuffle else np.arange(n)
    stop = n - n % batch_size if drop_last else n
    return [idx[k : k + batch_size] for k in range(0, stop, batch_size)]


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = theta0 * 1.0
    for e in range(num_epochs):
        for b in minibatch_indices(y.shape[0], batch_size, rng=rng):
            theta = gd_step(theta, grad_fn(theta, X[b], y[b]), {}, lr=lr)[0]
    return theta


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = state["v"] if state else np.zeros(theta.size)
    v = beta * v + (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    G = state["G"] if state else np.zeros(theta.size)
    G = G + grad * grad
    return theta - lr * grad / (eps + np.sqrt(G)), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = state["s"] if state else np.zeros(theta.size)
    s = alpha * s + (1 - alpha) * grad * grad
    return theta - lr * grad / (eps + np.sqrt(s)), {"s": s}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    global history
    if history["t"] == 0:
        history["m"] = np.zeros(theta.size)
        history["v"] = np.zeros(theta.size)
    history["t"] = history["t"] + 1
    history["m"] = beta1 * history["m"] + (1 - beta1) * grad
    history["v"] = beta2 * history["v"] + (1 - beta2) * grad * grad
    mhat = history["m"] / (1 - beta1 ** history["t"])
    vhat = history["v"] / (1 - beta2 ** history["t"])
    theta_new = theta - lr * mhat / (eps + np.sqrt(vhat))
    return theta_new, {"m": history["m"], "v": history["v"], "t": history["t"]}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    theta = theta0 * 1.0
    thetas = [theta]
    state = {}
    for k in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        thetas.append(theta)
    return np.array(thetas)


def steps_to_tolerance(losses, tol):
    for k in range(losses.shape[0]):
        if losses[k] <= tol:
            return k
        else:
            return None


def escape_step(trajectory, center, *, radius):
    for k in range(trajectory.shape[0]):
        if np.linalg.norm(trajectory[k] - center) > radius:
            return k


def compare_optimizers(f, grad_fn, theta0, configs, *, num_steps):
    d = {}
    for name in configs.keys():
        traj = run_optimizer(
            configs[name][0], grad_fn, theta0, num_steps=num_steps, **configs[name][1]
        )
        d[name] = {}
        d[name]["trajectory"] = traj
        d[name]["losses"] = np.array([float(f(traj[k])) for k in range(num_steps + 1)])
    return d
