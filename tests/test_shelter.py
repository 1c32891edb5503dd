"""Questions that do without a library are graded where it is not there, at nobody's cost."""

import dataclasses
import os
import sys
from collections.abc import Callable

import pytest

from autograder.assignment import Assignment
from autograder.batch import grade_all
from autograder.intake import Submission
from autograder.sandbox.world import WorkerWorld
from autograder.scoring import Grade
from autograder.shelter import Shelter, processors
from student_kit.proxy import StudentModule

# a library that is installed wherever the engine is, and small
TOML = """
title = "Two sets of libraries"
files = ["toy.py", "upper.py"]
libraries = ["numpy", "markupsafe"]

[questions.add]
file = "toy.py"
libraries = ["numpy"]
points = 60

[questions.walk]
file = "upper.py"
points = 40
"""
ADD = "def add(a, b):\n    return a + b\n"
WALK = """
import markupsafe


def walk(x, step):
    return x + (markupsafe.escape("<") == "&lt;") * step
"""
TEST = '''
import {module}
from student_kit.checks import assert_equal


def test_{name}():
    """It adds."""
    assert_equal({module}.{name}(2, 4), 6)
'''


@pytest.fixture(scope="module")
def course(make_assignment: Callable[..., Assignment]) -> Assignment:
    tests = {
        f"{folder}/test_{name}.py": TEST.format(module=module, name=name)
        for name, module in (("add", "toy"), ("walk", "upper"))
        for folder in ("assignments/hw0_toy/tests", "solutions/hw0_toy/hidden_tests")
    }
    return make_assignment(
        {
            **tests,
            "assignments/hw0_toy/assignment.toml": TOML,
            "solutions/hw0_toy/toy.py": ADD,
            "solutions/hw0_toy/upper.py": WALK,
        }
    )


def points(course: Assignment, **toys: str) -> dict[str, float]:
    """Return the points of `add` for each of these files toy.py; `walk` always has all of its."""
    handed_in = [
        Submission(name=name, files={"toy.py": toy.encode(), "upper.py": WALK.encode()})
        for name, toy in toys.items()
    ]
    grades = grade_all(course, handed_in)
    assert all(isinstance(grade, Grade) for grade in grades), grades
    assert [grade.questions[1].points for grade in grades] == [40] * len(toys)
    return {name: grade.questions[0].points for name, grade in zip(toys, grades, strict=True)}


def test_what_a_question_does_without_is_not_loaded_there_and_cannot_be(course):
    loaded = "import sys\ndef add(a, b):\n    return a + b + ('markupsafe' in sys.modules)\n"
    fetched = (
        "import sys\ndef add(a, b):\n    name = 'markup' + 'safe'\n"
        "    __import__(name)\n    return a + b\n"
    )
    assert points(course, loaded=loaded, fetched=fetched) == {"loaded": 60, "fetched": 0}


def test_an_import_too_many_costs_no_points(course):
    """Not even in a file that is imported, or a notebook's one program."""
    toys = {
        "plain": "import markupsafe\n" + ADD,
        "last": "import os, \\\n    markupsafe\n" + ADD,
        "within": "def add(a, b):\n    from markupsafe import Markup\n    return a + b\n",
        "through": "import upper\n" + ADD,
        "after_return": "import sys\rfrom markupsafe import Markup\r" + ADD.replace("\n", "\r"),
    }
    assert points(course, **toys) == dict.fromkeys(toys, 60)


@pytest.mark.parametrize(
    ("toy", "together"),
    [
        (ADD, False),
        ('"""As markupsafe does; no import of it."""\n' + ADD, True),  # a line too many
        ("# markupsafe\n# upper\n" + ADD, False),
        ("import upper\n" + ADD, True),
        ("import numpy as np\n" + ADD, False),
    ],
)
def test_a_question_moves_only_where_its_file_imports_what_it_does_without(course, toy, together):
    shelter = Shelter(course)
    try:
        found = shelter.by_question({"toy": toy.encode(), "upper": WALK.encode()})
        assert found["walk"] is shelter.whole
        assert (found["add"] is shelter.whole) is together
    finally:
        shelter.close()


def test_there_is_one_sandbox_where_all_questions_have_the_same_libraries(toy):
    shelter = Shelter(toy)
    try:
        assert set(shelter.by_question({}).values()) == {shelter.whole}
        assert len(shelter._sandboxes) == 1
    finally:
        shelter.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only there, processes can be told")
@pytest.mark.parametrize(
    ("ours", "jobs", "expected"),
    [
        ({0, 1, 2, 3}, 2, [None, None]),
        ({0, 1}, 2, [0, 1]),
        ({5, 7}, 3, [None, None, None]),
        ({3}, 1, [3]),
    ],
)
def test_a_batch_that_takes_all_processors_gives_each_submission_one(
    monkeypatch, ours, jobs, expected
):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: ours)
    assert processors(jobs) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="only there, processes can be told")
def test_workers_stay_on_the_processor_of_their_shelter(course):
    asks = b"import os\ndef add(a, b):\n    return sorted(os.sched_getaffinity(0))\n"
    chosen = max(os.sched_getaffinity(0))
    for cpu, expected in ((None, sorted(os.sched_getaffinity(0))), (chosen, [chosen])):
        shelter = Shelter(course, cpu)
        world = WorkerWorld(course.limits)
        try:
            world.open({"add": shelter.whole}, {"toy": asks}, 0)
            world.begin("add")
            assert StudentModule("toy", world).add(1, 2) == expected
            world.end()
            world.close()
        finally:
            shelter.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only there, processes can be told")
def test_a_processor_that_is_taken_away_costs_nothing(course):
    gone = 100_000
    shelter = Shelter(course, gone)
    try:
        before = os.sched_getaffinity(0)
        shelter.stay()
        assert os.sched_getaffinity(0) == before
        assert shelter.layers
    finally:
        shelter.close()


def test_a_slow_import_is_not_made_slower_by_others_beside_it(course):
    """On one processor four imports at once take four times as long, and a deadline counts that."""
    slow = b"""
import time
ends = time.process_time() + 0.4
while time.process_time() < ends:
    pass
def add(a, b):
    return a + b
"""
    limits = dataclasses.replace(course.limits, call_seconds=1.2)
    cpu = min(os.sched_getaffinity(0)) if sys.platform == "linux" else None
    shelter = Shelter(course, cpu)
    world = WorkerWorld(limits, {"add": "toy"})
    try:
        world.open({"add": shelter.whole}, {"toy": slow}, 0, tests=["add"] * 4)
        for number in range(4):
            world.begin("add")
            assert StudentModule("toy", world).add(number, 1) == number + 1
            world.end()
            assert world._places[0].nest._count == number + 1
    finally:
        world.close()
        shelter.close()
