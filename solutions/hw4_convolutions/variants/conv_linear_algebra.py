"""Correct, with other algebra: a convolution is a matrix, and so is each step of it.

Along one axis, entry [i, k, s] of `steps` is 1 where place k of the window at position i is pixel s
of the padded image. The way back of a matrix is its transpose.
"""

import numpy as np


def conv2d_output_shape(height, width, kernel_height, kernel_width, *, stride=1, padding=0):
    """Take divmod, which gives -1 and a rest for what is below 0."""
    count, _ = np.divmod(
        [height + 2 * padding - kernel_height, width + 2 * padding - kernel_width], stride
    )
    if height + 2 * padding < kernel_height or width + 2 * padding < kernel_width:
        raise ValueError(f"{kernel_height}x{kernel_width} > {height}x{width}, padded {padding}")
    return tuple((count + 1).tolist())


def steps(size, kernel, stride, padding):
    """Return which pixel of an unpadded axis each place of each window is; none in the border."""
    positions = np.arange(0, size + 2 * padding - kernel + 1, stride)
    pixel = positions[:, None] + np.arange(kernel) - padding  # (positions, kernel)
    return (pixel[:, :, None] == np.arange(size)).astype(float)


def conv2d_single(image, kernel, *, stride=1, padding=0):
    """Three factors, contracted."""
    rows = steps(image.shape[0], kernel.shape[0], stride, padding)
    columns = steps(image.shape[1], kernel.shape[1], stride, padding)
    return np.einsum("ipy,jqx,yx,pq->ij", rows, columns, image, kernel, optimize=True)


def conv2d_forward(x, weight, bias, *, stride=1, padding=0):
    """The matrix of each filter, applied to all images."""
    if x.shape[1] != weight.shape[1]:
        raise ValueError(f"x: {x.shape[1]}, weight: {weight.shape[1]}")
    rows = steps(x.shape[2], weight.shape[2], stride, padding)
    columns = steps(x.shape[3], weight.shape[3], stride, padding)
    matrix = np.einsum("ipy,jqx,fcpq->fijcyx", rows, columns, weight, optimize=True)
    return np.tensordot(x, matrix, axes=((1, 2, 3), (3, 4, 5))) + bias[:, None, None]


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """Each factor's gradient is what the other ones make of grad_output."""
    rows = steps(x.shape[2], weight.shape[2], stride, padding)
    columns = steps(x.shape[3], weight.shape[3], stride, padding)
    path = {"optimize": True}
    grad_x = np.einsum("ipy,jqx,fcpq,nfij->ncyx", rows, columns, weight, grad_output, **path)
    grad_weight = np.einsum("ipy,jqx,ncyx,nfij->fcpq", rows, columns, x, grad_output, **path)
    return grad_x, grad_weight, grad_output.sum((0, 2, 3))


def max_pool2d_forward(x, *, kernel_size, stride):
    """First along the rows, then along the columns: the maximum of maxima."""
    for axis in (2, 3):
        starts = range(0, x.shape[axis] - kernel_size + 1, stride)
        parts = [x.take(range(s, s + kernel_size), axis=axis).max(axis=axis) for s in starts]
        x = np.stack(parts, axis=axis)
    return x


def max_pool2d_backward(grad_output, x, *, kernel_size, stride):
    """A matrix for each window that is 1 at the winner, found by its rank."""
    grad_x = np.zeros(x.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows = slice(i * stride, i * stride + kernel_size)
            columns = slice(j * stride, j * stride + kernel_size)
            window = x[:, :, rows, columns].reshape(*x.shape[:2], -1)
            order = np.argsort(-window, axis=2, kind="stable")[:, :, 0]  # of equals the first one
            one = np.eye(kernel_size**2)[order].reshape(*x.shape[:2], kernel_size, kernel_size)
            grad_x[:, :, rows, columns] += one * grad_output[:, :, i, j, None, None]
    return grad_x


def conv1d_forward(x, weight, bias, *, stride=1, padding=0):
    """Three factors, contracted."""
    if x.shape[1] != weight.shape[1]:
        raise ValueError(f"x: {x.shape[1]}, weight: {weight.shape[1]}")
    along = steps(x.shape[2], weight.shape[2], stride, padding)
    return np.einsum("ikl,fck,ncl->nfi", along, weight, x, optimize=True) + bias[None, :, None]


def conv1d_backward(grad_output, x, weight, *, stride=1, padding=0):
    """Each factor's gradient is what the other ones make of grad_output."""
    along = steps(x.shape[2], weight.shape[2], stride, padding)
    grad_x = np.einsum("ikl,fck,nfi->ncl", along, weight, grad_output, optimize=True)
    grad_weight = np.einsum("ikl,ncl,nfi->fck", along, x, grad_output, optimize=True)
    return grad_x, grad_weight, grad_output.sum((0, 2))


def receptive_field(layers):
    """Recursion: what the rest sees of the first layer's output, seen through that layer."""
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return (receptive_field(rest) - 1) * stride + kernel


def conv_param_count(c_in, c_out, kernel):
    """A filter with its bias is a row with one number more."""
    return sum(c_in * kernel**2 + 1 for _ in range(c_out))
