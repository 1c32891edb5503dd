"""What one submission at a time is run in: a sandbox for each set of libraries that is needed.

    Assignment -> [shelter] -> Sandbox for each question

Where some questions of an assignment do without a library, their tests' workers do too. That is
faster (a process with PyTorch in it takes five times as long to fork), and what such a question
may not use is not there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.assignment import Assignment, Question
from autograder.errors import GraderError, WeakSandboxError
from autograder.sandbox.client import PRELOAD, Sandbox
from autograder.sandbox.confine import Plan
from autograder.sandbox.layers import Fact, Level, level

_WORD = re.compile(rb"\w+")


class Shelter:
    """The sandboxes of one submission at a time. Close it when done.

    Args:
        cpu: the processor that all of it stays on; None for any.

    Raises:
        GraderError: a library of the assignment is not installed.
    """

    def __init__(self, assignment: Assignment, cpu: int | None = None) -> None:
        self.cpu = cpu
        self._assignment = assignment
        smaller = {_libraries(assignment, question) for question in assignment.questions}
        self._sandboxes: dict[tuple[str, ...], Sandbox] = {}
        with contextlib.ExitStack() as started:
            for libraries in (assignment.libraries, *sorted(smaller - {assignment.libraries})):
                self._sandboxes[libraries] = _start(assignment, libraries, cpu)
                started.callback(self._sandboxes[libraries].close)
            self._close = started.pop_all().close

    @property
    def layers(self) -> tuple[Fact, ...]:
        """What became of each layer, in each of the sandboxes."""
        return tuple(fact for sandbox in self._sandboxes.values() for fact in sandbox.layers)

    @property
    def plan(self) -> Plan:
        """The plan of the sandbox in which all libraries are."""
        return self.whole.plan

    @property
    def whole(self) -> Sandbox:
        """The sandbox in which all libraries of the assignment are."""
        return self._sandboxes[self._assignment.libraries]

    def by_question(self, sources: Mapping[str, bytes]) -> dict[str, Sandbox]:
        """Return the sandbox for each question's tests.

        It has all libraries where the file that is asked about, or one that it imports, imports
        what the question does without: a line too many costs nobody a point here. The student is
        told of it (`lint`).

        Args:
            sources: module name -> file, of the submission and of the code that is given.
        """
        found = {}
        for question in self._assignment.questions:
            libraries = _libraries(self._assignment, question)
            spared = {name.encode() for name in {*self._assignment.libraries} - {*libraries}}
            if spared & _imported(Path(question.file).stem, sources):
                libraries = self._assignment.libraries
            found[question.id] = self._sandboxes[libraries]
        return found

    def stay(self) -> None:
        """Keep this process, which is to grade here, on the sandboxes' processor."""
        if self.cpu is not None and sys.platform == "linux":
            with contextlib.suppress(OSError):  # it may be taken from us at any time
                os.sched_setaffinity(0, {self.cpu})

    def settle(self) -> None:
        """Wait until no request is open: then a fork of the grader may take the sandboxes over."""
        for sandbox in self._sandboxes.values():
            sandbox.settle()

    def close(self) -> None:
        """End all that runs in them."""
        self._close()


def processors(jobs: int) -> list[int | None]:
    """Return the processor for each of so many shelters; None for any.

    A submission's grader and workers mostly wait for each other: on one processor they find each
    other's memory in its cache, and nobody has to be woken on another one. That is done where
    there is a submission for every processor.
    """
    if sys.platform != "linux":
        return [None] * jobs
    ours = sorted(os.sched_getaffinity(0))
    return [*ours] if jobs == len(ours) else [None] * jobs


def refuse_weak(shelters: Iterable[Shelter | None]) -> None:
    """Raise WeakSandboxError if student code could read hidden tests in one of these."""
    for shelter in filter(None, shelters):
        if level(shelter.layers) is Level.WEAK:
            facts = "\n".join(dict.fromkeys(f"  {fact}" for fact in shelter.layers))
            raise WeakSandboxError(
                "student code could read the hidden tests on this machine, so they are not run\n"
                f"{facts}\n"
                "  fix  autograder doctor says what is missing and what to do; if you trust all "
                "that was handed in, --allow-weak"
            )


def _libraries(assignment: Assignment, question: Question) -> tuple[str, ...]:
    """Return the libraries of a question, in the assignment's order."""
    own = question.libraries
    return tuple(name for name in assignment.libraries if own is None or name in own)


def _start(assignment: Assignment, libraries: tuple[str, ...], cpu: int | None) -> Sandbox:
    """Start a sandbox in which these libraries are loaded, and no other can be."""
    for name in libraries:
        if importlib.util.find_spec(name) is None:
            raise GraderError(
                f"{assignment.id} lists the library {name}, which is not installed here: "
                f"{sys.executable} -m pip install {name}"
            )
    preload = tuple(dict.fromkeys([*PRELOAD, *libraries]))
    return Sandbox(assignment.limits, preload=preload, packages=libraries, cpu=cpu)


def _imported(module: str, sources: Mapping[str, bytes]) -> set[bytes]:
    """Return all words of a module's lines that import something, and of what it imports.

    Words, not syntax: the file may be hostile, and this reads it in the grader's own process.
    """
    words: set[bytes] = set()
    waiting, seen = [module], {module}
    while waiting:
        text = sources.get(waiting.pop(), b"").replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
        for line in re.split(rb"[\r\n]", text):
            if b"import" in line:
                words.update(_WORD.findall(line))
        waiting += [name for name in sources if name.encode() in words and name not in seen]
        seen.update(waiting)
    return words
