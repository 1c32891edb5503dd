"""What the functions of conv.py are compared with: PyTorch in float64, and definitions."""

from __future__ import annotations

import torch
from torch.nn import functional

from autograder.oracle import Comparison


def conv2d_output_shape(conv, draw):
    """The shape of what F.conv2d makes of zeros; and kernels that do not fit."""
    height, width = draw.integer("H", 1, 9), draw.integer("W", 1, 9)
    stride, padding = draw.integer("stride", 1, 4), draw.integer("padding", 0, 3)
    kernel = draw.integer("KH", 1, height + 2 * padding), draw.integer("KW", 1, width + 2 * padding)
    options = {"stride": stride, "padding": padding}
    image, ones = torch.zeros(1, 1, height, width), torch.zeros(1, 1, *kernel)
    expected = tuple(functional.conv2d(image, ones, **options).shape[2:])
    found = conv.conv2d_output_shape(height, width, *kernel, **options)
    yield Comparison("the sizes", found, expected)
    room_above, room_beside = height + 2 * padding, width + 2 * padding
    for name, sizes in (
        ("a kernel that is too high", (room_above + draw.integer("more", 1, 3), kernel[1])),
        ("a kernel that is too wide", (kernel[0], room_beside + draw.integer("more yet", 1, 3))),
    ):
        found = refuses(conv.conv2d_output_shape, height, width, *sizes, **options)
        yield Comparison(f"{name} is refused", found, True)


def conv2d_single(conv, draw):
    """F.conv2d of one channel and one filter."""
    (_, _, *size), (_, _, *kernel_size), options = draw_sizes(draw, 2)
    image, kernel = draw.array("image", *size, decades=1), draw.array("kernel", *kernel_size)
    tensors = torch.tensor(image)[None, None], torch.tensor(kernel)[None, None]
    expected = functional.conv2d(*tensors, **options)[0, 0].numpy()
    yield Comparison("the result", conv.conv2d_single(image, kernel, **options), expected)


def conv2d_forward(conv, draw):
    """F.conv2d; and filters for other channels."""
    x, weight, bias, options = draw_layer(draw, 2)
    expected = functional.conv2d(*map(torch.tensor, (x, weight, bias)), **options).numpy()
    yield Comparison("the output", conv.conv2d_forward(x, weight, bias, **options), expected)
    more = weight.repeat(2, axis=1)
    refused = refuses(conv.conv2d_forward, x, more, bias, **options)
    yield Comparison("filters for more channels are refused", refused, True)


def conv2d_backward(conv, draw):
    """torch.nn.grad, and autograd of F.conv2d for the bias."""
    x, weight, bias, options = draw_layer(draw, 2)
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    out = functional.conv2d(*tensors, **options)
    grad_output = draw.array("grad_output", *out.shape)
    found = conv.conv2d_backward(grad_output, x, weight, **options)
    at = torch.tensor(grad_output)
    grad_x = torch.nn.grad.conv2d_input(x.shape, tensors[1].detach(), at, **options)
    grad_weight = torch.nn.grad.conv2d_weight(tensors[0].detach(), weight.shape, at, **options)
    (grad_bias,) = torch.autograd.grad(out, tensors[2:], at)
    yield from three_gradients(found, (grad_x, grad_weight, grad_bias))


def max_pool2d_forward(conv, draw):
    """F.max_pool2d."""
    x, options = draw_pool(draw)
    expected = functional.max_pool2d(torch.tensor(x), **options).numpy()
    yield Comparison("the output", conv.max_pool2d_forward(x, **options), expected)


def max_pool2d_backward(conv, draw):
    """Autograd of F.max_pool2d, on whole numbers too, so that there are ties."""
    x, options = draw_pool(draw)
    at = torch.tensor(x, requires_grad=True)
    out = functional.max_pool2d(at, **options)
    grad_output = draw.array("grad_output", *out.shape)
    out.backward(torch.tensor(grad_output))
    found = conv.max_pool2d_backward(grad_output, x, **options)
    yield Comparison("grad_x", found, at.grad.numpy())


