"""What went wrong in a class: who is counted for a mistake, and what a question measures."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from classroom import POINTS, make_record, question_grade, some_class

from autograder.report.classview import ENOUGH, QuestionView, class_view
from autograder.scoring import Grade, QuestionGrade
from student_kit.records import Diagnosis, Status

SIGN, FACTOR, AXIS = "wrong-sign", "factor-forgotten", "wrong-axis"
FAIL, PASS, STUB = Status.FAILED, Status.PASSED, Status.NOT_STARTED


def diagnosis(*mistakes: str, together: bool = False) -> Diagnosis:
    hints = tuple(f"Think about {mistake}." for mistake in mistakes)
    return Diagnosis(mistakes=mistakes, hints=hints, together=together)


def answer(
    *diagnoses: Diagnosis | None, question: str = "gd_step", status: Status = FAIL
) -> QuestionGrade:
    """Return a question with one hidden check per diagnosis, all ending alike."""
    tests = [
        replace(make_record(i, status=status), question=question, diagnosis=found)
        for i, found in enumerate(diagnoses)
    ]
    return replace(question_grade(question, hidden=(status,)), tests=tuple(tests))


def submission(name: str, *questions: QuestionGrade) -> Grade:
    return Grade(assignment="hw1", title="Homework 1", submission=name, questions=questions)


def made(*grades: Grade) -> dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return (question, mistake) -> (who made it, who possibly did)."""
    return {(m.question, m.id): (m.made_by, m.possibly_by) for m in class_view(grades).mistakes}


def shares(*rows: tuple[float, ...]) -> list[Grade]:
    """Return submissions that earned these shares of their questions."""
    ids = list(POINTS)
    return [
        submission(
            f"s{number}",
            *(
                replace(question_grade(question), points=round(POINTS[question] * share, 4))
                for question, share in zip(ids, row, strict=False)
            ),
        )
        for number, row in enumerate(rows)
    ]


# --- mistakes -----------------------------------------------------------------------------------


def test_one_mistake_was_made_one_of_several_possibly_and_all_of_those_made_together() -> None:
    found = made(
        submission("ada", answer(diagnosis(SIGN))),
        submission("bob", answer(diagnosis(SIGN, FACTOR))),
        submission("cy", answer(diagnosis(SIGN, AXIS, together=True))),
    )

    assert found == {
        ("gd_step", SIGN): (("ada", "cy"), ("bob",)),
        ("gd_step", AXIS): (("cy",), ()),
        ("gd_step", FACTOR): ((), ("bob",)),
    }


@pytest.mark.parametrize("order", [1, -1])
def test_a_check_that_is_certain_settles_what_another_left_open(order: int) -> None:
    checks = [diagnosis(SIGN, FACTOR), diagnosis(FACTOR)][::order]

    assert made(submission("ada", answer(*checks))) == {("gd_step", FACTOR): (("ada",), ())}


def test_what_is_certain_in_one_question_settles_nothing_in_another() -> None:
    ada = submission(
        "ada",
        answer(diagnosis(FACTOR)),
        answer(diagnosis(SIGN, FACTOR), question="adam_step"),
    )

    assert made(ada)["adam_step", FACTOR] == ((), ("ada",))
    assert made(ada)["adam_step", SIGN] == ((), ("ada",))


def test_a_submission_counts_once_however_many_checks_show_its_mistake() -> None:
    ada = submission("ada", answer(diagnosis(SIGN), diagnosis(SIGN), None))

    assert made(ada) == {("gd_step", SIGN): (("ada",), ())}


def test_a_check_that_passed_shows_no_mistake() -> None:
    view = class_view([submission("ada", answer(diagnosis(SIGN), status=PASS))])

    assert (view.mistakes, view.wrong) == ((), 0)


