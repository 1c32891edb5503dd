from __future__ import annotations

from typing import Callable, Optional

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


def mse_grad(theta: Vector, X: Vector, y: Vector) -> Vector:
    """Gradient of the mean squared error."""
    num_samples: int = X.shape[0]
    predictions: Vector = np.matmul(X, theta)
    residuals: Vector = np.subtract(predictions, y)
    return np.multiply(2.0 / num_samples, np.matmul(np.transpose(X), residuals))


def gd_step(theta: Vector, grad: Vector, state: dict, *, lr: float) -> tuple[Vector, dict]:
    """One gradient descent update."""
    return np.subtract(theta, lr * grad), state


def gradient_descent(
    grad_fn: Callable[[Vector], Vector], theta0: Vector, *, lr: float, num_steps: int
) -> Vector:
    """Gradient descent with history."""
    history: list[Vector] = [np.asarray(theta0, dtype=np.float64)]
    for _ in range(num_steps):
        current: Vector = history[-1]
        history.append(current - lr * grad_fn(current))
    return np.stack(history, axis=0)


def sgd_epoch(grad_fn, theta, X, y, *, lr, rng) -> Vector:
    """One epoch of stochastic gradient descent."""
    current: Vector = np.asarray(theta, dtype=np.float64)
    permutation = rng.permutation(X.shape[0])
    for index in permutation:
        sample = np.expand_dims(X[index], axis=0)
        target = np.expand_dims(y[index], axis=0)
        current = current - lr * grad_fn(current, sample, target)
    return current


def minibatch_indices(
    n: int,
    batch_size: int,
    *,
    rng: np.random.Generator,
    shuffle: bool = True,
    drop_last: bool = False,
) -> list[np.ndarray]:
    """Indices of all mini-batches."""
    if batch_size < 1:
        raise ValueError(f"Invalid batch_size: {batch_size}. It must be a positive integer.")
    indices = np.arange(n)
    if shuffle:
        indices = rng.permutation(indices)
    num_batches = n // batch_size if drop_last else n // batch_size + 1
    return [indices[k * batch_size : (k + 1) * batch_size] for k in range(num_batches)]


def minibatch_sgd(
    grad_fn, theta0, X, y, *, lr: float, batch_size: int, num_epochs: int, rng
) -> Vector:
    """Mini-batch SGD."""
    current: Vector = np.asarray(theta0, dtype=np.float64)
    for _ in range(num_epochs):
        permutation = rng.permutation(X.shape[0])
        for start in range(0, X.shape[0], batch_size):
            batch = permutation[start : start + batch_size]
            current = current - lr * grad_fn(current, X[batch], y[batch])
    return current


def momentum_step(
    theta: Vector, grad: Vector, state: dict, *, lr: float, beta: float = 0.9
) -> tuple[Vector, dict]:
    """Momentum with look-ahead."""
    velocity: Vector = state.get("v", np.zeros_like(theta, dtype=np.float64))
    velocity = beta * velocity + (1.0 - beta) * grad
    lookahead: Vector = beta * velocity + (1.0 - beta) * grad
    return theta - lr * lookahead, {"v": velocity}


def adagrad_step(
    theta: Vector, grad: Vector, state: dict, *, lr: float, eps: float = 1e-10
) -> tuple[Vector, dict]:
    """Adagrad."""
    accumulated: Vector = state.get("G", np.zeros_like(theta, dtype=np.float64))
    accumulated = accumulated + np.square(grad)
    adjusted_lr: Vector = lr / (np.sqrt(accumulated) + eps)
    return theta - adjusted_lr * grad, {"G": accumulated}


def rmsprop_step(
    theta: Vector, grad: Vector, state: dict, *, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> tuple[Vector, dict]:
    """RMSProp."""
    mean_square: Vector = state.get("s", np.zeros_like(theta, dtype=np.float64))
    mean_square = alpha * mean_square + (1.0 - alpha) * np.square(grad)
    adjusted_lr: Vector = lr / (np.sqrt(mean_square) + eps)
    return theta - adjusted_lr * grad, {"s": mean_square}


def adam_step(
    theta: Vector,
    grad: Vector,
    state: dict,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Vector, dict]:
    """Adam."""
    first: Vector = state.get("m", np.zeros_like(theta, dtype=np.float64))
    second: Vector = state.get("v", np.zeros_like(theta, dtype=np.float64))
    step: int = state.get("t", 0) + 1
    first = beta1 * first + (1.0 - beta1) * grad
    second = beta2 * second + (1.0 - beta2) * np.square(grad)
    first_unbiased: Vector = first / (1.0 - beta1**step)
    second_unbiased: Vector = second / (1.0 - beta2**step)
    update: Vector = lr * first_unbiased / (np.sqrt(second_unbiased) + eps)
    return theta - update, {"m": first, "v": second, "t": step}


def run_optimizer(step_fn, grad_fn, theta0: Vector, *, num_steps: int, **hyper) -> Vector:
    """Generic optimization loop."""
    history: list[Vector] = [np.asarray(theta0, dtype=np.float64)]
    state: dict = {}
    for _ in range(num_steps):
        gradient: Vector = grad_fn(history[-1])
        updated, state = step_fn(history[-1], gradient, state, **hyper)
        history.append(updated)
    return np.stack(history, axis=0)


def steps_to_tolerance(losses: Vector, tol: float) -> Optional[int]:
    """First step at which the tolerance is met."""
    for step, loss in enumerate(losses.tolist()):
        if loss <= tol:
            return step
    return None


def escape_step(trajectory: Vector, center: Vector, *, radius: float) -> Optional[int]:
    """First step at which the ball is left."""
    for step, point in enumerate(trajectory):
        distance: float = float(np.linalg.norm(np.subtract(point, center)))
        if distance >= radius:
            return step
    return None


def compare_optimizers(f, grad_fn, theta0: Vector, configs: dict, *, num_steps: int) -> dict:
    """Compare several optimizers."""
    comparison: dict[str, dict[str, Vector]] = {}
    for name, (step_fn, hyper) in configs.items():
        trajectory = run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        losses = np.array([f(point) for point in trajectory], dtype=np.float64)
        comparison[name] = {"trajectory": trajectory, "losses": losses}
    return comparison
