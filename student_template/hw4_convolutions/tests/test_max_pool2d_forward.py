"""Public checks of max_pool2d_forward."""

import conv
import numpy as np
from student_kit.checks import assert_close

IMAGE = np.array([[1, 3, 2, 0], [5, 4, 4, 1], [0, 4, 4, 2], [1, 0, 2, 7]], dtype=float)


def test_worked_numbers():
    """Windows of 2x2 side by side, and of 3x3 that overlap, are those of the handout."""
    x = IMAGE[None, None]
    out = conv.max_pool2d_forward(x, kernel_size=2, stride=2)
    assert_close(out, np.array([[[[5.0, 4.0], [4.0, 7.0]]]]))
    out = conv.max_pool2d_forward(x, kernel_size=3, stride=1)
    assert_close(out, np.array([[[[5.0, 4.0], [5.0, 7.0]]]]))


def test_two_channels_of_negative_numbers():
    """Channels are pooled apart, and there are no zeros around the image."""
    x = np.stack([-1.0 - IMAGE, -2.0 - IMAGE.T])[None, :, :, :3]  # 4 rows, 3 columns
    out = conv.max_pool2d_forward(x, kernel_size=2, stride=2)
    assert_close(out, np.array([[[[-2.0], [-1.0]], [[-3.0], [-2.0]]]]))
