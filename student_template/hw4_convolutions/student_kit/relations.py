"""How a wrong array is related to the right one, where that says what is wrong.

    CheckFailure.actual, CheckFailure.expected -> [relations] -> "it is transposed", or ""

A relation is stated only if it holds for every entry as exactly as equality would have to, if it
is the only one that holds, and if there are at least three different numbers to judge by: three
entries that are all 0, or all equal, agree with everything. It names no entry, and a factor only
if people use such factors: what a hidden test was given cannot be learned from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from student_kit.checks import ATOL, RTOL

ENOUGH = 3  # different numbers other than 0
FACTORS = {
    **{float(n): f"{n} times" for n in (2, 3, 4, 5, 10, 100, 1000)},
    **{1 / n: f"1/{n} of" for n in (2, 3, 4, 5, 10, 100, 1000)},
}

Relation = Callable[[np.ndarray, np.ndarray], str]


def relation(actual: Any, expected: Any) -> str:
    """Return how `actual` is related to `expected`, as a clause about it; "" if nothing is sure.

    Args:
        actual: what the student's function returned.
        expected: what it should have been; only arrays are judged.
    """
    if type(actual) is not np.ndarray or not isinstance(expected, np.ndarray):
        return ""
    if actual.dtype.kind not in "iuf" or expected.dtype.kind not in "iuf":
        return ""
    found, right = actual.astype(np.float64), expected.astype(np.float64)
    if not (np.isfinite(found).all() and _is_telling(right)):
        return ""
    with np.errstate(all="ignore"):
        if found.shape != right.shape:
            held = [test(found, right) for test in (_transposed, _reshaped, _row_missing)]
        elif actual.dtype != expected.dtype:
            held = [_right_but_for_the_dtype(actual, found, right)]
        else:
            held = [test(found, right) for test in _SAME_SHAPE]
    words = list(filter(None, held))
    if not words and found.shape == right.shape:
        words = list(filter(None, [_in_another_order(found, right), _from_a_row_on(found, right)]))
    return words[0] if len(words) == 1 else ""


def _is_telling(right: np.ndarray) -> bool:
    """Whether there are enough different numbers."""
    numbers = right[np.isfinite(right) & (right != 0)]
    return bool(np.isfinite(right).all()) and np.unique(np.round(numbers, 9)).size >= ENOUGH


def _equal(found: np.ndarray, right: np.ndarray) -> bool:
    return found.shape == right.shape and bool(np.allclose(found, right, rtol=RTOL, atol=ATOL))


def _sign(found: np.ndarray, right: np.ndarray) -> str:
    return "every entry has the wrong sign" if _equal(found, -right) else ""


def _factor(found: np.ndarray, right: np.ndarray) -> str:
    largest = np.unravel_index(np.abs(right).argmax(), right.shape)
    factor = float(found[largest] / right[largest])
    if not np.isfinite(factor) or abs(factor) < 1e-6 or abs(abs(factor) - 1) < 1e-6:
        return ""
    if not _equal(found, factor * right):
        return ""
    for nice, words in FACTORS.items():
        if abs(abs(factor) / nice - 1) < RTOL:
            sign = ", with the wrong sign" if factor < 0 else ""
            return f"every entry is {words} what it should be{sign}"
    return "every entry is off by the same factor"


def _offset(found: np.ndarray, right: np.ndarray) -> str:
    difference = found - right
    if abs(difference.flat[0]) < 1e-6 or not _equal(found, right + difference.flat[0]):
        return ""
    return "the same number is added to every entry"


def _transposed(found: np.ndarray, right: np.ndarray) -> str:
    return "it is transposed" if right.ndim == 2 and _equal(found, right.T) else ""


def _reversed(found: np.ndarray, right: np.ndarray) -> str:
    axes = [k for k in range(right.ndim) if _equal(found, np.flip(right, k))]
    if len(axes) != 1:
        return ""
    return "it is in reverse order" + (f" along axis {axes[0]}" if right.ndim > 1 else "")


def _shifted(found: np.ndarray, right: np.ndarray) -> str:
    for axis in range(right.ndim):
        f, r = np.moveaxis(found, axis, 0), np.moveaxis(right, axis, 0)
        where = f" along axis {axis}" if right.ndim > 1 else ""
        if _is_telling(r[1:]) and _equal(f[:-1], r[1:]):
            return f"it is shifted by one{where}: each entry stands one place too early"
        if _is_telling(r[:-1]) and _equal(f[1:], r[:-1]):
            return f"it is shifted by one{where}: each entry stands one place too late"
    return ""


def _border(found: np.ndarray, right: np.ndarray) -> str:
    """Say so if all is right but entries at the edge of the last two axes."""
    if right.ndim < 2 or min(right.shape[-2:]) < 3:
        return ""
    inner = (..., slice(1, -1), slice(1, -1))
    if _is_telling(right[inner]) and _equal(found[inner], right[inner]):
        return "it is right inside, and wrong only at the border"
    return ""


def _reshaped(found: np.ndarray, right: np.ndarray) -> str:
    if found.size != right.size or _transposed(found, right):
        return ""
    is_same = _equal(found.ravel(), right.ravel())
    return "the values are right, only their shape is not" if is_same else ""


def _row_missing(found: np.ndarray, right: np.ndarray) -> str:
    if found.ndim != right.ndim or found.shape[1:] != right.shape[1:]:
        return ""
    what = "row" if right.ndim > 1 else "entry"
    for one, other, words in (
        (found, right, "is missing, the others are right"),
        (right, found, "is too many, the others are right"),
    ):
        if len(one) == len(other) - 1 and _is_telling(one):
            if _equal(one, other[1:]):
                return f"the first {what} {words}"
            if _equal(one, other[:-1]):
                return f"the last {what} {words}"
    return ""


def _right_but_for_the_dtype(actual: np.ndarray, found: np.ndarray, right: np.ndarray) -> str:
    if _equal(found, right):
        return "the values are right, only their dtype is not"
    if actual.dtype == np.float32 and np.allclose(found, right, rtol=1e-5, atol=1e-7):
        return "the values are right to the precision of float32"
    if actual.dtype.kind in "iu" and (found == np.trunc(right)).all():
        return "the values have lost what stands behind the decimal point"
    return ""


def _in_another_order(found: np.ndarray, right: np.ndarray) -> str:
    is_same = _equal(np.sort(found, axis=None), np.sort(right, axis=None))
    return "the values are right, but in another order" if is_same else ""


def _from_a_row_on(found: np.ndarray, right: np.ndarray) -> str:
    """Say so if rows are right up to some row, and wrong from there on."""
    if right.ndim != 2 or len(right) < 3:
        return ""
    rows = np.isclose(found, right, rtol=RTOL, atol=ATOL).all(axis=1)
    first = int(np.argmin(rows))
    if first < 1 or rows[first:].any() or not _is_telling(right[:first]):
        return ""
    return f"the rows are right before row {first}, and wrong from there on"


_SAME_SHAPE: tuple[Relation, ...] = (
    *(_sign, _factor, _offset),
    *(_transposed, _reversed, _shifted, _border),
)
