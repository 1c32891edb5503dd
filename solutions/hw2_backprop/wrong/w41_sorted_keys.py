import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import sigmoid_forward, softmax_cross_entropy


def _split(params):
    weights = [params[k] for k in sorted(params) if k[0] == "w"]
    biases = [params[k] for k in sorted(params) if k[0] == "b"]
    return weights, biases


def mlp_forward(params, x):
    weights, biases = _split(params)
    for w, b in zip(weights[:-1], biases[:-1]):
        x = relu_forward(linear_forward(x, w, b))
    return linear_forward(x, weights[-1], biases[-1])


def two_layer_sigmoid(params, x):
    (w1, w2), (b1, b2) = _split(params)
    return sigmoid_forward(linear_forward(sigmoid_forward(linear_forward(x, w1, b1)), w2, b2))


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    def down(h, k):
        """Loss and gradient by h of everything from layer k on."""
        w, b = params[f"weight{k}"], params[f"bias{k}"]
        z = linear_forward(h, w, b)
        if f"weight{k + 1}" in params:
            loss, g = down(relu_forward(z), k + 1)
            g = relu_backward(g, z)
        else:
            loss, g = softmax_cross_entropy(z, targets)
        g, gw, gb = linear_backward(g, h, w)
        grads[f"weight{k}"] = gw
        grads[f"bias{k}"] = gb
        return loss + 0.5 * weight_decay * np.sum(w**2), g

    grads = {}
    loss, _ = down(x, 1)
    return loss, grads


def accuracy(predicted, targets):
    same = np.equal(np.reshape(predicted, -1), np.reshape(targets, -1))
    return float(same.sum()) / same.size
