"""What is to be run, how it went, and the sandbox that it runs in.

Submission + seed -> Run -> [suite] -> RunResult
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.assignment import Assignment
from autograder.errors import GraderError, WeakSandboxError
from autograder.intake import Submission
from autograder.sandbox.client import PRELOAD, Sandbox
from autograder.sandbox.layers import Level, level
from student_kit.records import TestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One submission that is to be run."""

    submission: Submission
    seed: bytes  # what the hidden tests' inputs are drawn from
    questions: frozenset[str] = frozenset()  # whose tests are run; all if it is empty
    tests: frozenset[str] = frozenset()  # their names, if only some of these questions' are run
    public: bool = True  # whether public tests run too
    more_seeds: tuple[bytes, ...] = ()  # all is run again with each; the records follow in order


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How it went: records, or why there are none."""

    run: Run
    records: tuple[TestRecord, ...]
    failure: str = ""  # ours; empty if the run is complete
    uncompiled: tuple[str, ...] = ()  # modules of the submission that do not compile
    isolation: tuple[str, ...] = ()
    seconds: float = 0.0


def sandbox_for(assignment: Assignment) -> Sandbox:
    """Start a sandbox in which the assignment's libraries are loaded, and no other can be."""
    for name in assignment.libraries:
        if importlib.util.find_spec(name) is None:
            raise GraderError(
                f"{assignment.id} lists the library {name}, which is not installed here: "
                f"{sys.executable} -m pip install {name}"
            )
    preload = dict.fromkeys([*PRELOAD, *assignment.libraries])
    return Sandbox(assignment.limits, preload=tuple(preload), packages=assignment.libraries)


def refuse_weak(sandboxes: Iterable[Sandbox | None]) -> None:
    """Raise WeakSandboxError if student code could read hidden tests in one of these."""
    for sandbox in filter(None, sandboxes):
        if level(sandbox.layers) is Level.WEAK:
            facts = "\n".join(f"  {fact}" for fact in sandbox.layers)
            raise WeakSandboxError(
                "student code could read the hidden tests on this machine, so they are not run\n"
                f"{facts}\n"
                "  fix  autograder doctor says what is missing and what to do; if you trust all "
                "that was handed in, --allow-weak"
            )
