"""Homework 4, first file: convolution and pooling, forwards and backwards.

Everything here is a pure function: it returns new arrays, never writes into an argument, and
remembers nothing. Arrays are float64. Images have the shape (N, C, H, W): N samples, C channels,
height H, width W; row 0 is the top one. Filters have the shape (F, C, KH, KW): F filters, each with
a kernel of KH rows and KW columns for every channel. Sequences have one axis less: (N, C, L).

* `stride` is how far the window moves from one position to the next, the same along both axes.
* `padding` is how many rows and columns of zeros are put around the image before anything else,
  on each of its four sides (for a sequence: at both ends).

As in homework 2, `..._backward(grad_output, x, ...)` gets the gradient of the loss with respect to
the output and the inputs once more, and returns the gradient with respect to each of them.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def conv2d_output_shape(
    height: int,
    width: int,
    kernel_height: int,
    kernel_width: int,
    *,
    stride: int = 1,
    padding: int = 0,
) -> tuple[int, int]:
    """Count the positions of a window in a padded image, along its height and along its width.

        H_out = floor((H + 2 * padding - KH) / stride) + 1,    and the same for the width

    Only positions count where the whole window lies inside. What is left at the lower or right
    edge, if the steps do not come out even, is not visited.

    Args:
        height: H of the image, in pixels, >= 1.
        width: W of the image, in pixels, >= 1.
        kernel_height: KH, >= 1.
        kernel_width: KW, >= 1.
        stride: step between two positions, in pixels, >= 1.
        padding: zeros on each of the four sides, in pixels, >= 0.

    Returns:
        (H_out, W_out), two Python ints.

    Raises:
        ValueError: the kernel is higher or wider than the padded image; the message names both
            sizes.

    Source: Dumoulin & Visin (2016), arXiv:1603.07285, section 2.4, relationship 6.
    """
    raise NotImplementedError("conv2d_output_shape: your code here")


def conv2d_single(image: Array, kernel: Array, *, stride: int = 1, padding: int = 0) -> Array:
    """Slide one kernel over one image of one channel.

        out[i, j] = sum over p, q of  padded[i * stride + p, j * stride + q] * kernel[p, q]

    where padded is the image with its border of zeros. The kernel is laid on as it is. This is
    cross-correlation; the convolution of signal processing turns the kernel by 180 degrees first.
    Neural networks learn their kernels, so for them it makes no difference, and they call this
    one convolution.

    Args:
        image: shape (H, W).
        kernel: shape (KH, KW), not larger than the padded image.
        stride: step between two positions, in pixels, >= 1.
        padding: zeros on each of the four sides, in pixels, >= 0.

    Returns:
        Shape (H_out, W_out), as in `conv2d_output_shape`.

    Source: lecture notes, section 3; torch.nn.functional.conv2d of one channel and one filter.
    """
    raise NotImplementedError("conv2d_single: your code here")


def conv2d_forward(
    x: Array, weight: Array, bias: Array, *, stride: int = 1, padding: int = 0
) -> Array:
    """Slide a bank of filters over a batch of images with several channels.

        out[n, f, i, j] = bias[f] + sum over c, p, q of
            padded[n, c, i * stride + p, j * stride + q] * weight[f, c, p, q]

    Each filter looks at all channels at once, and its products are summed over them: it makes one
    map, however many channels there are. As in `conv2d_single`, no kernel is turned around.

    Args:
        x: images, shape (N, C, H, W).
        weight: filters, shape (F, C, KH, KW), not larger than the padded images.
        bias: one number per filter, shape (F,).
        stride: step between two positions, in pixels, >= 1.
        padding: zeros on each of the four sides of every channel, in pixels, >= 0.

    Returns:
        Shape (N, F, H_out, W_out), with the sizes of `conv2d_output_shape`.

    Raises:
        ValueError: x and weight differ in C, as if the channels of x came last; the message names
            both numbers. (With one channel, NumPy would broadcast without a word.)

    Source: lecture notes, section 3; torch.nn.functional.conv2d.
    """
    raise NotImplementedError("conv2d_forward: your code here")


def conv2d_backward(
    grad_output: Array, x: Array, weight: Array, *, stride: int = 1, padding: int = 0
) -> tuple[Array, Array, Array]:
    """Take a gradient backwards through `conv2d_forward`: from its output to all it is made of.

        dL/dpadded[n, c, i * stride + p, j * stride + q]
            gets  dL/dout[n, f, i, j] * weight[f, c, p, q]  from all f, i, j, p, q
        dL/dweight[f, c, p, q] = sum over n, i, j of
            dL/dout[n, f, i, j] * padded[n, c, i * stride + p, j * stride + q]
        dL/dbias[f] = sum over n, i, j of  dL/dout[n, f, i, j]

    A pixel lies in several windows, and gets its share from each of them. The gradient of x is that
    of the padded image without its border. Pixels that no window visits have a gradient of 0.

    Args:
        grad_output: gradient of the loss with respect to the output, shape (N, F, H_out, W_out).
        x: the images that the layer had, shape (N, C, H, W).
        weight: the filters that it had, shape (F, C, KH, KW).
        stride: the stride that it had.
        padding: the padding that it had, also 0.

    Returns:
        (grad_x, grad_weight, grad_bias): shapes (N, C, H, W), (F, C, KH, KW) and (F,).

    Source: the chain rule; what autograd gives for torch.nn.functional.conv2d.
    """
    raise NotImplementedError("conv2d_backward: your code here")


def max_pool2d_forward(x: Array, *, kernel_size: int, stride: int) -> Array:
    """Keep the largest number of each window, in each channel by itself.

        out[n, c, i, j] = max over p, q of  x[n, c, i * stride + p, j * stride + q],
                          p and q from 0 to kernel_size - 1

    Args:
        x: images, shape (N, C, H, W); H and W are at least kernel_size.
        kernel_size: height and width of the window, in pixels, >= 1.
        stride: step between two positions, in pixels, >= 1. It need not be kernel_size: with a
            smaller one windows overlap, with a larger one pixels are left out.

    Returns:
        Shape (N, C, H_out, W_out), with the sizes of `conv2d_output_shape` without padding.

    Source: lecture notes, section 3; torch.nn.functional.max_pool2d.
    """
    raise NotImplementedError("max_pool2d_forward: your code here")


def max_pool2d_backward(grad_output: Array, x: Array, *, kernel_size: int, stride: int) -> Array:
    """Take a gradient backwards through `max_pool2d_forward`: to the pixel that won in its window.

        dL/dx[n, c, h, w] = sum of  dL/dout[n, c, i, j]  over the windows (i, j) in which the
                            maximum is at (h, w)

    If a window holds its maximum several times, the first of them wins and gets it all: the one in
    the highest row, and in that row the leftmost. A pixel that wins in several windows gets their
    sum.

    Args:
        grad_output: gradient of the loss with respect to the output, shape (N, C, H_out, W_out).
        x: the images that the layer had, shape (N, C, H, W).
        kernel_size: the window's height and width, as they were.
        stride: the stride that the layer had.

    Returns:
        Shape (N, C, H, W).

    Source: the chain rule; what autograd gives for torch.nn.functional.max_pool2d, ties included.
    """
    raise NotImplementedError("max_pool2d_backward: your code here")


def conv1d_forward(
    x: Array, weight: Array, bias: Array, *, stride: int = 1, padding: int = 0
) -> Array:
    """Slide a bank of filters over a batch of sequences with several channels.

        out[n, f, i] = bias[f] + sum over c, k of  padded[n, c, i * stride + k] * weight[f, c, k]

    It is `conv2d_forward` with one axis less: no kernel is turned around.

    Args:
        x: sequences, shape (N, C, L).
        weight: filters, shape (F, C, K), not longer than the padded sequences.
        bias: one number per filter, shape (F,).
        stride: step between two positions, >= 1.
        padding: zeros before the first position and after the last one of every channel, >= 0.

    Returns:
        Shape (N, F, L_out), where L_out = floor((L + 2 * padding - K) / stride) + 1.

    Raises:
        ValueError: x and weight differ in C, as if the channels of x came last; the message names
            both numbers.

    Source: lecture notes, section 3 (text); torch.nn.functional.conv1d.
    """
    raise NotImplementedError("conv1d_forward: your code here")


def conv1d_backward(
    grad_output: Array, x: Array, weight: Array, *, stride: int = 1, padding: int = 0
) -> tuple[Array, Array, Array]:
    """Take a gradient backwards through `conv1d_forward`: from its output to all it is made of.

        dL/dpadded[n, c, i * stride + k]  gets  dL/dout[n, f, i] * weight[f, c, k]  from all f, i, k
        dL/dweight[f, c, k] = sum over n, i of  dL/dout[n, f, i] * padded[n, c, i * stride + k]
        dL/dbias[f]         = sum over n, i of  dL/dout[n, f, i]

    Args:
        grad_output: gradient of the loss with respect to the output, shape (N, F, L_out).
        x: the sequences that the layer had, shape (N, C, L).
        weight: the filters that it had, shape (F, C, K).
        stride: the stride that it had.
        padding: the padding that it had, also 0.

    Returns:
        (grad_x, grad_weight, grad_bias): shapes (N, C, L), (F, C, K) and (F,).

    Source: the chain rule; what autograd gives for torch.nn.functional.conv1d.
    """
    raise NotImplementedError("conv1d_backward: your code here")


def receptive_field(layers: list[tuple[int, int]]) -> int:
    """Count how many pixels in a row one number behind several layers depends on.

        r = 1 + sum over l of  (kernel_l - 1) * (product of the strides of all layers before l)

    Two neighbours behind a layer of stride 2 are two pixels apart in front of it, so what follows
    sees twice as far. Pooling layers count like convolutions.

    Args:
        layers: (kernel, stride) of each layer, from the image to the output; both >= 1. Without
            any layer, a number depends on itself alone.

    Returns:
        The size of the receptive field along one axis, in pixels of the image, a Python int.

    Source: Dumoulin & Visin (2016) for the geometry of one layer; Araujo, Norris & Sim (2019),
    Computing Receptive Fields of Convolutional Neural Networks, Distill, equation 2.
    """
    raise NotImplementedError("receptive_field: your code here")


def conv_param_count(c_in: int, c_out: int, kernel: int) -> int:
    """Count the numbers that a convolution layer learns: the weights of its filters, and biases.

    The size of the image does not matter: the same filters look at all of its positions.

    Args:
        c_in: channels of the input, >= 1.
        c_out: channels of the output, that is filters, >= 1.
        kernel: height and width of each kernel, >= 1.

    Returns:
        The number of parameters, a Python int.

    Source: torch.nn.Conv2d(c_in, c_out, kernel), whose parameters have the shapes of weight and
    bias in `conv2d_forward`.
    """
    raise NotImplementedError("conv_param_count: your code here")
