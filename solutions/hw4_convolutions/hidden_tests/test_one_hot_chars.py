"""Hidden checks of one_hot_chars."""

import numpy as np
import pytest
import text
from reference import text as reference
from student_kit.checks import assert_close, require

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def draw(rng, length, size):
    """Return a text, and an alphabet of that many letters in no particular order.

    The first letter of the alphabet comes at least twice.
    """
    alphabet = "".join(rng.permutation(list(LETTERS))[:size])
    others = rng.choice(list(alphabet), size=length - 2)
    return "".join(rng.permutation([*alphabet[0] * 2, *others])), alphabet


@pytest.mark.weight(2)
def test_each_letter_has_its_column(rng):
    """Row i has its 1 in the column of character i, in the order of the alphabet."""
    for length, size in ((9, 5), (4, 11)):
        characters, alphabet = draw(rng, length, size)
        expected = reference.one_hot_chars(characters, alphabet)
        assert_close(text.one_hot_chars(characters, alphabet), expected)


def test_as_many_characters_as_letters(rng):
    """Rows are characters and columns letters, also where there are as many of the one."""
    alphabet = "".join(rng.permutation(list(LETTERS))[:7])
    # turned by two: the matrix is not its own transpose
    characters = alphabet[2:] + alphabet[:2]
    expected = np.roll(np.eye(7), 2, axis=1)
    assert_close(text.one_hot_chars(characters, alphabet), expected)


@pytest.mark.weight(2)
def test_unknown_characters(rng):
    """A character that is not in the alphabet is a row of zeros, wherever it stands."""
    known, alphabet = draw(rng, 6, 8)
    characters = "?" + known[:2] + "!" + known[2:4] + "7" + known[4:] + "??"
    expected = reference.one_hot_chars(characters, alphabet)
    assert_close(text.one_hot_chars(characters, alphabet), expected)


def test_one_character(rng):
    """A text of one character is a matrix of one row; an alphabet of one letter, one column."""
    alphabet = "".join(sorted(draw(rng, 2, 8)[1], reverse=True))
    k = int(rng.integers(1, 8))
    assert_close(text.one_hot_chars(alphabet[k], alphabet), np.eye(8)[k : k + 1])
    assert_close(text.one_hot_chars("xyxx", "x"), np.array([[1.0], [0.0], [1.0], [1.0]]))


def test_capitals_and_other_characters(rng):
    """Capitals are letters of their own, and any character may be in the alphabet."""
    alphabet = "".join(rng.permutation(list("abAB .-\u00e9\u00c9")))
    characters = "C" + "".join(rng.permutation(list("aAbB. -\u00e9\u00c9e")))
    expected = reference.one_hot_chars(characters, alphabet)
    assert_close(text.one_hot_chars(characters, alphabet), expected)


def test_repeated_characters(rng):
    """A character that comes several times has a row for each time."""
    alphabet = "".join(sorted(draw(rng, 2, 6)[1], reverse=True))
    first, second = alphabet[1], alphabet[4]
    characters = first * 3 + second * 2 + first
    expected = reference.one_hot_chars(characters, alphabet)
    assert_close(text.one_hot_chars(characters, alphabet), expected)


@pytest.mark.weight(0.5)
def test_empty_text(rng):
    """An empty text is a matrix without rows, which still has a column for each letter."""
    characters, alphabet = draw(rng, 12, 8)
    found = text.one_hot_chars("", alphabet)
    require(type(found) is np.ndarray, "the result for an empty text is no array")
    require(found.shape == (0, 8), f"the result for an empty text has the shape {found.shape}")
    expected = reference.one_hot_chars(characters, alphabet)
    assert_close(text.one_hot_chars(characters, alphabet), expected)
