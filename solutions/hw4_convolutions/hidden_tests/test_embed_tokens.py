"""Hidden checks of embed_tokens."""

import numpy as np
import pytest
import text
from reference import text as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_one_sentence(rng):
    """Each token of a sentence becomes its row of the table."""
    table, ids = rng.normal(size=(9, 4)), rng.integers(9, size=6)
    assert_close(text.embed_tokens(ids, table), reference.embed_tokens(ids, table))


@pytest.mark.weight(2)
def test_batch_of_sentences(rng):
    """A batch (N, L) becomes (N, L, D), sentence by sentence."""
    table, ids = rng.normal(size=(11, 3)), rng.integers(11, size=(4, 7))
    assert_close(text.embed_tokens(ids, table), reference.embed_tokens(ids, table))


def test_square_table(rng):
    """Rows are looked up and not columns, also if there are as many of the one."""
    table, ids = rng.normal(size=(6, 6)), rng.integers(6, size=(3, 6))
    assert_close(text.embed_tokens(ids, table), reference.embed_tokens(ids, table))


def test_first_and_last_token(rng):
    """The ids 0 and V - 1 are tokens like the others."""
    table = rng.normal(size=(5, 4))
    expected = table[[0, 4, 4, 0, 2]]
    assert_close(text.embed_tokens(np.array([0, 4, 4, 0, 2]), table), expected)


def test_any_shape_of_ids(rng):
    """ids with one axis, two or three keep their shape, and D comes behind it."""
    table = rng.normal(size=(8, 3))
    for shape in ((1,), (1, 4), (2, 5, 4)):
        ids = rng.integers(8, size=shape)
        assert_close(text.embed_tokens(ids, table), reference.embed_tokens(ids, table))


def test_is_one_hot_times_the_table(rng):
    """Looking up is the same as multiplying one-hot rows by the table."""
    table, ids = rng.normal(size=(7, 5)), rng.integers(7, size=(2, 4))
    ids[rng.integers(2), rng.integers(4)] = 6  # the last row too
    assert_close(text.embed_tokens(ids, table), np.eye(7)[ids] @ table)


@pytest.mark.weight(0.5)
def test_refuses_negative_ids(rng):
    """An id below 0 raises a ValueError that names ids, and does not count from the end."""
    table, ids = rng.normal(size=(6, 4)), rng.integers(6, size=(3, 5))
    wrong = ids.copy()
    wrong[rng.integers(3), rng.integers(5)] = -1
    with pytest.raises(ValueError, match="ids"):
        text.embed_tokens(wrong, table)
    assert_close(text.embed_tokens(ids, table), reference.embed_tokens(ids, table))


@pytest.mark.weight(0.5)
def test_refuses_ids_beyond_the_table(rng):
    """An id of V or more raises a ValueError that names ids."""
    table, ids = rng.normal(size=(6, 4)), rng.integers(6, size=(3, 5))
    for outside in (6, 7):
        wrong = ids.copy()
        wrong[rng.integers(3), rng.integers(5)] = outside
        with pytest.raises(ValueError, match="ids"):
            text.embed_tokens(wrong, table)
    assert_close(text.embed_tokens(ids, table), reference.embed_tokens(ids, table))


def test_arguments_unchanged(rng):
    """Neither ids nor the table is written into, and the result is right."""
    table, ids = rng.normal(size=(7, 4)), rng.integers(7, size=(3, 5))
    with assert_inputs_unchanged():
        found = text.embed_tokens(ids, table)
    assert_close(found, reference.embed_tokens(ids, table))
