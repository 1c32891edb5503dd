"""Correct, as rows of layers, each with its own way back; a text is an image one channel deep."""

import numpy as np


def _convolution(params, grads, *, text=False):
    """Filters of images, or of texts: these are as wide as a letter has numbers."""
    weight = params["conv_weight"]
    weight = weight.transpose(0, 2, 1)[:, None] if text else weight

    def layer(x):
        def back(grad):
            _, grad_weight, grads["conv_bias"] = conv2d_backward(grad, x, weight)
            grads["conv_weight"] = grad_weight[:, 0].transpose(0, 2, 1) if text else grad_weight

        return conv2d_forward(x, weight, params["conv_bias"]), back

    return layer


def _linear(params, grads):
    def layer(x):
        def back(grad):
            grad, grads["weight"], grads["bias"] = linear_backward(grad, x, params["weight"])
            return grad

        return linear_forward(x, params["weight"], params["bias"]), back

    return layer


def _relu(x):
    return np.where(x > 0, x, 0.0), lambda grad: np.where(x > 0, grad, 0.0)


def _pool(x):
    size = {"kernel_size": 2, "stride": 2}
    return max_pool2d_forward(x, **size), lambda grad: max_pool2d_backward(grad, x, **size)


def _over_time(x):
    """The largest of each column, x of shape (N, F, L, 1)."""

    def back(grad):
        back = np.zeros_like(x)
        np.put_along_axis(back, x.argmax(axis=2, keepdims=True), grad[:, :, None, None], axis=2)
        return back

    return x.max(axis=(2, 3)), back


def _flatten(x):
    return x.reshape(x.shape[0], -1), lambda grad: grad.reshape(x.shape)


def _loss(layers, x, targets):
    """Go through the layers, then back: they leave the gradients where they were told to."""
    ways_back = []
    for layer in layers:
        x, back = layer(x)
        ways_back.append(back)
    loss, grad = softmax_cross_entropy(x, targets)
    for back in ways_back[::-1]:
        grad = back(grad)
    return loss


def cnn_loss(params, x, targets):
    """Convolution, ReLU, pool and linear layer, in a row."""
    grads = {}
    first, last = _convolution(params, grads), _linear(params, grads)
    return _loss([first, _relu, _pool, _flatten, last], x, targets), grads


def _text_loss(params, x, targets):
    grads = {}
    first, last = _convolution(params, grads, text=True), _linear(params, grads)
    return _loss([first, _relu, _over_time, last], x[:, None], targets), grads


def _steps(loss_of, params, X, y, lr, batch_size, num_epochs, rng):
    """Yield the loss of each step, which changes params."""
    for _ in range(num_epochs):
        order = np.arange(len(y))
        rng.shuffle(order)
        for first in range(0, len(y), batch_size):
            batch = order[first : first + batch_size]
            loss, grads = loss_of(params, X[batch], y[batch])
            params.update({key: params[key] - lr * grad for key, grad in grads.items()})
            yield loss


def train_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    """Its steps, on a dict of its own."""
    params = dict(params)
    losses = list(_steps(cnn_loss, params, X, y, lr, batch_size, num_epochs, rng))
    return params, np.array(losses)


def train_text_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    """Its steps, on a dict of its own."""
    params = dict(params)
    losses = list(_steps(_text_loss, params, X, y, lr, batch_size, num_epochs, rng))
    return params, np.array(losses)
