"""An assignment of two files, the second of which is built of the first."""

from collections.abc import Callable
from functools import cache

import pytest

from autograder import mistakes, samples, template
from autograder.assignment import Assignment
from autograder.batch import grade_all
from autograder.intake import Submission
from autograder.scoring import Grade
from student_kit.records import Status

TOML = """
title = "Two files"
files = ["toy.py", "upper.py"]
libraries = ["numpy"]

[questions.add]
file = "toy.py"
points = 60

[questions.walk]
file = "upper.py"
points = 40
depends_on = ["add"]
"""
LOWER = '''"""Lower."""


def add(a, b):
    """Return a + b."""
    # BEGIN SOLUTION
    return a + b
    # END SOLUTION
'''
UPPER = '''"""Upper."""

from toy import add


def walk(x, step):
    """Return x after two steps."""
    # BEGIN SOLUTION
    return add(add(x, step), step)
    # END SOLUTION
'''
TEST = '''
import {module}
from {package} import {module} as expected
from student_kit.checks import assert_equal


def test_{name}():
    """It adds."""
    assert_equal({module}.{name}({x}, 4), expected.{name}({x}, 4))
'''
PUBLIC = '''
import {module}
from student_kit.checks import assert_equal


def test_public():
    """It adds."""
    assert_equal({module}.{name}(1, 4), {expected})
'''
MISTAKES = """
[[mistake]]
id = "subtracts"
number = "1"
question = "add"
edits = [{ find = "a + b\\n    #", replace = "a - b\\n    #" }]
caught_by = ["test_add"]
also = ["walk"]
symptom = "s"
hint = "h"

[[mistake]]
id = "one-step"
number = "2"
question = "walk"
edits = [{ find = "add(add(x, step), step)", replace = "add(x, step)" }]
caught_by = ["test_walk"]
symptom = "s"
hint = "h"
"""
CHANGES = {
    "assignments/hw0_toy/assignment.toml": TOML,
    "solutions/hw0_toy/toy.py": LOWER,
    "solutions/hw0_toy/upper.py": UPPER,
    "solutions/hw0_toy/mistakes.toml": MISTAKES,
    **{
        f"solutions/hw0_toy/hidden_tests/test_{name}.py": TEST.format(
            module=module, package="reference", name=name, x=3
        )
        for module, name in (("toy", "add"), ("upper", "walk"))
    },
    **{
        f"assignments/hw0_toy/tests/test_{name}.py": PUBLIC.format(
            module=module, name=name, expected=expected
        )
        for module, name, expected in (("toy", "add", 5), ("upper", "walk", 9))
    },
}
MODULE_STYLE = b"import toy\n\n\ndef walk(x, step):\n    return toy.add(toy.add(x, step), step)\n"
OWN_COPY = b"def walk(x, step):\n    return x + 2 * step\n"


@pytest.fixture(scope="module")
def two(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(CHANGES)


@pytest.fixture(scope="module")
def grade(two: Assignment) -> Callable[[str], Grade]:
    """Return a function that gives the grade of one of the submissions, all graded at once."""
    right, stub = samples.reference_files(two), samples.stub_files(two)
    submissions = {
        "right": right,
        "stub": stub,
        "lower stub": {**right, "toy.py": stub["toy.py"]},
        "no lower": {"upper.py": right["upper.py"]},
        "no upper": {"toy.py": right["toy.py"]},
        "lower broken": {**right, "toy.py": b"def add(a, b:\n"},
        "own copy beside a broken lower": {"toy.py": b"def add(a, b:\n", "upper.py": OWN_COPY},
        "module style": {**right, "upper.py": MODULE_STYLE},
        "upper ends the process": {**right, "upper.py": b"import os\nos._exit(3)\n"},
        "upper exits": {**right, "upper.py": b"import sys\n\nsys.exit()\n"},
        "lower ends the process": {**right, "toy.py": b"import os\nos._exit(3)\n"},
        **{m.id: mistakes.apply(two, m) for m in mistakes.load(two).mistakes},
    }

    @cache
    def all_grades() -> dict[str, Grade]:
        handed_in = [Submission(name=name, files=files) for name, files in submissions.items()]
        return dict(zip(submissions, grade_all(two, handed_in), strict=True))

    return lambda name: all_grades()[name]


@pytest.mark.parametrize(
    ("name", "add", "walk"),
    [
        ("right", 60, 40),
        ("stub", 0, 0),
        ("lower stub", 0, 0),
        ("no lower", 0, 0),
        ("no upper", 60, 0),
        ("lower broken", 0, 0),
        ("own copy beside a broken lower", 0, 40),
        ("module style", 60, 40),
        ("upper ends the process", 60, 0),
        ("lower ends the process", 0, 0),
        ("upper exits", 60, 0),
        ("subtracts", 0, 0),
        ("one-step", 60, 0),
    ],
)
def test_each_question_is_graded_in_its_own_file(grade, name, add, walk):
    assert {q.id: q.points for q in grade(name).questions} == {"add": add, "walk": walk}


def test_a_question_says_which_function_of_the_other_file_stopped_it(grade):
    for name, words in (
        ("lower stub", "add is not started"),
        ("no lower", "No module named 'toy'"),
        ("lower broken", "SyntaxError at toy.py line 1"),
        ("no upper", "upper.py is missing"),
        (
            "upper ends the process",
            "while upper.py, or what it imports, was imported, your code ended",
        ),
        ("upper exits", "upper.py cannot be imported: SystemExit at upper.py line 3: sys.exit()"),
        (
            "lower ends the process",
            "while upper.py, or what it imports, was imported, your code ended",
        ),
    ):
        (walk,) = (q for q in grade(name).questions if q.id == "walk")
        texts = [f"{t.summary} {t.detail}" for t in walk.tests if not t.hidden]
        assert [words in text for text in texts] == [True], (name, texts)


def test_an_untouched_stub_is_not_started_in_both_files(grade):
    assert {q.status for q in grade("stub").questions} == {Status.NOT_STARTED}


def test_a_part_of_both_files_can_be_done(two):
    files = samples.partial_files(two, {"walk"})
    assert b"add: your code here" in files["toy.py"]
    assert b"your code here" not in files["upper.py"]


def test_the_template_has_a_stub_of_each_file_and_keeps_the_import_between_them(two):
    files = template.build(two)
    assert b'raise NotImplementedError("add: your code here")' in files["toy.py"]
    assert b"from toy import add\n" in files["upper.py"]
    assert b'raise NotImplementedError("walk: your code here")' in files["upper.py"]


def test_a_run_whose_time_is_used_up_is_to_be_reviewed_and_an_endless_loop_is_not(make_assignment):
    limits = "\n[limits]\ncall_seconds = 1\nquestion_seconds = {}\nrun_seconds = {}\n"
    found = []
    for seconds in ((1, 60), (60, 1)):
        toml = TOML + limits.format(*seconds)
        homework = make_assignment({**CHANGES, "assignments/hw0_toy/assignment.toml": toml})
        loops = b"def add(a, b):\n    while True: pass\n"
        files = {**samples.reference_files(homework), "toy.py": loops}
        (grade,) = grade_all(homework, [Submission(name="loops", files=files)])
        found.append(grade.review)
    assert found == [(), ("2 checks were not run: the time for the whole run was used up",)]
