"""Public checks of conv2d_forward."""

import conv
import numpy as np
import pytest
from student_kit.checks import assert_close

# the image of the handout: two channels of 2x3 pixels; and its two filters
X = np.array([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]], [[2.0, 0.0, 1.0], [1.0, 1.0, 0.0]]]])
WEIGHT = np.array(
    [
        [[[1.0, 0.0], [2.0, -1.0]], [[0.0, 1.0], [1.0, 0.0]]],
        [[[0.0, 1.0], [0.0, 0.0]], [[-1.0, 0.0], [0.0, 2.0]]],
    ]
)
BIAS = np.array([0.5, -1.0])


def test_worked_numbers():
    """Two filters over two channels make the two maps of the handout."""
    expected = np.array([[[[1.5, 3.5]], [[1.0, -1.0]]]])
    assert_close(conv.conv2d_forward(X, WEIGHT, BIAS), expected)


def test_one_weight_moves_one_channel(rng):
    """A filter with a single 1 shows a part of one channel, in steps of the stride."""
    x, weight = rng.normal(size=(2, 3, 6, 7)), np.zeros((4, 3, 2, 3))
    weight[1, 2, 0, 1] = 1.0
    out = np.zeros((2, 4, 3, 3))
    out[:, 1] = x[:, 2, 0:5:2, 1:6:2]
    assert_close(conv.conv2d_forward(x, weight, np.zeros(4), stride=2), out)


def test_border_is_zero():
    """On a white image a padded window of ones counts the pixels that it sees."""
    seen = np.array([[4.0, 6.0, 4.0], [6.0, 9.0, 6.0], [4.0, 6.0, 4.0]])
    out = conv.conv2d_forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1), padding=1)
    assert_close(out, seen[None, None])


def test_channels_last():
    """Images whose channels come last raise a ValueError."""
    with pytest.raises(ValueError, match=r"\d"):
        conv.conv2d_forward(np.ones((1, 4, 5, 2)), WEIGHT, BIAS)
