"""Public checks of sigmoid_forward."""

import layers
import numpy as np
from student_kit.checks import assert_close, assert_no_warnings


def test_worked_numbers():
    """The values are those of the worked example in the handout."""
    x = np.array([0.0, 1.0, -1.0, np.log(3), -np.log(3)])
    expected = np.array([0.5, 0.7310585786300049, 0.2689414213699951, 0.75, 0.25])
    assert_close(layers.sigmoid_forward(x), expected)


def test_far_from_zero():
    """Far from 0 the values are 0 and 1, without NaN and without a warning."""
    with assert_no_warnings():
        result = layers.sigmoid_forward(np.array([[-1000.0, 0.0, 1000.0]]))
    assert_close(result, np.array([[0.0, 0.5, 1.0]]))
