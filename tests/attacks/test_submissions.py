"""Every attack is tried once, in one batch, and gains nothing."""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from pathlib import Path

import pytest

from autograder.batch import Failure

PROC = Path("/proc")


def grade_of(graded, attack):
    grade = graded[attack.name]
    assert not isinstance(grade, Failure), f"a submission broke the grader: {grade.reason}"
    return grade


def test_wrong_answers_get_no_points_and_a_whole_grade(attack, graded):
    grade = grade_of(graded, attack)
    assert grade.points == 0, attack.what
    assert {question.id: len(question.tests) for question in grade.questions} == {
        "add": 3,
        "walk": 3,
    }


def test_the_attack_was_tried_and_nothing_was_got(attack, graded, said, known):
    grade = grade_of(graded, attack)
    assert re.search(attack.expect, said(grade)), said(grade)
    assert "unknown tag" not in said(grade), "the protocol has changed, and this attack has not"
    assert not re.search(r"\bGOT\b", known(grade)), known(grade)


def test_no_secret_is_in_what_anybody_reads(attack, graded, house, known, seen):
    text = known(grade_of(graded, attack)) + seen(graded[attack.name])
    assert not [place for place, canary in house.canaries.items() if canary in text]


def test_no_hidden_input_is_in_what_the_student_reads(attack, graded, seen):
    """Hidden inputs lie near 1,000,000; nothing else that a student is shown does."""
    text = seen(grade_of(graded, attack))
    assert not re.search(r"\b(?:99999\d|100000\d)(?:\.\d+)?\b", text)
    assert "TOLD" not in "".join(
        f"{test.summary}{test.call}{test.detail}{test.values}{test.printed}"
        for question in graded[attack.name].questions
        for test in question.tests
        if test.hidden
    )


def test_what_the_student_reads_is_short_printable_and_quick_to_come(attack, graded):
    grade = grade_of(graded, attack)
    for question in grade.questions:
        for test in question.tests:
            texts = (test.summary, test.call, test.detail, test.values, test.printed)
            assert max(map(len, texts)) < 20_000, attack.what
            if test.hidden:  # what may be said of it has no room for the inputs, in any spelling
                assert len(test.summary) < 400, test.summary
                assert len(test.call) < 400, test.call
    assert grade.seconds < 15, attack.what  # both questions' time, and room for a slow machine


def test_honest_submissions_before_between_and_behind_are_untouched(graded):
    grades = [grade for name, grade in graded.items() if name.startswith("honest")]
    assert [grade.points for grade in grades] == [100.0] * 3


def test_no_process_outlives_the_batch(graded, house):
    deadline = time.monotonic() + 2
    while (left := _processes_named(house.token)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left
    children = [
        child
        for task in Path("/proc/self/task").glob("*/children")
        for child in task.read_text(encoding="ascii").split()
        if b"zygote.py" in _command(int(child))
    ]
    assert not children


def test_nothing_is_left_on_disk_or_in_shared_memory(graded, house):
    places = [
        tempfile.gettempdir(),
        "/tmp",
        "/var/tmp",
        "/dev/shm",
        "/run/lock",
        "/dev/mqueue",
        "/",
    ]
    left = [
        str(path)
        for place in {Path.home(), *map(Path, places)}
        if place.is_dir()
        for path in place.iterdir()
        if house.token in path.name
    ]
    assert not left
    key = int(house.token[-6:], 16)
    for kind in ("shm", "sem", "msg"):
        with contextlib.suppress(FileNotFoundError):
            rows = (PROC / "sysvipc" / kind).read_text(encoding="ascii").splitlines()[1:]
            assert key not in [int(row.split()[0]) for row in rows]


def test_the_results_and_the_secrets_are_as_they_were(graded, house):
    assert house.results.read_text(encoding="utf-8") == '{"score": 0}\n'
    assert [path.name for path in house.results.parent.iterdir()] == ["results.json"]
    assert house.answer_key.read_text(encoding="utf-8").strip() == house.canaries["file"]
    assert house.memory.decode() == house.canaries["memory"]


def test_nobody_connected(graded, house):
    with pytest.raises(BlockingIOError):
        house.connections.accept()


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes()
    return b""


def _processes_named(token: str) -> list[str]:
    found = []
    for path in PROC.glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if path.read_text(encoding="utf-8", errors="replace").strip() == token[:15]:
                found.append(path.parent.name)
    return found
