import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import softmax_cross_entropy


def mlp_forward(params, x):
    L = len(params) // 2
    h = x
    for k in range(1, L + 1):
        a = linear_forward(h, params[f"weight{k}"], params[f"bias{k}"])
        h = a if k == L else relu_forward(a)
    return h


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    inputs, pre = {}, {}
    h = x
    for k in range(1, L + 1):
        inputs[k] = h
        pre[k] = linear_forward(h, params[f"weight{k}"], params[f"bias{k}"])
        h = relu_forward(pre[k])
    loss, g = softmax_cross_entropy(pre[L], targets)
    grads = {}
    for k in range(L, 0, -1):
        g, grads[f"weight{k}"], grads[f"bias{k}"] = linear_backward(
            g, inputs[k], params[f"weight{k}"]
        )
        if k > 1:
            g = relu_backward(g, pre[k - 1])
    for key, p in params.items():
        loss += 0.5 * weight_decay * np.sum(p**2)
        grads[key] = grads[key] + weight_decay * p
    return loss, grads


def accuracy(predicted, targets):
    return np.mean(predicted == targets)


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    losses = []
    for epoch in range(num_epochs):
        perm = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            idx = perm[start : start + batch_size]
            loss, grads = mlp_loss(params, X[idx], y[idx])
            losses.append(loss)
            for key in params:
                params[key] = params[key] - lr * grads[key]
    return params, np.array(losses, dtype=float)
