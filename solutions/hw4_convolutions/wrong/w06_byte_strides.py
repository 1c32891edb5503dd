import numpy as np
from numpy.lib.stride_tricks import as_strided


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, C_w, KH, KW = weight.shape
    if C != C_w:
        raise ValueError(f"channels: {C}, {C_w}")
    x = np.ascontiguousarray(np.pad(x, [(0, 0)] * 2 + [(padding, padding)] * 2))
    H_out = (H + 2 * padding - KH) // stride + 1
    W_out = (W + 2 * padding - KW) // stride + 1
    sn, sc, sh, sw = x.strides
    windows = as_strided(x, (N, C, H_out, W_out, KH, KW), (sn, sc, sh, stride * sw, sh, sw))
    return np.einsum("nchwpq,fcpq->nfhw", windows, weight) + bias.reshape(1, F, 1, 1)


def max_pool2d_forward(x, *, kernel_size, stride):
    # the famous reshape
    N, C, H, W = x.shape
    k = kernel_size
    x = x[:, :, : H // k * k, : W // k * k]
    return x.reshape(N, C, H // k, k, W // k, k).max(axis=(3, 5))


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    N, C, H, W = x.shape
    k = kernel_size
    H_out, W_out = grad_output.shape[2:]
    grad_x = np.zeros_like(x)
    for i in range(H_out):
        for j in range(W_out):
            window = x[:, :, i * stride : i * stride + k, j * stride : j * stride + k]
            flat = window.reshape(N, C, k * k).argmax(axis=2)
            r, c = flat // k, flat % k
            a, b = np.indices((N, C))
            grad_x[a, b, i * stride + r, j * stride + c] = grad_output[:, :, i, j]
    return grad_x
