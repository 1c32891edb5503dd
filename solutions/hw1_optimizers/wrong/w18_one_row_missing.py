from copy import deepcopy

import numpy as np


def mse_grad(theta, X, y):
    preds = np.array([np.dot(x, theta) for x in X])
    return np.array([2 * np.mean((preds - y) * X[:, j]) for j in range(X.shape[1])])


def gd_step(theta, grad, state, *, lr):
    theta = deepcopy(theta).astype(float)
    theta = theta - lr * grad
    return theta, deepcopy(state)


def gradient_descent(grad_fn, theta0, *, lr, num_steps):
    theta = deepcopy(theta0).astype(float)
    trajectory = []
    for _ in range(num_steps):
        theta = theta - lr * grad_fn(theta)
        trajectory.append(theta)
    return np.array(trajectory)


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    state = deepcopy(state)
    v = state.pop("v", np.zeros(len(theta)))
    v *= beta
    v += (1 - beta) * grad
    return theta - lr * v, {"v": v}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    state = deepcopy(state)
    G = state.pop("G", np.zeros(len(theta)))
    G += grad**2
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def run_optimizer(step_fn, grad_fn, theta0, *, num_steps, **hyper):
    theta = deepcopy(theta0).astype(float)
    state = {}
    trajectory = []
    for _ in range(num_steps):
        trajectory.append(theta)
        grad = grad_fn(theta)
        theta, state = step_fn(theta, grad, state, **hyper)
    return np.array(trajectory)
