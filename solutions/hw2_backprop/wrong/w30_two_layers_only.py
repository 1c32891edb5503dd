import numpy as np
from layers import (
    linear_backward,
    linear_forward,
    relu_backward,
    relu_forward,
    sigmoid_forward,
    softmax_cross_entropy,
)


def init_mlp(sizes, *, rng):
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = rng.normal(0, 2 / sizes[k - 1], size=(sizes[k], sizes[k - 1]))
        params[f"bias{k}"] = np.zeros(sizes[k])
    return params


def mlp_forward(params, x):
    h = relu_forward(linear_forward(x, params["weight1"], params["bias1"]))
    return linear_forward(h, params["weight2"], params["bias2"])


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    hs = [x]
    zs = []
    for k in range(1, L + 1):
        z = linear_forward(hs[-1], params[f"weight{k}"], params[f"bias{k}"])
        zs.append(z)
        hs.append(relu_forward(z) if k < L else z)
    loss, g = softmax_cross_entropy(hs[-1], targets)
    grads = {}
    for k in range(L, 0, -1):
        if k < L:
            g = relu_backward(g, zs[k - 1])
        g, gw, gb = linear_backward(g, hs[k - 1], params[f"weight{k}"])
        loss += 0.5 * weight_decay * np.sum(params[f"weight{k}"] ** 2)
        grads[f"weight{k}"] = gw + weight_decay * params[f"weight{k}"]
        grads[f"bias{k}"] = gb
    return loss, grads


def two_layer_sigmoid(params, x):
    h = sigmoid_forward(linear_forward(x, params["weight1"], params["bias1"]))
    return sigmoid_forward(linear_forward(h, params["weight2"], params["bias2"]))


def accuracy(predicted, targets):
    return float(np.mean(np.ravel(predicted) == np.ravel(targets)))
