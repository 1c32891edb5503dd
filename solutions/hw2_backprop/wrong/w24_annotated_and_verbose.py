from __future__ import annotations

from typing import Callable, Optional

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
STEP: float = 1e-5


def numerical_gradient(f: Callable[[Matrix], float], x: Matrix, *, h: float = 1e-5) -> Matrix:
    """Central differences."""
    point: Matrix = np.asarray(x, dtype=np.float64).copy()
    gradient: Matrix = np.zeros_like(point)
    for index, _ in np.ndenumerate(point):
        shift: Matrix = np.zeros_like(point)
        shift[index] = h
        gradient[index] = (f(point + shift) - f(point - shift)) / (2.0 * h)
    return gradient


def relative_error(a: Matrix, b: Matrix) -> float:
    """Maximum relative error."""
    if np.shape(a) != np.shape(b):
        raise ValueError(f"Incompatible shapes: {np.shape(a)} and {np.shape(b)}.")
    numerator: Matrix = np.abs(np.subtract(a, b))
    denominator: Matrix = np.maximum(np.abs(a), np.abs(b))
    is_zero = denominator == 0
    denominator = np.where(is_zero, 1.0, denominator)
    return float(np.max(numerator / denominator))


def gradient_check(
    f: Callable[[Matrix], float],
    grad: Matrix,
    x: Matrix,
    *,
    rng: np.random.Generator,
    num_checks: Optional[int] = None,
) -> float:
    """Check randomly selected entries."""
    if np.shape(grad) != np.shape(x):
        raise ValueError(f"Incompatible shapes: {np.shape(grad)} and {np.shape(x)}.")
    point: Matrix = np.asarray(x, dtype=np.float64)
    num_entries: int = point.size if num_checks is None else num_checks
    selected = rng.choice(point.size, size=num_entries, replace=False)
    analytic: list[float] = []
    numeric: list[float] = []
    for flat_index in selected:
        index = np.unravel_index(flat_index, point.shape)
        shift: Matrix = np.zeros_like(point)
        shift[index] = STEP
        numeric.append((f(point + shift) - f(point - shift)) / (2.0 * STEP))
        analytic.append(float(grad[index]))
    return relative_error(np.array(analytic), np.array(numeric))


def linear_forward(x: Matrix, weight: Matrix, bias: Matrix) -> Matrix:
    """Affine map."""
    return np.add(np.matmul(x, weight.T), bias)


def linear_backward(
    grad_output: Matrix, x: Matrix, weight: Matrix
) -> tuple[Matrix, Matrix, Matrix]:
    """Gradients of the affine map."""
    grad_x: Matrix = np.matmul(grad_output, weight)
    grad_weight: Matrix = np.matmul(grad_output.T, x)
    grad_bias: Matrix = np.sum(grad_output, axis=0)
    return grad_x, grad_weight, grad_bias


def relu_forward(x: Matrix) -> Matrix:
    """ReLU."""
    return np.maximum(x, 0.0)


def relu_backward(grad_output: Matrix, x: Matrix) -> Matrix:
    """Gradient of the ReLU."""
    mask = np.greater(x, 0.0)
    return np.where(mask, grad_output, 0.0)


def sigmoid_forward(x: Matrix) -> Matrix:
    """Sigmoid."""
    exponential: Matrix = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0 / (1.0 + exponential), exponential / (1.0 + exponential))


def sigmoid_backward(grad_output: Matrix, x: Matrix) -> Matrix:
    """Gradient of the sigmoid."""
    activation: Matrix = sigmoid_forward(x)
    return grad_output * activation * (1.0 - activation)


def softmax(logits: Matrix) -> Matrix:
    """Row-wise softmax."""
    shifted: Matrix = logits - np.max(logits, axis=1, keepdims=True)
    exponentials: Matrix = np.exp(shifted)
    return exponentials / np.sum(exponentials, axis=1, keepdims=True)


def softmax_cross_entropy(logits: Matrix, targets: np.ndarray) -> tuple[float, Matrix]:
    """Cross-entropy and its gradient."""
    num_samples, num_classes = logits.shape
    if targets.shape != (num_samples,):
        raise ValueError(f"Invalid shape of targets: {targets.shape}.")
    if np.min(targets) < 0 or np.max(targets) > num_classes:
        raise ValueError(f"Invalid targets: must be in [0, {num_classes}).")
    shifted: Matrix = logits - np.max(logits, axis=1, keepdims=True)
    log_probs: Matrix = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    rows = np.arange(num_samples)
    loss: float = float(-np.mean(log_probs[rows, targets]))
    grad_logits: Matrix = np.exp(log_probs)
    grad_logits[rows, targets] -= 1.0
    return loss, grad_logits / num_samples


def mse_loss(pred: Matrix, target: Matrix) -> tuple[float, Matrix]:
    """Mean squared error and its gradient."""
    if pred.shape != target.shape:
        raise ValueError(f"Incompatible shapes: {pred.shape} and {target.shape}.")
    difference: Matrix = np.subtract(pred, target)
    return float(np.mean(np.square(difference))), 2.0 * difference / difference.size