def test_mistakes_come_with_their_hint_the_most_frequent_first_and_names_in_order() -> None:
    names = ["s10", "Zoë", "s9", "ada"]
    grades = [submission("eve", answer(diagnosis(AXIS)))]
    grades += [submission(name, answer(diagnosis(SIGN))) for name in names]
    grades += [submission(f"p{i}", answer(diagnosis(FACTOR, "other"))) for i in range(4)]

    mistakes = class_view(grades).mistakes

    assert [mistake.id for mistake in mistakes] == [SIGN, FACTOR, "other", AXIS]
    assert [mistake.count for mistake in mistakes] == [4, 4, 4, 1]  # certain before possible
    assert mistakes[0].made_by == ("ada", "s9", "s10", "Zoë")
    assert mistakes[0].hint == f"Think about {SIGN}."


def test_a_relation_counts_where_no_mistake_is_known() -> None:
    double = Diagnosis(relation="2 times what it should be")
    grades = [
        submission("ada", answer(double, double)),
        submission("bob", answer(double, diagnosis(SIGN))),
        submission("cy", answer(Diagnosis(relation="transposed"))),
        submission("dan", answer(double), answer(double, question="adam_step")),
    ]

    view = class_view(grades)

    found = [(r.question, r.relation, r.found_in) for r in view.relations]
    assert found == [
        ("gd_step", "2 times what it should be", ("ada", "dan")),
        ("gd_step", "transposed", ("cy",)),
        ("adam_step", "2 times what it should be", ("dan",)),
    ]
    assert (view.wrong, view.named, view.related) == (5, 1, 4)


def test_nobody_did_nothing_wrong() -> None:
    view = class_view([])

    assert (view.wrong, view.mistakes, view.relations, view.questions) == (0, (), (), ())


# --- questions ----------------------------------------------------------------------------------


def test_share_and_discrimination_agree_with_numpy() -> None:
    rng = np.random.default_rng(7)
    table = rng.integers(0, 5, size=(23, 4)) / 4  # (submissions, questions)
    table[:, 3] = np.where(rng.random(23) < 0.5, table[:, 0], 1 - table[:, 1])
    points = table * list(POINTS.values())[:4]

    questions = class_view(shares(*map(tuple, table))).questions

    assert [question.id for question in questions] == list(POINTS)[:4]
    for number, question in enumerate(questions):
        others = np.delete(points, number, axis=1).sum(axis=1)
        assert question.attempts == np.count_nonzero(points.sum(axis=1))
        assert question.share == pytest.approx(table[:, number].mean(), abs=1e-4)
        expected = np.corrcoef(table[:, number], others)[0, 1]
        assert question.discrimination == pytest.approx(expected, abs=1e-4)


def test_a_question_that_only_the_weak_get_right_is_negative() -> None:
    rows = [(i / 20, i / 20, 1 - i / 20) for i in range(12)]

    first, second, third = class_view(shares(*rows)).questions

    assert third.discrimination == pytest.approx(-1, abs=1e-4)
    assert third.verdict == "negative"
    # of the rest, 7 points go down where 4 (or 6) go up
    assert first.verdict == second.verdict == "negative"


@pytest.mark.parametrize(
    ("discrimination", "verdict"),
    [(None, ""), (-0.01, "negative"), (0.0, "low"), (0.19, "low"), (0.2, ""), (1.0, "")],
)
def test_low_and_negative_discrimination_is_flagged(
    discrimination: float | None, verdict: str
) -> None:
    question = QuestionView(
        id="gd_step",
        attempts=20,
        share=0.5,
        discrimination=discrimination,
        never_failed=(),
        always_failed=(),
    )

    assert question.verdict == verdict


def test_few_submissions_or_equal_ones_have_no_discrimination() -> None:
    rising = [(i / 20, i / 20) for i in range(1, ENOUGH + 1)]
    alike = [(i / 20, 0.6, 0.3) for i in range(1, ENOUGH + 1)]

    def discrimination(rows: list[tuple[float, ...]]) -> list[float | None]:
        return [question.discrimination for question in class_view(shares(*rows)).questions]

    assert discrimination(rising) == [pytest.approx(1), pytest.approx(1)]
    assert discrimination(rising[1:]) == [None, None]
    # the first has a rest without variance, the others have none themselves
    assert discrimination(alike) == [None, None, None]
    assert discrimination([row[:1] for row in rising]) == [None]


