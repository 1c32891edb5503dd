import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import softmax_cross_entropy


def predict(params, x):
    logits = mlp_forward(params, x)
    best = []
    for row in logits:
        best.append(list(row).index(max(row)))
    return np.array(best)


def accuracy(predicted, targets):
    return np.count_nonzero(np.ravel(predicted) == np.ravel(targets)) / np.size(targets)


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    hs, zs = [x], []
    for k in range(L):
        zs.append(linear_forward(hs[k], params[f"weight{k + 1}"], params[f"bias{k + 1}"]))
        hs.append(relu_forward(zs[k]))
    loss, g = softmax_cross_entropy(zs[-1], targets)
    grads = {}
    for k in range(L - 1, -1, -1):
        W = params[f"weight{k + 1}"]
        loss += 0.5 * weight_decay * (W**2).sum()
        g, gW, gb = linear_backward(g, hs[k], W)
        grads[f"weight{k + 1}"] = gW + 2 * weight_decay * W
        grads[f"bias{k + 1}"] = gb
        if k > 0:
            g = relu_backward(g, zs[k - 1])
    return loss, grads


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = {key: value.astype(float) for key, value in params.items()}
    losses = []
    for _ in range(num_epochs):
        perm = rng.permutation(len(X))
        for i in range(0, len(X), batch_size):
            b = perm[i : i + batch_size]
            _, grads = mlp_loss(params, X[b], y[b])
            for key in params:
                params[key] = params[key] - lr * grads[key]
            loss, _ = mlp_loss(params, X[b], y[b])
            losses.append(loss)
    return params, np.array(losses, dtype=float)
