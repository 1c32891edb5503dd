import numpy as np
from layers import linear_forward, relu_forward, sigmoid_forward


def init_mlp(sizes, *, rng):
    params = {}
    for k in range(len(sizes) - 1):
        d_in, d_out = sizes[k], sizes[k + 1]
        params[f"weight{k + 1}"] = rng.normal(scale=np.sqrt(2 / d_out), size=(d_out, d_in))
        params[f"bias{k + 1}"] = np.zeros(d_out)
    return params


def mlp_forward(params, x):
    k = 1
    while True:
        x = linear_forward(x, params[f"weight{k}"], params[f"bias{k}"])
        k += 1
        if f"weight{k}" not in params:
            return x
        x = relu_forward(x)


def two_layer_sigmoid(params, x):
    h = sigmoid_forward(linear_forward(x, params["weight1"], params["bias1"]))
    return linear_forward(h, params["weight2"], params["bias2"])


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    params = dict(params)
    losses = []
    batch_size = min(batch_size, len(X))
    for _ in range(num_epochs):
        p = rng.permutation(len(X))
        for b in range(len(X) // batch_size):
            i = p[b * batch_size : (b + 1) * batch_size]
            loss, grads = mlp_loss(params, X[i], y[i])
            losses.append(loss)
            for key in grads:
                params[key] = params[key] - lr * grads[key]
    return {k: np.array(v, dtype=float) for k, v in params.items()}, np.array(losses, dtype=float)
