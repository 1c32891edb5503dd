import numpy as np
from layers import linear_forward, relu_forward, sigmoid_forward

np.random.seed(42)


def init_mlp(sizes, *, rng):
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = np.random.randn(sizes[k], sizes[k - 1]) * np.sqrt(2 / sizes[k - 1])
        params[f"bias{k}"] = np.zeros(sizes[k])
    return params


def two_layer_sigmoid(params, x):
    h = relu_forward(linear_forward(x, params["weight1"], params["bias1"]))
    return sigmoid_forward(linear_forward(h, params["weight2"], params["bias2"]))


def accuracy(predicted, targets):
    correct = 0
    for p, t in zip(np.ravel(predicted), np.ravel(targets)):
        if p == t:
            correct += 1
    return correct / len(predicted)


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    theta = {k: np.array(v, dtype=float) for k, v in params.items()}
    losses = []
    for _ in range(num_epochs):
        order = np.arange(len(X))
        np.random.shuffle(order)
        for i in range(0, len(X), batch_size):
            loss, grads = mlp_loss(theta, X[order[i : i + batch_size]], y[order[i : i + batch_size]])
            theta = {k: theta[k] - lr * grads[k] for k in theta}
            losses.append(loss)
    return theta, np.array(losses, dtype=float)
