"""The reference with mistakes in it, as code that can be called: made in microseconds.

    reference files + Mistake... -> [variants] -> a `Dispatcher` of the module that makes them

A catalogue has a hundred mistakes, and a call is tried with many of them, so nothing is compiled
twice: the reference is compiled once, each mistaken function on its own, and run behind the
reference's code in a fresh module. Our own code only, in the grader's process, and never for long:
`time_limit` stops what does not end.
"""

from __future__ import annotations
import __future__

import contextlib
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType, FrameType, ModuleType
from typing import Any

from autograder.assignment import Assignment
from autograder.mistakes import Mistake, edited
from autograder.samples import BETWEEN, functions_source, reference_files
from student_kit.dispatch import Dispatcher

_FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
# module name -> what is run in it, or put into it, one after the other
Codes = Mapping[str, Sequence["CodeType | Mapping[str, Any]"]]


class Reference:
    """The reference of an assignment, compiled, and its functions with mistakes in them."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._sources = {
            name.removesuffix(".py"): source.decode()
            for name, source in reference_files(assignment).items()
        }
        self._codes = {
            name: compile(source, f"{name}.py", "exec", dont_inherit=True)
            for name, source in self._sources.items()
        }
        for name, path in assignment.given.items():
            self._codes[name] = compile(path.read_bytes(), f"{name}.py", "exec", dont_inherit=True)
        self._compiled = lru_cache(maxsize=2_000)(self._compile)
        self._patched = lru_cache(maxsize=100)(_patch)

    def with_mistakes(self, mistakes: Sequence[Mistake]) -> Codes | None:
        """Return the code of the reference with these mistakes; None if they do not go together."""
        by_question: dict[str, list[Mistake]] = {}
        for mistake in mistakes:
            by_question.setdefault(mistake.question, []).append(mistake)
        codes: dict[str, list[CodeType | Mapping[str, Any]]] = {
            name: [code] for name, code in self._codes.items()
        }
        for question, made in by_question.items():
            function = self._compiled(question, tuple(made))
            if function is None:
                return None
            codes[self._module(question)].append(function)
        return codes

    def replaced(self, codes: Codes, functions: Mapping[str, Callable[..., Any]]) -> Codes:
        """Return code in which these questions' functions are the ones that are given."""
        result = {name: list(parts) for name, parts in codes.items()}
        for question, function in functions.items():
            for name in self._assignment.question(question).functions:
                owner, _, attribute = name.rpartition(".")
                parts = result[self._module(question)]
                parts.append({f"_{attribute}" if owner else attribute: function})
                if owner:
                    parts.append(self._patched(owner, f"{attribute} = _{attribute}"))
        return result

    def _module(self, question: str) -> str:
        return self._assignment.question(question).file.removesuffix(".py")

    def _compile(self, question: str, mistakes: tuple[Mistake, ...]) -> CodeType | None:
        module = self._module(question)
        try:
            functions = self._assignment.question(question).functions
            text = edited(functions_source(self._sources[module], functions), mistakes)
            if text is None:
                return None
            text = "\n".join(map(alone, functions, text.split(BETWEEN)))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # `x is 1` is a mistake that students make
                flags = self._codes[module].co_flags & _FUTURE
                code: CodeType = compile(
                    text, f"{module}.py", "exec", flags=flags, dont_inherit=True
                )
                return code
        except (SyntaxError, ValueError, LookupError):
            return None


def alone(name: str, text: str) -> str:
    """Return a function's text as it can stand behind the module: a method in its class again.

    The class is its own subclass then, in which all else is as it was.
    """
    owner = name.rpartition(".")[0]
    return f"class {owner}({owner}):\n{text}" if owner else text


def _patch(owner: str, statement: str) -> CodeType:
    code: CodeType = compile(f"class {owner}({owner}):\n    {statement}", owner, "exec")
    return code


class Variant(Dispatcher):
    """A `Dispatcher` of modules that are made from `Codes`, freshly loaded."""

    def __init__(self, codes: Codes) -> None:
        super().__init__(dict.fromkeys(codes, b""))
        self._codes = codes
        self._others = {name: sys.modules.pop(name) for name in codes if name in sys.modules}

    def run_module(self, module: ModuleType) -> None:
        """Run the module's parts in it, one after the other."""
        module.__file__ = f"{module.__name__}.py"
        for part in self._codes[module.__name__]:
            if isinstance(part, CodeType):
                exec(part, module.__dict__)
            else:
                module.__dict__.update(part)

    def close(self) -> None:
        """Forget the modules, and bring back whatever had their names before."""
        super().close()
        sys.modules.update(self._others)


class OutOfTime(BaseException):
    """Raised in code of ours that runs too long; not an Exception, so that it is not caught."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime when the block has computed for so long. In the main thread only."""
    late = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal late
        late = True
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if late:  # a dispatcher takes every exception for an answer
        raise OutOfTime
