"""A made-up class and its grades, for the tests of what people read.

Not a file of tests: they import it by name (`pythonpath` in pyproject.toml).
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from autograder.report.overview import Mark
from autograder.scoring import Grade, QuestionGrade
from student_kit import records
from student_kit.records import Status

POINTS = {
    "mse_grad": 6.0,
    "gd_step": 4.0,
    "gradient_descent": 7.0,
    "sgd_epoch": 8.0,
    "minibatch_indices": 9.0,
    "minibatch_sgd": 8.0,
    "momentum_step": 8.0,
    "adagrad_step": 8.0,
    "rmsprop_step": 8.0,
    "adam_step": 12.0,
    "run_optimizer": 7.0,
    "steps_to_tolerance": 4.0,
    "escape_step": 4.0,
    "compare_optimizers": 7.0,
}
TITLES = (
    "One step from an empty state equals the docstring's formula, worked by hand.",
    "The arguments are left as they were, and new arrays are returned.",
    "Five steps agree with the definition in loops, for any shape of theta.",
    "A state that another step returned is carried on, not started afresh.",
    "Hyper-parameters that are not the defaults are used.",
    "Large and tiny gradients give finite steps.",
)
# text that must never be seen by a student, or in the class page
SECRETS = ("SECRET-DETAIL", "SECRET-VALUES", "SECRET-PRINTED", "SECRET-LOG")
XSS = '<script>alert("x")</script><img src=x onerror=alert(1)>'
ANSI = "\x1b[31mred\x1b[0m\x07 \u202etxet\u202c \x00 \x85 \ud800"


def make_record(
    number: int, *, hidden: bool = True, status: Status = Status.PASSED, **changes: object
) -> records.TestRecord:
    """Return the record of one test; failures carry every text that a record can hold."""
    record = records.TestRecord(
        question="momentum_step",
        test=f"test_{'hidden' if hidden else 'public'}_{number}",
        title=TITLES[number % len(TITLES)],
        hidden=hidden,
        status=status,
    )
    if status not in (Status.PASSED, Status.SKIPPED, Status.NOT_STARTED):
        record = replace(
            record,
            summary=f"theta has wrong values in {number + 1} of 12 entries",
            call="momentum_step(theta (4, 3), grad (4, 3), state {'v'}, lr=0.1, beta=0.9)",
            detail="first difference at theta[0, 0]: expected 0.05, found 0.5",
            values="momentum_step(theta=[0.5, -1], grad=[1, 2], state={}, lr=0.1)",
            printed="v = 1.0",
            log="the log",
        )
    if hidden:
        record = replace(
            record, detail=SECRETS[0], values=SECRETS[1], printed=SECRETS[2], log=SECRETS[3]
        )
    return replace(record, **changes)  # type: ignore[arg-type]


def question_grade(
    question: str = "momentum_step",
    *,
    public: tuple[Status, ...] = (Status.PASSED,),
    hidden: tuple[Status, ...] = (Status.PASSED,),
    advice: str = "",
) -> QuestionGrade:
    """Return a question whose tests ended in these ways."""
    tests = [make_record(i, hidden=False, status=status) for i, status in enumerate(public)]
    tests += [make_record(len(public) + i, status=status) for i, status in enumerate(hidden)]
    share = hidden.count(Status.PASSED) / len(hidden)
    return QuestionGrade(
        id=question,
        points=round(POINTS[question] * share, 4),
        max_points=POINTS[question],
        feedback="visible",
        tests=tuple(replace(test, question=question) for test in tests),
        advice=advice,
    )


def some_question(question: str, mark: Mark, rng: random.Random) -> QuestionGrade:
    """Return a question with this mark, its tests ending as they may."""
    if mark is Mark.FULL:
        return question_grade(question, public=(Status.PASSED,) * 2, hidden=(Status.PASSED,) * 4)
    if mark is Mark.NOT_STARTED:
        stub = Status.NOT_STARTED
        return question_grade(question, public=(stub,) * 2, hidden=(stub,) * 4)
    bad = rng.choice([Status.FAILED, Status.FAILED, Status.ERRORED, Status.TIMED_OUT])
    failed = 4 if mark is Mark.FAILED else rng.randrange(1, 4)
    return question_grade(
        question,
        public=(bad, Status.PASSED) if rng.random() < 0.6 else (Status.PASSED, Status.PASSED),
        hidden=(bad,) * failed + (Status.PASSED,) * (4 - failed),
        advice=f"{question} uses minibatch_indices, which is not right yet: mend that first."
        if question == "minibatch_sgd"
        else "",
    )


def some_grade(name: str, ability: float, rng: random.Random) -> Grade:
    """Return the grade of a student who gets this share of the questions right, about."""
    questions = []
    for number, question in enumerate(POINTS):
        luck = ability - 0.04 * number + rng.uniform(-0.3, 0.3)
        mark = (
            Mark.NOT_STARTED
            if ability == 0 or luck < 0.05
            else Mark.FAILED
            if luck < 0.2
            else Mark.PARTIAL
            if luck < 0.4
            else Mark.FULL
        )
        questions.append(some_question(question, Mark.FULL if ability == 1 else mark, rng))
    return Grade(
        assignment="hw1_optimizers",
        title="Homework 1: Optimization Algorithms",
        submission=name,
        questions=tuple(questions),
        notices=("optim.py was found in the folder 'final version'.",)
        if rng.random() < 0.15
        else (),
        seed=f"{rng.getrandbits(64):016x}",
        isolation=("own process per test", "uid 65534", "memory 512 MB", "no new files"),
        seconds=rng.uniform(0.5, 1.1),
    )


def diagnosed(grades: list[Grade], diagnosis: records.Diagnosis) -> list[Grade]:
    """Return the grades with this diagnosis in every check that failed."""
    return [
        replace(
            grade,
            questions=tuple(
                replace(
                    question,
                    tests=tuple(
                        replace(test, diagnosis=diagnosis) if test.status is Status.FAILED else test
                        for test in question.tests
                    ),
                )
                for question in grade.questions
            ),
        )
        for grade in grades
    ]


FIRST = (
    *("Ada", "Chloé", "Émile", "Fatima", "Grace", "Hồng", "Ivan", "李", "Mía", "Noor"),
    *("Olu", "Priya", "Sofía", "Tomáš", "Zoë"),
)
LAST = (
    *("Müller", "O'Brien", "Okafor", "Nguyen"),
    *("Smith-Jones", "de_la_Cruz", "Åström", "Kowalczyk"),
)


def some_class(count: int) -> list[Grade]:
    """Return a class with the best and the empty submission, and most in between."""
    rng = random.Random(count)
    grades = []
    for i in range(count):
        name = f"{rng.choice(LAST)}_{rng.choice(FIRST)}_{340000 + 17 * i}"
        ability = 1.0 if i % 9 == 0 else 0.0 if i % 22 == 5 else min(0.99, rng.betavariate(4, 1.6))
        grades.append(some_grade(name, ability, rng))
    return grades


FAILURES = [
    ("late_Bob_340999", "the grader ran out of disk space while it unpacked the submission"),
    ("Eve_341000.zip", "not a zip file: the upload holds 0 bytes"),
]


def all_zeros() -> list[Grade]:
    rng = random.Random(0)
    return [some_grade(f"s{i}", 0, rng) for i in range(8)]


def printed(show: Callable[[Console], None], width: int = 80, encoding: str = "utf-8") -> str:
    """Return what `show` prints in a terminal of this width."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    show(Console(file=file, width=width, color_system=None, legacy_windows=False))
    file.flush()
    return raw.getvalue().decode(encoding)
