"""Hidden checks of conv2d_single.

A kernel that looks the same when it is turned by 180 degrees is used where something else than
its orientation is checked, and positive numbers where that is the border.
"""

import conv
import numpy as np
from reference import conv as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, image_shape, kernel_shape, *, symmetric=False):
    """Return an image and a kernel."""
    image, kernel = rng.normal(size=image_shape), rng.normal(size=kernel_shape)
    return image, kernel + kernel[::-1, ::-1] if symmetric else kernel


def check(image, kernel, **options):
    """Compare with the reference."""
    expected = reference.conv2d_single(image, kernel, **options)
    assert_close(conv.conv2d_single(image, kernel, **options), expected)


def test_rectangles(rng):
    """The result is right for images and kernels that are no squares, with the defaults."""
    check(*draw(rng, (5, 8), (3, 2)))
    check(*draw(rng, (7, 4), (2, 3)))


def test_square(rng):
    """The result is right for a square image and a square kernel, and is not transposed."""
    check(*draw(rng, (6, 6), (3, 3)))


def test_symmetric_kernel(rng):
    """A kernel that is the same when it is turned around is summed up right."""
    check(*draw(rng, (5, 7), (3, 2), symmetric=True))


def test_padding(rng):
    """The border is one of zeros, on all four sides, for a padding of 1 and of 2."""
    image, kernel = draw(rng, (4, 6), (3, 2), symmetric=True)
    for padding in (1, 2):
        check(np.abs(image), np.abs(kernel), padding=padding)


def test_stride(rng):
    """The window moves by the stride, along both axes, also where that does not come out even."""
    image, kernel = draw(rng, (8, 9), (3, 2), symmetric=True)
    for stride in (2, 3):
        check(image, kernel, stride=stride)


def test_stride_and_padding(rng):
    """Stride and padding go together: the first window begins in the corner of the border."""
    image, kernel = draw(rng, (7, 10), (2, 3))
    for stride, padding in ((2, 1), (3, 1), (3, 2)):
        check(image, kernel, stride=stride, padding=padding)


def test_one_pixel(rng):
    """A kernel of one pixel scales the image, with a stride a part of it."""
    image, kernel = draw(rng, (4, 7), (1, 1))
    for stride in (1, 2):
        check(image, kernel, stride=stride)


def test_kernel_as_large_as_the_image(rng):
    """A kernel that fits once gives an array of one number, shape (1, 1)."""
    for padding in (0, 1):
        image, kernel = draw(rng, (3, 5), (3 + 2 * padding, 5 + 2 * padding), symmetric=True)
        check(np.abs(image), np.abs(kernel), padding=padding)


def test_arguments_unchanged(rng):
    """Neither image nor kernel is written into, and the result is right."""
    image, kernel = map(np.abs, draw(rng, (4, 5), (2, 3), symmetric=True))
    expected = reference.conv2d_single(image, kernel)
    with assert_inputs_unchanged():
        found = conv.conv2d_single(image, kernel)
    assert_close(found, expected)


def test_linear_in_the_kernel(rng):
    """Two kernels added give the two results added: nothing is normalised or clipped."""
    image, kernel = draw(rng, (5, 6), (2, 3), symmetric=True)
    expected = reference.conv2d_single(image, kernel)
    for scale in (100.0, -0.01):
        assert_close(conv.conv2d_single(image, scale * kernel), scale * expected)
    assert np.abs(expected).max() > 0
