"""What a submission sends costs the grader neither time nor memory: submissions/grader/."""

from __future__ import annotations

import re
import resource
import time

import pytest

from autograder.batch import Failure

LONGEST_FILE = 512 << 10
ROOM_MB = 400  # above what the grader needs anyway: a few copies of the largest frame
SLOW = {
    "call_seconds = 1.5": "call_seconds = 3.0",
    "question_seconds = 2.0": "question_seconds = 4",
}


@pytest.fixture(scope="module")
def patient(make_assignment, house):
    """Return the assignment with more time, in which more can be sent."""
    files = {}
    for folder in (house.toy.public, house.toy.private):
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                name = str(path.relative_to(house.toy.private.parent.parent))
                files[name] = path.read_text(encoding="utf-8")
    toml = "assignments/hw0_toy/assignment.toml"
    for find, replace in SLOW.items():
        assert find in files[toml]
        files[toml] = files[toml].replace(find, replace)
    return make_assignment(files)


# Holes when this was written: 37_colliding_keys, 37_many_names, 74_asks_with_a_crowd.
COSTS = [  # attack, seconds that it may take: three calls, or two that are stopped
    ("grader/36_wide_values", 8.0),
    ("grader/37_colliding_keys", 3.0),
    ("grader/37_many_names", 3.0),
    ("grader/74_asks_with_a_crowd", 8.0),
    ("grader/80_just_below_the_limits", 8.0),
]


def padded(source):
    """Make a file as long as a file may be."""
    line = b"# " + b"x" * 97 + b"\n"
    return source + line * ((LONGEST_FILE - len(source)) // len(line))


@pytest.mark.parametrize(("name", "seconds"), COSTS)
def test_a_reply_is_read_in_little_time_and_memory(name, seconds, attacks, house, said):
    attack = attacks[name]
    house.peak_kb.clear()
    started = time.monotonic()
    grade = house.grade({name: padded(attack.source)}, jobs=1)[name]
    took = time.monotonic() - started
    assert not isinstance(grade, Failure), grade.reason
    assert grade.points == 0
    assert re.search(attack.expect, said(grade)), said(grade)
    assert "unknown tag" not in said(grade), "the protocol has changed, and this attack has not"
    assert took < seconds, f"{attack.what} {took:.1f} s"
    assert used_mb(house) < ROOM_MB, attack.what


def test_a_test_that_keeps_what_it_is_asked_with_is_not_filled(attacks, house, patient):
    """The public test of walk keeps every argument of its callback."""
    name = "grader/74_asks_with_all_it_has"
    house.peak_kb.clear()
    grade = house.grade({name: attacks[name].source}, jobs=1, toy=patient)[name]
    assert not isinstance(grade, Failure), grade.reason
    assert grade.points == 0
    assert used_mb(house) < ROOM_MB


def test_every_attack_of_this_kind_is_tried(attacks):
    tried = {name for name, _ in COSTS} | {"grader/74_asks_with_all_it_has"}
    assert tried == {name for name in attacks if name.startswith("grader/")}


def used_mb(house) -> int:
    """Return by how much the grading processes grew; they begin as forks of this one."""
    if not house.peak_kb or not max(house.peak_kb):
        pytest.skip("there is no /proc here")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (max(house.peak_kb) - min(own, min(p for p in house.peak_kb if p))) >> 10
