"""The test's side of a call: proxy modules that look like the student's, by value.

    test file --import optim--> StudentModule --Payload--> Transport --Payload--> Dispatcher

A test file says `import optim` and calls `optim.adam_step(...)`. What it gets is a proxy: each
call is encoded, carried to the student's code by a transport (in this process on the student's
machine, to a confined worker in grading), and comes back as a plain value. So a test means the
same in both worlds: arguments cannot be changed under it, results cannot lie about their type,
and lookups are lazy, so that a missing function fails the tests that call it and nothing else.

Two kinds of exceptions leave a proxy: `StudentFault`, what the submission did wrong (an exception
of a builtin type arrives as that type too), and everything else, which is ours.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from student_kit import cells
from student_kit.wire import (
    Payload,
    WireError,
    advance_generator,
    decode,
    encode,
    generator_state,
)

MAX_CALLBACKS = 200_000  # per call of a student's function
MAX_CALLBACK_BYTES = 128 << 20
MAX_KEPT_ASKS = 5_000  # callbacks of one call that are kept as evidence
MAX_KEPT_BYTES = 4 << 20
_TEXT_LIMIT = 2_000  # characters of one text that came from the student's side
_FRAME_LIMIT = 8


class Transport(Protocol):
    """Carries one request to the student's code and brings the reply back."""

    sources: Mapping[str, bytes]  # module name -> the submitted file: where lines are quoted from

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Return the reply; `answer` is called for each callback on the way.

        Raises:
            StudentFault: the code did not reply (deadline, crash, exit, malformed bytes).
        """
        ...


class StudentFault(Exception):  # noqa: N818 - named for whose fault it is
    """The submission did not return a value.

    Attributes:
        kind: "exception", "import", "missing", "unsendable", "exit", "timeout", "crash",
            "protocol" or "not_run".
        summary: what happened, in words that may be shown for a hidden test.
        detail: the student's own message and lines, for public tests.
        not_started: the stub is as it was handed out.
    """

    def __init__(
        self, kind: str, summary: str, detail: str = "", *, message: str = "", stub: str = ""
    ) -> None:
        Exception.__init__(self, message or summary)
        self.kind = kind
        self.summary = summary
        self.detail = detail
        self.stub = stub  # name of the untouched function, or ""
        self.message = message or summary

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Evidence:
    """One call in the bytes that crossed: enough to make it again with other code.

    Bytes, because a test may write into what it was given.
    """

    module: str  # "optim"
    function: str  # "adam_step"
    request: Payload
    reply: Payload | None = None  # None: there was none (deadline, crash)
    asks: tuple[tuple[Payload, Payload], ...] | None = ()  # callbacks: what was asked, the answer
    # None: too many to keep

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        asks = [payload for pair in self.asks or () for payload in pair]
        payloads = [self.request, *([self.reply] if self.reply else []), *asks]
        return sum(len(payload.tree) + len(payload.body) for payload in payloads)


@dataclass(frozen=True, slots=True)
class CallReport:
    """One call of a student's function, as the test's side saw it."""

    function: str  # "adam_step"
    names: tuple[str, ...]  # of the positional arguments
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any = None
    fault: StudentFault | None = None
    changed: tuple[str, ...] = ()  # arguments that the function wrote into
    warnings: tuple[tuple[str, str], ...] = ()  # (category, message)
    evidence: Evidence | None = None

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
        return f"{self.function}({', '.join(parts)})"


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


class StudentModule(ModuleType):
    """Stands in `sys.modules` where the student's module would be."""

    def __init__(self, name: str, transport: Transport) -> None:
        super().__init__(name, "A proxy of the student's module.")
        self._transport = transport

    def __getattr__(self, name: str) -> StudentFunction:
        if name.startswith("__"):
            raise AttributeError(name)  # pytest and inspect look for dunders
        return StudentFunction(self.__name__, name, self._transport)


