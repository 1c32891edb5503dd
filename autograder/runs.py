"""What is to be run, and how it went.

Submission + seed -> Run -> [suite] -> RunResult
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.intake import Submission
from student_kit.records import TestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One submission that is to be run."""

    submission: Submission
    seed: bytes  # what the hidden tests' inputs are drawn from
    questions: frozenset[str] = frozenset()  # whose tests are run; all if it is empty
    tests: frozenset[str] = frozenset()  # their names, if only some of these questions' are run
    public: bool = True  # whether public tests run too
    leaderboard: bool = False  # whether what it needs is measured, too
    more_seeds: tuple[bytes, ...] = ()  # all is run again with each; the records follow in order


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How it went: records, or why there are none."""

    run: Run
    records: tuple[TestRecord, ...]
    failure: str = ""  # ours; empty if the run is complete
    uncompiled: tuple[str, ...] = ()  # modules of the submission that do not compile
    isolation: tuple[str, ...] = ()
    speed: float | None = None  # for the leaderboard
    seconds: float = 0.0
