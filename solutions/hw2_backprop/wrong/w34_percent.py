import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import softmax_cross_entropy


def mlp_forward(params, x):
    num_layers = max(int(key[6:]) for key in params if key.startswith("weight"))
    for layer in range(1, num_layers):
        x = relu_forward(linear_forward(x, params[f"weight{layer}"], params[f"bias{layer}"]))
    return linear_forward(x, params[f"weight{num_layers}"], params[f"bias{num_layers}"])


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    num_layers = max(int(key[6:]) for key in params if key.startswith("weight"))
    cache = []
    for layer in range(1, num_layers + 1):
        out = linear_forward(x, params[f"weight{layer}"], params[f"bias{layer}"])
        cache.append((x, out))
        x = relu_forward(out) if layer < num_layers else out
    loss, grad = softmax_cross_entropy(x, targets)
    grads = {}
    for layer in range(num_layers, 0, -1):
        inp, out = cache[layer - 1]
        weight = params[f"weight{layer}"]
        if layer < num_layers:
            grad = relu_backward(grad, out)
        grad, dw, db = linear_backward(grad, inp, weight)
        grads[f"weight{layer}"] = dw + weight_decay * weight
        grads[f"bias{layer}"] = db
        loss += weight_decay * np.sum(weight * weight)
    return loss, grads


def predict(params, x):
    return np.argmax(mlp_forward(params, x), axis=0)


def accuracy(predicted, targets):
    right = np.sum(np.ravel(predicted) == np.ravel(targets))
    return 100.0 * right / np.size(targets)
