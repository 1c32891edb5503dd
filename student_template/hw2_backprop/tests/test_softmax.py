"""Public checks of softmax."""

import layers
import numpy as np
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_worked_numbers():
    """The probabilities are those of the worked network in the handout."""
    logits = np.array([[2.0, 2.0], [2.0, 1.0]])
    expected = np.array([[0.5, 0.5], [0.7310585786300049, 0.2689414213699951]])
    assert_close(layers.softmax(logits), expected)


def test_a_shift_of_a_row_changes_nothing():
    """Odds of 1 : 2 : 5 are odds of 1 : 2 : 5, also around a logit of 1000 and of -1000."""
    logits = np.log(np.array([[1.0, 2.0, 5.0]])) + np.array([[0.0], [1000.0], [-1000.0], [3.0]])
    # adding 1000 rounds a logit by about 1e-13
    with assert_inputs_unchanged():
        probs = layers.softmax(logits)
    assert_close(probs, np.tile([0.125, 0.25, 0.625], (4, 1)), rtol=1e-8)