def test_rounding_of_sums_is_no_variance() -> None:
    """0.1 + 0.2 + 0.3 depends on the order of its terms; nobody's rest differs here."""
    thirds = [(0.1, 0.2, 0.3), (0.3, 0.1, 0.2), (0.2, 0.3, 0.1)]
    grades = []
    for number in range(12):
        rest = thirds[number % 3]
        questions = [
            replace(question_grade(q), points=p, max_points=1.0)
            for q, p in zip(POINTS, (number / 12, *rest), strict=False)
        ]
        grades.append(submission(f"s{number}", *questions))

    assert class_view(grades).questions[0].discrimination is None


def test_who_did_not_start_or_has_no_points_at_all_says_nothing_of_a_question() -> None:
    rng = random.Random(3)
    grades = shares(*(tuple(rng.randint(1, 4) / 4 for _ in range(3)) for _ in range(15)))
    before = class_view(grades).questions
    ids = [question.id for question in before]
    stub = submission("stub", *(question_grade(q, public=(STUB,), hidden=(STUB,)) for q in ids))
    crashed = submission(
        "crashed", *(question_grade(q, public=(FAIL,), hidden=(FAIL,)) for q in ids)
    )
    empty = submission("empty", *(replace(q, tests=()) for q in stub.questions))

    after = class_view([*grades, stub, crashed, empty]).questions

    assert after == before


# --- checks -------------------------------------------------------------------------------------


def one_sided(*answers: QuestionGrade) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the titles of checks that nobody and that everybody fails."""
    view = class_view([submission(f"s{i}", question) for i, question in enumerate(answers)])
    return view.questions[0].never_failed, view.questions[0].always_failed


def test_checks_that_nobody_or_everybody_fails_are_named() -> None:
    answers = [
        question_grade(public=(PASS,), hidden=(PASS, FAIL, FAIL if i % 2 else PASS))
        for i in range(ENOUGH)
    ]
    titles = [test.title for test in answers[0].tests]

    # of the public checks nobody failing one is what they are for
    assert one_sided(*answers) == ((titles[1],), (titles[2],))
    assert one_sided(*answers[1:]) == ((), ())


def test_one_pass_or_one_failure_is_enough_to_say_something() -> None:
    answers = [question_grade(public=(), hidden=(PASS, FAIL))] * ENOUGH

    assert one_sided(*answers, question_grade(public=(), hidden=(FAIL, PASS))) == ((), ())


def test_an_answer_that_fails_everywhere_is_no_witness_against_a_check() -> None:
    answers = [question_grade(public=(), hidden=(PASS, FAIL))] * ENOUGH
    title = answers[0].tests[0].title

    crashed = question_grade(public=(), hidden=(Status.ERRORED, Status.ERRORED))

    assert one_sided(*answers, crashed)[0] == (title,)


def test_a_question_in_which_all_fail_everything_is_named() -> None:
    answers = [question_grade(public=(FAIL,), hidden=(FAIL,))] * ENOUGH

    assert len(one_sided(*answers)[1]) == 2


@pytest.mark.parametrize("silent", [STUB, Status.NOT_RUN, Status.SKIPPED])
def test_a_check_that_did_not_run_neither_passed_nor_failed(silent: Status) -> None:
    answers = [question_grade(public=(PASS,), hidden=(PASS, FAIL, silent))] * ENOUGH
    titles = [test.title for test in answers[0].tests]
    unstarted = [question_grade(public=(STUB,), hidden=(STUB,) * 3)] * ENOUGH

    assert one_sided(*answers) == ((titles[1],), (titles[2],))
    assert one_sided(*answers, *unstarted) == ((titles[1],), (titles[2],))
    assert one_sided(*unstarted) == ((), ())


def test_a_large_class_is_counted_whole() -> None:
    grades = some_class(300)

    view = class_view(grades)

    wrong = [
        q
        for g in grades
        for q in g.questions
        if any(t.status in (FAIL, Status.ERRORED, Status.TIMED_OUT) for t in q.tests)
    ]
    assert view.wrong == len(wrong)
    assert all(question.share is not None for question in view.questions)
    assert all(question.discrimination is not None for question in view.questions)
