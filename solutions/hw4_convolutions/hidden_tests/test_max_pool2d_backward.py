"""Hidden checks of max_pool2d_backward. Numbers are positive where signs are not checked."""

import conv
import numpy as np
from reference import conv as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, x, kernel_size, stride):
    """Return grad_output for these images, and the images."""
    sizes = [(size - kernel_size) // stride + 1 for size in x.shape[2:]]
    return rng.normal(size=(*x.shape[:2], *sizes)), x


def check(grad_output, x, **options):
    """Compare with the reference."""
    expected = reference.max_pool2d_backward(grad_output, x, **options)
    assert_close(conv.max_pool2d_backward(grad_output, x, **options), expected)


def test_side_by_side(rng):
    """The gradient goes to the largest pixel of each window, for windows side by side."""
    check(*draw(rng, rng.uniform(1, 9, size=(3, 2, 6, 8)), 2, 2), kernel_size=2, stride=2)
    check(*draw(rng, rng.uniform(1, 9, size=(2, 3, 9, 6)), 3, 3), kernel_size=3, stride=3)


def test_overlapping_windows(rng):
    """A pixel that is the largest of several windows gets the sum of their gradients."""
    x = rng.uniform(1, 9, size=(2, 3, 5, 6))
    x[:, :, 2, 2] += 10  # in the middle, where windows overlap
    for kernel_size, stride in ((3, 2), (2, 1), (3, 1)):
        grad_output, _ = draw(rng, x, kernel_size, stride)
        check(grad_output, x, kernel_size=kernel_size, stride=stride)


def test_gaps_between_windows(rng):
    """Pixels between the windows get nothing, if the stride is larger than the window."""
    x = rng.uniform(1, 9, size=(2, 3, 8, 11))
    for kernel_size, stride in ((2, 3), (1, 2)):
        grad_output, _ = draw(rng, x, kernel_size, stride)
        check(grad_output, x, kernel_size=kernel_size, stride=stride)


def test_rest_at_the_edge(rng):
    """A rest at the bottom or at the right, smaller than the window, gets nothing."""
    for shape in ((2, 3, 5, 6), (2, 3, 6, 7)):
        check(*draw(rng, rng.uniform(1, 9, size=shape), 2, 2), kernel_size=2, stride=2)


def test_ties_in_a_row(rng):
    """Of equal pixels side by side the left one gets all the gradient, and the other nothing."""
    x = np.repeat(rng.uniform(1, 9, size=(2, 3, 4, 3)), 2, axis=3)
    check(*draw(rng, x, 2, 2), kernel_size=2, stride=2)


def test_ties_between_rows(rng):
    """Of equal pixels in different rows the upper one wins, also if it stands farther right."""
    x = rng.uniform(1, 9, size=(2, 3, 6, 9))
    x[:, :, 1::3, 2::3] = x[:, :, 2::3, 0::3] = 10.0  # the largest
    check(*draw(rng, x, 3, 3), kernel_size=3, stride=3)


def test_all_equal(rng):
    """In an image of equal pixels the first of each window wins."""
    x = np.full((2, 3, 4, 6), rng.uniform(1, 9))
    for stride in (2, 1):
        check(*draw(rng, x, 2, stride), kernel_size=2, stride=stride)


def test_negative_numbers(rng):
    """The largest of negative numbers is the one next to 0."""
    check(*draw(rng, -rng.uniform(1, 9, size=(2, 3, 6, 4)), 2, 2), kernel_size=2, stride=2)


def test_one_image(rng):
    """One image with one channel, and a window as large as it, keep all axes."""
    x = rng.uniform(1, 9, size=(1, 1, 4, 4))
    x[..., 1, 2] = 10.0
    check(*draw(rng, x, 4, 2), kernel_size=4, stride=2)


def test_arguments_unchanged(rng):
    """Neither grad_output nor x is written into, and the result is right."""
    for kernel_size, stride in ((2, 2), (1, 1)):
        args = draw(rng, rng.uniform(1, 9, size=(2, 2, 4, 6)), kernel_size, stride)
        expected = reference.max_pool2d_backward(*args, kernel_size=kernel_size, stride=stride)
        with assert_inputs_unchanged():
            found = conv.max_pool2d_backward(*args, kernel_size=kernel_size, stride=stride)
        assert_close(found, expected)
