"""Grade what lies on disk and keep the results in a folder.

    PATH... -> [gradebook: intake, batch, writers] -> OUT/<submission>/, and three for the class

For the class: `report.html`, `grades.csv` and `mistakes.csv`.

Per submission: `results.json` (what the student sees, in Gradescope's format; written when the
grade is complete and only then), `instructor.txt` (seed, isolation, what in the source
needs review, what hidden tests saw) and
`progress.jsonl` (one line per test as it ends; what is left of a grading that broke).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import batch, intake
from autograder.assignment import Assignment
from autograder.batch import Failure, Progress
from autograder.errors import SubmissionError, UsageError
from autograder.intake import Submission
from autograder.platforms import gradescope
from autograder.report.feedback import one_line, question_feedback
from autograder.report.html import write_report
from autograder.report.table import write_csv, write_mistakes
from autograder.scoring import Grade, nothing_to_grade
from student_kit.records import TestRecord

RESULTS, INSTRUCTOR, PROGRESS = "results.json", "instructor.txt", "progress.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """All results of one run of `autograder grade`."""

    grades: tuple[Grade, ...]
    empty: tuple[str, ...]  # submissions that held nothing to grade; they have no points
    failures: tuple[tuple[str, str], ...]  # (submission, reason): we failed; not a zero
    report: Path
    csv: Path
    mistakes: Path


def grade(
    assignment: Assignment,
    paths: Sequence[Path],
    out: Path,
    *,
    jobs: int = 1,
    seed: str | None = None,
    allow_weak: bool = False,
    on_start: Callable[[int], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Graded:
    """Grade every submission found under `paths` and write the results below `out`.

    Raises:
        UsageError: a path does not exist, or there is no submission at all.
        GraderError: the tests or the sandbox do not work at all.
    """
    found = [path for path in intake.discover(paths, assignment) if path.resolve() != out.resolve()]
    if not found:
        raise UsageError(f"no submission in {', '.join(map(str, paths))}")
    submissions: list[Submission] = []
    empty: list[Grade] = []
    for path, name in zip(found, intake.unique_names(found), strict=True):
        _clear(out / name)
        try:
            submissions.append(intake.read_submission(path, assignment, name=name))
        except SubmissionError as error:
            empty.append(nothing_to_grade(assignment, name, str(error)))
            _write_result(out, empty[-1])
    if on_start is not None:
        on_start(len(submissions))

    def finish(progress: Progress) -> None:
        _write_result(out, progress.result)
        if on_progress is not None:
            on_progress(progress)

    results = (
        _grade_all(assignment, submissions, out, jobs, seed, allow_weak, finish)
        if submissions
        else []
    )
    grades = (*(result for result in results if isinstance(result, Grade)), *empty)
    failures = tuple((r.submission, r.reason) for r in results if isinstance(r, Failure))
    report, csv, mistakes = (out / n for n in ("report.html", "grades.csv", "mistakes.csv"))
    write_csv(csv, grades, failures)
    write_mistakes(mistakes, grades)
    now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    write_report(report, assignment, grades, failures, date=now)
    names = tuple(grade.submission for grade in empty)
    return Graded(
        grades=grades,
        empty=names,
        failures=failures,
        report=report,
        csv=csv,
        mistakes=mistakes,
    )


def _grade_all(
    assignment: Assignment,
    submissions: Sequence[Submission],
    out: Path,
    jobs: int,
    seed: str | None,
    allow_weak: bool,
    on_progress: Callable[[Progress], None],
) -> list[Grade | Failure]:
    def keep(name: str, record: TestRecord) -> None:
        line = {"question": record.question, "test": record.test, "status": record.status.value}
        with (out / name / PROGRESS).open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(line) + "\n")

    return batch.grade_all(
        assignment,
        submissions,
        jobs=jobs,
        seed=seed,
        allow_weak=allow_weak,
        on_progress=on_progress,
        on_record=keep,
    )


def _clear(folder: Path) -> None:
    """Remove the results of an earlier run: a grade must never outlive its submission."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (RESULTS, INSTRUCTOR, PROGRESS):
        (folder / name).unlink(missing_ok=True)


def _write_result(out: Path, result: Grade | Failure) -> None:
    folder = out / result.submission
    if isinstance(result, Failure):
        text = f"not graded: the grader failed, which is not a zero\n\n{result.reason}\n"
    else:
        gradescope.write_results(folder / RESULTS, result)
        text = _instructor_text(result)
    (folder / INSTRUCTOR).write_text(text, encoding="utf-8", newline="\n")


def _instructor_text(grade: Grade) -> str:
    lines = [
        f"{grade.submission}: {grade.points:g} of {grade.max_points:g}",
        f"seed {grade.seed}",
        *(f"isolation: {note}" for note in grade.isolation),
        *(f"needs review: {one_line(sentence)}" for sentence in grade.review),
    ]
    for question in grade.questions:
        if question.points < question.max_points:
            lines += ["", question.id, question_feedback(question, for_instructor=True)]
    return "\n".join(lines) + "\n"