class StudentFunction:
    """A function of the student's, called by value."""

    def __init__(self, module: str, name: str, transport: Transport) -> None:
        self.module = module
        self.__name__ = name
        self._transport = transport

    def __repr__(self) -> str:
        return f"{self.module}.{self.__name__}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function; StudentFault if it does not return a value."""
        call = _Call(args, kwargs)
        request = call.encode(self.module, self.__name__)
        source = self._transport.sources.get(self.module, b"")
        names = _parameters(source, self.__name__, len(args))
        report = CallReport(self.__name__, names, args, kwargs)
        payload = None
        try:
            payload = self._transport.exchange(request, call.answer)
            reply = _Reply(payload, names, kwargs)
            if reply.error is not None:
                raise _fault(reply.error, self, self._transport.sources)
            call.advance_generators(reply.rngs)
        except StudentFault as fault:
            evidence = Evidence(self.module, self.__name__, request, payload, call.asks)
            _tell(replace(report, fault=fault, evidence=evidence))
            raise
        report = replace(
            report,
            result=reply.value,
            changed=reply.changed,
            warnings=reply.warnings,
            evidence=Evidence(self.module, self.__name__, request, payload, call.asks),
        )
        _tell(report)
        return reply.value


class _Call:
    """What one call keeps on this side: its callbacks and the Generators it lent."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args, self.kwargs = args, kwargs
        self.callbacks: list[Callable[..., Any]] = []
        self.generators: list[np.random.Generator] = []
        self.count = 0
        self.size = 0  # bytes of all callbacks
        self._asks: list[tuple[Payload, Payload]] | None = []

    @property
    def asks(self) -> tuple[tuple[Payload, Payload], ...] | None:
        """What the callbacks were asked and answered; None if that was too much to keep."""
        return None if self._asks is None else tuple(self._asks)

    def encode(self, module: str, function: str) -> Payload:
        request = {
            "module": module,
            "function": function,
            "args": self.args,
            "kwargs": self.kwargs,
        }
        return encode(request, special=self._special)

    def _special(self, value: Any) -> dict[str, Any] | None:
        if isinstance(value, StudentFunction):
            return {"k": "student", "module": value.module, "name": value.__name__}
        if isinstance(value, np.random.Generator):
            self.generators.append(value)
            state = {key: format(n, "x") for key, n in generator_state(value).items()}
            return {"k": "rng", "state": state}
        if callable(value):
            self.callbacks.append(value)
            name = getattr(value, "__name__", "function")
            return {"k": "callback", "id": len(self.callbacks) - 1, "name": name}
        return None

    def answer(self, ask: Payload) -> Payload:
        """Answer the student's code, and keep what was said as evidence."""
        answer = self._answer(ask)
        if self.count > MAX_KEPT_ASKS or self.size > MAX_KEPT_BYTES:
            self._asks = None
        if self._asks is not None:
            self._asks.append((ask, answer))
        return answer

    def _answer(self, ask: Payload) -> Payload:
        """Run one callback for the student's code; what it raises goes to the student."""
        self.count += 1
        self.size += len(ask.body) + len(ask.tree)
        if self.count > MAX_CALLBACKS or self.size > MAX_CALLBACK_BYTES:
            raise StudentFault("protocol", "a given function was called too often")
        try:
            request = decode(ask)
            function = self.callbacks[request["id"]]
            args, kwargs = request["args"], request["kwargs"]
        except (WireError, LookupError, TypeError):
            raise StudentFault("protocol", "a malformed call of a given function") from None
        well_formed = type(args) in (tuple, list) and type(kwargs) is dict
        if not (well_formed and all(type(key) is str for key in kwargs)):
            raise StudentFault("protocol", "a malformed call of a given function")
        try:
            return encode({"value": function(*args, **kwargs)})
        except Exception as error:  # noqa: BLE001 - it is the student's call that failed
            kind = _builtin_base(type(error)).__name__
            return encode({"raise": [kind, _cut(str(error))]})

    def advance_generators(self, states: Any) -> None:
        if type(states) is not list or len(states) != len(self.generators):
            raise StudentFault("protocol", "a malformed reply")
        try:
            for rng, state in zip(self.generators, states, strict=True):
                advance_generator(rng, state)
        except WireError as error:
            raise StudentFault("protocol", f"your code sent back {error}") from None


