import numpy as np


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, C_w, KH, KW = weight.shape
    if C_w != C:
        raise ValueError(f"expected {C_w} channels, got {C}")
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    H_out = (x.shape[2] - KH) // stride + 1
    W_out = (x.shape[3] - KW) // stride + 1
    cols = np.zeros((C * KH * KW, N * H_out * W_out))
    k = 0
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                patch = x[n, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
                cols[:, k] = patch.ravel()
                k += 1
    out = weight.reshape(F, -1) @ cols + bias[:, None]
    return out.reshape(N, F, H_out, W_out)


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, L = x.shape
    F, C_w, K = weight.shape
    if C_w != C:
        raise ValueError(f"expected {C_w} channels, got {C}")
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    L_out = (L + 2 * padding - K) // stride + 1
    out = np.zeros((N, F, L_out))
    for i in range(L_out):
        patch = x[:, :, i * stride : i * stride + K].reshape(N, -1)
        out[:, :, i] = patch @ weight.reshape(F, -1).T
    return out + bias.reshape(1, 1, -1) if L_out == F else out + bias.reshape(1, -1, 1)
