import numpy as np
from layers import linear_forward, relu_forward, sigmoid_forward


def _layers(params):
    return [(params[f"weight{k + 1}"], params[f"bias{k + 1}"]) for k in range(len(params) // 2)]


def init_mlp(sizes, *, rng):
    params = {}
    for k in range(1, len(sizes)):
        w = rng.standard_normal((sizes[k - 1], sizes[k])) * np.sqrt(2 / sizes[k - 1])
        params[f"weight{k}"], params[f"bias{k}"] = w, np.zeros(sizes[k])
    return params


def mlp_forward(params, x):
    *hidden, (weight, bias) = _layers(params)
    for w, b in hidden:
        x = relu_forward(linear_forward(x, w, b))
    return linear_forward(x, weight, bias)


def two_layer_sigmoid(params, x):
    for w, b in _layers(params):
        x = sigmoid_forward(linear_forward(x, w, b))
    return x


def predict(params, x):
    return np.argmax(mlp_forward(params, x), axis=1, keepdims=True)


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    theta = {key: np.array(value, dtype=float) for key, value in params.items()}
    history = []
    for _ in range(num_epochs):
        perm = rng.permutation(len(X))
        epoch = []
        for i in range(0, len(X), batch_size):
            batch = perm[i : i + batch_size]
            loss, grads = mlp_loss(theta, X[batch], y[batch])
            epoch.append(loss)
            for key in theta:
                theta[key] = theta[key] - lr * grads[key]
        history.append(np.mean(epoch))
    return theta, np.array(history, dtype=float)
