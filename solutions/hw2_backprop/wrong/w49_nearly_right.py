"""Homework 2, part 2"""

import numpy as np

import layers as L


def init_mlp(sizes, *, rng):
    out = {}
    fans = list(zip(sizes[:-1], sizes[1:]))
    for layer, (fan_in, fan_out) in enumerate(fans, 1):
        out["weight%d" % layer] = rng.normal(0, (2 / fan_in) ** 0.5, (fan_out, fan_in))
        out["bias%d" % layer] = np.zeros(fan_out)
    return out


def activations(params, x):
    """All that goes into a linear layer, and the logits at the end."""
    hs = [x]
    last = len(params) // 2
    for layer in range(1, last + 1):
        h = L.linear_forward(hs[-1], params["weight%d" % layer], params["bias%d" % layer])
        hs.append(h if layer == last else L.relu_forward(h))
    return hs


def mlp_forward(params, x):
    return activations(params, x)[-1]


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    hs = activations(params, x)
    loss, g = L.softmax_cross_entropy(hs.pop(), targets)
    grads = {}
    layer = len(hs)
    while hs:
        h, w = hs.pop(), params["weight%d" % layer]
        g, dw, db = L.linear_backward(g, h, w)
        if hs:
            g = L.relu_backward(g, h)
        grads.update({"weight%d" % layer: dw + weight_decay * w, "bias%d" % layer: db})
        loss = loss + weight_decay / 2 * (w**2).sum()
        layer -= 1
    return loss, grads


def two_layer_sigmoid(params, x):
    h = L.sigmoid_forward(L.linear_forward(x, params["weight1"], params["bias1"]))
    z = L.linear_forward(h, params["weight2"], params["bias2"])
    return L.sigmoid_forward(z + params["bias2"])


def predict(params, x):
    return np.argmax(mlp_forward(params, x), axis=-1)


def accuracy(predicted, targets):
    off = np.abs(np.ravel(predicted) - np.ravel(targets))
    return float((off <= 1).mean())


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = {name: np.array(p, dtype=float) for name, p in params.items()}
    losses = []
    for epoch in range(num_epochs):
        lr *= 0.5
        shuffled = rng.permutation(len(X))
        while shuffled.size:
            batch, shuffled = shuffled[:batch_size], shuffled[batch_size:]
            loss, grads = mlp_loss(params, X[batch], y[batch])
            losses.append(loss)
            for name in params:
                params[name] = params[name] - lr * grads[name]
    return params, np.array(losses, dtype=float)
