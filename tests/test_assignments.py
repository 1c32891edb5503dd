"""Every assignment: reference, stub, variants and null submissions, graded as students will be.

`verify` proves an assignment without the sandbox, and test_proof.py says that the proof is current.
Here the same samples, and one mistake of each question, go through the real sandbox, in a few
batches per assignment, and the tests below read the results. A process with PyTorch in it takes
long to fork, so of homework about PyTorch not all of it is done in the quick tests.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from slow import SLOW

from autograder import assignment as assignments
from autograder import mistakes, samples
from autograder.batch import Failure, grade_all
from autograder.intake import Submission
from autograder.scoring import Grade
from student_kit.records import Status

ROOT = Path(__file__).resolve().parents[1]
IDS = assignments.assignment_ids(ROOT)


@cache
def results(assignment_id: str, sort: str) -> dict[str, Grade | Failure]:
    """Grade all samples of one sort in one batch; name -> result."""
    assignment = assignments.find(ROOT, assignment_id)
    made = {
        "reference": lambda: {"reference": samples.reference_files(assignment)},
        "stub": lambda: {"stub": samples.stub_files(assignment)},
        "variant": lambda: samples.variant_files(assignment),
        "null": lambda: samples.null_files(assignment),
        "mistake": lambda: {m.id: mistakes.apply(assignment, m) for m in _one_of_each(assignment)},
    }[sort]()
    submissions = {f"{sort} {name}" if name != sort else sort: made[name] for name in made}
    graded = grade_all(
        assignment,
        [Submission(name=name, files=files) for name, files in submissions.items()],
        jobs=2,
    )
    return dict(zip(submissions, graded, strict=True))


def _one_of_each(assignment: assignments.Assignment) -> list[mistakes.Mistake]:
    """Return the first mistake of each question."""
    first: dict[str, mistakes.Mistake] = {}
    for mistake in mistakes.load(assignment).mistakes:
        first.setdefault(mistake.question, mistake)
    return list(first.values())


def grade_of(assignment_id: str, name: str) -> Grade:
    """Return the grade of one sample; a failure of the grader fails the test."""
    result = results(assignment_id, name.partition(" ")[0])[name]
    assert isinstance(result, Grade), result.reason
    return result


def _cases(prefix: str) -> list[Any]:
    cases = []
    for assignment_id in IDS:
        assignment = assignments.find(ROOT, assignment_id)
        names = {
            "variant": lambda a=assignment: samples.variant_files(a),
            "null": lambda: samples.NULLS,
            "mistake": lambda a=assignment: [m.id for m in _one_of_each(a)],
        }[prefix]()
        late = assignment_id in SLOW
        marks = [pytest.mark.full] if late else []
        cases += [pytest.param(assignment_id, name, marks=marks) for name in names]
    return cases


@pytest.mark.parametrize("assignment_id", IDS)
def test_the_reference_gets_all_points(assignment_id):
    grade = grade_of(assignment_id, "reference")
    wrong = [t for q in grade.questions for t in q.tests if t.status is not Status.PASSED]
    assert wrong == []
    assert grade.points == grade.max_points == 100


@pytest.mark.parametrize("assignment_id", IDS)
def test_the_stub_gets_nothing_and_every_question_is_not_started(assignment_id):
    grade = grade_of(assignment_id, "stub")
    assert grade.points == 0
    assert {question.status for question in grade.questions} == {Status.NOT_STARTED}
    started = [
        f"{question.id}: {test.test}"
        for question in grade.questions
        for test in question.tests
        if test.status is not Status.NOT_STARTED
    ]
    assert started == []


@pytest.mark.parametrize(("assignment_id", "name"), _cases("variant"))
def test_a_correct_variant_gets_all_points(assignment_id, name):
    grade = grade_of(assignment_id, f"variant {name}")
    wrong = [
        (t.test, t.summary, t.log)
        for q in grade.questions
        for t in q.tests
        if t.status is not Status.PASSED
    ]
    assert wrong == []


@pytest.mark.parametrize(("assignment_id", "name"), _cases("null"))
def test_a_submission_that_returns_nothing_of_worth_gets_nothing(assignment_id, name):
    grade = grade_of(assignment_id, f"null {name}")
    vacuous = [
        f"{question.id}: {test.test}"
        for question in grade.questions
        for test in question.tests
        if test.hidden and test.status is Status.PASSED
    ]
    assert vacuous == []
    assert grade.points == 0


@pytest.mark.parametrize(
    "assignment_id",
    [pytest.param(name, marks=[pytest.mark.full] if name in SLOW else []) for name in IDS],
)
def test_what_students_read_of_hidden_tests_shows_no_number_of_the_inputs(assignment_id):
    shown = {
        text
        for sort in ("variant", "null", "mistake")
        for grade in results(assignment_id, sort).values()
        if isinstance(grade, Grade)
        for question in grade.questions
        for test in question.tests
        if test.hidden
        for text in (test.call, test.summary, test.detail, test.values, test.printed)
    }
    assert len(shown) > 100
    # sizes and counts are integers, and inputs are not; bounds such as 1e-07 are round
    number = re.compile(r"\d\.\d\d|\d\.\d+e")
    assert [text for text in shown if number.search(_without_quoted_lines(text))] == []


def _without_quoted_lines(text: str) -> str:
    """Return a message without the submission's own line, which it may quote."""
    return re.sub(r"\.py line \d+: .*", "", text)


@pytest.mark.parametrize(("assignment_id", "mistake_id"), _cases("mistake"))
def test_a_mistake_fails_the_tests_that_it_names_and_costs_no_other_question(
    assignment_id, mistake_id
):
    assignment = assignments.find(ROOT, assignment_id)
    mistake = next(m for m in mistakes.load(assignment).mistakes if m.id == mistake_id)
    grade = grade_of(assignment_id, f"mistake {mistake_id}")
    own = next(question for question in grade.questions if question.id == mistake.question)
    failed = {t.test for t in own.tests if t.hidden and t.status is not Status.PASSED}
    assert failed == set(mistake.caught_by)
    assert own.points < own.max_points
    others = {question.id for question in grade.questions if question.points < question.max_points}
    assert others - {mistake.question} <= set(mistake.also)
