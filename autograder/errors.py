"""Every way in which the engine stops, and the exit code of each.

    AutograderError            exit code
    ├── UsageError             2   the command line does not make sense
    ├── AuthorError            2   an assignment is not as it must be: file, expected, found, fix
    ├── SubmissionError        1   nothing to grade: theirs, written to the student
    └── GraderError            3   ours: "not graded", never a zero
        └── WeakSandboxError   3   this machine cannot keep hidden tests from student code

0 means graded, whatever the grade.
"""

from __future__ import annotations

from pathlib import Path


class AutograderError(Exception):
    """Base of all; `exit_code` is what the command returns."""

    exit_code = 3


class UsageError(AutograderError):
    """The command line names something that does not exist or does not go together."""

    exit_code = 2


class AuthorError(AutograderError):
    """An assignment breaks a rule of the house.

    Args:
        where: the file, and the line or key in it.
        problem: what is wrong, in one clause.
        expected: what would have been right.
        found: what is there.
        fix: what to do.
    """

    exit_code = 2

    def __init__(
        self, where: Path | str, problem: str, *, expected: str, found: str, fix: str
    ) -> None:
        super().__init__(
            f"{where}: {problem}\n  expected  {expected}\n  found     {found}\n  fix       {fix}"
        )


class SubmissionError(AutograderError):
    """There is nothing in a submission that could be graded; the text is for the student."""

    exit_code = 1


class GraderError(AutograderError):
    """The grader itself failed: the submission is not graded, and that is not a zero."""

    exit_code = 3


class WeakSandboxError(GraderError):
    """Student code could read hidden tests here, so they are not run."""
