"""The student's side of a call: loads the student's files and runs one function by value.

    Payload -> [Dispatcher] -> the student's function -> Payload

The same code runs in the student's own process (`python check.py`) and inside the confined worker
(grading), so what a student sees at home is what the grader will see. It reports facts: what was
returned or raised, which arguments were written into, which warnings came up. Nothing here
decides whether an answer is right, and no answer is trusted because of what it says.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import importlib
import importlib.util
import inspect
import linecache
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

import numpy as np

from student_kit import cells, tensors
from student_kit.objects import MAX_OBJECTS, OPERATIONS
from student_kit.wire import (
    MAX_DEPTH,
    PackSpecial,
    Payload,
    WireError,
    decode,
    encode,
    generator_state,
    set_generator_state,
)

Ask = Callable[[Payload], Payload]
MAX_WARNINGS = 20
STUB_SUFFIX = ": your code here"


class Dispatcher:
    """Holds the student's modules and answers requests.

    Args:
        sources: module name -> bytes of its file. These bytes run; no file is opened.
        compiled: module name -> what `compile_sources` made of it, to save time; modules that
            are not in it are compiled when they are imported.
        given: modules that are called too, and are imported as any other.
    """

    def __init__(
        self,
        sources: Mapping[str, bytes],
        compiled: Mapping[str, CodeType] | None = None,
        *,
        given: Collection[str] = (),
    ) -> None:
        self._sources = dict(sources)
        self._compiled = dict(compiled or {})
        self._given = given
        self._failed: dict[str, dict[str, Any]] = {}
        self._objects: list[Any] = []  # that a test holds handles of
        self._numbers: dict[int, int] = {}  # id of an object -> its place among them
        self._finder = _Finder(self._sources, self.run_module)
        sys.meta_path.insert(0, self._finder)
        self._fresh = {name: self._module_not_run(name) for name in self._sources}
        self._names = {name: self._names_of(name) for name in self._sources}
        for name, source in self._sources.items():
            # tracebacks and inspect.getsource find the lines here, should they ask
            linecache.cache[f"{name}.py"] = (functools.partial(_text, source),)

    def close(self) -> None:
        """Forget the modules, so that another dispatcher may load its own."""
        sys.meta_path.remove(self._finder)
        for name in self._sources:
            sys.modules.pop(name, None)
            linecache.cache.pop(f"{name}.py", None)

    def run_module(self, module: ModuleType) -> None:
        """Run a module's file in it, when it is imported: the bytes that were checked."""
        name = module.__name__
        module.__file__ = f"{name}.py"
        if cells.is_program(self._sources[name]):
            vars(module)[cells.FAILED] = {}
        code = self._compiled.get(name) or _compile(name, self._sources[name])
        exec(code, module.__dict__)

    def load(self, names: Iterable[str]) -> None:
        """Import modules now; a failure is kept, and told to whoever calls the module."""
        for wanted in names:
            with contextlib.suppress(Refusal):
                self._module(wanted)

    def exchange(self, request: Payload, ask: Ask) -> Payload:
        """Run one request; `ask` calls a function that the test passed in. Never raises."""
        session = _Session(ask, self._function, self._objects)
        try:
            fields = decode(request, special=session.unpack)
            if "operation" in fields:
                function = OPERATIONS[fields["operation"]]
            else:
                function = self._function(fields["module"], fields["function"])
            reply = self._call(function, fields, session)
        except Refusal as refusal:
            reply = {"error": refusal.fields}
        except BaseException as error:  # noqa: BLE001 - told to the other side, which decides
            reply = {"error": self._describe(error)}
        return _encode_reply(reply, self._keep)

    def _keep(self, value: Any) -> dict[str, Any] | None:
        """Keep an object that cannot be sent, so that the test can hold a handle of it.

        Functions, methods, and what is no builtin: a set or an iterator is no answer.
        """
        kind = type(value)
        if kind.__module__ == "builtins" and not callable(value):
            return None
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._objects) >= MAX_OBJECTS:
                return None
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)  # alive from here on: its id stays its own
        return {"k": "object", "id": number, "type": str(kind.__name__)}

    def rehearse(self) -> None:
        """Do once what every request needs, on values of ours: the first one is answered sooner.

        A process that has just been forked is slow at whatever it does for the first time.
        """
        session = _Session(_nobody, self._function, self._objects)
        fields = decode(_REHEARSAL, special=session.unpack)
        _encode_reply(self._call(_first, fields, session), self._keep)

    def _call(
        self, function: Callable[..., Any], fields: dict[str, Any], session: _Session
    ) -> dict[str, Any]:
        args, kwargs = fields["args"], fields["kwargs"]
        labelled = [*enumerate(args), *kwargs.items()]
        before = [_fingerprint(value) for _, value in labelled]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = function(*args, **kwargs)
                reply: dict[str, Any] = {"value": value}
            except BaseException as error:  # noqa: BLE001 - told to the other side
                reply = {"error": self._describe(error)}
        after = [_fingerprint(value) for _, value in labelled]
        changed = [
            position
            for (position, _), old, new in zip(labelled, before, after, strict=True)
            if old != new
        ]
        rngs = [generator_state(rng) for rng in session.generators]
        more = {"changed": changed, "warnings": _describe_warnings(caught), "rngs": rngs}
        return reply | {key: facts for key, facts in more.items() if facts}

    def _function(self, module_name: str, name: str) -> Callable[..., Any]:
        module = self._module(module_name)
        function = getattr(module, name, None)
        if callable(function):
            return function  # type: ignore[no-any-return]
        raise self._missing(module, module_name, name)

    def _missing(self, module: ModuleType | None, module_name: str, name: str) -> Refusal:
        """Return why a module has no such function."""
        failed = vars(module).get(cells.FAILED)
        if type(failed) is dict and isinstance(failed.get(name), Exception):
            return Refusal({**self._describe(failed[name]), "kind": "import"})
        title = cells.title(f"{module_name}.py", self._sources[module_name])
        if hasattr(module, name):
            message = f"{name} in {title} is not a function"
        else:
            functions = [n for n, v in vars(module).items() if inspect.isfunction(v)]
            close = _misspelt(name, functions)
            hint = f"; did you mean to call it {name}, and not {close[0]}?" if close else ""
            message = f"{title} has no function {name}{hint}"
        return Refusal({"kind": "missing", "message": message})

    def _module(self, name: str) -> ModuleType | None:
        if name in self._failed:
            raise Refusal(self._failed[name])
        if name in self._given:
            return importlib.import_module(name)
        if name not in self._sources:
            raise Refusal({"kind": "missing", "message": f"{name}.py was not submitted"})
        if (loaded := sys.modules.get(name)) is not None:
            return loaded
        try:
            return self._import(name)
        except BaseException as error:  # noqa: BLE001 - the student's top-level code
            self._failed[name] = {**self._describe(error), "kind": "import"}
            raise Refusal(self._failed[name]) from None

    def _import(self, name: str) -> ModuleType:
        """Import a module as Python does, but for its search, which is long: we know where it is.

        Modules that it imports in turn come through the finder.
        """
        module = self._fresh.pop(name, None)
        if module is None:
            return importlib.import_module(name)
        sys.modules.update(dict.fromkeys(self._names[name], module))
        try:
            self.run_module(module)
        except BaseException:
            for each in self._names[name]:
                sys.modules.pop(each, None)
            raise
        return sys.modules[name]

    def _names_of(self, name: str) -> list[str]:
        """Return all names of a module: a notebook is each of its files, in one namespace."""
        source = self._sources[name]
        if not cells.is_program(source):
            return [name]
        return [other for other, content in self._sources.items() if content == source]

    def _module_not_run(self, name: str) -> ModuleType:
        spec = self._finder.find_spec(name)
        assert spec is not None
        return importlib.util.module_from_spec(spec)

    def _describe(self, error: BaseException) -> dict[str, Any]:
        exits = isinstance(error, (SystemExit, KeyboardInterrupt, GeneratorExit))
        places = [
            (frame.f_code.co_filename, line)
            for frame, line in collections.deque(_walk(error.__traceback__), 200)
        ]
        if isinstance(error, SyntaxError):
            places.append((str(error.filename), error.lineno or 1))
        frames = [own for filename, line in places if (own := self._own_line(filename, line))]
        message = _safe_str(error)
        stub = ""
        if type(error) is NotImplementedError and message.endswith(STUB_SUFFIX):
            stub = message.removesuffix(STUB_SUFFIX)
        base = next(b for b in type(error).__mro__ if b.__module__ in ("builtins", "numpy.linalg"))
        return {
            "kind": "exit" if exits else "exception",
            "type": str(type(error).__name__),
            "builtin": base.__name__,
            "message": message,
            "frames": frames[-8:],
            "stub": stub,
        }

    def _own_line(self, filename: str, line: int) -> list[Any] | None:
        """Return [module, line] if that is a line of the student's, else None."""
        name = filename.removesuffix(".py")
        return [name, int(line)] if f"{name}.py" == filename and name in self._sources else None


