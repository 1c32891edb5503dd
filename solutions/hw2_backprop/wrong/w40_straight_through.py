import numpy as np
from layers import linear_backward, linear_forward, relu_forward, softmax_cross_entropy


def mlp_forward(params, x):
    L = len(params) // 2
    for k in range(1, L + 1):
        if k > 1:
            x = relu_forward(x)
        x = linear_forward(x, params[f"weight{k}"], params[f"bias{k}"])
    return x


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    hs = [x]
    for k in range(1, L + 1):
        z = linear_forward(hs[-1], params[f"weight{k}"], params[f"bias{k}"])
        hs.append(relu_forward(z) if k < L else z)
    loss, g = softmax_cross_entropy(hs.pop(), targets)
    grads = {}
    for k in range(L, 0, -1):
        g, gw, gb = linear_backward(g, hs.pop(), params[f"weight{k}"])
        grads[f"weight{k}"] = gw + weight_decay * params[f"weight{k}"]
        grads[f"bias{k}"] = gb
        loss += 0.5 * weight_decay * np.sum(params[f"weight{k}"] ** 2)
    return loss, grads


def accuracy(predicted, targets):
    return (np.squeeze(predicted) == np.squeeze(targets)).mean()


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = {k: v * 1.0 for k, v in params.items()}
    perm = rng.permutation(len(X))
    X, y = X[perm], y[perm]
    losses = []
    for _ in range(num_epochs):
        for i in range(0, len(X), batch_size):
            loss, grads = mlp_loss(params, X[i : i + batch_size], y[i : i + batch_size])
            losses.append(loss)
            params = {k: params[k] - lr * grads[k] for k in params}
    return params, np.array(losses, dtype=float)
