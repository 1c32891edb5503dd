"""Hidden checks of conv1d_forward.

The bias is 0 but where it is the subject, and kernels read the same backwards where their
direction is not what is checked.
"""

import re

import conv
import numpy as np
import pytest
from reference import conv as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require


def draw(rng, x_shape, weight_shape, *, symmetric=False):
    """Return sequences, filters, and biases of 0."""
    x, weight = rng.normal(size=x_shape), rng.normal(size=weight_shape)
    if symmetric:
        weight = weight + weight[:, :, ::-1]
    return x, weight, np.zeros(len(weight))


def check(args, **options):
    """Compare with the reference."""
    expected = reference.conv1d_forward(*args, **options)
    assert_close(conv.conv1d_forward(*args, **options), expected)


def require_numbers(message, *numbers):
    """Fail unless a message names these numbers."""
    named = re.findall(r"\d+", message)
    for number in numbers:
        require(str(number) in named, "the message of the ValueError does not name both numbers")


def test_channels_and_filters(rng):
    """The result is right where all sizes are different."""
    check(draw(rng, (2, 3, 8), (4, 3, 5)))
    check(draw(rng, (3, 4, 7), (2, 4, 2)))


def test_symmetric_kernels(rng):
    """Kernels that read the same backwards are summed up right, over all channels."""
    check(draw(rng, (2, 3, 7), (5, 3, 4), symmetric=True))


def test_all_sizes_equal(rng):
    """The result is right where axes of equal size could be taken for each other."""
    check(draw(rng, (3, 3, 5), (3, 3, 3)))


def test_bias(rng):
    """Each filter's bias is added once, at every position."""
    x, weight, _ = draw(rng, (2, 3, 6), (4, 3, 3), symmetric=True)  # L_out = 4 = F
    check((x, weight, rng.normal(size=4)))


def test_padding(rng):
    """There are as many zeros before the sequence as behind it."""
    x, weight, bias = draw(rng, (2, 3, 6), (2, 3, 4), symmetric=True)
    for padding in (1, 2):
        check((3 + x, weight, bias), padding=padding)


def test_stride(rng):
    """The window moves by the stride, also where that does not come out even."""
    args = draw(rng, (2, 3, 9), (4, 3, 2), symmetric=True)
    for stride in (2, 3):
        check(args, stride=stride)


def test_stride_and_padding(rng):
    """Stride and padding go together, with a bias."""
    x, weight, _ = draw(rng, (2, 3, 8), (2, 3, 3))
    for stride, padding in ((2, 1), (3, 2)):
        check((x, weight, rng.normal(size=2)), stride=stride, padding=padding)


def test_shortest(rng):
    """A kernel of length 1, and one as long as the sequence, are right for a batch of one."""
    check(draw(rng, (1, 3, 5), (2, 3, 1)))
    check(draw(rng, (1, 2, 4), (3, 2, 4), symmetric=True))


def test_refuses_other_channels(rng):
    """Filters made for another number of channels raise a ValueError that names both numbers."""
    x, weight, bias = draw(rng, (2, 3, 6), (4, 3, 2), symmetric=True)
    check((x, weight, bias))
    last = np.ascontiguousarray(x.transpose(0, 2, 1))  # six channels, as it were
    for sequences, filters in ((x, weight[:, :1]), (x[:, :1], weight), (last, weight)):
        with pytest.raises(ValueError, match=r"\d") as caught:
            conv.conv1d_forward(sequences, filters, bias)
        require_numbers(str(caught.value), sequences.shape[1], filters.shape[1])


def test_arguments_unchanged(rng):
    """x, weight and bias are not written into, and the result is right."""
    x, weight, bias = draw(rng, (2, 2, 6), (3, 2, 3), symmetric=True)
    expected = reference.conv1d_forward(x, weight, bias)
    with assert_inputs_unchanged():
        found = conv.conv1d_forward(x, weight, bias)
    assert_close(found, expected)