def _misspelt(name: str, functions: Sequence[str]) -> list[str]:
    """Return the one that is nearly `name`; not linear_backward for linear_forward."""
    import difflib  # rarely needed: every worker would carry it

    def alike(words: Sequence[str], others: Sequence[str]) -> bool:
        if len(words) != len(others):
            return True
        pairs = zip(words, others, strict=True)
        return all(difflib.SequenceMatcher(None, *pair).ratio() >= 0.7 for pair in pairs)

    close = difflib.get_close_matches(name, functions, n=3)
    words = name.lower().split("_")
    return [other for other in close if alike(words, other.lower().split("_"))][:1]


def _first(*args: Any, **kwargs: Any) -> Any:
    return args[0] + kwargs["lr"], {"t": 1}


def _nobody(question: Payload) -> Payload:
    raise AssertionError("a rehearsal asks nobody")


_REHEARSAL = encode({"args": (np.ones(2), {}), "kwargs": {"lr": 0.5}})


def compile_sources(sources: Mapping[str, bytes]) -> dict[str, CodeType]:
    """Return the code of every file that compiles; nothing of it is run."""
    compiled = {}
    for name, source in sources.items():
        with contextlib.suppress(Exception):  # whoever imports the file is told why
            compiled[name] = _compile(name, source)
    return compiled


