"""Say what went wrong in a class: which mistakes were made, and which questions measure badly.

    Grade... -> [classview] -> ClassView -> html, table

Pure functions: nothing is read, nothing is drawn, no points are changed. Names and hints stand in
the values as they came; who shows them escapes them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.report.overview import FAILING, Mark, mark_of, name_key
from autograder.scoring import Grade, QuestionGrade
from student_kit.records import Status, TestRecord

ENOUGH = 10  # submissions, below which a share of them is chance
LOW = 0.2  # discrimination below which item analysis advises to look at a question again


@dataclass(frozen=True, slots=True, kw_only=True)
class MistakeView:
    """One known mistake over the whole class; submissions by name."""

    id: str  # "adam-no-bias-correction"
    question: str
    hint: str
    made_by: tuple[str, ...]  # the result is what this mistake gives
    possibly_by: tuple[str, ...]  # it is what this mistake gives, and another one too

    @property
    def count(self) -> int:
        """How many made it or may have."""
        return len(self.made_by) + len(self.possibly_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationView:
    """One relation to the right result, among submissions of which no mistake is known."""

    relation: str  # "2 times what it should be"
    question: str
    found_in: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """How well one question, and each of its checks, tells submissions apart."""

    id: str
    attempts: int  # submissions that started it and earned points anywhere
    share: float | None  # mean share of its points that they earned, 0..1; None: no attempts
    discrimination: float | None  # -1..1; None: fewer than ENOUGH attempts, or all alike
    never_failed: tuple[str, ...]  # titles of hidden checks that nobody fails
    always_failed: tuple[str, ...]  # titles of checks that everybody fails

    @property
    def verdict(self) -> str:
        """Whether the discrimination asks for a look at the question: "negative", "low" or ""."""
        if self.discrimination is None or self.discrimination >= LOW:
            return ""
        return "low" if self.discrimination >= 0 else "negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassView:
    """What went wrong in a class."""

    wrong: int  # answers (one question of one submission) in which a check fails
    named: int  # of these: the result is what a known mistake gives
    related: int  # of the others: the result stands in a simple relation to the right one
    mistakes: tuple[MistakeView, ...]  # most frequent first
    relations: tuple[RelationView, ...]  # most frequent first
    questions: tuple[QuestionView, ...]


def class_view(grades: Sequence[Grade]) -> ClassView:
    """Return what went wrong in these submissions of one assignment."""
    ids = dict.fromkeys(question.id for grade in grades for question in grade.questions)
    grades = sorted(grades, key=lambda grade: name_key(grade.submission))
    answers = [
        (grade.submission, question)
        for question_id in ids
        for grade in grades
        for question in grade.questions
        if question.id == question_id
    ]
    wrong = [question for _, question in answers if _failing(question)]
    return ClassView(
        wrong=len(wrong),
        named=sum(bool(_named(question)) for question in wrong),
        related=sum(bool(_related(question)) for question in wrong),
        mistakes=_mistakes(answers),
        relations=_relations(answers),
        questions=tuple(_question(question_id, grades) for question_id in ids),
    )


def _mistakes(answers: Sequence[tuple[str, QuestionGrade]]) -> tuple[MistakeView, ...]:
    found: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    hints: dict[tuple[str, str], str] = {}
    for name, question in answers:
        for mistake, (hint, certain) in _named(question).items():
            found.setdefault((question.id, mistake), []).append((name, certain))
            hints.setdefault((question.id, mistake), hint)
    views = [
        MistakeView(
            id=mistake,
            question=question,
            hint=hints[question, mistake],
            made_by=tuple(name for name, certain in names if certain),
            possibly_by=tuple(name for name, certain in names if not certain),
        )
        for (question, mistake), names in found.items()
    ]
    return tuple(sorted(views, key=lambda view: (-view.count, -len(view.made_by))))


def _relations(answers: Sequence[tuple[str, QuestionGrade]]) -> tuple[RelationView, ...]:
    found: dict[tuple[str, str], list[str]] = {}
    for name, question in answers:
        for relation in _related(question):
            found.setdefault((question.id, relation), []).append(name)
    views = [
        RelationView(relation=relation, question=question, found_in=tuple(names))
        for (question, relation), names in found.items()
    ]
    return tuple(sorted(views, key=lambda view: -len(view.found_in)))


def _named(question: QuestionGrade) -> dict[str, tuple[str, bool]]:
    """Return the mistakes that an answer shows: id -> (hint, whether it was made for certain).

    One check may leave open which of several mistakes it was; if another check of the same
    question names one of these for certain, nothing is open any more.
    """
    diagnoses = [test.diagnosis for test in _failing(question) if test.diagnosis is not None]
    found: dict[str, tuple[str, bool]] = {}
    for one_of in (False, True):  # what is certain goes first
        certain = {mistake for mistake, (_, sure) in found.items() if sure}
        for diagnosis in diagnoses:
            several = len(diagnosis.mistakes) > 1 and not diagnosis.together
            if several is one_of and not certain & set(diagnosis.mistakes):
                for mistake, hint in zip(diagnosis.mistakes, diagnosis.hints, strict=True):
                    found.setdefault(mistake, (hint, not one_of))
    return found


def _related(question: QuestionGrade) -> tuple[str, ...]:
    """Return the relations of an answer's results to the right ones, if no mistake is known."""
    if _named(question):
        return ()
    diagnoses = [test.diagnosis for test in _failing(question) if test.diagnosis is not None]
    return tuple(dict.fromkeys(d.relation for d in diagnoses if d.relation))


