import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import sigmoid_forward, softmax_cross_entropy


def init_mlp(sizes, *, rng):
    params = {}
    for k in range(len(sizes) - 1):
        params[f"weight{k}"] = rng.standard_normal((sizes[k + 1], sizes[k])) * np.sqrt(2 / sizes[k])
        params[f"bias{k}"] = np.zeros(sizes[k + 1])
    return params


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    h = [x.astype(float)]
    for k in range(1, L):
        z = linear_forward(h[-1], params[f"weight{k}"], params[f"bias{k}"])
        h.append(relu_forward(z))
    loss, g = softmax_cross_entropy(
        linear_forward(h[-1], params[f"weight{L}"], params[f"bias{L}"]), targets
    )
    grads = dict.fromkeys(params)
    for k in range(L, 0, -1):
        W = params[f"weight{k}"]
        loss += 0.5 * weight_decay * np.linalg.norm(W)
        g, gW, gb = linear_backward(g, h[k - 1], W)
        grads[f"weight{k}"] = gW + weight_decay * W
        grads[f"bias{k}"] = gb
        if k > 1:
            g = relu_backward(g, h[k - 1])
    return loss, grads


def two_layer_sigmoid(params, x):
    hidden = sigmoid_forward(linear_forward(x, params["weight1"], params["bias1"]))
    return sigmoid_forward(linear_forward(hidden, params["weight2"], params["bias2"]))


def accuracy(predicted, targets):
    return int(np.sum(np.ravel(predicted) == np.ravel(targets))) / int(np.size(targets))


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = {k: np.array(v, dtype=float) for k, v in params.items()}
    losses = []
    for _ in range(num_epochs):
        idx = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            loss, grads = mlp_loss(params, X[idx[s : s + batch_size]], y[idx[s : s + batch_size]])
            losses.append(loss)
            for k in params:
                if k.startswith("weight"):
                    params[k] -= lr * grads[k]
    return params, np.array(losses, dtype=float)
