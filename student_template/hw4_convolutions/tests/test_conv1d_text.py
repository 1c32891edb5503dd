"""Public checks of conv1d_text."""

import numpy as np
import pytest
import text
from student_kit.checks import assert_close

# one sentence of four tokens, two numbers each; one filter over two tokens
SENTENCE = np.array([[[1.0, 0.0], [2.0, 1.0], [0.0, 3.0], [1.0, 1.0]]])
WEIGHT = np.array([[[1.0, -1.0], [0.0, 2.0]]])


def test_worked_numbers():
    """A filter over two tokens of four, as in the handout."""
    expected = np.array([[[1.5, 8.5, 1.5]]])
    assert_close(text.conv1d_text(SENTENCE, WEIGHT, np.array([0.5])), expected)


def test_a_filter_that_spells():
    """A filter that is made for "no" is strongest where "no" stands."""
    ids = np.array([["kingdom_now".index(letter) for letter in "know"]])
    weight = np.zeros((1, 11, 2))
    weight[0, 2, 0] = weight[0, 5, 1] = 1.0  # n, then o
    found = text.conv1d_text(np.eye(11)[ids], weight, np.array([-1.0]))
    assert_close(found, np.array([[[-1.0, 1.0, -1.0]]]))


def test_refuses_filters_longer_than_the_sentence():
    """A filter over five tokens raises a ValueError that names 5, and the 4 of the sentence."""
    with pytest.raises(ValueError, match=r"(?s)\b5\b.*\b4\b|\b4\b.*\b5\b"):
        text.conv1d_text(SENTENCE, np.ones((1, 2, 5)), np.zeros(1))
