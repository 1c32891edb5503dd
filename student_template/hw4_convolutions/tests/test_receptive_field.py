"""Public checks of receptive_field."""

import conv
from student_kit.checks import assert_equal


def test_two_small_kernels_see_as_much_as_a_large_one():
    """Two layers of 3x3 see 5 pixels in a row, three of them 7."""
    assert_equal(conv.receptive_field([(3, 1), (3, 1)]), 5)
    assert_equal(conv.receptive_field([(3, 1), (3, 1), (3, 1)]), 7)


def test_worked_numbers():
    """Convolution, pooling, convolution, pooling: the network of the handout sees 10 pixels."""
    assert_equal(conv.receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)]), 10)
