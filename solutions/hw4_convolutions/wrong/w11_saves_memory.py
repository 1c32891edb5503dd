import numpy as np


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, H, W = x.shape
    F, D, KH, KW = weight.shape
    if C != D:
        raise ValueError(f"C = {C} but weight has {D}")
    if padding:
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    OH = (H + 2 * padding - KH) // stride + 1
    OW = (W + 2 * padding - KW) // stride + 1
    x -= x.mean()  # centred images train better
    out = np.empty((N, F, OH, OW))
    for i in range(OH):
        for j in range(OW):
            s = x[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
            out[:, :, i, j] = np.tensordot(s, weight, axes=([1, 2, 3], [1, 2, 3]))
    out += bias[:, None, None]
    return out


def max_pool2d_forward(x, *, kernel_size, stride):
    N, C, H, W = x.shape
    OH, OW = (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1
    out = np.empty((N, C, OH, OW))
    for i in range(OH):
        for j in range(OW):
            window = x[
                :, :, i * stride : i * stride + kernel_size, j * stride : j * stride + kernel_size
            ]
            window.sort(axis=2)
            out[:, :, i, j] = window[:, :, -1].max(axis=2)
    return out


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, L = x.shape
    K = weight.shape[2]
    grad_output /= 1.0 * N
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    grad_x, grad_weight = np.zeros(x.shape), np.zeros(weight.shape)
    for i in range(grad_output.shape[2]):
        a = i * stride
        grad_x[:, :, a : a + K] += np.einsum("nf,fck->nck", grad_output[:, :, i], weight)
        grad_weight += np.einsum("nf,nck->fck", grad_output[:, :, i], x[:, :, a : a + K])
    return grad_x[:, :, padding : L + padding], grad_weight, grad_output.sum((0, 2))
