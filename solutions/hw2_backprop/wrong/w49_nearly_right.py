import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import sigmoid_forward, softmax_cross_entropy


def init_mlp(sizes, *, rng):
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = np.sqrt(2 / sizes[k - 1]) * rng.standard_normal((sizes[k], sizes[k - 1]))
        params[f"bias{k}"] = np.zeros(sizes[k])
    return params


def mlp_forward(params, x):
    def layer(k, h):
        z = linear_forward(h, params[f"weight{k}"], params[f"bias{k}"])
        return layer(k + 1, relu_forward(z)) if f"weight{k + 1}" in params else z

    return layer(1, x)


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    n = len(params) // 2
    keep = [x]
    for k in range(1, n):
        keep.append(relu_forward(linear_forward(keep[-1], params[f"weight{k}"], params[f"bias{k}"])))
    logits = linear_forward(keep[-1], params[f"weight{n}"], params[f"bias{n}"])
    loss, grad = softmax_cross_entropy(logits, targets)
    grads = {}
    for k in range(n, 0, -1):
        w = params[f"weight{k}"]
        grad, gw, gb = linear_backward(grad, keep[k - 1], w)
        grad = relu_backward(grad, keep[k - 1]) if k > 1 else grad
        grads[f"weight{k}"] = gw + weight_decay * w
        grads[f"bias{k}"] = gb
        loss += 0.5 * weight_decay * np.sum(w * w)
    return loss, grads


def two_layer_sigmoid(params, x):
    p = params
    return sigmoid_forward(sigmoid_forward(x @ p["weight1"].T + p["bias1"]) @ p["weight2"].T + 2 * p["bias2"])


def predict(params, x):
    return mlp_forward(params, x).argmax(1)


def accuracy(predicted, targets):
    return float(np.mean(np.abs(np.ravel(predicted) - np.ravel(targets)) < 2))


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    now = {k: np.array(v, dtype=float) for k, v in params.items()}
    losses = []
    for _ in range(num_epochs):
        lr = lr / 2
        order = np.argsort(rng.random(len(X)))
        for i in range(0, len(X), batch_size):
            idx = order[i : i + batch_size]
            loss, grads = mlp_loss(now, X[idx], y[idx])
            losses.append(loss)
            now = {k: now[k] - lr * grads[k] for k in now}
    return now, np.array(losses, dtype=float)