def _text(source: bytes) -> str:
    try:
        return importlib.util.decode_source(source)
    except Exception:  # noqa: BLE001 - whoever imports it is told what is wrong
        return ""


def _compile(name: str, source: bytes) -> CodeType:
    what = cells.guarded(source) if cells.is_program(source) else source
    return compile(what, f"{name}.py", "exec", dont_inherit=True)


class Refusal(Exception):  # noqa: N818 - control flow inside this module
    """A request that cannot be answered; `fields` says why."""

    def __init__(self, fields: dict[str, Any]) -> None:
        super().__init__()
        self.fields = fields


class _Session:
    """The specials of one request: callbacks, Generators, functions of the student's own."""

    def __init__(
        self,
        ask: Ask,
        function: Callable[[str, str], Callable[..., Any]],
        objects: Sequence[Any],
    ) -> None:
        self.generators: list[np.random.Generator] = []
        self._ask = ask
        self._function = function
        self._objects = objects

    def unpack(self, node: dict[str, Any]) -> Any:
        if node["k"] == "student":
            return self._function(node["module"], node["name"])
        if node["k"] == "object":
            return self._objects[node["id"]]
        if node["k"] == "rng":
            rng = np.random.Generator(
                np.random.PCG64(0)
            )  # without a seed it asks the system for one
            set_generator_state(rng, {key: int(n, 16) for key, n in node["state"].items()})
            self.generators.append(rng)
            return rng
        return self._callback(node["id"], node["name"])

    def _callback(self, number: int, name: str) -> Callable[..., Any]:
        def given(*args: Any, **kwargs: Any) -> Any:
            try:
                question = encode({"id": number, "args": args, "kwargs": kwargs})
            except WireError as error:
                raise TypeError(f"{name} was given {error}") from None
            answer = decode(self._ask(question))
            if "raise" in answer:
                kind, message = answer["raise"]
                raise _builtin_exception(kind)(message)
            return answer["value"]

        given.__name__ = given.__qualname__ = name
        return given


def _walk(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


class _Finder:
    """Finds the submitted modules in memory, for modules that import each other.

    A finder and a loader as `importlib.abc` describes them.
    """

    def __init__(self, names: Collection[str], run: Callable[[ModuleType], None]) -> None:
        self._names = names
        self.exec_module = run

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        return ModuleSpec(fullname, self, origin=f"{fullname}.py")  # type: ignore[arg-type] # by its methods

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""


def _encode_reply(reply: dict[str, Any], keep: PackSpecial) -> Payload:
    try:
        return encode(reply, special=keep)
    except WireError as error:
        return encode({"error": {"kind": "unsendable", "message": str(error)}})
    except BaseException as error:  # noqa: BLE001 - a hostile object inside the result
        return encode(
            {
                "error": {
                    "kind": "unsendable",
                    "message": f"an object that raised {type(error).__name__}",
                }
            }
        )


def _fingerprint(value: Any, depth: int = 0) -> Any:
    """Return what changes when `value` is written into; functions and Generators never do."""
    if depth > MAX_DEPTH:
        return "too deep"
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if tensors.is_tensor(value):
        return _fingerprint(tensors.plain(value)) if value is not tensors.plain(value) else None
    if isinstance(value, dict):
        return dict, [(repr(k), _fingerprint(v, depth + 1)) for k, v in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [_fingerprint(item, depth + 1) for item in value]
    if isinstance(value, (bool, int, float, complex, str, bytes, np.generic)):
        return repr(value)
    return None


def _describe_warnings(caught: list[warnings.WarningMessage]) -> list[list[str]]:
    found = {(w.category.__name__, str(w.message)): None for w in caught}
    return [list(pair) for pair in found][:MAX_WARNINGS]


def _safe_str(error: BaseException) -> str:
    try:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    except BaseException as broken:  # noqa: BLE001 - a hostile __str__
        return f"(its message could not be read: {type(broken).__name__})"
    return text[:10_000]


def _builtin_exception(name: str) -> type[Exception]:
    kind = getattr(__import__("builtins"), str(name), Exception)
    return kind if isinstance(kind, type) and issubclass(kind, Exception) else Exception
