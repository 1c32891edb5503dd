"""Public checks of conv1d_forward."""

import conv
import numpy as np
from student_kit.checks import assert_close

# the sequence of the handout, two channels of length 5, and its two filters
X = np.array([[[1.0, 0.0, 2.0, 3.0, 1.0], [0.0, 1.0, 1.0, 0.0, 2.0]]])
WEIGHT = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]], [[0.0, 0.0, 1.0], [2.0, 0.0, 0.0]]])
BIAS = np.array([0.0, 1.0])


def test_worked_numbers():
    """Two filters over two channels give the numbers of the handout."""
    expected = np.array([[[1.0, 5.0, 6.0], [3.0, 6.0, 4.0]]])
    assert_close(conv.conv1d_forward(X, WEIGHT, BIAS), expected)


def test_padding_and_stride():
    """One zero at either end, and every second position."""
    expected = np.array([[[1.0, 5.0, 7.0], [1.0, 6.0, 1.0]]])
    assert_close(conv.conv1d_forward(X, WEIGHT, BIAS, stride=2, padding=1), expected)


def test_one_weight_moves_one_channel(rng):
    """A filter with a single 1, the last of its kernel, shows the end of one channel."""
    x, weight = rng.normal(size=(2, 3, 6)), np.zeros((2, 3, 4))
    weight[1, 0, 3] = 1.0
    expected = np.stack([np.zeros((2, 3)), x[:, 0, 3:]], axis=1)
    assert_close(conv.conv1d_forward(x, weight, np.zeros(2)), expected)
