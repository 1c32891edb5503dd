"""Public checks of conv_param_count."""

import conv
from student_kit.checks import assert_equal


def test_worked_numbers():
    """The two layers of the handout: 1 to 8 channels, and 8 to 16, with kernels of 3x3."""
    assert_equal(conv.conv_param_count(1, 8, 3), 80)
    assert_equal(conv.conv_param_count(8, 16, 3), 1168)
