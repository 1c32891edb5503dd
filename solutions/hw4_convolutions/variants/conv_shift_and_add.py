"""Correct, by shifting: a loop over the places in the window, and whole images at a time."""

import math

import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    """Count with ceil: so many steps begin before the window leaves the image."""
    H_out = math.ceil((height + 2 * padding - kernel_height + 1) / stride)
    W_out = math.ceil((width + 2 * padding - kernel_width + 1) / stride)
    if min(H_out, W_out) < 1:
        raise ValueError(f"({kernel_height}, {kernel_width}) in ({height}, {width})")
    return H_out, W_out


def with_border(x, padding, axes):
    """Return a copy with zeros around the last axes."""
    widths = [(0, 0)] * (x.ndim - axes) + [(padding, padding)] * axes
    return np.pad(x, widths, mode="constant", constant_values=0.0)


def seen(offset, count, stride):
    """Return the slice of what one place of the window sees at all positions."""
    return slice(offset, offset + (count - 1) * stride + 1, stride)


def conv2d_single(image, kernel, *, stride=1, padding=0):
    """Add shifted copies of the image, each scaled by one weight."""
    sizes = conv2d_output_shape(*image.shape, *kernel.shape, stride=stride, padding=padding)
    padded, out = with_border(image, padding, 2), np.zeros(sizes)
    for (p, q), w in np.ndenumerate(kernel):
        out += w * padded[seen(p, sizes[0], stride), seen(q, sizes[1], stride)]
    return out


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    """For each place of the window, one mixture of channels."""
    N, C, H, W = x.shape
    if weight.shape[1] != C:
        raise ValueError(f"channels: {C} and {weight.shape[1]}")
    KH, KW = weight.shape[2:]
    H_out, W_out = conv2d_output_shape(H, W, KH, KW, stride=stride, padding=padding)
    padded = with_border(x, padding, 2)
    out = np.tile(bias[None, :, None, None], (N, 1, H_out, W_out))
    for p in range(KH):
        for q in range(KW):
            part = padded[:, :, seen(p, H_out, stride), seen(q, W_out, stride)]
            out += np.einsum("fc,nchw->nfhw", weight[:, :, p, q], part)
    return out


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """For each place of the window, what was mixed there."""
    H, W = x.shape[2:]
    H_out, W_out = grad_output.shape[2:]
    padded = with_border(x, padding, 2)
    grad_padded, grad_weight = np.zeros_like(padded), np.empty_like(weight)
    for p, q in np.ndindex(weight.shape[2:]):
        at = (slice(None), slice(None), seen(p, H_out, stride), seen(q, W_out, stride))
        grad_weight[:, :, p, q] = np.einsum("nfhw,nchw->fc", grad_output, padded[at])
        grad_padded[at] += np.einsum("nfhw,fc->nchw", grad_output, weight[:, :, p, q])
    inside = grad_padded[:, :, padding : padding + H, padding : padding + W]
    return inside.copy(), grad_weight, np.einsum("nfhw->f", grad_output)


def max_pool2d_forward(x, *, kernel_size, stride):
    """The largest of shifted copies."""
    sizes = conv2d_output_shape(*x.shape[2:], kernel_size, kernel_size, stride=stride)
    copies = [
        x[:, :, seen(p, sizes[0], stride), seen(q, sizes[1], stride)]
        for p in range(kernel_size)
        for q in range(kernel_size)
    ]
    return np.maximum.reduce(copies)


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    """Place by place: whoever is the largest takes what is left of the gradient, which is all."""
    H_out, W_out = grad_output.shape[2:]
    largest = max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
    left, grad_x = grad_output.copy(), np.zeros_like(x)
    for p, q in np.ndindex(kernel_size, kernel_size):
        at = (..., seen(p, H_out, stride), seen(q, W_out, stride))
        wins = x[at] == largest
        grad_x[at] += np.where(wins, left, 0.0)
        left[wins] = 0.0
    return grad_x


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    """For each place of the kernel, one mixture of channels."""
    if weight.shape[1] != x.shape[1]:
        raise ValueError(f"channels: {x.shape[1]} and {weight.shape[1]}")
    K = weight.shape[2]
    padded = with_border(x, padding, 1)
    L_out = (padded.shape[2] - K) // stride + 1
    parts = [weight[:, :, k] @ padded[:, :, seen(k, L_out, stride)] for k in range(K)]
    return sum(parts) + bias[:, np.newaxis]


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """For each place of the kernel, what was mixed there."""
    L_out = grad_output.shape[2]
    padded = with_border(x, padding, 1)
    grad_padded, grad_weight = np.zeros_like(padded), np.empty_like(weight)
    for k in range(weight.shape[2]):
        at = seen(k, L_out, stride)
        grad_weight[:, :, k] = np.einsum("nfl,ncl->fc", grad_output, padded[:, :, at])
        grad_padded[:, :, at] += weight[:, :, k].T @ grad_output
    end = padded.shape[2] - padding
    return grad_padded[:, :, padding:end], grad_weight, grad_output.sum(axis=2).sum(axis=0)


def receptive_field(layers):
    """The sum of the docstring, each product anew."""
    return 1 + sum(
        (kernel - 1) * math.prod(stride for _, stride in layers[:k])
        for k, (kernel, _) in enumerate(layers)
    )


def conv_param_count(c_in, c_out, kernel):
    """The sizes of both arrays."""
    return np.empty((c_out, c_in, kernel, kernel)).size + np.empty(c_out).size
