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
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from student_kit import cells
from student_kit.calls import CallReport, Evidence, cut, tell
from student_kit.objects import MAX_OBJECTS, SYMBOLS, Kept, StudentObject, kept, kind
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
    """A function or a class of the student's, called by value."""

    def __init__(self, module: str, name: str, transport: Transport) -> None:
        self.module = module
        self.__name__ = name
        self._transport = transport

    def __repr__(self) -> str:
        return f"{self.module}.{self.__name__}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function; StudentFault if it does not return a value."""
        target = {"module": self.module, "function": self.__name__}
        source = self._transport.sources.get(self.module, b"")
        names = _parameters(source, self.__name__, len(args))
        return _make(self._transport, target, CallReport(self.__name__, names, args, kwargs))

    def __getattr__(self, name: str) -> Any:
        """Return what a class of the student's has under this name, such as `apply`."""
        if name.startswith(("_", "pytest")):
            raise AttributeError(name)  # pytest looks for its own marks
        return _operate(self._transport, "getattr", self, name)


def _operate(transport: Transport, operation: str, *args: Any, **kwargs: Any) -> Any:
    """Do something with an object of the student's: one of `objects.OPERATIONS`."""
    owner = args[0]
    label, shown = operation, args
    names: tuple[str, ...] = ()
    if operation == "getattr":
        whose = kind(owner) if isinstance(owner, StudentObject) else owner.__name__
        label = f"{whose}.{args[1]}"
    elif operation == "call":
        label, shown = kind(owner), args[1:]
        everything = b"\n".join(transport.sources.values())
        names = _parameters(everything, label.rpartition(".")[2], len(shown))
    report = CallReport(label, names, shown, kwargs, operation=operation)
    return _make(transport, {"operation": operation}, report, args)


def _make(
    transport: Transport,
    target: dict[str, str],
    report: CallReport,
    args: tuple[Any, ...] | None = None,
) -> Any:
    """Make one call, and tell of it.

    Args:
        transport: to the student's side.
        target: the part of the request that says what is called.
        report: what is known of the call before it is made.
        args: what is sent, if more than the report shows.
    """
    call = _Call(report.args if args is None else args, report.kwargs)
    request = call.encode(target)
    payload = None
    objects = _Objects(transport, report.function if report.operation == "getattr" else "")
    try:
        payload = transport.exchange(request, call.answer)
        reply = _Reply(payload, report, objects, unshown=len(call.args) - len(report.args))
        if reply.error is not None:
            raise _fault(reply.error, report, target.get("module", ""), transport.sources)
        call.advance_generators(reply.rngs)
    except StudentFault as fault:
        evidence = Evidence(request, payload, call.asks, call.took_objects)
        tell(replace(report, fault=fault, evidence=evidence))
        raise
    gave = call.took_objects or objects.count > 0
    evidence = Evidence(request, payload, call.asks, gave)
    result, changed = reply.value, reply.changed
    tell(
        replace(report, result=result, changed=changed, warnings=reply.warnings, evidence=evidence)
    )
    return result


class _Objects:
    """Makes handles of what comes back as an object."""

    def __init__(self, transport: Transport, attribute: str) -> None:
        self.count = 0
        self._transport = transport
        self._attribute = attribute  # what was read: a method's own kind says nothing

    def handle(self, node: dict[str, Any]) -> StudentObject:
        number, said = node.get("id"), node.get("type")
        if node.get("k") != "object" or type(number) is not int or not 0 <= number < MAX_OBJECTS:
            raise WireError("malformed object")
        self.count += 1
        if self._attribute and said in ("method", "function", "builtin_function_or_method"):
            shown = self._attribute
        else:
            # only words of the submission are shown: in others, secrets could be spelled out
            shown = _known_name(said, self._transport.sources) or "object"
        return StudentObject(Kept(number, str(said)), shown, partial(_operate, self._transport))


