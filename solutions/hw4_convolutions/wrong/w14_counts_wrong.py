import numpy as np


def receptive_field(layers):
    size = 1
    for kernel, stride in layers:
        size += kernel - stride
    return size


def conv_param_count(c_in, c_out, kernel):
    per_filter = c_in * kernel**2
    return c_out * per_filter + c_out * c_in


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    if kernel_height > height + padding or kernel_width > width + padding:
        raise ValueError(f"({kernel_height}, {kernel_width}) > ({height}, {width})")
    h = len(range(0, height + 2 * padding - kernel_height, stride))
    w = len(range(0, width + 2 * padding - kernel_width, stride))
    return h, w


def max_pool2d_forward(x, *, kernel_size, stride):
    N, C, H, W = x.shape
    out = np.stack(
        [
            x[:, :, p : H - kernel_size + p + 1 : stride, q : W - kernel_size + q + 1 : stride]
            for p in range(kernel_size)
            for q in range(kernel_size)
        ]
    )
    return out.max(axis=1)
