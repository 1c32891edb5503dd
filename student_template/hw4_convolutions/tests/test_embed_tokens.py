"""Public checks of embed_tokens."""

import numpy as np
import pytest
import text
from student_kit.checks import assert_close

TABLE = np.array([[0.5, 1.0], [2.0, -1.0], [0.0, 3.0]])


def test_worked_numbers():
    """Three tokens of a table of three, as in the handout."""
    expected = np.array([[0.0, 3.0], [0.5, 1.0], [0.0, 3.0]])
    assert_close(text.embed_tokens(np.array([2, 0, 2]), TABLE), expected)


def test_batch_of_sentences():
    """Two sentences of two tokens."""
    expected = np.array([[[2.0, -1.0], [2.0, -1.0]], [[0.5, 1.0], [0.0, 3.0]]])
    assert_close(text.embed_tokens(np.array([[1, 1], [0, 2]]), TABLE), expected)


def test_refuses_ids_outside_of_the_table():
    """The ids -1 and 3 raise a ValueError that names ids."""
    for outside in (-1, 3):
        with pytest.raises(ValueError, match="ids"):
            text.embed_tokens(np.array([0, outside]), TABLE)
