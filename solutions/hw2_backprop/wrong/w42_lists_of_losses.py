import numpy as np
from layers import linear_forward, relu_forward, sigmoid_forward


def init_mlp(sizes, *, rng):
    params = {}
    for k in range(1, len(sizes)):
        limit = np.sqrt(6 / (sizes[k - 1] + sizes[k]))  # glorot
        params[f"weight{k}"] = rng.uniform(-limit, limit, (sizes[k], sizes[k - 1]))
        params[f"bias{k}"] = np.zeros(sizes[k])
    return params


def mlp_forward(params, x):
    for k in range(1, 1 + len(params) // 2):
        x = linear_forward(x, params[f"weight{k}"], params[f"bias{k}"])
        x = np.maximum(x, 0) if k < len(params) // 2 else x
    return x


def two_layer_sigmoid(params, x):
    layer = lambda h, k: sigmoid_forward(linear_forward(h, params[f"weight{k}"], params[f"bias{k}"]))
    return layer(layer(x, 1), 2)


def predict(params, x):
    return [int(np.argmax(row)) for row in mlp_forward(params, x)]


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = {k: np.array(v, dtype=float) for k, v in params.items()}
    losses = []
    for _ in range(num_epochs):
        order = rng.permutation(len(y))
        while len(order) > 0:
            b, order = order[:batch_size], order[batch_size:]
            loss, grads = mlp_loss(params, X[b], y[b])
            losses.append(loss)
            for k, g in grads.items():
                params[k] -= lr * g
    return params, losses
