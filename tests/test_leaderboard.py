"""The leaderboard: who is faster stands higher, who is wrong does not stand there, and no points.

The machine may be busy, so no test asks for more of a measurement than that something slow is slow.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from autograder import assignment as assignments
from autograder import batch
from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.intake import Submission
from autograder.platforms.gradescope import to_results
from autograder.scoring import Grade

SCHEMA = json.loads((Path(__file__).parent / "data/gradescope_results.schema.json").read_text())
COURSE = Path(__file__).parent / "data" / "tiny_course"
TABLE = '[leaderboard]\nquestion = "double"\nmeasure = "speed"\nshapes = [[40, 50]]\n\n'
SHIFT_AND_TOTAL = """
def shift(x, *, by=1.0):
    return x + by


def total(x):
    return float((2 * x).sum())
"""
RIGHT = f"def double(x):\n    return 2 * x\n{SHIFT_AND_TOTAL}"
SLOW = f"import time\n{RIGHT}".replace("    return 2 * x", "    time.sleep(0.05)\n    return 2 * x")
# right for what the tests send, and for nothing of the leaderboard's size
SMALL = RIGHT.replace("return 2 * x", "return 2 * x if x.size < 999 else x")
CRASHES = RIGHT.replace("return 2 * x", "return 2 * x if x.size < 999 else 1 / 0")
ENDLESS = RIGHT.replace("    return 2 * x", "    while x.size > 999: pass\n    return 2 * x")
# remembers what it has answered, whatever it is asked
REMEMBERS = RIGHT.replace(
    "    return 2 * x",
    "    if x.shape not in seen: seen[x.shape] = 2 * x\n    return seen[x.shape]",
)
WRONG = RIGHT.replace("2 * x\n", "3 * x\n", 1)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """Return the tiny homework with a leaderboard for `double`."""
    return with_table(tmp_path_factory.mktemp("course"), TABLE)


def with_table(folder: Path, table: str) -> Assignment:
    """Return a copy of the tiny homework with this table in its assignment.toml."""
    root = folder / "course"
    shutil.copytree(COURSE, root)
    toml = root / "assignments" / "hw0_tiny" / "assignment.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("[limits]", f"{table}[limits]"), encoding="utf-8")
    return assignments.find(root, "hw0_tiny")


def graded(course: Assignment, *sources: str, leaderboard: bool = True) -> list[Grade]:
    """Grade submissions of tiny.py."""
    submissions = [
        Submission(name=str(number), files={"tiny.py": source.encode()}, notices=())
        for number, source in enumerate(sources)
    ]
    grades = batch.grade_all(course, submissions, allow_weak=True, leaderboard=leaderboard)
    assert all(isinstance(grade, Grade) for grade in grades), grades
    return [grade for grade in grades if isinstance(grade, Grade)]


def entries(grade: Grade) -> object:
    """Return the leaderboard of results.json, which is valid."""
    results = to_results(grade)
    jsonschema.validate(results, SCHEMA)
    return results.get("leaderboard")


def test_a_right_submission_has_an_entry_and_a_slow_one_a_smaller_value(course):
    right, slow = graded(course, RIGHT, SLOW)

    (entry,), (slower,) = entries(right), entries(slow)
    assert entry["name"] == slower["name"] == "times as fast as the reference"
    assert 0 <= slower["value"] < entry["value"]
    assert slow.speed < 0.5  # the reference takes no 25 ms
    assert [right.points, slow.points] == [100, 100]


@pytest.mark.parametrize(
    "source",
    [SMALL, CRASHES, ENDLESS, f"seen = {{}}\n{REMEMBERS}"],
    ids=["wrong", "crash", "loop", "old"],
)
def test_an_answer_that_is_wrong_only_there_costs_the_entry_and_nothing_else(course, source):
    (grade,) = graded(course, source)

    assert grade.points == 100
    assert entries(grade) is None


def test_without_the_tests_of_its_question_there_is_no_entry(course):
    (grade,) = graded(course, WRONG)

    assert grade.points == 80
    assert entries(grade) is None


def test_elsewhere_nothing_is_measured(course):
    (grade,) = graded(course, RIGHT, leaderboard=False)

    assert grade.speed is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"double"', '"triple"'),
        ('"speed"', '"beauty"'),
        ("[[40, 50]]", "[40, 50]"),
        ("[[40, 50]]", "[[40, 0]]"),
        ('measure = "speed"\n', ""),
    ],
)
def test_a_table_that_says_something_else_is_refused(tmp_path, before, after):
    with pytest.raises(AuthorError, match="not what a leaderboard needs") as caught:
        with_table(tmp_path, TABLE.replace(before, after))
    assert "[leaderboard]" in str(caught.value)
