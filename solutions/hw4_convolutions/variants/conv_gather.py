"""Correct, with the way back as a convolution of its own, by kernels that are turned around."""

import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    """Two numbers, the same way."""

    def count(size, kernel):
        room = size + padding + padding
        if kernel > room:
            raise ValueError(f"a kernel of {kernel} in {room}")
        return (room - kernel + stride) // stride

    return count(height, kernel_height), count(width, kernel_width)


def views(padded, KH, KW, stride):
    """Return all windows as a view, shape (N, C, H_out, W_out, KH, KW), by strides."""
    N, C, H, W = padded.shape
    by_n, by_c, by_row, by_column = padded.strides
    shape = (N, C, (H - KH) // stride + 1, (W - KW) // stride + 1, KH, KW)
    steps = (by_n, by_c, stride * by_row, stride * by_column, by_row, by_column)
    return np.lib.stride_tricks.as_strided(padded, shape, steps, writeable=False)


def correlate(x, weight, stride=1):
    """Slide filters over images without a border."""
    windows = views(np.ascontiguousarray(x), *weight.shape[2:], stride)
    return np.einsum("ncijpq,fcpq->nfij", windows, weight)


def bordered(x, rows, columns):
    """Put zeros around images."""
    return np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)))


def conv2d_single(image, kernel, *, stride=1, padding=0):
    """A batch of one image, with one channel and one filter."""
    weight = kernel[np.newaxis, np.newaxis]
    return conv2d_forward(image[None, None], weight, np.zeros(1), stride=stride, padding=padding)[
        0, 0
    ]


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    """Windows by strides, and one einsum."""
    if weight.shape[1] != x.shape[1]:
        raise ValueError(f"{weight.shape[1]} kernels per filter for {x.shape[1]} channels")
    return correlate(bordered(x, padding, padding), weight, stride) + bias.reshape(1, -1, 1, 1)


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """grad_x by turned kernels, and grad_weight by sliding the gradient over the images."""
    N, F = grad_output.shape[:2]
    KH, KW = weight.shape[2:]
    padded = bordered(x, padding, padding)
    H, W = padded.shape[2:]
    spread = np.zeros((N, F, H - KH + 1, W - KW + 1))  # zeros between the steps, and at the end
    spread[:, :, ::stride, ::stride] = grad_output
    turned = weight[:, :, ::-1, ::-1].swapaxes(0, 1)  # (C, F, KH, KW)
    grad_padded = correlate(bordered(spread, KH - 1, KW - 1), turned)
    grad_x = grad_padded[:, :, padding : H - padding, padding : W - padding]
    # samples as channels, channels as samples: the sum over n, i, j is a convolution too
    grad_weight = correlate(padded.swapaxes(0, 1), spread.swapaxes(0, 1)).swapaxes(0, 1)
    return grad_x, grad_weight, grad_output.sum(axis=3).sum(axis=2).sum(axis=0)


def max_pool2d_forward(x, *, kernel_size, stride):
    """The maximum over windows by strides."""
    windows = views(np.ascontiguousarray(x), kernel_size, kernel_size, stride)
    return np.amax(windows, axis=(-1, -2))


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    """One window at a time, with argmax."""
    grad_x = np.zeros_like(x)
    for (n, c, i, j), grad in np.ndenumerate(grad_output):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + kernel_size, left : left + kernel_size]
        p, q = np.unravel_index(np.argmax(window), window.shape)
        grad_x[n, c, top + p, left + q] += grad
    return grad_x


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    """np.correlate for each pair of channel and filter, and every stride-th number of it."""
    if weight.shape[1] != x.shape[1]:
        raise ValueError(f"{weight.shape[1]} kernels per filter for {x.shape[1]} channels")
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    rows = [
        [
            sum(map(np.correlate, sample, filter_)) + b
            for filter_, b in zip(weight, bias, strict=True)
        ]
        for sample in padded
    ]
    return np.array(rows)[:, :, ::stride]


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """np.convolve with the spread gradient, which turns the kernels by itself."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    (N, C, length), (F, _, K) = padded.shape, weight.shape
    spread = np.zeros((N, F, length - K + 1))
    spread[:, :, ::stride] = grad_output
    grad_padded, grad_weight = np.zeros(padded.shape), np.zeros(weight.shape)
    for n, c, f in np.ndindex(N, C, F):
        grad_padded[n, c] += np.convolve(spread[n, f], weight[f, c])
        grad_weight[f, c] += np.correlate(padded[n, c], spread[n, f])
    return grad_padded[:, :, padding : length - padding], grad_weight, spread.sum(axis=(0, 2))


def receptive_field(layers):
    """Mark what one output sees, layer by layer."""
    seen = {0}
    for kernel, stride in reversed(layers):
        seen = {position * stride + k for position in seen for k in range(kernel)}
    return max(seen) - min(seen) + 1


def conv_param_count(c_in, c_out, kernel):
    """The formula, multiplied out another way."""
    return kernel * kernel * c_in * c_out + c_out
