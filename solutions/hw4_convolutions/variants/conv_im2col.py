"""Correct, by im2col with index arrays: one row for each window, and matrix products."""

import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    """Count the rows at which a window can begin."""
    rows = range(0, height + 2 * padding - kernel_height + 1, stride)
    columns = range(0, width + 2 * padding - kernel_width + 1, stride)
    if not (rows and columns):
        raise ValueError(f"no room: {height, width, kernel_height, kernel_width, padding}")
    return len(rows), len(columns)


def places(shape, KH, KW, stride):
    """Return rows and columns of what each window sees, each of shape (H_out, W_out, KH, KW)."""
    H_out, W_out = conv2d_output_shape(*shape, KH, KW, stride=stride)
    i, j, p, q = np.ix_(*map(np.arange, (H_out, W_out, KH, KW)))
    return i * stride + p + 0 * (j + q), j * stride + q + 0 * (i + p)


def conv2d_single(image, kernel, *, stride=1, padding=0):
    """One window per row, times the kernel as a column."""
    H, W = image.shape
    padded = np.zeros((H + 2 * padding, W + 2 * padding))
    padded[padding : H + padding, padding : W + padding] = image
    rows, columns = places(padded.shape, *kernel.shape, stride)
    windows = padded[rows, columns].reshape(-1, kernel.size)
    return (windows @ kernel.ravel()).reshape(rows.shape[:2])


def padded_images(x, padding):
    """Return images with their border."""
    N, C, H, W = x.shape
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding : H + padding, padding : W + padding] = x
    return padded


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    """One matrix product for the whole batch."""
    if x.shape[1] != weight.shape[1]:
        raise ValueError(f"C is {x.shape[1]} in x and {weight.shape[1]} in weight")
    F, _, KH, KW = weight.shape
    padded = padded_images(x, padding)
    rows, columns = places(padded.shape[2:], KH, KW, stride)
    windows = padded[:, :, rows, columns]  # (N, C, H_out, W_out, KH, KW)
    matrix = np.moveaxis(windows, 1, 3).reshape(-1, weight[0].size)  # rows: n, i, j
    out = matrix @ weight.reshape(F, -1).T + bias
    return np.moveaxis(out.reshape(len(x), *rows.shape[:2], F), 3, 1)


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """The transposed product, and np.add.at to bring windows back to their places."""
    F, C, KH, KW = weight.shape
    N, _, H, W = x.shape
    padded = padded_images(x, padding)
    rows, columns = places(padded.shape[2:], KH, KW, stride)
    matrix = np.moveaxis(padded[:, :, rows, columns], 1, 3).reshape(-1, C * KH * KW)
    grad_rows = np.moveaxis(grad_output, 1, 3).reshape(-1, F)
    grad_weight = (grad_rows.T @ matrix).reshape(weight.shape)
    grad_matrix = grad_rows @ weight.reshape(F, -1)
    grad_windows = np.moveaxis(grad_matrix.reshape(N, *rows.shape[:2], C, KH, KW), 3, 1)
    grad_padded = np.zeros(padded.shape)
    np.add.at(grad_padded, (slice(None), slice(None), rows, columns), grad_windows)
    bottom, right = H + padding, W + padding
    return grad_padded[:, :, padding:bottom, padding:right], grad_weight, grad_rows.sum(axis=0)


def max_pool2d_forward(x, *, kernel_size, stride):
    """Sort each window."""
    rows, columns = places(x.shape[2:], kernel_size, kernel_size, stride)
    windows = x[:, :, rows, columns]
    return np.sort(windows.reshape(*windows.shape[:4], -1), axis=-1)[..., -1]


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    """Count in bins: the flat place of each winner, weighted with its gradient."""
    N, C, H, W = x.shape
    rows, columns = places((H, W), kernel_size, kernel_size, stride)
    windows = x[:, :, rows, columns].reshape(*grad_output.shape, -1)
    best = windows.argmax(axis=-1)[..., None]
    flat = np.broadcast_to((rows * W + columns).reshape(*rows.shape[:2], -1), windows.shape)
    image = np.arange(N * C).reshape(N, C, 1, 1) * H * W
    where = image + np.take_along_axis(flat, best, axis=-1)[..., 0]
    counts = np.bincount(where.ravel(), weights=grad_output.ravel(), minlength=x.size)
    return counts.reshape(x.shape)


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    """A convolution of images that are one pixel high."""
    if x.shape[1] != weight.shape[1]:
        raise ValueError(f"C is {x.shape[1]} in x and {weight.shape[1]} in weight")
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    return conv2d_forward(padded[:, :, None], weight[:, :, None], bias, stride=stride)[:, :, 0]


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """The way back through such a convolution."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    arrays = (array[:, :, None] for array in (grad_output, padded, weight))
    grad_padded, grad_weight, grad_bias = conv2d_backward(*arrays, stride=stride)
    return grad_padded[:, :, 0, padding : padding + x.shape[2]], grad_weight[:, :, 0], grad_bias


def receptive_field(layers):
    """Follow the first and the last pixel that one number sees."""
    first = last = 0
    for kernel, stride in layers[::-1]:
        first, last = first * stride, last * stride + kernel - 1
    return last - first + 1


def conv_param_count(c_in, c_out, kernel):
    """Weights and biases apart."""
    return c_in * c_out * kernel**2 + c_out
