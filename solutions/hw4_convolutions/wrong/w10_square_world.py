import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    if height + 2 * padding < kernel_height or width + 2 * padding < kernel_width:
        raise ValueError(f"{kernel_height}x{kernel_width} kernel for a {height}x{width} image")
    return tuple((s + 2 * padding - kernel_height) // stride + 1 for s in (height, width))


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    N, C, S, _ = x.shape
    F, D, K, _ = weight.shape
    if C != D:
        raise ValueError(f"{C} channels, filters for {D}")
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    O = (S + 2 * padding - K) // stride + 1
    out = np.zeros((N, F, O, O))
    for i in range(O):
        for j in range(O):
            patch = xp[:, :, i * stride : i * stride + K, j * stride : j * stride + K]
            out[:, :, i, j] = np.einsum("ncpq,fcpq->nf", patch, weight) + bias
    return out


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    N, C, O, _ = grad_output.shape
    grad_x = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(O):
                for j in range(O):
                    y, z = i * stride, j * stride
                    win = x[n, c, y : y + kernel_size, z : z + kernel_size]
                    a = win.argmax()
                    grad_x[n, c, y + a // kernel_size, z + a % kernel_size] += grad_output[
                        n, c, i, j
                    ]
    return grad_x
