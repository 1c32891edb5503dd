"""Compare what the student's code returned with what it should have returned.

Every test of every assignment, public or hidden, compares through this module, on the student's
machine and in grading alike. A check that fails raises `CheckFailure` with two texts:

* `summary`: what kind of thing is wrong (shape, dtype, how many entries, how far). It names no
  input and no expected number, so it may be shown for hidden tests too.
* `detail`: where the first difference is, with both values. Shown for public tests only.

Order of the checks in `assert_close`, so that nothing passes by accident: type, shape, size,
dtype kind, finite mask, and only then values. The tolerance comes from the expected side alone:
a huge value in the student's result cannot widen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from student_kit import tensors
from student_kit.calls import CallReport, recorded_calls
from student_kit.objects import StudentObject, kind

# Correct solutions, however written, are measured against PyTorch on random inputs: the largest
# |found - expected| / (|expected| + ATOL / RTOL) seen is 1.2e-12, in the gradient of a mean squared
# error. None may reach RTOL / 100, so rounding never fails a test. Mistakes are off by far more.
RTOL = 1e-9
ATOL = 1e-12  # for entries whose expected value is 0, or nearly


class CheckFailure(AssertionError):  # noqa: N818 - a failed check is not an error of the program
    """A result is not what the docstring promises.

    Attributes:
        summary: what is wrong, without inputs and without expected values.
        detail: where it is wrong, with the values; empty if the summary says it all.
        actual, expected: both values, if two arrays were compared: how they are related may say
            what is wrong. Never shown.
    """

    def __init__(self, summary: str, detail: str = "") -> None:
        super().__init__(f"{summary}\n{detail}" if detail else summary)
        self.summary = summary
        self.detail = detail
        self.actual: Any = None
        self.expected: Any = None


def require(condition: object, summary: str, detail: str = "") -> None:
    """Fail with `summary` unless `condition` holds.

    Args:
        condition: anything with a truth value computed by the test.
        summary: what is wrong, in words that may be shown for a hidden test: no inputs, no
            expected values.
        detail: the values, shown for public tests only.
    """
    if not condition:
        raise CheckFailure(summary, detail)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    name: str = "the result",
) -> None:
    """Fail unless `actual` is what `expected` is: shape, dtype kind, and values within tolerance.

    Args:
        actual: what the student's function returned.
        expected: an array, a PyTorch tensor or a Python number. An array must be matched by an
            array of exactly the same shape, a tensor by such a tensor; a number by a Python or
            NumPy number.
        rtol: relative to the expected value of the same entry.
        atol: absolute, in the unit of the expected value.
        name: what the value is called in the message, such as "state['v']".

    Raises:
        CheckFailure: the first thing that differs, in the order of the module docstring.
        ValueError: the test itself is vacuous (`expected` is empty).
    """
    expected_array = np.asarray(tensors.plain(expected))
    if expected_array.size == 0:
        raise ValueError(f"vacuous test: the expected value of {name} is empty")
    try:
        _compare(_as_checked_array(actual, expected, name), expected_array, rtol, atol, name)
    except CheckFailure as failure:
        failure.actual, failure.expected = actual, expected
        raise


def _compare(
    actual_array: np.ndarray, expected_array: np.ndarray, rtol: float, atol: float, name: str
) -> None:
    """Fail at the first difference of two arrays, in the order of the module docstring."""
    if actual_array.shape != expected_array.shape:
        raise CheckFailure(
            f"{name} has the wrong shape: expected {expected_array.shape}, "
            f"found {actual_array.shape}"
        )
    if _kind(actual_array) != _kind(expected_array):
        raise CheckFailure(
            f"{name} has the wrong dtype: expected {expected_array.dtype}, "
            f"found {actual_array.dtype}"
        )
    if _kind(expected_array) == "float" and actual_array.dtype.itemsize < min(
        8, expected_array.dtype.itemsize
    ):
        raise CheckFailure(
            f"{name} has the wrong precision: expected {expected_array.dtype}, "
            f"found {actual_array.dtype}"
        )
    _compare_values(actual_array, expected_array, rtol, atol, name)


def assert_equal(actual: Any, expected: Any, *, name: str = "the result") -> None:
    """Fail unless `actual` has exactly the type and value of `expected`.

    For what is not measured but counted or named: None, bool, int, str, and lists, tuples and
    dicts of these. A NumPy integer counts as an int, and a NumPy bool as a bool.

    Args:
        actual: what the student's function returned.
        expected: the value it must be.
        name: what the value is called in the message.
    """
    if isinstance(actual, np.integer):
        actual = int(actual)
    if isinstance(actual, np.bool_):
        actual = bool(actual)
    both = f"expected {expected!r}, found {short(actual)}"
    if type(actual) is not type(expected):
        raise CheckFailure(
            f"{name} has the wrong type: expected {_type_name(expected)}, "
            f"found {_type_name(actual)}",
            both,
        )
    if not _same(actual, expected):
        raise CheckFailure(f"{name} has the wrong value", both)


def assert_keys(mapping: Any, keys: set[str], *, name: str = "the state") -> None:
    """Fail unless `mapping` is a dict with exactly these keys."""
    if type(mapping) is not dict:
        raise CheckFailure(f"{name} has the wrong type: expected dict, found {_type_name(mapping)}")
    if set(mapping) != keys:
        missing = keys - set(mapping)
        lack = f"; {_key_list(missing)} is missing" if missing else ""
        more = len(set(mapping) - keys)
        extra = f"; {more} that do not belong there" if more else ""
        raise CheckFailure(
            f"{name} has the wrong keys: expected {_key_list(keys)}{lack}{extra}",
            f"found {short(_key_list(mapping))}",
        )


def assert_pair(value: Any, *, name: str = "the result", of: str = "(theta, state)") -> None:
    """Fail unless `value` is a tuple of two, as a function that returns `of` promises."""
    if type(value) is not tuple or len(value) != 2:
        found = f"a tuple of {len(value)}" if type(value) is tuple else _type_name(value)
        raise CheckFailure(f"{name} must be a tuple of two, {of}: found {found}")


@contextmanager
def assert_inputs_unchanged() -> Iterator[None]:
    """Fail if a student's function called inside the block wrote into one of its arguments."""
    with recorded_calls() as calls:
        yield
    _require_calls(calls, "assert_inputs_unchanged")
    for call in calls:
        if call.changed:
            names = ", ".join(f"`{name}`" for name in call.changed)
            raise CheckFailure(
                f"{call.function} wrote into its argument {names}; it must return new arrays "
                "and leave its arguments as they were"
            )


