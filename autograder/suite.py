"""Run an assignment's public and hidden tests on submissions, on the trusted side.

    Submission... + Assignment -> [suite: runs, grading] -> TestRecord... for each

`jobs` submissions run at a time, each with sandboxes of its own, which are started before any
hidden test is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograder.assignment import Assignment
from autograder.diagnose import Diagnoser
from autograder.runs import Run, RunResult
from autograder.shelter import Shelter, processors
from student_kit.records import TestRecord

__all__ = ["Run", "RunResult", "run"]


def run(
    assignment: Assignment,
    runs: Iterable[Run],
    *,
    jobs: int,
    on_result: Callable[[RunResult], None],
    on_record: Callable[[Run, TestRecord], None] | None = None,
    isolated: bool = True,
    diagnosed: bool = True,
    detailed: bool = True,
    allow_weak: bool = False,
) -> None:
    """Run all tests on each submission; `on_result` gets each result as it is complete.

    Args:
        jobs: how many submissions run at a time.
        isolated: False only for samples of our own, which are then run faster (`inprocess`).
        diagnosed: whether to look for the mistakes in what fails (`diagnose`).
        detailed: whether what fails is described beyond its summary.
        allow_weak: run also where student code could read hidden tests.

    Raises:
        GraderError: the tests cannot be collected, or the sandbox cannot be started.
        WeakSandboxError: the sandbox is weak, and that is not allowed.
    """
    shelters = [Shelter(assignment, cpu) if isolated else None for cpu in processors(jobs)]
    try:
        # only now: pytest takes as long to import as a sandbox to start, and they do it together
        from autograder.grading import Grading, collect_and_run

        grading = Grading(assignment, runs, shelters, on_result, on_record)
        grading.allow_weak = allow_weak
        grading.detailed = detailed
        grading.diagnoser = Diagnoser(assignment) if diagnosed else None
        collect_and_run(assignment, grading)
    finally:
        for shelter in filter(None, shelters):
            shelter.close()
