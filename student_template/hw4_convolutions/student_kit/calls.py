"""What is known of each call of the student's code: for messages, checks and diagnosis.

proxy -> [CallReport] -> whoever listens: checks, the plugin's records, the diagnosis
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from student_kit.objects import SYMBOLS, StudentObject, kind
from student_kit.tensors import is_tensor
from student_kit.wire import Payload

_MOST_SHOWN = 6  # calls of one test in a message


@dataclass(frozen=True, slots=True)
class Evidence:
    """One call in the bytes that crossed: enough to make it again with other code.

    Bytes, because a test may write into what it was given.
    """

    request: Payload
    reply: Payload | None = None  # None: there was none (deadline, crash)
    asks: tuple[tuple[Payload, Payload], ...] | None = ()  # callbacks: what was asked, the answer
    # None: too many to keep
    with_objects: bool = False  # it took or gave what stays on the student's side

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        asks = [payload for pair in self.asks or () for payload in pair]
        payloads = [self.request, *([self.reply] if self.reply else []), *asks]
        return sum(len(payload.tree) + len(payload.body) for payload in payloads)


@dataclass(frozen=True, slots=True)
class CallReport:
    """One call of a student's function, or one thing done with an object of the student's."""

    function: str  # "adam_step", "Tensor.backward"; of an attribute that is read, "Tensor.grad"
    names: tuple[str, ...]  # of the positional arguments
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any = None
    fault: Exception | None = None
    changed: tuple[str, ...] = ()  # arguments that the function wrote into
    warnings: tuple[tuple[str, str], ...] = ()  # (category, message)
    evidence: Evidence | None = None
    operation: str = ""  # "add"; empty for a function, or an object, that was called

    def describe(self, *, values: bool) -> str:
        """Return "adam_step(theta (3,), ..., lr=0.1)", or without values "... lr=float)".

        Sizes, counts and options (integers, texts, None) are shown in both: they say which case
        it was, as a shape does.
        """
        names = self.names + ("",) * (len(self.args) - len(self.names))
        parts = [
            _describe_argument(name, value, values)
            for name, value in zip(names, self.args, strict=False)
        ]
        parts += [_describe_argument(name, value, values) for name, value in self.kwargs.items()]
        if self.operation in SYMBOLS:
            return f" {SYMBOLS[self.operation]} ".join(parts)
        if self.operation == "getattr":
            return self.function
        return f"{self.function}({', '.join(parts)})"


def describe_calls(calls: Sequence[CallReport], *, values: bool) -> str:
    """Return what a test called last, and if that is a matter of objects, what led to it."""
    if not calls or not any(call.evidence and call.evidence.with_objects for call in calls):
        return calls[-1].describe(values=values) if calls else ""
    # what is read off an object says little, but for the last one: that is what was compared
    told = [call for call in calls[:-1] if call.operation != "getattr"] + [calls[-1]]
    words = [call.describe(values=values) for call in told[-_MOST_SHOWN:]]
    return "; ".join(["...", *words] if len(told) > _MOST_SHOWN else words)


def calls_of(question: str, calls: Iterable[CallReport]) -> list[CallReport]:
    """Return the calls by which a test judges its question.

    Those of the question's function; where objects take part, what is done with them later rests
    on what was done before, so all of them.
    """
    every = list(calls)
    if any(call.evidence is not None and call.evidence.with_objects for call in every):
        return every
    return [call for call in every if call.function == question] or every


_listeners: list[list[CallReport]] = []


@contextmanager
def recorded_calls() -> Iterator[list[CallReport]]:
    """Collect a report of every call of a student's function inside the block."""
    calls: list[CallReport] = []
    _listeners.append(calls)
    try:
        yield calls
    finally:
        # blocks end in the reverse order; `remove` would take another list with equal reports
        _listeners.pop()


def _describe_argument(name: str, value: Any, values: bool) -> str:
    prefix = f"{name}=" if name else ""
    if isinstance(value, np.ndarray):
        if values and value.size <= 12:
            text = " ".join(np.array2string(value, precision=4, separator=", ").split())
            return f"{prefix}{text}"
        dtype = "" if value.dtype == np.float64 else f" {value.dtype}"
        return f"{name or 'array'} {value.shape}{dtype}"
    if isinstance(value, np.random.Generator):
        return f"{prefix}Generator"
    if isinstance(value, StudentObject):
        return f"{prefix}{kind(value)}"
    if is_tensor(value):
        return f"{name or 'tensor'} {tuple(value.shape)}"
    if callable(value):
        return f"{prefix}{getattr(value, '__name__', 'function')}"
    if isinstance(value, dict):
        items = (_describe_argument(f"{key!r}", item, values) for key, item in value.items())
        return f"{prefix}{{{', '.join(items)}}}"
    if isinstance(value, (list, tuple)):
        return f"{prefix}{cut(repr(value), 120)}" if values else f"{prefix}{len(value)} values"
    if isinstance(value, (float, complex, np.inexact)) and not values:
        return f"{prefix}{type(value).__name__}"  # may be drawn at random, as arrays are
    return f"{prefix}{cut(repr(value), 60)}"


def cut(text: str, limit: int) -> str:
    """Return a text that came from the student's side, not longer than this."""
    return text if len(text) <= limit else text[: limit - 4] + " ..."


def tell(report: CallReport) -> None:
    """Let every listener hear of a call."""
    for calls in _listeners:
        calls.append(report)
