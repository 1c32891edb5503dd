"""Run a homework's whole suite on its reference once: `isolated`, or `in-process` without defence.

    python benchmarks/suite_once.py hw1_optimizers isolated

Both do the same from end to end: load the assignment, collect the same public and hidden tests,
run them on the same submission, add up the points. In-process, the submission is imported where
the tests and the reference are, as most graders do it; values cross by the same proxies.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder import assignment as assignments
from autograder import samples
from autograder.assignment import Assignment
from autograder.intake import Submission
from student_kit.records import TestRecord

ROOT = Path(__file__).resolve().parent.parent
SEED = bytes(32)


def main() -> int:
    """Run one of the two ways, and print points and number of tests."""
    hw, way = sys.argv[1:]
    assignment = assignments.find(ROOT, hw)
    submission = Submission(name="reference", files=samples.reference_files(assignment))
    run = {"isolated": isolated, "in-process": in_process}[way]
    points, tests = run(assignment, submission)
    print(f"{points:g} points, {tests} tests")
    return 0


def isolated(assignment: Assignment, submission: Submission) -> tuple[float, int]:
    """Return (points, number of tests) of an ordinary grading."""
    from autograder.batch import Failure, grade_all

    (grade,) = grade_all(assignment, [submission], seed=SEED.hex())
    if isinstance(grade, Failure):
        raise SystemExit(f"not graded: {grade.reason}")
    return grade.points, sum(len(question.tests) for question in grade.questions)


def in_process(assignment: Assignment, submission: Submission) -> tuple[float, int]:
    """Return the same of a grading in this process."""
    import pytest

    from autograder.grading import installed_reference, pytest_arguments
    from autograder.scoring import score
    from student_kit.plugin import LocalTransport, Recorder
    from student_kit.proxy import StudentModule

    sources = {Path(name).stem: data for name, data in submission.files.items()}
    transport = LocalTransport(sources)
    records: list[TestRecord] = []
    hidden = assignment.private / "hidden_tests"
    recorder = Recorder(
        transport,
        {stem: StudentModule(stem, transport) for stem in sources},
        on_record=records.append,
        seed=SEED,
        is_hidden=lambda path: path.parent == hidden,
    )
    with installed_reference(assignment):
        pytest.main(pytest_arguments(assignment), plugins=[recorder])
    grade = score(assignment, submission.name, records)
    return grade.points, len(records)


if __name__ == "__main__":
    sys.exit(main())
