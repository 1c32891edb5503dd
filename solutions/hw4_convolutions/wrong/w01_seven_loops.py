import numpy as np


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, C2, KH, KW = weight.shape
    if C != C2:
        raise ValueError(f"x has {C} channels and weight has {C2}")
    H_out = (H + 2 * padding - KH) // stride + 1
    W_out = (W + 2 * padding - KW) // stride + 1
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    for c in range(C):
                        s = 0
                        for p in range(KH):
                            for q in range(KW):
                                s += xp[n, c, i * stride + p, j * stride + q] * weight[f, c, p, q]
                        out[n, f, i, j] += s + bias[f]
    return out


def max_pool2d_forward(x, *, kernel_size, stride):
    N, C, H, W = x.shape
    H_out = (H - kernel_size) // stride + 1
    W_out = (W - kernel_size) // stride + 1
    out = np.zeros((N, C, H_out, W_out))
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    for p in range(kernel_size):
                        for q in range(kernel_size):
                            v = x[n, c, i * stride + p, j * stride + q]
                            if v > out[n, c, i, j]:
                                out[n, c, i, j] = v
    return out
