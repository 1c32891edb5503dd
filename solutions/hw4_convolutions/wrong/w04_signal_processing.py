import numpy as np


def conv2d_single(image, kernel, *, stride=1, padding=0):
    # product in the frequency domain
    image = np.pad(image, padding)
    kh, kw = kernel.shape
    size = (image.shape[0] + kh - 1, image.shape[1] + kw - 1)
    spectrum = np.fft.rfft2(image, size) * np.fft.rfft2(kernel, size)
    full = np.fft.irfft2(spectrum, size)
    valid = full[kh - 1 : image.shape[0], kw - 1 : image.shape[1]]
    return valid[::stride, ::stride]


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, _ = x.shape
    F, D, _ = weight.shape
    if C != D:
        raise ValueError(f"{C} != {D}")
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    out = []
    for n in range(N):
        row = []
        for f in range(F):
            y = sum(np.convolve(x[n, c], weight[f, c], mode="valid") for c in range(C))
            row.append(y[::stride] + bias[f])
        out.append(row)
    return np.array(out)


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    N, C, L = x.shape
    F, _, K = weight.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    up = np.zeros((N, F, xp.shape[2] - K + 1))
    up[:, :, ::stride] = grad_output
    gx = np.zeros_like(xp)
    gw = np.zeros_like(weight)
    for n in range(N):
        for f in range(F):
            for c in range(C):
                gx[n, c] += np.convolve(up[n, f], weight[f, c][::-1])
                gw[f, c] += np.correlate(xp[n, c], up[n, f])
    return gx[:, :, padding : padding + L], gw, grad_output.sum(axis=(0, 2))
