"""Public checks of relu_forward."""

import layers
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_worked_numbers():
    """The hidden units are those of the worked network in the handout."""
    a = np.array([[1.0, 1.0, -1.0], [2.0, 0.0, 1.0]])
    hidden = np.array([[1.0, 1.0, 0.0], [2.0, 0.0, 1.0]])
    assert_close(layers.relu_forward(a), hidden)


def test_new_array(rng):
    """The result is a new array of the same shape: x is not written into."""
    x = rng.normal(size=(2, 3, 4))
    with assert_inputs_unchanged():
        result = layers.relu_forward(x)
    expected = np.array([max(value, 0.0) for value in x.ravel()]).reshape(2, 3, 4)
    assert_close(result, expected)
