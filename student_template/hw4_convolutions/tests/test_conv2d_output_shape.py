"""Public checks of conv2d_output_shape."""

import conv
import pytest
from student_kit.checks import assert_equal


def test_worked_numbers():
    """The sizes are those of the handout: 3x4 pixels, a kernel of 2x2."""
    assert_equal(conv.conv2d_output_shape(3, 4, 2, 2), (2, 3))
    assert_equal(conv.conv2d_output_shape(3, 4, 2, 2, padding=1), (4, 5))
    assert_equal(conv.conv2d_output_shape(3, 4, 2, 2, stride=2), (1, 2))
    assert_equal(conv.conv2d_output_shape(3, 4, 2, 2, stride=2, padding=1), (2, 3))


def test_same_size():
    """An odd kernel of size k with padding (k - 1) / 2 keeps height and width, as for digits."""
    assert_equal(conv.conv2d_output_shape(28, 20, 3, 3, padding=1), (28, 20))
    assert_equal(conv.conv2d_output_shape(28, 20, 5, 5, padding=2), (28, 20))


def test_kernel_too_large():
    """A kernel that is higher than the padded image raises a ValueError."""
    with pytest.raises(ValueError, match=r"\d"):
        conv.conv2d_output_shape(3, 9, 6, 2, padding=1)
