import numpy as np

# conv_backward_naive, max_pool_backward_naive


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, HH, WW = weight.shape
    _, _, H_, W_ = grad_output.shape
    pad = padding
    x_pad = np.pad(x, ((0,), (0,), (pad,), (pad,)), "constant")
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(weight)
    db = np.sum(grad_output, axis=(0, 2, 3))
    for n in range(N):
        for f in range(F):
            for i in range(H_):
                for j in range(W_):
                    hs, ws = i * stride, j * stride
                    dw[f] += x_pad[n, :, hs : hs + HH, ws : ws + WW] * grad_output[n, f, i, j]
                    dx_pad[n, :, hs : hs + HH, ws : ws + WW] += weight[f] * grad_output[n, f, i, j]
    dx = dx_pad[:, :, pad:-pad, pad:-pad]
    return dx, dw, db


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    N, C, H, W = x.shape
    _, _, H_, W_ = grad_output.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_):
                for j in range(W_):
                    hs, ws = i * stride, j * stride
                    window = x[n, c, hs : hs + kernel_size, ws : ws + kernel_size]
                    m = np.max(window)
                    dx[n, c, hs : hs + kernel_size, ws : ws + kernel_size] += (
                        window == m
                    ) * grad_output[n, c, i, j]
    return dx
