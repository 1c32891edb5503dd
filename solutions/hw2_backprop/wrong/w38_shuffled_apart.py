import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import softmax_cross_entropy


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    inputs, outputs = [], []
    h = x
    for k in range(1, L + 1):
        inputs.append(h)
        h = linear_forward(h, params[f"weight{k}"], params[f"bias{k}"])
        outputs.append(h)
        if k < L:
            h = relu_forward(h)
    loss, g = softmax_cross_entropy(h, targets)
    penalty = sum(np.sum(params[f"weight{k}"] ** 2) for k in range(1, L + 1))
    loss = loss + 0.5 * weight_decay * penalty
    grads = {}
    for k in range(L, 0, -1):
        g = relu_backward(g, outputs[k - 1])
        g, grads[f"weight{k}"], grads[f"bias{k}"] = linear_backward(
            g, inputs[k - 1], params[f"weight{k}"]
        )
        grads[f"weight{k}"] = grads[f"weight{k}"] + weight_decay * params[f"weight{k}"]
    return loss, grads


def predict(params, x):
    return np.array([np.argmax(mlp_forward(params, row[None, :])) for row in x])


def accuracy(predicted, targets):
    predicted, targets = np.array(predicted).flatten(), np.array(targets).flatten()
    return 1 - np.mean(predicted != targets)


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = {k: np.array(v, dtype=float) for k, v in params.items()}
    losses = []
    for _ in range(num_epochs):
        X_shuffled = rng.permutation(X)
        y_shuffled = rng.permutation(y)
        for i in range(0, len(X), batch_size):
            loss, g = mlp_loss(params, X_shuffled[i : i + batch_size], y_shuffled[i : i + batch_size])
            losses.append(loss)
            for k in params:
                params[k] -= lr * g[k]
    return params, np.array(losses, dtype=float)