class _Call:
    """What one call keeps on this side: its callbacks and the Generators it lent."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args, self.kwargs = args, kwargs
        self.callbacks: list[Callable[..., Any]] = []
        self.generators: list[np.random.Generator] = []
        self.count = 0
        self.size = 0  # bytes of all callbacks
        self.took_objects = False
        self._asks: list[tuple[Payload, Payload]] | None = []

    @property
    def asks(self) -> tuple[tuple[Payload, Payload], ...] | None:
        """What the callbacks were asked and answered; None if that was too much to keep."""
        return None if self._asks is None else tuple(self._asks)

    def encode(self, target: Mapping[str, str]) -> Payload:
        request = {**target, "args": self.args, "kwargs": self.kwargs}
        return encode(request, special=self._special)

    def _special(self, value: Any) -> dict[str, Any] | None:
        if isinstance(value, StudentObject):
            self.took_objects = True
            return {"k": "object", "id": kept(value).number}
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
            return encode({"raise": [kind, _short(str(error))]})

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

    def __init__(
        self, payload: Payload, report: CallReport, objects: _Objects, *, unshown: int
    ) -> None:
        try:
            fields = decode(payload, special=objects.handle)
        except WireError as error:
            raise StudentFault("protocol", f"a malformed reply: {error}") from None
        if type(fields) is not dict:
            raise StudentFault("protocol", "a malformed reply")
        self.value = fields.get("value")
        reported = [key for key in _list(fields.get("changed")) if type(key) in (int, str)]
        # by position or keyword, so that nothing can be spelled out in names
        self.changed = (
            *(name for n, name in enumerate(report.names, unshown) if n in reported),
            *(name for name in report.kwargs if name in reported),
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
    error: dict[Any, Any], report: CallReport, module: str, sources: Mapping[str, bytes]
) -> StudentFault:
    """Return the exception that tells what the student's side reported.

    Of the student's own words only `detail` and `message` quote any. The summary may be shown for
    hidden tests: the exception's builtin type, and a line of the file that was submitted.
    """
    sort, type_name, message, base = (
        _short(error[key]) if type(error.get(key)) is str else ""
        for key in ("kind", "type", "message", "builtin")
    )
    if not _is_builtin(base, BaseException):
        base = "Exception"
    stub = _known_name(error.get("stub"), sources)
    lines = [_quote_line(frame, sources) for frame in _list(error.get("frames"))[-_FRAME_LIMIT:]]
    lines = [line for line in lines if line]
    at = f" at {lines[-1]}" if lines else ""
    reason = _reason(base, sources)
    trace = "\n".join(f"  {line}" for line in lines[:-1])
    name = report.describe(values=False) if report.operation in SYMBOLS else report.function
    if sort == "missing" and module not in sources:
        return StudentFault(sort, f"{module}.py is missing")
    source = sources.get(module, b"")
    title = cells.title(f"{module}.py", source)
    if sort == "missing":
        what = f"{title} has no function {name}"
        return StudentFault(sort, what, "" if message == what else message)
    if sort == "exit":
        return StudentFault(sort, f"your code called exit{at}; a function must return a value")
    if sort == "unsendable":
        what = f"{name} returned what cannot be compared"
        return StudentFault(sort, what, f"found {message}")
    if sort == "import":
        # not even hidden tests have a secret here: no input has been seen yet
        what = f"{title} cannot be imported"
        if cells.is_program(source):  # each of its cells fails for itself
            what = f"{name} is not there, because its cell failed"
        summary = f"{what}: {base}{at}{reason}"
        return StudentFault(sort, summary, f"{type_name}: {message}" + (trace and f"\n{trace}"))
    if stub:
        summary = f"{stub} is not started"
        return _as_builtin("NotImplementedError", sort, summary, "", message, stub)
    detail = f"{type_name}: {message}" + (trace and f"\n{trace}")
    summary = f"{name} raised {base}{at}{reason}"
    return _as_builtin(base, "exception", summary, detail, message, "")


def _reason(base: str, sources: Mapping[str, bytes]) -> str:
    """Return what the sandbox means by an exception of this builtin type, or ""."""
    if base == "MemoryError":
        return " (while grading there is less memory than at home)"
    if base == "EOFError" and any(b"input(" in source for source in sources.values()):
        return " (nobody is at the keyboard while grading)"
    if base != "PermissionError":
        return ""
    if any(b"num_workers" in source for source in sources.values()):
        return " (there is one process while grading: give DataLoader num_workers=0)"
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
    return f"{where}: {_short(lines[number - 1].strip(), 120)}"


@lru_cache(maxsize=64)
def _parameters(source: bytes, function: str, count: int) -> tuple[str, ...]:
    """Return the names of a function's first parameters, as they stand in the submitted file.

    Those of a class are its `__init__`'s; of a method, those after `self`.
    """
    start = max(0, source.find(b"\nclass %s" % function.encode()))
    head = b"def __init__(" if start else b"def %s(" % function.encode()
    start = source.find(head, start) + len(head)
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
    names = names[1:] if names[0] == "self" else names
    names = names[: names.index("")] if "" in names else names  # up to a star
    return tuple(names[:count]) + tuple(f"argument {n + 1}" for n in range(len(names), count))


def _known_name(name: Any, sources: Mapping[str, bytes]) -> str:
    """Return a name, or one with dots, whose words stand in the submitted files; else ""."""
    if type(name) is not str or len(name) > 100:
        return ""
    words = name.split(".")
    if not all(word.isidentifier() for word in words):
        return ""
    known = all(any(word.encode() in text for text in sources.values()) for word in words)
    return name if known else ""


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


def _short(text: str, limit: int = _TEXT_LIMIT) -> str:
    return cut(text, limit)


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_short(text) for text in _list(value) if type(text) is str)
