"""What a call came to, made comparable: is this the reply that other code would have given?

    Evidence -> [replies] -> Reply; two Replies are alike or not; a test's Replies -> Signature

Two programs that do the same in another order of operations differ by rounding. `alike` allows
for that where both replies are at hand. A `Signature` is for a reply that is not at hand, but was
seen on another machine, perhaps with another NumPy: it is made of rounded numbers, so that equal
replies have equal signatures, and a signature says nothing about the numbers in it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from student_kit import tensors
from student_kit.calls import Evidence
from student_kit.checks import ATOL, RTOL  # what passes for the right value is alike
from student_kit.objects import Kept
from student_kit.wire import Payload, WireError, decode

DIGITS = 8  # of a signature, relative to the largest entry of an array
_TINY = 1e-12  # an array with no entry above it is rounding noise around 0
# Numbers with few digits, as people choose them, must not lie where rounding turns
_TURN = 0.6180339887
_SCALE_TURN = 0.1234567


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, without what two programs that do the same may differ in."""

    value: Any = None
    error: str = ""  # the builtin exception's name, or "unsendable"
    changed: frozenset[int | str] = frozenset()  # arguments written into
    warned: bool = False  # of overflow, 0 / 0 and the like
    generators: tuple[tuple[tuple[str, int], ...], ...] = ()  # their states after the call


@dataclass(frozen=True, slots=True)
class Signature:
    """Two fingerprints of all that was replied in one test."""

    replies: str
    replies_and_asks: str  # with what the functions given by the test were called with


def read(payload: Payload | None) -> Reply | None:
    """Return what a reply says; None if it says nothing of the function (no reply, no module)."""
    try:
        fields = decode(payload, special=_kept) if payload is not None else None
    except WireError:
        return None
    if type(fields) is not dict:
        return None
    error = fields.get("error")
    name = ""
    if error is not None:
        if type(error) is not dict or error.get("kind") not in ("exception", "unsendable"):
            return None
        sort = error["kind"]
        name = str(error.get("builtin", "Exception")) if sort == "exception" else sort
    states = [state for state in _items(fields, "rngs") if type(state) is dict]
    return Reply(
        value=fields.get("value"),
        error=name,
        changed=frozenset(key for key in _items(fields, "changed") if type(key) in (int, str)),
        warned=any(pair[:1] == ["RuntimeWarning"] for pair in _pairs(fields)),
        generators=tuple(tuple(sorted(state.items())) for state in states),
    )


def alike(one: Reply, other: Reply) -> bool:
    """Whether two replies are the same but for rounding."""
    return (
        one.error == other.error
        and one.changed == other.changed
        and one.warned == other.warned
        and one.generators == other.generators
        and (bool(one.error) or values_alike(one.value, other.value))
    )


def values_alike(one: Any, other: Any) -> bool:
    """Whether two values are the same but for rounding and for the class of a number."""
    if tensors.is_tensor(one) and tensors.is_tensor(other):
        if one.requires_grad != other.requires_grad:
            return False
        one, other = tensors.plain(one), tensors.plain(other)
    if _is_number(one) and _is_number(other):
        return _arrays_alike(np.asarray(one), np.asarray(other))
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return _arrays_alike(one, other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(values_alike, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(values_alike(one[k], other[k]) for k in one)
    return bool(one == other)


def signature(calls: Sequence[Evidence]) -> Signature | None:
    """Return the signature of a test's calls of one function; None if one of them had no reply."""
    replies, asks = [], []
    for call in calls:
        reply = read(call.reply)
        if reply is None or call.asks is None:
            return None
        value = "" if reply.error else _text(reply.value)
        changed = sorted(map(str, reply.changed))
        replies.append(f"{value} {reply.error} {changed} {reply.generators}")
        asks.append(sorted({_text(decode(ask)) for ask, _ in call.asks}))
    text = "\n".join(replies)
    return Signature(_digest(text), _digest(f"{text}\n{asks}"))


def _arrays_alike(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape or _kind(one) != _kind(other):
        return False
    if one.dtype.kind not in "fc":
        return bool((one == other).all())
    with np.errstate(all="ignore"):
        finite = np.isfinite(one) & np.isfinite(other)
        special = (one == other) | (np.isnan(one) & np.isnan(other))
        size = np.abs(np.where(finite, other, 0.0))
        largest = max(1.0, float(size.max(initial=0.0)))
        close = np.abs(np.where(finite, one, 0) - np.where(finite, other, 0)) <= (
            RTOL * size + ATOL * largest
        )
        return bool(np.where(finite, close, special).all())


def _text(value: Any) -> str:
    """Return a value in a form that is equal for values that are alike, but for rare accidents."""
    if tensors.is_tensor(value):
        return f"tensor {value.requires_grad} {_text(tensors.plain(value))}"
    if _is_number(value):
        return f"number {_array_text(np.asarray(value))}"
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {_array_text(value)}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({', '.join(map(_text, value))})"
    if isinstance(value, dict):
        pairs = sorted(f"{key!r}: {_text(item)}" for key, item in value.items())
        return f"dict({', '.join(pairs)})"
    return repr(value)


def _array_text(array: np.ndarray) -> str:
    if array.dtype.kind == "c":
        return f"{_array_text(array.real)} {_array_text(array.imag)}"
    if array.dtype.kind != "f":
        return f"{_kind(array)} {array.tolist()}"
    finite = np.where(np.isfinite(array), array, 0.0).astype(np.float64)
    largest = float(np.abs(finite).max(initial=0.0))
    exponent = math.floor(math.log10(largest) + _SCALE_TURN) if largest > _TINY else 0
    unit = 10.0 ** (exponent - DIGITS + 1)
    entries = np.floor(finite / unit + _TURN).ravel()
    words = [
        f"{int(entry)}" if math.isfinite(number) else f"{number}"
        for entry, number in zip(entries, array.ravel().tolist(), strict=True)
    ]
    return f"{_kind(array)} {exponent} {' '.join(words)}"


def _kind(array: np.ndarray) -> str:
    """Return what kind of numbers an array holds; integers have other sizes on other systems."""
    kind = "i" if array.dtype.kind in "iu" else array.dtype.kind
    return f"{kind}{array.dtype.itemsize}" if kind in "fc" else kind


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, complex, np.generic)) or (
        isinstance(value, np.ndarray) and value.shape == ()
    )


def _kept(node: dict[str, Any]) -> Kept:
    """Return an object as what it is known by: the how manieth of the test it is, and its class."""
    return Kept(node.get("id", -1), str(node.get("type")))


def _items(fields: dict[str, Any], key: str) -> list[Any]:
    found = fields.get(key)
    return found if type(found) is list else []


def _pairs(fields: dict[str, Any]) -> list[list[Any]]:
    return [pair for pair in _items(fields, "warnings") if type(pair) is list]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