@contextmanager
def assert_no_warnings() -> Iterator[None]:
    """Fail if a student's function called inside the block raised a warning (overflow, 0/0 ...)."""
    with recorded_calls() as calls:
        yield
    _require_calls(calls, "assert_no_warnings")
    for call in calls:
        if call.warnings:
            category, message = call.warnings[0]
            raise CheckFailure(f"{call.function} raised a {category}", message)


def estimated_gradient(f: Any, x: np.ndarray, *, h: float = 1e-3) -> np.ndarray:
    """Estimate the gradient of a scalar function from its values alone, in float64.

        df/dx_i = (8 (f(x + h e_i) - f(x - h e_i)) - (f(x + 2h e_i) - f(x - 2h e_i))) / 12h

    Args:
        f: function of an array of x's shape that returns a number.
        x: where; any shape. It is not changed.
        h: step, in the unit of x.

    Returns:
        The gradient, of x's shape; its error is of the order h**4.

    Source: the five-point stencil, Abramowitz and Stegun (1964), table 25.2.
    """
    estimate = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        near = _as_number(f(x + step)) - _as_number(f(x - step))
        far = _as_number(f(x + 2 * step)) - _as_number(f(x - 2 * step))
        estimate[index] = (8 * near - far) / (12 * h)
    return estimate


def short(value: Any, limit: int = 200) -> str:
    """Describe a value in at most `limit` characters: arrays by their first entries."""
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=6, threshold=8, edgeitems=3, linewidth=10_000):
            text = f"array of shape {value.shape} and dtype {value.dtype}: {value!s}"
        text = " ".join(text.split())
    else:
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 4] + " ..."