def conv1d_forward(conv, draw):
    """F.conv1d; and filters for other channels."""
    x, weight, bias, options = draw_layer(draw, 1)
    expected = functional.conv1d(*map(torch.tensor, (x, weight, bias)), **options).numpy()
    yield Comparison("the output", conv.conv1d_forward(x, weight, bias, **options), expected)
    more = weight.repeat(2, axis=1)
    refused = refuses(conv.conv1d_forward, x, more, bias, **options)
    yield Comparison("filters for more channels are refused", refused, True)


def conv1d_backward(conv, draw):
    """Autograd of F.conv1d."""
    x, weight, bias, options = draw_layer(draw, 1)
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    out = functional.conv1d(*tensors, **options)
    grad_output = draw.array("grad_output", *out.shape)
    found = conv.conv1d_backward(grad_output, x, weight, **options)
    yield from three_gradients(found, torch.autograd.grad(out, tensors, torch.tensor(grad_output)))


def receptive_field(conv, draw):
    """How many pixels one output has a gradient for, of layers whose weights are all 1."""
    count = draw.integer("number of layers", 0, 4)
    layers = [
        (draw.integer(f"kernel {k}", 1, 4), draw.integer(f"stride {k}", 1, 3)) for k in range(count)
    ]
    lengths = [1]  # of what the layers must be given for one output, from the last one back
    for kernel, stride in reversed(layers):
        lengths.append((lengths[-1] - 1) * stride + kernel)
    x = torch.ones(1, 1, lengths[-1] + 2, requires_grad=True)
    out = x
    for kernel, stride in layers:
        out = functional.conv1d(out, torch.ones(1, 1, kernel), stride=stride)
    out[0, 0, 0].backward()
    seen = torch.nonzero(x.grad[0, 0]).ravel()
    yield Comparison("the size", conv.receptive_field(layers), int(seen[-1] - seen[0] + 1))


def conv_param_count(conv, draw):
    """The parameters of nn.Conv2d."""
    sizes = draw.integer("c_in", 1, 9), draw.integer("c_out", 1, 9), draw.integer("kernel", 1, 5)
    expected = sum(parameter.numel() for parameter in torch.nn.Conv2d(*sizes).parameters())
    yield Comparison("the number", conv.conv_param_count(*sizes), expected)


def draw_sizes(draw, axes):
    """Draw the shapes of x and weight, which fit together, and stride and padding."""
    n, c, f = (draw.integer(name, 1, 3) for name in ("N", "C", "F"))
    stride, padding = draw.integer("stride", 1, 3), draw.integer("padding", 0, 2)
    size = [draw.integer(name, 1, 6) for name in "HW"[:axes]]
    kernel = [
        draw.integer(f"K{k}", 1, min(length + 2 * padding, 4)) for k, length in enumerate(size)
    ]
    return (n, c, *size), (f, c, *kernel), {"stride": stride, "padding": padding}


def draw_layer(draw, axes):
    """Draw x, weight, bias, and stride and padding; one axis for a sequence, two for an image."""
    x_shape, weight_shape, options = draw_sizes(draw, axes)
    x, weight = draw.array("x", *x_shape, decades=1), draw.array("weight", *weight_shape)
    return x, weight, draw.array("bias", weight_shape[0]), options


def draw_pool(draw):
    """Draw images, and the size and stride of a window that fits."""
    shape = [draw.integer(name, 1, 3) for name in ("N", "C")]
    shape += [draw.integer(name, 1, 6) for name in "HW"]
    kernel_size = draw.integer("kernel_size", 1, min(shape[2:]))
    x = draw.array("x", *shape)
    return x, {"kernel_size": kernel_size, "stride": draw.integer("stride", 1, 4)}


def three_gradients(found, expected):
    """Yield a comparison for each gradient of a layer."""
    yield Comparison("how many gradients", len(found), 3)
    names = ("grad_x", "grad_weight", "grad_bias")
    for name, ours, theirs in zip(names, found, expected, strict=True):
        yield Comparison(name, ours, theirs.detach().numpy())


def refuses(function, *arguments, **options):
    """Return whether a call raises a ValueError."""
    error = None
    try:
        function(*arguments, **options)
    except ValueError as raised:
        error = raised
    return error is not None
