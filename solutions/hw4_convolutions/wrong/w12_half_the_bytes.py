import numpy as np


def conv2d_single(image, kernel, *, stride=1, padding=0):
    h, w = image.shape
    kh, kw = kernel.shape
    pad = np.zeros((h + 2 * padding, w + 2 * padding), dtype=np.float32)
    pad[padding : padding + h, padding : padding + w] = image
    oh, ow = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    out = np.zeros((oh, ow), dtype=np.float32)
    for i in range(oh):
        for j in range(ow):
            for p in range(kh):
                for q in range(kw):
                    out[i, j] += pad[i * stride + p, j * stride + q] * kernel[p, q]
    return out


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    gx, gw, gb = np.zeros(xp.shape), np.zeros(weight.shape), np.zeros((F, 1))
    for n in range(N):
        for f in range(F):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    g = grad_output[n, f, i, j]
                    rows = slice(i * stride, i * stride + KH)
                    cols = slice(j * stride, j * stride + KW)
                    gx[n, :, rows, cols] += g * weight[f]
                    gw[f] += g * xp[n, :, rows, cols]
                    gb[f] += g
    return gx[:, :, padding : padding + H, padding : padding + W], gw, gb


def receptive_field(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        size += (kernel - 1) * step
    return size
