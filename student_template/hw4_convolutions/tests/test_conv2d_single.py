"""Public checks of conv2d_single."""

import conv
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged

IMAGE = np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 3.0, 2.0], [2.0, 0.0, 1.0, 1.0]])
KERNEL = np.array([[1.0, 0.0], [2.0, -1.0]])


def test_worked_numbers():
    """The kernel of the handout is slid over its image, and neither of them is written into."""
    with assert_inputs_unchanged():
        found = conv.conv2d_single(IMAGE, KERNEL)
    assert_close(found, np.array([[0.0, 1.0, 4.0], [4.0, 0.0, 4.0]]))


def test_padding_and_stride():
    """A border of zeros lets the window begin outside, and a stride of 2 skips positions."""
    padded = [[-1, 0, 4, -1, 2], [0, 0, 1, 4, 5], [-2, 4, 0, 4, 4], [0, 2, 0, 1, 1]]
    assert_close(conv.conv2d_single(IMAGE, KERNEL, padding=1), np.array(padded, dtype=float))
    expected = np.array([[-1.0, 4.0, 2.0], [-2.0, 0.0, 4.0]])
    assert_close(conv.conv2d_single(IMAGE, KERNEL, stride=2, padding=1), expected)


def test_one_weight_moves_the_image(rng):
    """A kernel with a single 1 at the lower right shows the lower right part of the image."""
    image, kernel = rng.normal(size=(5, 6)), np.zeros((2, 3))
    kernel[1, 2] = 1.0
    assert_close(conv.conv2d_single(image, kernel), image[1:, 2:])
