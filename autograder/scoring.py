"""Turn the records of a suite into points.

    TestRecord... + Assignment -> [scoring] -> Grade

Points are computed here and nowhere else, on the trusted side, from how the tests ended. The
hidden tests of a question share its points by weight; public tests carry none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.assignment import DECIMALS, Assignment, Question
from autograder.errors import GraderError
from student_kit.records import Status, TestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionGrade:
    """The grade of one question, with all its tests: public first, then hidden."""

    id: str
    points: float
    max_points: float
    feedback: str  # when the hidden tests are shown: "visible", "after_due_date", ...
    tests: tuple[TestRecord, ...]
    advice: str = ""  # what to mend first: "uses minibatch_indices, which is not right yet"

    def __post_init__(self) -> None:
        if not 0 <= self.points <= self.max_points:
            raise ValueError(f"{self.id}: points={self.points} not in 0..{self.max_points}")

    @property
    def status(self) -> Status:
        """PASSED if every test passed, NOT_STARTED if the stub is untouched, else FAILED."""
        statuses = {test.status for test in self.tests} - {Status.SKIPPED}
        if statuses == {Status.PASSED}:
            return Status.PASSED
        if Status.NOT_STARTED in statuses:
            return Status.NOT_STARTED
        return Status.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The one result object; writers turn it into what a platform or a person reads."""

    assignment: str  # "hw1_optimizers"
    title: str
    submission: str  # its name: the folder or file it came from
    questions: tuple[QuestionGrade, ...]
    notices: tuple[str, ...] = ()  # sentences for the student about what was odd in the submission
    review: tuple[str, ...] = ()  # what to look at in the source; no points. Instructor only
    seed: str = ""  # hex; replays the inputs of the hidden tests. Instructor only
    isolation: tuple[str, ...] = ()  # what confined the submission. Instructor only
    seconds: float = 0.0  # wall clock
    speed: float | None = None  # times as fast as the reference, for the leaderboard; no points

    @property
    def points(self) -> float:
        """Sum over the questions."""
        return round(sum(question.points for question in self.questions), DECIMALS)

    @property
    def max_points(self) -> float:
        """Sum over the questions."""
        return round(sum(question.max_points for question in self.questions), DECIMALS)


def score(
    assignment: Assignment,
    submission: str,
    records: Sequence[TestRecord],
    *,
    notices: Sequence[str] = (),
    review: Sequence[str] = (),
    seed: str = "",
    isolation: Sequence[str] = (),
    seconds: float = 0.0,
    speed: float | None = None,
) -> Grade:
    """Add up the points; GraderError if a test is broken or a question was not tested."""
    for record in records:
        if record.status is Status.BROKEN:
            raise GraderError(
                f"test {record.test} of {record.question} is broken: {record.summary}\n{record.log}"
            )
    questions = tuple(_grade_question(question, records) for question in assignment.questions)
    wrong = {grade.id for grade in questions if grade.points < grade.max_points}
    return Grade(
        assignment=assignment.id,
        title=assignment.title,
        submission=submission,
        questions=tuple(
            _with_advice(grade, assignment.question(grade.id), wrong) for grade in questions
        ),
        notices=tuple(notices),
        review=tuple(review),
        seed=seed,
        isolation=tuple(isolation),
        seconds=seconds,
        speed=speed,
    )


def nothing_to_grade(assignment: Assignment, submission: str, reason: str) -> Grade:
    """Return the grade of a submission that holds none of the files: no test ran, no points."""
    return Grade(
        assignment=assignment.id,
        title=assignment.title,
        submission=submission,
        questions=tuple(
            QuestionGrade(
                id=question.id,
                points=0.0,
                max_points=question.points,
                feedback="visible",
                tests=(),
                advice="No check ran: see the note at the top.",
            )
            for question in assignment.questions
        ),
        notices=(reason,),
    )


def _grade_question(question: Question, records: Sequence[TestRecord]) -> QuestionGrade:
    tests = [record for record in records if record.question == question.id]
    hidden = [record for record in tests if record.hidden]
    total = sum(record.weight for record in hidden)
    if total <= 0:
        raise GraderError(f"question {question.id} has no hidden test that carries points")
    earned = sum(record.weight for record in hidden if record.status is Status.PASSED)
    return QuestionGrade(
        id=question.id,
        points=round(question.points * earned / total, DECIMALS),
        max_points=question.points,
        feedback=question.feedback,
        tests=tuple(sorted(tests, key=lambda record: record.hidden)),
    )


def _with_advice(grade: QuestionGrade, question: Question, wrong: set[str]) -> QuestionGrade:
    first = [other for other in question.depends_on if other in wrong]
    if grade.id not in wrong or not first:
        return grade
    which = "which is not right yet: mend that" if len(first) == 1 else "which are not right yet"
    which += "" if len(first) == 1 else ": mend those"
    return replace(grade, advice=f"{grade.id} uses {' and '.join(first)}, {which} first.")
