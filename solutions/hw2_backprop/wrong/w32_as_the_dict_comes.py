import numpy as np
from layers import linear_forward, relu_forward, sigmoid_forward


def init_mlp(sizes, *, rng):
    params = {}
    fan_in = sizes[0]
    for i, fan_out in enumerate(sizes[1:]):
        w = rng.standard_normal((fan_out, fan_in)) * (2 / fan_in) ** 0.5
        params.update({f"weight{i + 1}": w, f"bias{i + 1}": np.zeros(fan_out)})
        fan_in = fan_out
    return params


def mlp_forward(params, x):
    weights = [value for key, value in params.items() if key.startswith("weight")]
    biases = [value for key, value in params.items() if key.startswith("bias")]
    for weight, bias in zip(weights[:-1], biases[:-1]):
        x = relu_forward(linear_forward(x, weight, bias))
    return linear_forward(x, weights[-1], biases[-1])


def two_layer_sigmoid(params, x):
    w1, b1, w2, b2 = (params[k] for k in ("weight1", "bias1", "weight2", "bias2"))
    return sigmoid_forward(sigmoid_forward(x @ w1.T + b1) @ w2.T + b2)


def predict(params, x):
    L = len(params) // 2
    for k in range(1, L + 1):
        x = linear_forward(x, params[f"weight{k}"], params[f"bias{k}"])
        if k != L:
            x = relu_forward(x)
    return x.argmax(axis=1)


def accuracy(predicted, targets):
    predicted = np.asarray(predicted).reshape(-1)
    targets = np.asarray(targets).reshape(-1)
    return sum(predicted == targets) / len(targets)
