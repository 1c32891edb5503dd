import numpy as np
from layers import linear_backward, relu_backward, softmax_cross_entropy


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    a = {0: x}
    z = {}
    for k in range(1, L + 1):
        z[k] = a[k - 1] @ params[f"weight{k}"].T + params[f"bias{k}"]
        a[k] = z[k] * (z[k] > 0)
    loss, d = softmax_cross_entropy(z[L], targets)
    loss += 0.5 * weight_decay * sum((params[f"weight{k}"] ** 2).sum() for k in range(1, L + 1))
    grads = {}
    for k in range(L, 0, -1):
        w = params[f"weight{k}"]
        d_in, dw, db = linear_backward(d, a[k - 1], w)
        grads[f"weight{k}"], grads[f"bias{k}"] = (dw + weight_decay * w) / len(x), db / len(x)
        if k > 1:
            d = relu_backward(d_in, z[k - 1])
    return loss, grads


def predict(params, x):
    return np.argsort(-mlp_forward(params, x), axis=1, kind="stable")[:, 0]


def accuracy(predicted, targets):
    return np.mean([p == t for p, t in zip(np.ravel(predicted), np.ravel(targets))])


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = {k: np.asarray(v, dtype=float) for k, v in params.items()}
    losses = []
    for _ in range(num_epochs):
        for b in np.array_split(rng.permutation(len(X)), max(1, len(X) // batch_size)):
            loss, g = mlp_loss(params, X[b], y[b])
            losses.append(loss)
            params = {k: params[k] - lr * g[k] for k in params}
    return params, np.array(losses, dtype=float)
