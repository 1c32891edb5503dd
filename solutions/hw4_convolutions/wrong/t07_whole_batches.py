import numpy as np


def train_cnn(params, X, y, *, lr, batch_size, num_epochs, rng):
    p = {k: v.copy() for k, v in params.items()}
    history = []
    batch_size = min(batch_size, len(X))
    for epoch in range(num_epochs):
        perm = rng.permutation(len(X))
        for b in range(len(X) // batch_size):
            rows = perm[b * batch_size : (b + 1) * batch_size]
            loss, grads = cnn_loss(p, X[rows], y[rows])
            history.append(loss)
            for k in p:
                p[k] -= lr * grads[k]
    return p, np.array(history)
