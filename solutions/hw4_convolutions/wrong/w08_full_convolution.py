import numpy as np


def _corr(x, w):
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    out = np.zeros((N, F, H - KH + 1, W - KW + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = np.tensordot(
                x[:, :, i : i + KH, j : j + KW], w, axes=((1, 2, 3), (1, 2, 3))
            )
    return out


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    p = padding
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    g = np.zeros((N, F, H + 2 * p - KH + 1, W + 2 * p - KW + 1))
    g[:, :, ::stride, ::stride] = grad_output
    gw = _corr(xp.transpose(1, 0, 2, 3), g.transpose(1, 0, 2, 3)).transpose(1, 0, 2, 3)
    gp = np.pad(g, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    gx = _corr(gp, weight.transpose(1, 0, 2, 3))
    return gx[:, :, p : p + H, p : p + W], gw, g.sum(axis=(0, 2, 3))


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, L = x.shape
    K = weight.shape[2]
    p = padding
    xp = np.pad(x, ((0, 0), (0, 0), (p, p)))
    gxp = np.zeros_like(xp)
    gw = np.zeros_like(weight)
    for i in range(grad_output.shape[2]):
        for k in range(K):
            gw[:, :, k] += grad_output[:, :, i].T @ xp[:, :, i * stride + k]
            gxp[:, :, i * stride + k] += grad_output[:, :, i] @ weight[:, :, k]
    gx = gxp[:, :, p:L]
    return gx, gw, grad_output.sum(axis=(0, 2))
