"""Grade one submission where a platform has laid it out: what `run_autograder` starts.

    BASE/submission -> intake -> batch -> BASE/results/results.json

What is printed here is for instructors only. The exit code is 0 when there is a results.json,
whatever the grade, also when the student handed in nothing that can be graded. When the grader
itself breaks there is none: the exit code is 3, the reason is printed, and how far we got stands in
BASE/results/progress.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import assignment as assignments
from autograder import batch
from autograder.assignment import Assignment
from autograder.errors import GraderError, SubmissionError
from autograder.intake import read_submission
from autograder.platforms import gradescope
from autograder.platforms.metadata import Metadata, read_metadata
from autograder.report.feedback import one_line, points_text, question_feedback
from autograder.scoring import Grade, nothing_to_grade
from student_kit.records import TestRecord

SECRET = "secret"  # written by `bundle`


def main(argv: Sequence[str] | None = None) -> int:
    """Grade BASE/submission; return 0 when there is a results.json, else 3."""
    parser = argparse.ArgumentParser(prog="run_autograder", description=__doc__)
    parser.add_argument("--base", type=Path, default=Path("/autograder"))
    parser.add_argument("--submission", type=Path, help="if it is not in BASE/submission")
    args = parser.parse_args(argv)
    base = args.base
    results = base / "results"
    progress = _Progress(results / "progress.json")
    try:
        results.mkdir(parents=True, exist_ok=True)
        # a link or a file that is there is not ours: nothing old may pass for this grade
        (results / "results.json").unlink(missing_ok=True)
        _run(base, args.submission or base / "submission", results / "results.json", progress)
    except Exception as error:  # noqa: BLE001 -- any failure of ours is "not graded", never a zero
        _log(traceback.format_exc())
        _log(f"not graded: the grader itself failed: {error}")
        progress.broke(error)
        return GraderError.exit_code
    return 0


def _run(base: Path, folder: Path, path: Path, progress: _Progress) -> None:
    """Grade what is in `folder`, write `path`, and log; exceptions are failures of ours."""
    started = time.perf_counter()
    progress.reached("reading the bundle")
    assignment = _bundled_assignment(base / "source")
    secret = (base / "source" / SECRET).read_text(encoding="ascii").strip()
    _log_bundle(base / "source", assignment)
    _log_metadata(read_metadata(base / "submission_metadata.json"))

    progress.reached("reading the submission")
    try:
        submission = read_submission(folder, assignment, name="submission")
    except SubmissionError as error:
        _log(f"nothing to grade: {error}")
        gradescope.write_results(path, nothing_to_grade(assignment, "submission", str(error)))
        progress.reached("refused")
        return
    for name, content in submission.files.items():
        _log(f"file {name}: {len(content)} bytes")

    progress.reached("grading")
    (grade,) = batch.grade_all(
        assignment,
        [submission],
        secret=secret,
        allow_weak=_manifest(base / "source").get("allow_weak") is True,
        on_record=lambda _name, record: progress.ran(record),
        leaderboard=True,
    )
    if isinstance(grade, batch.Failure):
        raise GraderError(grade.reason)
    gradescope.write_results(path, grade)
    progress.reached("graded")
    _log_grade(grade, time.perf_counter() - started)


def _bundled_assignment(source: Path) -> Assignment:
    """Load the one assignment of the bundle."""
    ids = assignments.assignment_ids(source)
    if len(ids) != 1:
        raise GraderError(f"{source} must hold one assignment, found {', '.join(ids) or 'none'}")
    return assignments.find(source, ids[0])


class _Progress:
    """How far we got, for the person who has to find out why there is no grade."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._steps: list[dict[str, Any]] = []
        self._tests: list[dict[str, str]] = []
        self._started = self._written = time.perf_counter()

    def reached(self, step: str, **facts: str) -> None:
        """Note a step, and write everything down."""
        seconds = round(time.perf_counter() - self._started, 3)
        self._steps.append({"step": step, "after_seconds": seconds, **facts})
        self._write()

    def ran(self, record: TestRecord) -> None:
        """Note a test; written down at most once a second."""
        self._tests.append(
            {"question": record.question, "test": record.test, "status": record.status.value}
        )
        if time.perf_counter() - self._written > 1:
            self._write()

    def broke(self, error: Exception) -> None:
        """Note what ended the grading."""
        try:
            self.reached("broke", error=f"{type(error).__name__}: {error}")
        except OSError as full:  # a disk that is full may be why we are here
            _log(f"progress.json could not be written: {full}")

    def _write(self) -> None:
        gradescope.write_json(self._path, {"steps": self._steps, "tests": self._tests})
        self._written = time.perf_counter()


def _manifest(source: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((source / "BUNDLE.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _log_bundle(source: Path, assignment: Assignment) -> None:
    digest = _manifest(source).get("sha256", "unknown: BUNDLE.json cannot be read")
    _log(f"assignment {assignment.id}, bundle {digest}, Python {sys.version.split()[0]}")


def _log_metadata(metadata: Metadata) -> None:
    if metadata == Metadata():
        _log("submission: no metadata")
        return
    late = f", late by {metadata.late}" if metadata.late else ""
    _log(
        f"submission {metadata.submission or '?'} of {metadata.created_at or '?'}{late}, "
        f"submitters: {metadata.submitters}, earlier attempts: {metadata.attempts}"
    )


def _log_grade(grade: Grade, seconds: float) -> None:
    """Log what the student must not see: seed, isolation, what needs review, every failed test."""
    for notice in grade.notices:
        _log(f"notice: {one_line(notice, 500)}")
    _log(f"seed {grade.seed}")
    for note in grade.isolation:
        _log(f"isolation: {note}")
    for sentence in grade.review:
        _log(f"needs review (no points were taken): {one_line(sentence)}")
    for question in grade.questions:
        points = f"{points_text(question.points)}/{points_text(question.max_points)}"
        _log(f"{question.id}: {points} in {sum(t.seconds for t in question.tests):.2f} s")
        if question.points < question.max_points:
            text = question_feedback(question, for_instructor=True)
            _log("".join(f"    {line}\n" for line in text.splitlines()).rstrip())
    _log(
        f"{points_text(grade.points)} of {points_text(grade.max_points)} points; "
        f"tests {grade.seconds:.2f} s, in all {seconds:.2f} s"
    )


def _log(text: str) -> None:
    # the platform's locale may be C, and a submission's text may hold anything
    sys.stdout.buffer.write(text.encode("utf-8", errors="backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
