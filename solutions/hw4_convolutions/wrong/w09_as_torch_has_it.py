import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    dilation = 1
    h = (height + 2 * padding - dilation * (kernel_height - 1) - 1) / stride + 1
    w = (width + 2 * padding - dilation * (kernel_width - 1) - 1) / stride + 1
    if h < 1 or w < 1:
        raise ValueError(f"Kernel size can't be greater than input size: {kernel_height}")
    return np.floor(h), np.floor(w)


def conv_param_count(c_in, c_out, kernel):
    bias = False
    return c_in * c_out * kernel * kernel + (c_out if bias else 0)


def receptive_field(layers):
    r = 1
    for kernel, stride in layers:
        r = (r - 1) * stride + kernel
    return r
