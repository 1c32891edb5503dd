import numpy as np


def mse_grad(theta, X, y):
    r = X.dot(theta).astype(float)
    r -= y
    r *= 2 / len(y)
    return X.T.dot(r)


def gd_step(theta, grad, state, *, lr):
    theta -= lr * grad
    return theta, state


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    theta = np.array(theta0, dtype=float)
    trajectory = [theta]
    for _ in range(num_steps):
        theta -= lr * grad_fn(theta)
        trajectory.append(theta)
    return np.array(trajectory)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng):
    theta = np.array(theta, dtype=float)
    for i in rng.permutation(len(y)):
        theta -= lr * grad_fn(theta, X[[i]], y[[i]])
    return theta


def minibatch_sgd(grad_fn, theta0, X, y, *, lr, batch_size, num_epochs, rng):
    theta = np.array(theta0, dtype=float)
    n = X.shape[0]
    idx = np.arange(n)
    for _ in range(num_epochs):
        rng.shuffle(idx)
        for s in range(0, n, batch_size):
            B = idx[s : s + batch_size]
            theta -= lr * grad_fn(theta, X[B], y[B])
    return theta


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    theta = np.array(theta0, dtype=float)
    trajectory = [theta.copy()]
    state = {}
    for _ in range(num_steps):
        theta, state = step_fn(theta, grad_fn(theta), state, **hyper)
        trajectory.append(theta.copy())
    return np.array(trajectory)
