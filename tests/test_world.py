"""Which workers are made for the tests of a submission, and which files they import."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import pytest

from autograder.assignment import Assignment, Limits
from autograder.sandbox.client import Sandbox
from autograder.sandbox.world import WorkerWorld
from student_kit import cells
from student_kit.proxy import StudentFault, StudentModule

FILES = {"add": "lower", "jump": "lower", "walk": "upper"}  # question -> file
LIMITS = Limits(call_seconds=1.0, question_seconds=2.0)
WHO = (
    b"import os, sys\ndef add():\n    return [n for n in ('lower', 'upper') if n in sys.modules]\n"
)
SOURCES = {"lower": WHO, "upper": WHO.replace(b"add", b"walk")}
HANGS = b"while True:\n    pass\n"
Open = Callable[..., WorkerWorld]


@pytest.fixture(scope="module")
def sandbox(toy: Assignment) -> Iterator[Sandbox]:
    sandbox = Sandbox(toy.limits)
    yield sandbox
    sandbox.close()


@pytest.fixture
def opened(sandbox: Sandbox) -> Iterator[Open]:
    worlds = []

    def opened(sources: dict[str, bytes], tests: list[str], limits: Limits = LIMITS) -> WorkerWorld:
        world = WorkerWorld(limits, FILES)
        world.open(dict.fromkeys(FILES, sandbox), sources, 0, tests)
        worlds.append(world)
        return world

    yield opened
    for world in worlds:
        world.close()


def made(world: WorkerWorld) -> int:
    """Return how many workers have been asked for."""
    return world._places[0].nest._count


def call(world: WorkerWorld, question: str, arguments: Sequence[object] = ()) -> object:
    """Run a test of one call; return what came back, or the kind of fault."""
    try:
        world.begin(question)
        try:
            return getattr(StudentModule(FILES[question], world), question)(*arguments)
        finally:
            world.end()
    except StudentFault as fault:
        return fault.kind


def test_a_worker_imports_the_file_of_its_test_alone(opened):
    world = opened(SOURCES, ["add", "add", "walk", "add", "walk"])
    found = [call(world, question) for question in ("add", "add", "walk", "add", "walk")]
    assert found == [["lower"], ["lower"], ["upper"], ["lower"], ["upper"]]
    assert made(world) == 5


def test_who_is_asked_for_another_file_imports_it_then(opened):
    world = opened(SOURCES, ["add"])
    world.begin("add")
    assert StudentModule("upper", world).walk() == ["lower", "upper"]
    assert StudentModule("lower", world).add() == ["lower", "upper"]
    world.end()


def test_no_more_is_asked_for_when_all_workers_are_made(opened, monkeypatch):
    world = opened(SOURCES, ["add"] * 6)
    nest = world._places[0].nest
    spawn, asked = nest.spawn, []

    def noted(modules):
        asked.append(len(modules))
        return spawn(modules)

    monkeypatch.setattr(nest, "spawn", noted)
    for _ in range(6):
        assert call(world, "add") == ["lower"]
    assert sum(asked) == 6
    assert 0 not in asked


def test_a_test_that_does_not_come_takes_its_worker_with_it(opened):
    tests = ["add", "add", "add", "walk", "walk", "add", "add"]
    world = opened(SOURCES, tests)
    del tests[2]
    assert [call(world, question) for question in tests] == [
        *[["lower"]] * 2,
        *[["upper"]] * 2,
        *[["lower"]] * 2,
    ]
    assert made(world) == 7


def test_a_slow_file_after_a_quick_one_is_imported_by_one_worker_at_a_time(opened, monkeypatch):
    """On one processor six imports at once take six times as long, and a deadline counts that."""
    slow = b"import time\ntime.sleep(0.15)\n" + SOURCES["upper"]
    tests = ["add"] * 4 + ["walk"] * 3
    world = opened({**SOURCES, "upper": slow}, tests)
    count = []
    for question in tests:
        assert call(world, question) == [FILES[question]]
        count.append(made(world))
    assert count == [1, 4, 4, 4, 5, 6, 7]


SLOW = b"import time\ntime.sleep(0.3)\ndef add():\n    return 1\n"


def test_an_import_is_made_for_every_test_and_no_question_is_charged_for_it(opened):
    world = opened(
        {**SOURCES, "lower": SLOW}, [], dataclasses.replace(LIMITS, question_seconds=0.5)
    )
    assert [call(world, "add") for _ in range(4)] == [1] * 4


def test_an_import_that_the_run_has_no_time_left_for_says_so(opened):
    world = opened({**SOURCES, "lower": SLOW}, [], dataclasses.replace(LIMITS, run_seconds=0.5))
    assert [call(world, "add") for _ in range(3)] == [1, "timeout", "not_run"]
    assert not world._places[0].faults


def test_time_that_was_cut_short_is_told_apart(opened):
    for limits, cut in ((LIMITS, False), (dataclasses.replace(LIMITS, question_seconds=0.5), True)):
        world = opened({**SOURCES, "lower": b"def add():\n    while True: pass\n"}, [], limits)
        world.begin("add")
        with pytest.raises(StudentFault, match="did not finish within") as caught:
            StudentModule("lower", world).add()
        world.end()
        assert ("which was all the time left" in str(caught.value)) is cut


def test_a_question_whose_file_is_missing_waits_for_no_other_one(opened):
    world = opened({"upper": HANGS}, ["add", "walk"])
    assert [call(world, question) for question in ("add", "walk")] == ["missing", "timeout"]


def test_a_notebook_that_never_ends_is_tried_once_for_all_its_files(opened):
    notebook = cells.header([(1, 1)]).encode() + HANGS
    world = opened({"lower": notebook, "upper": notebook}, ["add", "walk", "walk"])
    assert [call(world, question) for question in ("add", "walk", "walk")] == ["timeout"] * 3
    assert made(world) == 1


def test_tests_that_come_in_another_order_than_was_said_are_answered_all_the_same(opened):
    world = opened(SOURCES, ["add", "add", "walk", "walk"])
    found = [call(world, question) for question in ("add", "walk", "walk", "add", "add")]
    assert found == [["lower"], ["upper"], ["upper"], ["lower"], ["lower"]]


def test_a_file_that_never_ends_is_tried_once_and_costs_no_other_file(opened):
    world = opened({**SOURCES, "upper": HANGS}, ["add", "walk", "walk", "add", "walk", "add"])
    found = [call(world, question) for question in ("add", "walk", "walk", "add", "walk", "add")]
    assert found == [["lower"], "timeout", "timeout", ["lower"], "timeout", ["lower"]]
    place = world._places[0]
    assert not place.spares
    text = "importing upper.py, or what it imports, did not finish within 1 s and was stopped"
    assert text in place.faults["upper"].message
    assert made(world) <= 6


def test_tests_that_are_not_run_take_the_workers_with_them_that_were_made_for_them(opened):
    sleepy = b"import time\ndef add(seconds):\n    time.sleep(seconds)\n    return 'awake'\n"
    limits = dataclasses.replace(LIMITS, question_seconds=0.5)
    tests = ["add", "add", "add", "add", "walk", "walk"]
    world = opened({**SOURCES, "lower": sleepy}, tests, limits)
    seconds = [[0], [5], [0], [0], [], []]
    found = [call(world, *test) for test in zip(tests, seconds, strict=True)]
    assert found == ["awake", "timeout", "not_run", "not_run", ["upper"], ["upper"]]
    assert made(world) == 6
