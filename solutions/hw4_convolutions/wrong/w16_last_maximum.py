import numpy as np


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    grad_x = np.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    best = None
                    for p in range(kernel_size):
                        for q in range(kernel_size):
                            v = x[n, c, i * stride + p, j * stride + q]
                            if best is None or v >= best:
                                best, at = v, (i * stride + p, j * stride + q)
                    grad_x[n, c, at[0], at[1]] += grad_output[n, c, i, j]
    return grad_x


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    gxp = np.zeros_like(xp)
    gw = np.zeros_like(weight)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            g = grad_output[:, :, i, j]
            rows, cols = slice(i * stride, i * stride + KH), slice(j * stride, j * stride + KW)
            gxp[:, :, rows, cols] += (g @ weight.reshape(F, -1)).reshape(N, C, KH, KW)
            gw = (g.T @ xp[:, :, rows, cols].reshape(N, -1)).reshape(weight.shape)
    return gxp[:, :, padding : padding + H, padding : padding + W], gw, grad_output.sum((0, 2, 3))


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, L = x.shape
    F, D, K = weight.shape
    if C != D:
        raise ValueError(f"{C} is not {D}")
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    L_out = int(np.ceil((L + 2 * padding - K) / stride)) + 1
    out = np.zeros((N, F, L_out))
    for i in range(L_out):
        w = x[:, :, i * stride : i * stride + K]
        out[:, :, i] = np.einsum("nck,fck->nf", w, weight[:, :, : w.shape[2]]) + bias
    return out
