import numpy as np


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    OH, OW = grad_output.shape[2:]
    p = padding
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    gxp = np.zeros(xp.shape)
    gw = np.zeros(weight.shape)
    for i in range(OH):
        for j in range(OW):
            a, b = i * stride, j * stride
            g = grad_output[:, :, i, j]
            gw += np.tensordot(g, xp[:, :, a : a + KH, b : b + KW], axes=(0, 0))
            gxp[:, :, a : a + KH, b : b + KW] += np.tensordot(g, weight, axes=(1, 0))
    gw /= OH * OW
    gb = grad_output.mean(axis=(2, 3)).sum(axis=0)
    return gxp[:, :, p : p + H, p : p + W], gw, gb


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    grad_x = np.zeros(x.shape)
    k = kernel_size
    for n, c, i, j in np.ndindex(grad_output.shape):
        a, b = i * stride, j * stride
        w = x[n, c, a : a + k, b : b + k]
        mask = w == w.max()
        grad_x[n, c, a : a + k, b : b + k] += mask / mask.sum() * grad_output[n, c, i, j]
    return grad_x


def conv2d_single(image, kernel, *, stride=1, padding=0):
    image = np.pad(image, padding, mode="reflect") if padding else image
    kh, kw = kernel.shape
    h = (image.shape[0] - kh) // stride + 1
    w = (image.shape[1] - kw) // stride + 1
    return np.array(
        [
            [
                (image[i * stride : i * stride + kh, j * stride : j * stride + kw] * kernel).sum()
                for j in range(w)
            ]
            for i in range(h)
        ]
    )
