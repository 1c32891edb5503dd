"""Objects that stay on the student's side, and the handles that tests hold instead.

    engine.Tensor(x) -> [the object is kept] -> its number and kind -> StudentObject
    handle + 2       -> {"operation": "add", ...} -> operator.add(the object, 2)

A handle is inert: it holds a number, and whatever is done with it (an attribute read or set, a
call, an operator, `[]`, `len`, a loop) is one request, carried out by Python on the student's
side, with the real objects on both sides of an operator. What comes back are values, or handles
again. Two handles are equal if they stand for one object; that asks nobody.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MAX_OBJECTS = 100_000  # that cross in one test
MAX_ITEMS = 50_000  # of an object that a loop goes over
SYMBOLS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "pow": "**",
    "matmul": "@",
}


def _items(value: Any) -> list[Any]:
    """Return the items of an object; ValueError if they are too many to be told."""
    items: list[Any] = []
    for item in value:
        if len(items) == MAX_ITEMS:
            raise ValueError(f"a loop of more than {MAX_ITEMS} items")
        items.append(item)
    return items


def _call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


# What a request may ask for; carried out on the student's side.
OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in SYMBOLS},
    "neg": operator.neg,
    "getitem": operator.getitem,
    "getattr": getattr,
    "setattr": setattr,
    "len": len,
    "items": _items,
    "call": _call,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What crosses in place of an object."""

    number: int  # in the order in which objects first crossed, from 0
    kind: str  # name of its class, as the student's side says


class StudentObject:
    """A handle of one object.

    Args:
        kept: which object.
        kind: name of its class, as it may be shown.
        request: makes one request, and returns what came back.
    """

    __array_ufunc__ = None  # an array's operators leave the work to ours
    __slots__ = ("_kept", "_kind", "_request")

    def __init__(self, kept: Kept, kind: str, request: Callable[..., Any]) -> None:
        for name, value in (("_kept", kept), ("_kind", kind), ("_request", request)):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # pytest, NumPy and inspect look for dunders
        return self._request("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._request("setattr", self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object: a method that was read, or an object with `__call__`."""
        return self._request("call", self, *args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StudentObject) and self._kept == other._kept

    def __hash__(self) -> int:
        return hash(self._kept)

    def __repr__(self) -> str:
        return f"<{self._kind} of yours>"

    def __bool__(self) -> bool:
        return True  # it is there; how long it is would be a request

    def __len__(self) -> int:
        length: int = self._request("len", self)
        return length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._request("items", self))

    def __getitem__(self, key: Any) -> Any:
        return self._request("getitem", self, key)

    def __neg__(self) -> Any:
        return self._request("neg", self)

    def __add__(self, other: Any) -> Any:
        return self._request("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self._request("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._request("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._request("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return self._request("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._request("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._request("truediv", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._request("truediv", other, self)

    def __pow__(self, other: Any) -> Any:
        return self._request("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._request("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        return self._request("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self._request("matmul", other, self)


def kept(handle: StudentObject) -> Kept:
    """Return which object a handle stands for; its attributes are those of the object."""
    which: Kept = object.__getattribute__(handle, "_kept")
    return which


def kind(handle: StudentObject) -> str:
    """Return the name of the class of the object that a handle stands for."""
    name: str = object.__getattribute__(handle, "_kind")
    return name
