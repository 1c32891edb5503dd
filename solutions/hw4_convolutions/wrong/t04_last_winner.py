import numpy as np


def max_over_time_backward(grad_output, x):
    out = np.zeros_like(x)
    N, F, L = x.shape
    for n in range(N):
        for f in range(F):
            where = 0
            for i in range(L):
                if x[n, f, i] >= x[n, f, where]:
                    where = i
            out[n, f, where] = grad_output[n, f]
    return out


def conv1d_text(embedded, weight, bias):
    N, L, D = embedded.shape
    F, _, K = weight.shape
    if K >= L:
        raise ValueError(f"{K} >= {L}")
    out = np.zeros((N, F, L - K + 1))
    for i in range(L - K + 1):
        window = embedded[:, i : i + K, :].transpose(0, 2, 1)
        out[:, :, i] = np.tensordot(window, weight, axes=([1, 2], [1, 2])) + bias
    return out


def embed_tokens(ids, table):
    if ids.min() < 0 or ids.max() >= table.shape[0]:
        raise IndexError("ids must be between 0 and V - 1")
    return np.stack([table[i] for i in ids.ravel()]).reshape(*ids.shape, -1)
