"""A relation between a wrong array and the right one is stated where it is sure, and only there."""

from __future__ import annotations

import re

import numpy as np
import pytest

from student_kit.checks import CheckFailure, assert_close
from student_kit.relations import FACTORS, relation

GRID = np.array([[0.3, -1.7, 2.9, 0.1], [5.2, 0.7, -0.4, 1.9], [0.8, 4.4, 3.1, -2.6]])  # (3, 4)
SQUARE = GRID[:, :3]
LINE = GRID.ravel()
TALL = np.concatenate([GRID, GRID[::-1] * 1.3 + 0.2])  # (6, 4)


def with_border(inside: np.ndarray) -> np.ndarray:
    """Return an array that is `inside` but for the border."""
    wrong = inside.copy()
    wrong[0], wrong[:, -1] = 7.0, -7.0
    return wrong


@pytest.mark.parametrize(
    ("found", "right", "words"),
    [
        (-GRID, GRID, "every entry has the wrong sign"),
        (2 * GRID, GRID, "every entry is 2 times what it should be"),
        (GRID / 10, GRID, "every entry is 1/10 of what it should be"),
        (-3 * GRID, GRID, "every entry is 3 times what it should be, with the wrong sign"),
        (1.37 * GRID, GRID, "every entry is off by the same factor"),
        (GRID + 0.25, GRID, "the same number is added to every entry"),
        (GRID.T, GRID, "it is transposed"),
        (SQUARE.T, SQUARE, "it is transposed"),
        (GRID[::-1], GRID, "it is in reverse order along axis 0"),
        (GRID[:, ::-1], GRID, "it is in reverse order along axis 1"),
        (LINE[::-1], LINE, "it is in reverse order"),
        (np.roll(LINE, -1) * [*[1] * 11, 2], LINE, "each entry stands one place too early"),
        (np.roll(LINE, 1) * [2, *[1] * 11], LINE, "each entry stands one place too late"),
        (np.vstack([GRID[1:], GRID[:1] + 9]), GRID, "by one along axis 0: each entry stands one"),
        (with_border(TALL), TALL, "it is right inside, and wrong only at the border"),
        (LINE.reshape(4, 3), GRID, "the values are right, only their shape is not"),
        (LINE[:, None], LINE, "the values are right, only their shape is not"),
        (GRID[1:], GRID, "the first row is missing, the others are right"),
        (LINE[:-1], LINE, "the last entry is missing, the others are right"),
        (np.vstack([GRID, GRID[:1]]), GRID, "the last row is too many, the others are right"),
        (np.vstack([GRID[2:], GRID]), GRID, "the first row is too many, the others are right"),
        (GRID.astype(np.float32), GRID, "the values are right to the precision of float32"),
        (np.arange(4), np.arange(4.0), "the values are right, only their dtype is not"),
        (GRID.astype(int), GRID, "the values have lost what stands behind the decimal point"),
        (LINE[[3, 0, 2, 1, *range(4, 12)]], LINE, "the values are right, but in another order"),
        (np.vstack([TALL[:2], TALL[2:] * 1.1]), TALL, "the rows are right before row 2, and wrong"),
    ],
)
def test_a_relation_is_found(found: np.ndarray, right: np.ndarray, words: str) -> None:
    assert words in relation(found, right)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (GRID * np.linspace(2, 2.0001, 4), GRID),  # nearly a factor
        (np.add(GRID, [0, 0, 0, 1e-3]), GRID),
        (np.zeros(5), np.zeros(5)),
        (-np.array([1.0, 0.0, 2.0]), np.array([1.0, 0.0, 2.0])),  # two numbers
        (2 * np.full(9, 1.5), np.full(9, 1.5)),  # one number
        (0 * GRID, GRID),  # a factor of 0 says nothing
        (np.full((3, 4), np.nan), GRID),
        (-GRID, np.where(GRID > 5, np.inf, GRID)),
        (np.array(3.0), np.array(2.0)),
        (-2.0, 2.0),
        ([1.0], np.ones(3)),
        (None, GRID),
        (GRID.astype(complex), GRID),
        (GRID[:2, :2], GRID),
        (GRID.astype(object), GRID),
    ],
)
def test_nothing_is_said_where_nothing_is_sure(found: object, right: object) -> None:
    assert relation(found, right) == ""


def test_two_relations_at_once_are_none() -> None:
    # reversed and of the wrong sign are the same here
    line = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])

    assert relation(-line, line) == ""


def test_unrelated_arrays_have_no_relation() -> None:
    rng = np.random.default_rng(0)
    shapes = [(3,), (4,), (3, 3), (4, 3), (5, 2), (2, 3, 4)]
    for shape in shapes * 50:
        found, right = rng.normal(size=(2, *shape))
        assert relation(found, right) == ""


def test_only_factors_that_people_use_are_told_by_number() -> None:
    """What a factor tells of a hidden input must not be more than that it is common."""
    told = {f: relation(f * GRID, GRID) for f in (2.0, 0.5, 7.0, 2.5, 0.123, 1e4)}

    assert {f for f, words in told.items() if re.search(r"\d", words)} == {2.0, 0.5}
    assert all(f in FACTORS for f in (2.0, 0.5))


def test_a_relation_names_no_entry() -> None:
    rng = np.random.default_rng(1)
    right = rng.normal(size=(5, 4))
    for found in (-right, right * 0.37, right + 0.37, right[::-1], right[1:], right.T):
        words = relation(found, right)
        assert words
        assert not re.search(r"\d\.\d", words)


def test_a_failed_comparison_carries_both_values() -> None:
    with pytest.raises(CheckFailure, match="wrong shape") as caught:
        assert_close(GRID.T, GRID)

    assert relation(caught.value.actual, caught.value.expected) == "it is transposed"
