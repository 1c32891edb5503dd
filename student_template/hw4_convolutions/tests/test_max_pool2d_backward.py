"""Public checks of max_pool2d_backward."""

import conv
import numpy as np
from student_kit.checks import assert_close

IMAGE = np.array([[1, 3, 2, 0], [5, 4, 4, 1], [0, 4, 4, 2], [1, 0, 2, 7]], dtype=float)
GRAD_OUTPUT = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])


def test_worked_numbers():
    """Each window of 2x2 hands its gradient to its largest pixel, as in the handout."""
    grad = conv.max_pool2d_backward(GRAD_OUTPUT, IMAGE[None, None], kernel_size=2, stride=2)
    expected = np.array([[0, 0, 0, 0], [1, 0, 2, 0], [0, 3, 0, 0], [0, 0, 0, 4]], dtype=float)
    assert_close(grad, expected[None, None])


def test_overlap_and_ties():
    """The 5 wins twice and gets both gradients; of the four 4s the upper left one wins."""
    grad = conv.max_pool2d_backward(GRAD_OUTPUT, IMAGE[None, None], kernel_size=3, stride=1)
    expected = np.array([[0, 0, 0, 0], [4, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 4]], dtype=float)
    assert_close(grad, expected[None, None])
