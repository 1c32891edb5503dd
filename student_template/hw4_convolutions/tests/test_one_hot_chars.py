"""Public checks of one_hot_chars."""

import numpy as np
import text
from student_kit.checks import assert_close


def test_worked_numbers():
    """The text "abba" over the alphabet "ab", as in the handout."""
    expected = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    assert_close(text.one_hot_chars("abba", "ab"), expected)


def test_unknown_character():
    """A character that is not in the alphabet is a row of zeros."""
    expected = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    assert_close(text.one_hot_chars("c_a", "abc"), expected)


def test_order_of_the_alphabet():
    """The alphabet says which column is whose, in whatever order it is."""
    expected = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert_close(text.one_hot_chars("xa", "zxa"), expected)
