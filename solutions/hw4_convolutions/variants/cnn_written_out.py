"""Correct, with the linear layer and the softmax written out, and updates of copies in place."""

import numpy as np


def _head(flat, weight, bias, targets):
    """Return loss, gradient of flat, of weight and of bias."""
    logits = flat @ weight.T + bias
    shifted = np.exp(logits - logits.max(axis=1)[:, None])
    grad = shifted / shifted.sum(axis=1)[:, None]
    rows = np.arange(len(targets))
    log_sum = np.log(shifted.sum(axis=1)) + logits.max(axis=1)
    loss = float(np.mean(log_sum - logits[rows, targets]))
    grad[rows, targets] -= 1
    grad /= len(targets)
    return loss, grad @ weight, grad.T @ flat, grad.sum(axis=0)


def cnn_loss(params, x, targets):
    """Pool first, then the ReLU: both keep the order of numbers, so they may change places."""
    maps = conv2d_forward(x, params["conv_weight"], params["conv_bias"])
    pooled = max_pool2d_forward(maps, kernel_size=2, stride=2)
    active = np.where(pooled > 0, pooled, 0.0)
    grads = {}
    loss, grad, grads["weight"], grads["bias"] = _head(
        active.reshape(active.shape[0], -1), params["weight"], params["bias"], targets
    )
    grad = np.where(pooled > 0, grad.reshape(pooled.shape), 0.0)
    grad = max_pool2d_backward(grad, maps, kernel_size=2, stride=2)
    _, grads["conv_weight"], grads["conv_bias"] = conv2d_backward(grad, x, params["conv_weight"])
    return loss, grads


def train_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    """Steps in place, on copies; the batches by array_split of a permutation."""
    params = {key: np.array(value) for key, value in params.items()}
    losses = np.zeros(0)
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        for batch in np.split(order, range(batch_size, len(X), batch_size)):
            loss, grads = cnn_loss(params, X[batch], y[batch])
            losses = np.append(losses, loss)
            for key in params:
                params[key] -= lr * grads[key]
    return params, losses


def train_text_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    """The same loop, with the way back of the filters by one product for each letter of them."""
    params = {key: np.array(value) for key, value in params.items()}
    losses = []
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        while len(order):
            batch, order = order[:batch_size], order[batch_size:]
            texts = X[batch]
            responses = conv1d_text(texts, params["conv_weight"], params["conv_bias"])
            best = responses.argmax(axis=2)  # (N, F)
            strongest = np.maximum(max_over_time(responses), 0)
            loss, grad, grad_weight, grad_bias = _head(
                strongest, params["weight"], params["bias"], y[batch]
            )
            grad = grad * (strongest > 0)
            filters = np.zeros(params["conv_weight"].shape)
            rows = np.arange(len(batch))[:, None]
            for k in range(filters.shape[2]):
                filters[:, :, k] = np.einsum("nf,nfd->fd", grad, texts[rows, best + k])
            losses.append(loss)
            params["conv_weight"] -= lr * filters
            params["conv_bias"] -= lr * grad.sum(axis=0)
            params["weight"] -= lr * grad_weight
            params["bias"] -= lr * grad_bias
    return params, np.asarray(losses)