def _failing(question: QuestionGrade) -> list[TestRecord]:
    return [test for test in question.tests if test.status in FAILING]


def _question(question_id: str, grades: Sequence[Grade]) -> QuestionView:
    started = [
        (grade, question)
        for grade in grades
        for question in grade.questions
        if question.id == question_id and _started(question)
    ]
    # a file that cannot even be imported says nothing of a single question
    attempts = [(grade, question) for grade, question in started if grade.points > 0]
    shares = [question.points / question.max_points for _, question in attempts]
    rest = [_rest(grade, question_id) for grade, _ in attempts]
    never, always = _one_sided([question for _, question in started])
    return QuestionView(
        id=question_id,
        attempts=len(attempts),
        share=statistics.fmean(shares) if shares else None,
        discrimination=_correlation(shares, rest),
        never_failed=never,
        always_failed=always,
    )


def _started(question: QuestionGrade) -> bool:
    return bool(question.tests) and mark_of(question) is not Mark.NOT_STARTED


def _rest(grade: Grade, question_id: str) -> float:
    """Return the share of points earned in all questions but one."""
    rest = [question for question in grade.questions if question.id != question_id]
    full = sum(question.max_points for question in rest)
    # rounded: sums of the same numbers in another order must not look like a difference
    return round(sum(question.points for question in rest) / full, 6) if full else 0.0


def _correlation(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    """Return Pearson's correlation, that is the corrected item-total correlation."""
    if len(shares) < ENOUGH or len(set(shares)) == 1 or len(set(rest)) == 1:
        return None
    return statistics.correlation(shares, rest)


def _one_sided(questions: Iterable[QuestionGrade]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the titles of hidden checks that nobody fails, and of checks that everybody fails.

    Public checks that nobody fails do their work: students saw them and mended what they showed.
    An answer that fails everywhere, as a file with a syntax error does, is no witness against a
    single check.
    """
    results: dict[tuple[bool, str], list[tuple[TestRecord, bool]]] = {}
    for question in questions:
        passes_something = any(test.status is Status.PASSED for test in question.tests)
        for test in question.tests:
            results.setdefault((test.hidden, test.test), []).append((test, passes_something))
    never, always = [], []
    for (hidden, name), seen in results.items():
        title = seen[0][0].title or name
        passed = sum(test.status is Status.PASSED for test, _ in seen)
        failed = [witness for test, witness in seen if test.status in FAILING]
        if hidden and passed >= ENOUGH and not any(failed):
            never.append(title)
        if not passed and len(failed) >= ENOUGH:
            always.append(title)
    return tuple(never), tuple(always)
