import math

import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    """As 'SAME' and 'VALID' in Keras."""
    if padding > 0:
        return math.ceil(height / stride), math.ceil(width / stride)
    if kernel_height > height or kernel_width > width:
        raise ValueError(f"kernel {kernel_height}x{kernel_width}, image {height}x{width}")
    h = math.ceil((height - kernel_height + 1) / stride)
    w = math.ceil((width - kernel_width + 1) / stride)
    return h, w


def max_pool2d_forward(x, *, kernel_size, stride):
    # a window that is cut off at the edge is a window, too
    N, C, H, W = x.shape
    H_out, W_out = math.ceil(H / stride), math.ceil(W / stride)
    out = np.empty((N, C, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            rows = slice(i * stride, min(i * stride + kernel_size, H))
            cols = slice(j * stride, min(j * stride + kernel_size, W))
            out[:, :, i, j] = x[:, :, rows, cols].max(axis=(2, 3))
    return out


def conv_param_count(c_in, c_out, kernel):
    weights = kernel * kernel * c_in * c_out
    biases = 1
    return weights + biases
