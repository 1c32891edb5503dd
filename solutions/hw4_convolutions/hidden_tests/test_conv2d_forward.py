"""Hidden checks of conv2d_forward.

What is not checked is left out of a check where that is possible: the bias is 0 but where it is
the subject, and kernels look the same when turned by 180 degrees where their orientation is not.
"""

import re

import conv
import numpy as np
import pytest
from reference import conv as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require


def draw(rng, x_shape, weight_shape, *, symmetric=False):
    """Return images, filters, and biases of 0."""
    x, weight = rng.normal(size=x_shape), rng.normal(size=weight_shape)
    if symmetric:
        weight = weight + weight[:, :, ::-1, ::-1]
    return x, weight, np.zeros(len(weight))


def check(args, **options):
    """Compare with the reference."""
    expected = reference.conv2d_forward(*args, **options)
    assert_close(conv.conv2d_forward(*args, **options), expected)


def require_numbers(message, *numbers):
    """Fail unless a message names these numbers."""
    named = re.findall(r"\d+", message)
    for number in numbers:
        require(str(number) in named, "the message of the ValueError does not name both numbers")


def test_one_channel_one_filter(rng):
    """A batch of images with one channel, and a single filter: a conv2d_single for each image."""
    check(draw(rng, (3, 1, 5, 7), (1, 1, 2, 3)))
    check(draw(rng, (2, 1, 6, 4), (1, 1, 3, 2)))


def test_channels_are_summed(rng):
    """One filter makes one map of all channels: their products are summed."""
    check(draw(rng, (2, 3, 5, 6), (1, 3, 3, 2), symmetric=True))


def test_filters(rng):
    """Every filter makes a map of its own, with more filters than channels and with fewer."""
    check(draw(rng, (2, 3, 4, 6), (5, 3, 2, 3), symmetric=True))
    check(draw(rng, (3, 4, 6, 5), (2, 4, 3, 2), symmetric=True))


def test_bias(rng):
    """Each filter's bias is added once to all of its map."""
    x, weight, _ = draw(rng, (2, 3, 5, 4), (4, 3, 3, 2), symmetric=True)
    check((x, weight, rng.normal(size=4)))
    x, weight, _ = draw(rng, (3, 2, 4, 5), (3, 2, 2, 3), symmetric=True)  # maps of 3 by 3
    check((x, weight, rng.normal(size=3)))


def test_all_sizes_equal(rng):
    """The result is right where axes of equal size could be taken for each other."""
    check(draw(rng, (3, 3, 5, 5), (3, 3, 3, 3)))


def test_batch_of_one(rng):
    """A batch of one image keeps its axis."""
    check(draw(rng, (1, 2, 5, 4), (3, 2, 2, 3), symmetric=True))


def test_padding(rng):
    """The border is one of zeros, around every channel and nowhere else."""
    x, weight, bias = draw(rng, (2, 3, 4, 5), (2, 3, 3, 2), symmetric=True)
    for padding in (1, 2):
        check((3 + x, weight, bias), padding=padding)


def test_stride(rng):
    """The windows move by the stride along both axes, also where that does not come out even."""
    args = draw(rng, (2, 2, 7, 9), (3, 2, 2, 3), symmetric=True)
    for stride in (2, 3):
        check(args, stride=stride)


def test_stride_and_padding(rng):
    """Stride and padding go together, with a bias."""
    x, weight, _ = draw(rng, (2, 3, 6, 8), (2, 3, 3, 2))
    for stride, padding in ((2, 1), (3, 1), (3, 2)):
        check((x, weight, rng.normal(size=2)), stride=stride, padding=padding)


def test_kernel_of_one_pixel(rng):
    """1x1 kernels mix the channels of each pixel, with a stride those of some pixels."""
    args = draw(rng, (2, 3, 4, 5), (4, 3, 1, 1))
    for stride in (1, 2):
        check(args, stride=stride)


def test_kernel_as_large_as_the_image(rng):
    """A kernel that fits once gives maps of one pixel, shape (N, F, 1, 1)."""
    check(draw(rng, (3, 2, 4, 3), (5, 2, 4, 3), symmetric=True))
    check(draw(rng, (3, 2, 2, 1), (5, 2, 4, 3), symmetric=True), padding=1)


def test_refuses_other_channels(rng):
    """Filters made for another number of channels raise a ValueError that names both numbers."""
    x, weight, bias = draw(rng, (2, 3, 5, 6), (4, 3, 2, 2), symmetric=True)
    check((x, weight, bias))
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1))  # five channels, as it were
    for images, filters in (
        (x, weight[:, :1]),
        (x[:, :1], weight),
        (x[:, :2], weight),
        (last, weight),
    ):
        with pytest.raises(ValueError, match=r"\d") as caught:
            conv.conv2d_forward(images, filters, bias)
        require_numbers(str(caught.value), images.shape[1], filters.shape[1])


def test_arguments_unchanged(rng):
    """x, weight and bias are not written into, and the result is right."""
    x, weight, bias = draw(rng, (2, 2, 4, 5), (3, 2, 2, 3), symmetric=True)
    expected = reference.conv2d_forward(x, weight, bias)
    with assert_inputs_unchanged():
        found = conv.conv2d_forward(x, weight, bias)
    assert_close(found, expected)
