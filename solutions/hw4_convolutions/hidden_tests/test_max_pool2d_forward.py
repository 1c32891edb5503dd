"""Hidden checks of max_pool2d_forward. Numbers are positive where their sign is not checked."""

import conv
from reference import conv as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def check(x, **options):
    """Compare with the reference."""
    expected = reference.max_pool2d_forward(x, **options)
    assert_close(conv.max_pool2d_forward(x, **options), expected)


def test_side_by_side(rng):
    """Windows that lie side by side are right, for images that are no squares."""
    check(rng.uniform(1, 9, size=(3, 2, 6, 8)), kernel_size=2, stride=2)
    check(rng.uniform(1, 9, size=(2, 4, 9, 6)), kernel_size=3, stride=3)


def test_overlapping_windows(rng):
    """A stride smaller than the window makes windows overlap."""
    x = rng.uniform(1, 9, size=(2, 3, 7, 5))
    for kernel_size, stride in ((3, 2), (2, 1), (3, 1)):
        check(x, kernel_size=kernel_size, stride=stride)


def test_gaps_between_windows(rng):
    """A stride larger than the window leaves pixels out."""
    x = rng.uniform(1, 9, size=(2, 3, 8, 11))
    for kernel_size, stride in ((2, 3), (1, 2), (1, 3)):
        check(x, kernel_size=kernel_size, stride=stride)


def test_rest_at_the_edge(rng):
    """A rest that is smaller than the window is left out, at the bottom and at the right."""
    check(rng.uniform(1, 9, size=(2, 3, 5, 6)), kernel_size=2, stride=2)
    check(rng.uniform(1, 9, size=(2, 3, 6, 7)), kernel_size=2, stride=2)
    check(rng.uniform(1, 9, size=(2, 2, 8, 10)), kernel_size=3, stride=3)


def test_negative_numbers(rng):
    """The largest of negative numbers is negative: no zeros take part."""
    check(-rng.uniform(1, 9, size=(2, 3, 6, 4)), kernel_size=2, stride=2)
    check(-rng.uniform(1, 9, size=(2, 3, 5, 7)), kernel_size=2, stride=2)


def test_channels_apart(rng):
    """Each channel and each sample is pooled by itself, whatever the others hold."""
    x = rng.uniform(1, 9, size=(2, 3, 4, 6)) + 100 * rng.permutation(6).reshape(2, 3, 1, 1)
    check(x, kernel_size=2, stride=2)


def test_window_as_large_as_the_image(rng):
    """A window that fits once gives maps of one pixel, shape (N, C, 1, 1)."""
    check(rng.uniform(1, 9, size=(3, 2, 4, 4)), kernel_size=4, stride=2)


def test_one_image(rng):
    """One image with one channel keeps both axes."""
    check(rng.uniform(1, 9, size=(1, 1, 4, 6)), kernel_size=2, stride=2)


def test_arguments_unchanged(rng):
    """x is not written into, and the result is right."""
    x = rng.uniform(1, 9, size=(2, 2, 4, 6))
    for kernel_size, stride in ((2, 2), (1, 1)):
        expected = reference.max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
        with assert_inputs_unchanged():
            found = conv.max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
        assert_close(found, expected)