def _as_checked_array(actual: Any, expected: Any, name: str) -> np.ndarray:
    """Return `actual` as an array if its type is the promised one; lists are not arrays."""
    if tensors.is_tensor(expected):
        if not tensors.is_tensor(actual):
            raise CheckFailure(
                f"{name} has the wrong type: expected a PyTorch tensor of shape "
                f"{tuple(expected.shape)}, found {_type_name(actual)}",
                f"found {short(actual)}",
            )
        return np.asarray(tensors.plain(actual))
    if isinstance(expected, np.ndarray):
        if type(actual) is not np.ndarray:
            raise CheckFailure(
                f"{name} has the wrong type: expected a NumPy array of shape {expected.shape}, "
                f"found {_type_name(actual)}",
                f"found {short(actual)}",
            )
        return actual
    is_number = isinstance(actual, (int, float, complex, np.number)) and not isinstance(
        actual, bool
    )
    if not is_number and not (type(actual) is np.ndarray and actual.shape == ()):
        raise CheckFailure(
            f"{name} has the wrong type: expected a number, found {_type_name(actual)}",
            f"found {short(actual)}",
        )
    if isinstance(actual, (int, np.integer)) and isinstance(expected, (float, np.floating)):
        try:
            return np.asarray(float(actual))  # 3 is a fair way to write 3.0
        except OverflowError:
            raise CheckFailure(f"{name} is far too large", f"found {short(actual)}") from None
    return np.asarray(actual)


def _compare_values(
    actual: np.ndarray, expected: np.ndarray, rtol: float, atol: float, name: str
) -> None:
    finite = np.isfinite(expected)
    wrong = np.isfinite(actual) != finite
    same_special = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    wrong |= ~finite & ~same_special
    both = finite & ~wrong
    with np.errstate(over="ignore", invalid="ignore"):
        distance = np.abs(np.where(both, actual, 0.0) - np.where(both, expected, 0.0))
        tolerance = atol + rtol * np.abs(np.where(finite, expected, 0.0))
    # "not <=" rather than ">": a NaN that slipped through must not pass
    wrong |= both & ~(distance <= tolerance)
    if not wrong.any():
        return
    count = int(wrong.sum())
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f"{name}[{', '.join(map(str, index))}]" if index else name
    not_finite = int((~np.isfinite(actual) & finite).sum())
    if not_finite:
        kind = f"{name} is NaN or infinite in {not_finite} of {actual.size} entries"
    elif actual.size == 1:
        kind = f"{name} has the wrong value"
    else:
        kind = f"{name} has wrong values in {count} of {actual.size} entries"
    far = ""
    if both[index]:
        # relative to the expected value, or absolute where that is 0
        scale = abs(expected[index]) or 1.0
        far = f" (off by {distance[index] / scale:.2g}{' relative' if scale != 1.0 else ''})"
    raise CheckFailure(
        kind,
        f"first difference at {where}: expected {_number(expected[index])}, "
        f"found {_number(actual[index])}{far}",
    )


def _as_number(value: Any) -> float:
    """Return what a function of the student's returned as a float, if it is a real number."""
    try:
        if isinstance(value, (int, float, np.integer, np.floating)):
            return float(value)
    except OverflowError:
        pass
    raise CheckFailure(f"a function of yours must return a number, found {_type_name(value)}")


def _same(actual: Any, expected: Any) -> bool:
    """Whether two values are equal in type and value, all the way down."""
    if type(actual) is not type(expected):
        return False
    if isinstance(expected, (list, tuple)):
        return len(actual) == len(expected) and all(map(_same, actual, expected))
    if isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(
            _same(actual[key], expected[key]) for key in expected
        )
    return bool(actual == expected)


def _kind(array: np.ndarray) -> str:
    kinds = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}
    return kinds.get(array.dtype.kind, array.dtype.kind)


def _number(value: Any) -> str:
    return f"{value:.10g}" if np.isrealobj(value) else f"{value:.8g}"


def _type_name(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}"
    if tensors.is_tensor(value):
        return f"a PyTorch tensor of shape {tuple(value.shape)}"
    if isinstance(value, StudentObject):
        return f"an object of the class {kind(value)}"
    return type(value).__name__


def _key_list(keys: Any) -> str:
    return "{" + ", ".join(sorted(repr(key) for key in keys)) + "}"


def _require_calls(calls: list[CallReport], check: str) -> None:
    if not calls:
        raise ValueError(f"vacuous test: no function of the student was called inside {check}")
