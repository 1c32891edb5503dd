"""Write a grade as Gradescope's results.json.

    Grade -> [gradescope] -> results.json

The file is for the student: nothing that only an instructor may see gets in (no seed, no log, no
inputs of hidden tests). It is complete or it is not there: written under another name first, then
renamed. It holds no null, no NaN and no key that the platform's documentation does not know, since
the platform shows a malformed file as a failed autograder.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.report.feedback import one_line, points_text, question_feedback, submission_header
from autograder.scoring import Grade, QuestionGrade

VISIBLE = "visible"
SPEED = "times as fast as the reference"
WHEN = {"after_due_date": "after the due date", "after_published": "when grades are published"}


def to_results(grade: Grade) -> dict[str, Any]:
    """Return what results.json says about a grade: one scored entry per question, and a header.

    A question whose feedback is delayed has two entries: the scored one, which the platform keeps
    back (and with it the student's total), and one without a score that shows the public checks.
    """
    tests: list[dict[str, Any]] = []
    delayed = [question for question in grade.questions if question.feedback != VISIBLE]
    for number, question in enumerate(grade.questions, start=1):
        if delayed and question.feedback == VISIBLE:
            # what to mend first may tell of a question whose result is still kept back
            question = replace(question, advice="")
        tests.append(_scored(question, str(number)))
        if question in delayed:
            tests.append(_public_checks(question, f"{number}.1"))
    header = _delayed_header(grade, delayed) if delayed else submission_header(grade)
    entry = {} if grade.speed is None else {"name": SPEED, "value": float(f"{grade.speed:.3g}")}
    return {
        "score": grade.points,
        "execution_time": round(grade.seconds, 3),
        "output": header,
        "output_format": "text",
        "test_output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
    } | ({"leaderboard": [entry]} if entry else {})


def write_results(path: Path, grade: Grade) -> None:
    """Write results.json of a grade, all at once."""
    write_json(path, to_results(grade))


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON so that `path` holds all of it or what it held before.

    A symbolic link at `path` is replaced, not followed. ValueError if a number is not finite.
    """
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8", errors="replace"))
            stream.flush()
            os.fsync(stream.fileno())
        # private while it grows; then for whoever may enter the folder: a local runner reads the
        # file as another user than the container wrote it
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _scored(question: QuestionGrade, number: str) -> dict[str, Any]:
    return {
        "name": question.id,
        "number": number,
        "score": question.points,
        "max_score": question.max_points,
        "status": "passed" if question.points == question.max_points else "failed",
        "output": question_feedback(question),
        "output_format": "text",
        "visibility": question.feedback,
    }


def _public_checks(question: QuestionGrade, number: str) -> dict[str, Any]:
    """Return the entry without points of a delayed question: what the student may know now."""
    public = replace(
        question, tests=tuple(test for test in question.tests if not test.hidden), advice=""
    )
    when = WHEN[question.feedback]
    return {
        "name": f"{question.id}: public checks",
        "number": number,
        "status": "passed" if public.status.value == "passed" else "failed",
        "output": f"The points and the hidden checks are shown {when}.\n\n"
        f"{question_feedback(replace(public, points=0))}",
        "output_format": "text",
        "visibility": VISIBLE,
    }


def _delayed_header(grade: Grade, delayed: Sequence[QuestionGrade]) -> str:
    """Return a header that tells nothing of what is kept back: no total, no list of failures."""
    lines = [f"Note: {one_line(notice, 500)}" for notice in grade.notices]
    lines += [""] if lines else []
    lines.append(f"{points_text(grade.max_points)} points in all.")
    for feedback, when in WHEN.items():
        ids = [question.id for question in delayed if question.feedback == feedback]
        if ids:
            lines.append(f"Shown {when}: the points of {', '.join(ids)}, and so your total.")
    return "\n".join(lines)
