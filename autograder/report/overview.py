"""Say in numbers how a question and a class went.

    Grade... + Assignment -> [overview] -> ClassOverview -> table, html

Counts only what `scoring` has decided; it never computes or changes points.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from autograder.scoring import Grade, QuestionGrade
from student_kit.records import Status

FAILING = (Status.FAILED, Status.ERRORED, Status.TIMED_OUT, Status.BROKEN)


class Mark(str, Enum):
    """How one question of one submission went."""

    FULL = "full"
    PARTIAL = "partial"
    FAILED = "failed"  # started, and no points
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOverview:
    """One test over the whole class."""

    title: str
    hidden: bool
    failed: int  # submissions that started the question and fail this test


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionOverview:
    """One question over the whole class."""

    id: str
    max_points: float
    mean: float  # share of the points, 0..1
    counts: dict[Mark, int]  # every Mark has an entry
    checks: tuple[CheckOverview, ...]  # those that anybody failed, most often failed first


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassOverview:
    """A whole class that has at least one graded submission."""

    graded: int
    max_points: float
    mean: float  # points, as the next three
    median: float
    lowest: float
    highest: float
    full: int  # submissions with all points
    untouched: int  # submissions in which no question is started
    questions: tuple[QuestionOverview, ...]

    @property
    def hardest(self) -> QuestionOverview | None:
        """The question with the smallest share of its points; None if all are equally hard."""
        means = {question.mean: question for question in reversed(self.questions)}
        return means[min(means)] if max(means) - min(means) > 1e-6 else None


def mark_of(question: QuestionGrade) -> Mark:
    """Return how a question went; points decide, and the stub is told from a failure."""
    if question.points >= question.max_points - 1e-6:
        return Mark.FULL
    if question.points > 0:
        return Mark.PARTIAL
    return Mark.NOT_STARTED if question.status is Status.NOT_STARTED else Mark.FAILED


def marks_of(grade: Grade) -> list[Mark]:
    """Return the marks of all questions, in their order."""
    return [mark_of(question) for question in grade.questions]


def status_of(grade: Grade) -> str:
    """Return in two or three words how a submission went."""
    marks = marks_of(grade)
    to_mend = marks.count(Mark.PARTIAL) + marks.count(Mark.FAILED)
    not_started = marks.count(Mark.NOT_STARTED)
    if not_started == len(marks):
        return "not started"
    parts = [f"{to_mend} to mend"] if to_mend else []
    parts += [f"{not_started} not started"] if not_started else []
    return ", ".join(parts) or "all right"


def name_key(name: str) -> tuple[str, str]:
    """Return what names are sorted by: no case, no accents, 9 before 10."""
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), "".join(letters).casefold()), name


def overview_of(grades: Sequence[Grade]) -> ClassOverview | None:
    """Return the numbers of a class; None if nothing was graded."""
    if not grades:
        return None
    points = [grade.points for grade in grades]
    ids = dict.fromkeys(question.id for grade in grades for question in grade.questions)
    return ClassOverview(
        graded=len(grades),
        max_points=max(grade.max_points for grade in grades),
        mean=statistics.fmean(points),
        median=statistics.median(points),
        lowest=min(points),
        highest=max(points),
        full=sum(set(marks_of(grade)) == {Mark.FULL} for grade in grades),
        untouched=sum(set(marks_of(grade)) == {Mark.NOT_STARTED} for grade in grades),
        questions=tuple(
            _question([q for grade in grades for q in grade.questions if q.id == question_id])
            for question_id in ids
        ),
    )


def _question(grades: Sequence[QuestionGrade]) -> QuestionOverview:
    """Sum up one question from what each submission got for it; at least one did."""
    marks = [mark_of(grade) for grade in grades]
    failed: dict[str, CheckOverview] = {}
    for grade in grades:
        for test in grade.tests:
            if test.status in FAILING:
                before = failed[test.test].failed if test.test in failed else 0
                failed[test.test] = CheckOverview(
                    title=test.title or test.test, hidden=test.hidden, failed=before + 1
                )
    return QuestionOverview(
        id=grades[0].id,
        max_points=grades[0].max_points,
        mean=statistics.fmean(grade.points / grade.max_points for grade in grades),
        counts={mark: marks.count(mark) for mark in Mark},
        checks=tuple(sorted(failed.values(), key=lambda check: -check.failed)),
    )
