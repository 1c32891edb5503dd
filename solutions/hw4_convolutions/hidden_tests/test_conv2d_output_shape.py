"""Hidden checks of conv2d_output_shape."""

import conv
import numpy as np
import pytest
from reference import conv as reference
from student_kit.checks import assert_equal, require


def counts(*sizes, **options):
    """Return (H_out, W_out) of the submission; fail if it is not a tuple of two."""
    found = conv.conv2d_output_shape(*sizes, **options)
    require(
        type(found) is tuple and len(found) == 2,
        "the result must be a tuple of two, (H_out, W_out)",
    )
    return found


def check_number(found, expected, name):
    """Compare one number; 5.0 counts as 5 here, that it is no int is checked elsewhere."""
    require(isinstance(found, (int, float, np.number)), f"{name} is not a number")
    require(found == expected, f"{name} is wrong")


def check(*sizes, **options):
    """Compare both numbers with those of the reference."""
    expected = reference.conv2d_output_shape(*sizes, **options)
    for name, *pair in zip(("H_out", "W_out"), counts(*sizes, **options), expected, strict=True):
        check_number(*pair, name)


def test_height(rng):
    """H_out is that of the height and of the kernel's height, with the defaults."""
    height, kernel = int(rng.integers(10, 15)), int(rng.integers(3, 6))
    expected = reference.conv2d_output_shape(height, 30, kernel, 2)[0]
    check_number(counts(height, 30, kernel, 2)[0], expected, "H_out")


def test_width(rng):
    """W_out is that of the width and of the kernel's width, with the defaults."""
    width, kernel = int(rng.integers(10, 15)), int(rng.integers(3, 6))
    expected = reference.conv2d_output_shape(30, width, 2, kernel)[1]
    check_number(counts(30, width, 2, kernel)[1], expected, "W_out")


def test_padding(rng):
    """Padding is added on both sides: before and after, above and below."""
    for padding in (1, 2, 3):
        check(int(rng.integers(7, 12)), int(rng.integers(20, 30)), 4, 3, padding=padding)


def test_stride_that_comes_out_even(rng):
    """A stride that divides the way of the window leads from the first position to the last."""
    for stride in (2, 3):
        rows, columns = int(rng.integers(2, 5)), int(rng.integers(6, 9))
        check(stride * rows + 3, stride * columns + 2, 3, 2, stride=stride)


def test_stride_that_does_not(rng):
    """A step that would lead beyond the edge is not made, along either axis."""
    for stride, rest in ((2, 1), (3, 2), (3, 1), (4, 3)):
        rows, columns = int(rng.integers(2, 5)), int(rng.integers(6, 9))
        check(stride * rows + rest + 2, stride * columns + 3, 2, 3, stride=stride)
        check(stride * rows + 2, stride * columns + rest + 3, 2, 3, stride=stride)


def test_stride_and_padding(rng):
    """Padding and stride go together, also where the steps do not come out even."""
    for stride, padding in ((2, 1), (3, 1), (3, 2)):
        for rest in range(stride):
            rows, columns = int(rng.integers(3, 5)), int(rng.integers(6, 9))
            height = stride * rows + rest + 3 - 2 * padding
            width = stride * columns + 5 - 2 * padding
            check(height, width, 3, 5, stride=stride, padding=padding)


def test_kernel_that_just_fits(rng):
    """A kernel as large as the padded image has one position, with any stride."""
    padding, width = 3, 3 + 6 * int(rng.integers(1, 4))
    for stride in (1, 2, 3):  # along the other axis the steps come out even
        check(4, width, 4, 3, stride=stride)
        check(width, 5, 3, 5, stride=stride)
        check(4, width, 4 + 2 * padding, 3, stride=stride, padding=padding)


def test_integers(rng):
    """Both numbers are ints, and not floats such as 5.0."""
    for stride in (1, 2, 3):
        sizes = (3 + 6 * int(rng.integers(1, 3)), 2 + 6 * int(rng.integers(3, 5)), 3, 2)
        expected = reference.conv2d_output_shape(*sizes, stride=stride)
        found = counts(*sizes, stride=stride)
        for name, ours, theirs in zip(("H_out", "W_out"), found, expected, strict=True):
            require(type(ours) is not float, f"{name} is a float: it must be an int")
            assert_equal(ours, theirs, name=name)


def test_refuses_a_kernel_that_does_not_fit(rng):
    """A kernel higher or wider than the padded image raises a ValueError that names sizes."""
    height, width = int(rng.integers(4, 7)), int(rng.integers(8, 11))
    check(height, width, 3, 2)
    for stride, padding in ((1, 0), (1, 2), (3, 1)):
        room = 2 * padding
        for kernel in ((height + room + 1, 2), (2, width + room + 1)):
            with pytest.raises(ValueError, match=r"\d"):
                conv.conv2d_output_shape(height, width, *kernel, stride=stride, padding=padding)
