import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    assert kernel_height <= height + 2 * padding, "kernel too high"
    assert kernel_width <= width + 2 * padding, "kernel too wide"
    return (
        1 + (height + 2 * padding - kernel_height) // stride,
        1 + (width + 2 * padding - kernel_width) // stride,
    )


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    H_out, W_out = conv2d_output_shape(H, W, KH, KW, stride=stride, padding=padding)
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.zeros((N, F, H_out, W_out))
    for f in range(F):
        for i in range(H_out):
            for j in range(W_out):
                window = xp[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
                out[:, f, i, j] = (window * weight[f]).sum(axis=(1, 2, 3)) + bias[f]
    return out


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, L = x.shape
    F, D, K = weight.shape
    if C != D:
        raise ValueError("wrong number of channels")
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    starts = range(0, L + 2 * padding - K + 1, stride)
    cols = [np.einsum("nck,fck->nf", xp[:, :, s : s + K], weight) + bias for s in starts]
    return np.stack(cols, axis=2)