class _Reply:
    """What came back, checked field by field: it was written on the student's side."""

    def __init__(self, payload: Payload, names: Sequence[str], kwargs: Mapping[str, Any]) -> None:
        try:
            fields = decode(payload)
        except WireError as error:
            raise StudentFault("protocol", f"a malformed reply: {error}") from None
        if type(fields) is not dict:
            raise StudentFault("protocol", "a malformed reply")
        self.value = fields.get("value")
        reported = [key for key in _list(fields.get("changed")) if type(key) in (int, str)]
        # by position or keyword, so that nothing can be spelled out in names
        self.changed = (
            *(name for n, name in enumerate(names) if n in reported),
            *(name for name in kwargs if name in reported),
        )
        self.rngs = fields.get("rngs", [])
        self.warnings = tuple(
            (pair[0] if _is_builtin(pair[0], Warning) else "Warning", pair[1])
            for pair in map(_texts, _list(fields.get("warnings"))[:_FRAME_LIMIT])
            if len(pair) == 2
        )
        self.error = fields.get("error")
        if self.error is not None and type(self.error) is not dict:
            raise StudentFault("protocol", "a malformed reply")


def _fault(
    error: dict[Any, Any], function: StudentFunction, sources: Mapping[str, bytes]
) -> StudentFault:
    """Return the exception that tells what the student's side reported.

    Of the student's own words only `detail` and `message` quote any. The summary may be shown for
    hidden tests: the exception's builtin type, and a line of the file that was submitted.
    """
    kind, type_name, message, base = (
        _cut(error[key]) if type(error.get(key)) is str else ""
        for key in ("kind", "type", "message", "builtin")
    )
    if not _is_builtin(base, BaseException):
        base = "Exception"
    stub = _known_name(error.get("stub"), sources)
    lines = [_quote_line(frame, sources) for frame in _list(error.get("frames"))[-_FRAME_LIMIT:]]
    lines = [line for line in lines if line]
    at = f" at {lines[-1]}" if lines else ""
    trace = "\n".join(f"  {line}" for line in lines[:-1])
    if kind == "missing" and function.module not in sources:
        return StudentFault(kind, f"{function.module}.py is missing")
    source = sources.get(function.module, b"")
    title = cells.title(f"{function.module}.py", source)
    if kind == "missing":
        what = f"{title} has no function {function.__name__}"
        return StudentFault(kind, what, "" if message == what else message)
    if kind == "exit":
        return StudentFault(kind, "your code called exit; a function must return a value")
    if kind == "unsendable":
        what = f"{function.__name__} returned what cannot be compared"
        return StudentFault(kind, what, f"found {message}")
    if kind == "import":
        # not even hidden tests have a secret here: no input has been seen yet
        what = f"{title} cannot be imported"
        if cells.is_program(source):  # each of its cells fails for itself
            what = f"{function.__name__} is not there, because its cell failed"
        summary = f"{what}: {base}{at}{_reason(base)}"
        return StudentFault(kind, summary, f"{type_name}: {message}" + (trace and f"\n{trace}"))
    if stub:
        summary = f"{stub} is not started"
        return _as_builtin("NotImplementedError", kind, summary, "", message, stub)
    detail = f"{type_name}: {message}" + (trace and f"\n{trace}")
    summary = f"{function.__name__} raised {base}{at}{_reason(base)}"
    return _as_builtin(base, "exception", summary, detail, message, "")


