import numpy as np


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, D, KH, KW = weight.shape
    if C != D:
        raise ValueError(f"got {C} channels instead of {D}")
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (0, 0)))
    OH, OW = (H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1
    out = np.zeros((N, F, OH, OW))
    for p in range(KH):
        for q in range(KW):
            v = xp[:, :, p : p + OH * stride : stride, q : q + OW * stride : stride]
            out += np.einsum("fc,ncij->nfij", weight[:, :, p, q], v)
    return out + bias[None, :, None, None]


def conv2d_single(image, kernel, *, stride=1, padding=0):
    kh, kw = kernel.shape
    h = (image.shape[0] + 2 * padding - kh) // stride + 1
    w = (image.shape[1] + 2 * padding - kw) // stride + 1
    out = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            a, b = max(i * stride - padding, 0), max(j * stride - padding, 0)
            win = image[a : a + kh, b : b + kw]
            out[i, j] = np.sum(win * kernel[: win.shape[0], : win.shape[1]])
    return out


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    K = weight.shape[2]
    gx = np.zeros(x.shape)
    gw = np.zeros(weight.shape)
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    gp = np.zeros(xp.shape)
    for i in range(grad_output.shape[2]):
        s = i * stride
        gp[:, :, s : s + K] += np.einsum("nf,fck->nck", grad_output[:, :, i], weight)
        gw += np.einsum("nf,nck->fck", grad_output[:, :, i], xp[:, :, s : s + K])
    gx += gp[:, :, padding:-padding] if padding else gp
    return gx, gw, grad_output.sum(axis=2)
