import numpy as np


def train_text_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    perm = rng.permutation(len(X))
    X, y = X[perm], y[perm]
    history = []
    for _ in range(num_epochs):
        for start in range(0, len(X), batch_size):
            xb, yb = X[start : start + batch_size], y[start : start + batch_size]
            z = conv1d_text(xb, params["conv_weight"], params["conv_bias"])
            a = np.maximum(z, 0)
            m = max_over_time(a)
            out = linear_forward(m, params["weight"], params["bias"])
            loss, d = softmax_cross_entropy(out, yb)
            d, dw, db = linear_backward(d, m, params["weight"])
            d = max_over_time_backward(d, a) * (z > 0)
            _, dcw, dcb = conv1d_backward(d, xb.transpose(0, 2, 1), params["conv_weight"])
            g = {"conv_weight": dcw, "conv_bias": dcb, "weight": dw, "bias": db}
            params = {k: params[k] - lr * g[k] for k in params}
            history.append(loss)
    return params, np.array(history)
