"""Nothing passes for what it is not, and whatever a student returns is the student's failure."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from student_kit.checks import (
    CheckFailure,
    assert_close,
    assert_equal,
    assert_keys,
    assert_pair,
    estimated_gradient,
)
from student_kit.wire import decode, encode

ROW = np.array([1.5, 2.5, -3.5])
TABLE = np.arange(12.0).reshape(3, 4) + 1.0
EXPECTED = {
    "row": ROW,
    "table": TABLE,
    "number": 2.5,
    "whole": np.array([1, 2, 3]),
    "truth": np.array([True, False]),
    "complex": np.array([1j, 2.0]),
    "not finite": np.array([1.0, np.nan, np.inf]),
}
WRONG = {
    "None": None,
    "truth": True,
    "zero": 0,
    "zero float": 0.0,
    "number beyond floats": 10**400,
    "nan": float("nan"),
    "inf": float("inf"),
    "complex": 2.5 + 1e-30j,
    "text": "2.5",
    "bytes": bytes(24),
    "list": [1.5, 2.5, -3.5],
    "tuple": (1.5, 2.5, -3.5),
    "empty list": [],
    "empty tuple": (),
    "empty dict": {},
    "nested": [[[[]]]],
    "list of arrays": [np.zeros(2), np.zeros(3)],
    "empty": np.empty(0),
    "empty column": np.empty((0, 1)),
    "empty row": np.empty((1, 0)),
    "empty of all": np.empty((3, 0)),
    "no dimension": np.array(7.5),
    "one": np.ones(1),
    "column": ROW[:, None],
    "row of rows": ROW[None],
    "transposed": TABLE.T.copy(),
    "flat": TABLE.ravel(),
    "NaN": np.full(3, np.nan),
    "NaN table": np.full((3, 4), np.nan),
    "infinite": np.full(3, np.inf),
    "huge": np.full(3, 1e308),
    "truths": np.ones(3, bool),
    "wholes": np.ones(3, np.int64),
    "unsigned": np.full(3, 2**64 - 1, np.uint64),
    "half": ROW.astype(np.float16),
    "single": ROW.astype(np.float32),
    "as complex": ROW.astype(complex),
    "one not finite": np.array([1.0, np.inf, np.inf]),
    "other signs": np.array([1.0, np.nan, -np.inf]),
    "numpy number": np.float64(7.5),
    "numpy single": np.float32(2.4),
    "numpy whole": np.int64(7),
    "numpy truth": np.True_,
}


# A hole when this was written: an integer beyond floats was an OverflowError.
@pytest.mark.parametrize(("what", "found"), list(itertools.product(EXPECTED, WRONG)))
def test_nothing_else_is_close(what, found):
    """A wrong value is a failed check: never a pass, and never an error of the check."""
    arrived = decode(encode(WRONG[found]))
    with pytest.raises(CheckFailure):
        assert_close(arrived, EXPECTED[what])


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_right_is_close(name):
    assert_close(decode(encode(EXPECTED[name])), EXPECTED[name])


@pytest.mark.parametrize("rtol", [1e-9, 1.0])
def test_a_huge_result_does_not_widen_its_own_tolerance(rtol):
    with pytest.raises(CheckFailure):
        assert_close(np.full(3, 1e300), ROW, rtol=rtol)


EQUALS = (None, 3, True, "text", [1, 2], [], [[0], [1]], (1, 2), {"a": 1})


def _is_equal(expected, found):
    """Whether `found` may pass for `expected`: the same, or NumPy's way to write True."""
    if isinstance(found, (list, tuple)) and any(isinstance(v, np.ndarray) for v in found):
        return False
    same = type(expected) is type(found) and expected == found
    return same or (expected is True and found is np.True_)


# A hole when this was written: a list of arrays was a ValueError.
@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (expected, name)
        for expected, (name, found) in itertools.product(EQUALS, WRONG.items())
        if not _is_equal(expected, found)
    ],
)
def test_nothing_else_is_equal(expected, found):
    found = WRONG[found]
    with pytest.raises(CheckFailure):
        assert_equal(decode(encode(found)), expected)


# A hole when this was written: [True, 2] was equal to [1, 2].
@pytest.mark.parametrize(
    "found",
    [[True, 2], [1.0, 2], [np.int64(1), np.zeros(2)], [np.array(1), np.array(2)], [1, np.ones(1)]],
    ids=repr,
)
def test_parts_must_have_their_type_too(found):
    with pytest.raises(CheckFailure):
        assert_equal(decode(encode(found)), [1, 2])


# A hole when this was written: 4 MB of them.
def test_keys_that_a_student_chose_are_not_quoted():
    """A summary is shown for hidden tests: a key may be made of their inputs."""
    told = {"1000000.25 " * 40: 1, 1000000.25: 2}
    with pytest.raises(CheckFailure) as caught:
        assert_keys(told, {"m", "v"})
    assert "1000000.25" not in caught.value.summary


def test_many_keys_make_no_long_summary():
    with pytest.raises(CheckFailure) as caught:
        assert_keys({f"k{n}": n for n in range(10_000)}, {"m", "v"})
    assert len(caught.value.summary) < 500


@pytest.mark.parametrize("found", [*WRONG.values()])
def test_a_pair_is_a_tuple_of_two(found):
    with pytest.raises(CheckFailure):
        assert_pair(found)
    with pytest.raises(CheckFailure):
        assert_keys(found, {"m"})


# A hole when this was written: a TypeError in our own line.
@pytest.mark.parametrize(
    "value", [None, "text", [], np.zeros(3), np.empty(0), 10**400, {}, 1j], ids=repr
)
def test_a_gradient_of_what_is_no_number_is_a_failed_check(value):
    """A student's loss may return anything; to stumble over it is not the engine's failure."""
    with pytest.raises(CheckFailure):
        estimated_gradient(lambda x: value, np.ones(2))