def _reason(base: str) -> str:
    """Return what the sandbox means by an exception of this builtin type, or ""."""
    if base != "PermissionError":
        return ""
    return " (out of reach while grading: libraries not listed, files, network, processes)"


def _quote_line(frame: Any, sources: Mapping[str, bytes]) -> str:
    """Return "optim.py line 31: x = y[3]" for a frame [module, line] that exists, else "".

    In a notebook it is "cell 7 line 3: x = y[3]".
    """
    if type(frame) is not list or [type(part) for part in frame] != [str, int]:
        return ""
    module, number = frame
    if module not in sources:
        return ""
    lines = sources[module].decode("utf-8", "replace").splitlines()
    if not 1 <= number <= len(lines):
        return ""
    where = cells.place(f"{module}.py", sources[module], number)
    return f"{where}: {_cut(lines[number - 1].strip(), 120)}"


@lru_cache(maxsize=64)
def _parameters(source: bytes, function: str, count: int) -> tuple[str, ...]:
    """Return the names of a function's first parameters, as they stand in the submitted file."""
    head = b"def %s(" % function.encode()
    start = source.find(head) + len(head)
    text = source[start : start + 1_000].decode("utf-8", "replace") if head in source else ""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            break
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    names = [match[1] if (match := re.match(r"\s*(\w+)", part)) else "" for part in parts]
    names = names[: names.index("")] if "" in names else names  # up to a star
    return tuple(names[:count]) + tuple(f"argument {n + 1}" for n in range(len(names), count))


def _known_name(name: Any, sources: Mapping[str, bytes]) -> str:
    """Return a name that stands in the submitted files, else ""."""
    if type(name) is not str or not name.isidentifier() or len(name) > 100:
        return ""
    return name if any(name.encode() in source for source in sources.values()) else ""


def _is_builtin(name: str, base: type) -> bool:
    kind = getattr(builtins, name, None)
    return name == "LinAlgError" or (isinstance(kind, type) and issubclass(kind, base))


def _as_builtin(
    base: str, kind: str, summary: str, detail: str, message: str, stub: str
) -> StudentFault:
    """Return a StudentFault that is also an instance of the builtin exception named `base`."""
    builtin = getattr(builtins, base, None)
    if base == "LinAlgError":
        builtin = np.linalg.LinAlgError
    if not (isinstance(builtin, type) and issubclass(builtin, Exception)) or builtin is Exception:
        return StudentFault(kind, summary, detail, message=message, stub=stub)
    try:
        arrived = type(builtin.__name__, (StudentFault, builtin), {})
        fault: StudentFault = arrived(kind, summary, detail, message=message, stub=stub)
    except TypeError:  # ExceptionGroup, which wants its exceptions
        return StudentFault(kind, summary, detail, message=message, stub=stub)
    return fault


def _builtin_base(kind: type[BaseException]) -> type[BaseException]:
    return next(base for base in kind.__mro__ if base.__module__ == "builtins")


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
    if isinstance(value, StudentFunction):
        return f"{prefix}{value.__name__}"
    if callable(value):
        return f"{prefix}{getattr(value, '__name__', 'function')}"
    if isinstance(value, dict):
        items = (_describe_argument(f"{key!r}", item, values) for key, item in value.items())
        return f"{prefix}{{{', '.join(items)}}}"
    if isinstance(value, (list, tuple)):
        return f"{prefix}{_cut(repr(value), 120)}" if values else f"{prefix}{len(value)} values"
    if isinstance(value, (float, complex, np.inexact)) and not values:
        return f"{prefix}{type(value).__name__}"  # may be drawn at random, as arrays are
    return f"{prefix}{_cut(repr(value), 60)}"


def _tell(report: CallReport) -> None:
    for calls in _listeners:
        calls.append(report)


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_cut(text) for text in _list(value) if type(text) is str)


def _cut(text: str, limit: int = _TEXT_LIMIT) -> str:
    return text if len(text) <= limit else text[: limit - 4] + " ..."
