"""Correct, one image or text at a time: gradients of single ones are added up."""

import numpy as np


def cnn_loss(params, x, targets):
    """The mean of the losses of single images, and of their gradients."""
    total, grads = 0.0, {key: np.zeros(value.shape) for key, value in params.items()}
    for i in range(len(x)):
        loss, found = _of_one_image(params, x[i : i + 1], targets[i : i + 1])
        total += loss / len(x)
        for key in grads:
            grads[key] = grads[key] + found[key] / len(x)
    return total, grads


def _of_one_image(params, x, targets):
    z = conv2d_forward(x, params["conv_weight"], params["conv_bias"])
    a = z * (z > 0)
    p = max_pool2d_forward(a, kernel_size=2, stride=2)
    loss, d = softmax_cross_entropy(
        linear_forward(p.reshape(1, p.size), params["weight"], params["bias"]), targets
    )
    d, weight, bias = linear_backward(d, p.reshape(1, p.size), params["weight"])
    d = max_pool2d_backward(d.reshape(p.shape), a, kernel_size=2, stride=2)
    _, conv_weight, conv_bias = conv2d_backward(d * (z > 0), x, params["conv_weight"])
    return loss, {
        "bias": bias,
        "weight": weight,
        "conv_bias": conv_bias,
        "conv_weight": conv_weight,
    }


def _of_one_text(params, text, target):
    z = conv1d_text(text[None], params["conv_weight"], params["conv_bias"])
    a = np.maximum(z, 0.0)
    m = max_over_time(a)
    loss, d = softmax_cross_entropy(
        linear_forward(m, params["weight"], params["bias"]), np.array([target])
    )
    d, weight, bias = linear_backward(d, m, params["weight"])
    d = np.where(z > 0, max_over_time_backward(d, a), 0.0)
    _, conv_weight, conv_bias = conv1d_backward(d, text.T[None], params["conv_weight"])
    return loss, {
        "conv_bias": conv_bias,
        "conv_weight": conv_weight,
        "bias": bias,
        "weight": weight,
    }


def _train(step, params, X, y, lr, batch_size, num_epochs, rng):
    losses = []
    for _ in range(num_epochs):
        order = list(rng.permutation(len(X)))
        for first in range(0, len(X), batch_size):
            loss, grads = step(params, X, y, order[first : first + batch_size])
            params = {key: value - lr * grads[key] for key, value in params.items()}
            losses.append(loss)
    return params, np.array(losses, dtype=np.float64)


def train_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    """The loop, with the step of images."""

    def step(params, X, y, batch):
        return cnn_loss(params, X[batch], y[batch])

    return _train(step, params, X, y, lr, batch_size, num_epochs, rng)


def train_text_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    """The loop, with the step of texts."""

    def step(params, X, y, batch):
        losses, grads = zip(*(_of_one_text(params, X[i], y[i]) for i in batch), strict=True)
        mean = {key: sum(each[key] for each in grads) / len(batch) for key in params}
        return sum(losses) / len(batch), mean

    return _train(step, params, X, y, lr, batch_size, num_epochs, rng)
