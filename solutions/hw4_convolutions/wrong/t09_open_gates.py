import numpy as np


def train_text_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    history = []
    for _ in range(num_epochs):
        perm = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = perm[start : start + batch_size]
            z = conv1d_text(X[rows], params["conv_weight"], params["conv_bias"])
            m = np.maximum(max_over_time(z), 0)
            out = linear_forward(m, params["weight"], params["bias"])
            loss, d = softmax_cross_entropy(out, y[rows])
            d, dw, db = linear_backward(d, m, params["weight"])
            d = max_over_time_backward(d, z)
            _, dcw, dcb = conv1d_backward(d, X[rows].transpose(0, 2, 1), params["conv_weight"])
            g = {"conv_weight": dcw, "conv_bias": dcb, "weight": dw, "bias": db}
            params = {k: params[k] - lr * g[k] for k in params}
            history.append(loss)
    return params, np.array(history)
