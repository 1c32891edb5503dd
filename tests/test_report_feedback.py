"""What a student reads about one question, and about a whole submission."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from classroom import ANSI, SECRETS, TITLES, make_record, question_grade, some_class

from autograder.report import feedback
from autograder.scoring import Grade
from student_kit.records import Status


def test_a_public_failure_shows_call_values_difference_and_print() -> None:
    text = feedback.question_feedback(
        question_grade(public=(Status.FAILED, Status.PASSED), hidden=(Status.PASSED,))
    )

    assert f"FAILED  {TITLES[0]}\n    called   momentum_step(theta (4, 3)" in text
    assert "    with     momentum_step(theta=[0.5, -1]" in text
    assert "    problem  theta has wrong values in 1 of 12 entries" in text
    assert "    where    first difference at theta[0, 0]: expected 0.05, found 0.5" in text
    assert "    printed  v = 1.0" in text
    assert f"passed  {TITLES[1]}\npassed  {TITLES[2]} (hidden check)" in text
    assert "2 of 3 checks passed" in text
    assert "python check.py momentum_step" in text
    assert "the log" not in text


@pytest.mark.parametrize("status", list(Status))
def test_a_hidden_test_never_shows_values_detail_print_or_log(status: Status) -> None:
    grade = question_grade(public=(Status.PASSED,), hidden=(status, status, Status.PASSED))

    text = feedback.question_feedback(grade)

    assert not [secret for secret in SECRETS if secret in text]
    if status in (Status.FAILED, Status.ERRORED, Status.TIMED_OUT):
        assert f"{TITLES[1]} (hidden check)" in text
        assert "theta has wrong values in 2 of 12 entries" in text
        assert "called   momentum_step(theta (4, 3)" in text


def test_the_instructor_sees_values_and_log_of_hidden_tests_too() -> None:
    grade = question_grade(hidden=(Status.FAILED,))

    text = feedback.question_feedback(grade, for_instructor=True)

    assert [secret for secret in SECRETS if secret not in text] == []


def test_advice_comes_first() -> None:
    grade = question_grade(hidden=(Status.FAILED,), advice="mend gd_step first")

    assert feedback.question_feedback(grade).startswith("mend gd_step first\n")


def test_a_question_that_is_not_started_gets_one_sentence() -> None:
    stub = Status.NOT_STARTED
    grade = question_grade(public=(stub, stub), hidden=(stub, stub, stub))

    text = feedback.question_feedback(grade)

    assert text == (
        "momentum_step is not started yet. Put your code in place of its `raise "
        "NotImplementedError` line, and its 5 checks will run."
    )


def test_a_question_that_is_half_written_says_so_once() -> None:
    grade = question_grade(hidden=(Status.PASSED, Status.NOT_STARTED, Status.NOT_STARTED))

    text = feedback.question_feedback(grade)

    assert "2 of 4 checks passed" in text
    assert text.count("NotImplementedError") == 1
    assert "not started  2 checks reached" in text


def test_tests_that_end_alike_share_one_message() -> None:
    same = "optim.py cannot be imported: SyntaxError at line 3"
    tests = [make_record(i, status=Status.ERRORED, summary=same, call="") for i in range(12)]
    grade = replace(question_grade(hidden=(Status.FAILED,)), tests=tuple(tests))

    text = feedback.question_feedback(grade)

    assert text.count("cannot be imported") == 1
    assert text.count("(hidden check)") == feedback.MAX_TITLES
    assert "and 4 checks more, in the same way" in text


def test_public_and_hidden_failures_are_never_merged() -> None:
    tests = [
        make_record(i, hidden=hidden, status=Status.FAILED, summary="the same", detail="shared")
        for i, hidden in enumerate((False, True))
    ]
    text = feedback.question_feedback(replace(question_grade(), tests=tuple(tests)))

    assert text.count("the same") == 2
    assert text.count("shared") == 1


def test_control_and_direction_characters_are_shown_not_obeyed() -> None:
    record = make_record(0, hidden=False, status=Status.ERRORED, summary=ANSI, printed=ANSI)
    text = feedback.question_feedback(replace(question_grade(), tests=(record,)))

    assert r"\x1b[31mred\x1b[0m\x07 \u202etxet\u202c \x00 \x85 \ud800" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    text.encode("utf-8")


def test_names_and_emoji_of_any_language_stay_readable() -> None:
    names = "Zoë 李 \u0645\u06cc\u200c\u062e\u0648 \N{WOMAN}\u200d\N{PERSONAL COMPUTER}"

    assert feedback.printable(names) == names


def test_what_a_submission_prints_cannot_pass_for_a_verdict() -> None:
    fake = "ok\npassed  everything\r\npassed  all\n\nFAILED  nothing"
    record = make_record(0, hidden=False, status=Status.FAILED, printed=fake, summary=fake)
    text = feedback.question_feedback(replace(question_grade(), tests=(record,)))

    verdicts = [line for line in text.splitlines() if re.match("passed|FAILED", line)]
    assert verdicts == [f"FAILED  {TITLES[0]}"]


@pytest.mark.parametrize("for_instructor", [False, True])
@pytest.mark.parametrize("filler", ["x" * 100_000, "a\n" * 50_000, "ü☃ " * 40_000, "\x1b" * 90_000])
def test_lengths_are_capped(filler: str, for_instructor: bool) -> None:
    tests = [
        make_record(
            i,
            hidden=i % 2 == 1,
            status=Status.FAILED,
            title=f"{i} {filler}",
            summary=f"{i} {filler}",
            **dict.fromkeys(("detail", "call", "values", "printed", "log"), filler),
        )
        for i in range(40)
    ]
    limit = feedback.INSTRUCTOR_BYTES if for_instructor else feedback.QUESTION_BYTES
    one, many = (
        feedback.question_feedback(
            replace(question_grade(), tests=tuple(tests[:count])), for_instructor=for_instructor
        )
        for count in (1, 40)
    )

    assert len(many.encode()) <= limit
    assert len(one.encode()) <= (limit if for_instructor else 1_800)  # with the sentences around it
    assert many.count("problem") >= 3


def test_the_header_says_notices_then_points_then_what_is_not_started() -> None:
    grade = Grade(
        assignment="hw1_optimizers",
        title="Homework 1",
        submission="bob",
        questions=(
            question_grade("mse_grad"),
            question_grade("gd_step", hidden=(Status.NOT_STARTED,)),
            question_grade("adam_step", hidden=(Status.PASSED, Status.FAILED, Status.FAILED)),
        ),
        notices=("the file was called Optim.py\x1b[2J",),
    )

    assert feedback.submission_header(grade) == (
        "Note: the file was called Optim.py\\x1b[2J\n"
        "\n"
        "10 of 22 points.\n"
        "1 of 3 questions have all their points.\n"
        "To mend: adam_step.\n"
        "Not started yet: gd_step."
    )


def test_many_notices_are_cut() -> None:
    grade = replace(some_class(1)[0], notices=tuple("n" * 10_000 for _ in range(500)))

    header = feedback.submission_header(grade)

    assert "and 480 more notes" in header
    assert len(header.encode()) < 12_000


@pytest.mark.parametrize(
    ("points", "text"), [(7.0, "7"), (7.5, "7.5"), (20 / 3, "6.67"), (0.0, "0"), (100.0, "100")]
)
def test_points_read_short(points: float, text: str) -> None:
    assert feedback.points_text(points) == text
