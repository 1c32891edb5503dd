from __future__ import annotations

import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import sigmoid_forward, softmax_cross_entropy


def init_mlp(sizes: list[int], *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """He initialisation."""
    weights = [rng.standard_normal((m, n)) * np.sqrt(2 / n) for n, m in zip(sizes, sizes[1:])]
    params = {f"weight{k}": w for k, w in enumerate(weights, start=1)}
    params |= {f"bias{k}": np.zeros(m) for k, m in enumerate(sizes[1:], start=1)}
    return params


def _forward(params: dict, x: np.ndarray) -> tuple[np.ndarray, list]:
    """Logits, and what each layer got and gave."""
    depth = len(params) // 2
    cache = []
    for k in range(1, depth + 1):
        z = linear_forward(x, params[f"weight{k}"], params[f"bias{k}"])
        cache.append((x, z))
        x = relu_forward(z)
    return z, cache


def mlp_forward(params: dict, x: np.ndarray) -> np.ndarray:
    """Logits."""
    return _forward(params, x)[0]


def mlp_loss(
    params: dict, x: np.ndarray, targets: np.ndarray, *, weight_decay: float = 0.0
) -> tuple[float, dict]:
    """Loss and gradients."""
    logits, cache = _forward(params, x)
    loss, grad = softmax_cross_entropy(logits, targets)
    grads = {}
    for k in range(len(cache), 0, -1):
        layer_in, layer_out = cache[k - 1]
        if k < len(cache):
            grad = relu_backward(grad, layer_out)
        weight = params[f"weight{k}"]
        grad, grads[f"weight{k}"], grads[f"bias{k}"] = linear_backward(grad, layer_in, weight)
        loss += 0.5 * weight_decay * float(np.sum(weight**2))
        grads[f"weight{k}"] = grads[f"weight{k}"] + weight_decay * weight
    return loss, grads


def two_layer_sigmoid(params: dict, x: np.ndarray) -> np.ndarray:
    """The network of the notes."""
    hidden = linear_forward(x, params["weight1"], params["bias1"])
    return sigmoid_forward(linear_forward(hidden, params["weight2"], params["bias2"]))


def predict(params: dict, x: np.ndarray) -> np.ndarray:
    """Most likely class."""
    return np.argmax(mlp_forward(params, x), axis=-1)


def accuracy(predicted: np.ndarray, targets: np.ndarray) -> float:
    """Share of hits."""
    return float(np.mean(predicted.squeeze() == targets))


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    """Mini-batch SGD."""
    params = {key: np.array(value, dtype=float) for key, value in params.items()}
    losses = []
    size = min(batch_size, len(X))
    for _ in range(num_epochs):
        for _ in range(-(-len(X) // size)):
            batch = rng.choice(len(X), size, replace=False)
            loss, grads = mlp_loss(params, X[batch], y[batch])
            losses.append(loss)
            for key in params:
                params[key] = params[key] - lr * grads[key]
    return params, np.array(losses, dtype=float)
