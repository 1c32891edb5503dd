"""Correct, by the definitions: one loop for each index of the formulas, as slow as it gets."""

import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    """Move the window until it leaves the image."""
    sizes = []
    for size, kernel in ((height, kernel_height), (width, kernel_width)):
        count = 0
        while count * stride + kernel <= size + 2 * padding:
            count += 1
        if count == 0:
            raise ValueError(f"{kernel} is more than {size + 2 * padding}")
        sizes.append(count)
    return sizes[0], sizes[1]


def pixel(channel, row, column):
    """Return a pixel, or 0 outside of the image."""
    if 0 <= row < channel.shape[0] and 0 <= column < channel.shape[1]:
        return channel[row, column]
    return 0.0


def conv2d_single(image, kernel, *, stride=1, padding=0):
    """Four loops, and zeros that are never stored."""
    sizes = conv2d_output_shape(*image.shape, *kernel.shape, stride=stride, padding=padding)
    out = np.zeros(sizes)
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            total = 0.0
            for p in range(kernel.shape[0]):
                for q in range(kernel.shape[1]):
                    row, column = i * stride + p - padding, j * stride + q - padding
                    total += pixel(image, row, column) * kernel[p, q]
            out[i, j] = total
    return out


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    """Seven loops."""
    N, C, H, W = x.shape
    F, D, KH, KW = weight.shape
    if C != D:
        raise ValueError(f"{C} channels in x, {D} in weight")
    H_out, W_out = conv2d_output_shape(H, W, KH, KW, stride=stride, padding=padding)
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding : padding + H, padding : padding + W] = x
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    total = bias[f]
                    for c in range(C):
                        for p in range(KH):
                            for q in range(KW):
                                value = padded[n, c, i * stride + p, j * stride + q]
                                total += value * weight[f, c, p, q]
                    out[n, f, i, j] = total
    return out


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """The same seven loops, and each product handed to both of its factors."""
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding : padding + H, padding : padding + W] = x
    grad_padded, grad_weight, grad_bias = (
        np.zeros(padded.shape),
        np.zeros(weight.shape),
        np.zeros(F),
    )
    for n in range(N):
        for f in range(F):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    grad = grad_output[n, f, i, j]
                    grad_bias[f] += grad
                    for c in range(C):
                        for p in range(KH):
                            for q in range(KW):
                                row, column = i * stride + p, j * stride + q
                                grad_padded[n, c, row, column] += grad * weight[f, c, p, q]
                                grad_weight[f, c, p, q] += grad * padded[n, c, row, column]
    grad_x = grad_padded[:, :, padding : H + padding, padding : W + padding]
    return grad_x, grad_weight, grad_bias


def max_pool2d_forward(x, *, kernel_size, stride):
    """A running maximum."""
    N, C, H, W = x.shape
    sizes = conv2d_output_shape(H, W, kernel_size, kernel_size, stride=stride)
    out = np.full((N, C, *sizes), -np.inf)
    for n, c, i, j in np.ndindex(out.shape):
        for p in range(kernel_size):
            for q in range(kernel_size):
                out[n, c, i, j] = max(out[n, c, i, j], x[n, c, i * stride + p, j * stride + q])
    return out


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    """A running maximum that remembers where it was."""
    grad_x = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(grad_output.shape):
        best, where = -np.inf, None
        for row in range(i * stride, i * stride + kernel_size):
            for column in range(j * stride, j * stride + kernel_size):
                if x[n, c, row, column] > best:
                    best, where = x[n, c, row, column], (n, c, row, column)
        grad_x[where] += grad_output[n, c, i, j]
    return grad_x


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    """Five loops."""
    N, C, L = x.shape
    F, D, K = weight.shape
    if C != D:
        raise ValueError(f"{C} channels in x, {D} in weight")
    L_out = (L + 2 * padding - K) // stride + 1
    out = np.zeros((N, F, L_out))
    for n, f, i in np.ndindex(out.shape):
        total = bias[f]
        for c in range(C):
            for k in range(K):
                at = i * stride + k - padding
                if 0 <= at < L:
                    total += x[n, c, at] * weight[f, c, k]
        out[n, f, i] = total
    return out


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """Five loops, and nothing for what lies outside."""
    L = x.shape[2]
    grad_x, grad_weight = np.zeros(x.shape), np.zeros(weight.shape)
    grad_bias = np.zeros(len(weight))
    for n, f, i in np.ndindex(grad_output.shape):
        grad = grad_output[n, f, i]
        grad_bias[f] += grad
        for c in range(x.shape[1]):
            for k in range(weight.shape[2]):
                at = i * stride + k - padding
                if 0 <= at < L:
                    grad_x[n, c, at] += grad * weight[f, c, k]
                    grad_weight[f, c, k] += grad * x[n, c, at]
    return grad_x, grad_weight, grad_bias


def receptive_field(layers):
    """From the output back: so many neighbours are needed in front of each layer."""
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


def conv_param_count(c_in, c_out, kernel):
    """Count them one by one."""
    count = 0
    for _ in range(c_out):
        for _ in range(c_in):
            for _ in range(kernel):
                count += kernel
        count += 1
    return count
