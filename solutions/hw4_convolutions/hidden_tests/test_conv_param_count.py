"""Hidden checks of conv_param_count."""

import conv
from reference import conv as reference
from student_kit.checks import assert_equal


def test_different_sizes(rng):
    """Weights and biases are counted, where all three numbers are different."""
    c_in, c_out, kernel = (int(rng.integers(*bounds)) for bounds in ((3, 6), (8, 12), (6, 8)))
    expected = reference.conv_param_count(c_in, c_out, kernel)
    assert_equal(conv.conv_param_count(c_in, c_out, kernel), expected)


def test_more_channels_in_than_out(rng):
    """A layer that makes few channels of many is counted right."""
    c_in, c_out = int(rng.integers(30, 40)), int(rng.integers(2, 6))
    assert_equal(conv.conv_param_count(c_in, c_out, 3), reference.conv_param_count(c_in, c_out, 3))


def test_kernel_of_one_pixel(rng):
    """A 1x1 convolution has one weight for each pair of channels."""
    c_in, c_out = int(rng.integers(3, 6)), int(rng.integers(8, 12))
    assert_equal(conv.conv_param_count(c_in, c_out, 1), reference.conv_param_count(c_in, c_out, 1))
