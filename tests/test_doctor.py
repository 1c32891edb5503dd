"""The doctor reports what is in force, and believes attacks more than layers."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import doctor
from autograder.errors import GraderError
from autograder.sandbox import attempts, confine
from autograder.sandbox.attempts import Attempt
from autograder.sandbox.layers import Fact, Layer, Level

NAMES = [
    "read the hidden tests",
    "write the results",
    "reach the network",
    "start a process",
    "look into the grader",
    "signal the grader",
    "take all memory",
    "flood the output",
    "end as if all were well",
    "forge a reply",
]


@pytest.fixture
def leave_out(monkeypatch):
    """Return a function that switches layers off in every sandbox of the test."""
    plan = confine.plan

    def leave(*without: Layer) -> None:
        monkeypatch.setattr(
            confine, "plan", lambda *wanted: replace(plan(*wanted), without=frozenset(without))
        )

    return leave


def test_where_the_layers_hold_all_ten_attacks_are_stopped(tmp_path):
    (tmp_path / "test_hidden.py").write_text("canary")
    diagnosis = doctor.examine(hidden=[tmp_path])
    held = {finding.layer for finding in diagnosis.findings if finding.held}
    assert [attempt.name for attempt in diagnosis.attempts] == NAMES
    if Layer.SECCOMP not in held or not held & {Layer.LANDLOCK, Layer.NAMESPACES}:
        pytest.skip("this machine has too few layers")
    assert [attempt for attempt in diagnosis.attempts if not attempt.stopped] == []
    assert diagnosis.level in (Level.GOOD, Level.STRONG)
    assert diagnosis.problems == ()


@pytest.mark.skipif(sys.platform != "linux", reason="layers are Linux's")
def test_each_attack_that_a_layer_stops_succeeds_without_it(leave_out, tmp_path):
    leave_out(*Layer)
    (tmp_path / "test_hidden.py").write_text("canary")
    diagnosis = doctor.examine(hidden=[tmp_path])
    stopped = {attempt.name: attempt.stopped for attempt in diagnosis.attempts}
    assert diagnosis.level is Level.WEAK
    within_reach = NAMES[:7] if os.geteuid() == 0 else NAMES[:4] + NAMES[5:7]
    for name in within_reach:  # a user's grader hides its memory, whatever the layers
        assert not stopped[name], name
    for name in NAMES[7:]:  # these need no layer
        assert stopped[name], name
    text = doctor.to_text(diagnosis)
    assert "isolation: weak" in text
    assert "OPEN     start a process" in text
    assert "switched off by a test" in text


def test_one_attack_that_gets_through_makes_the_level_weak(monkeypatch):
    through = Attempt(name="read the hidden tests", stopped=False, evidence="read /course")
    monkeypatch.setattr(attempts, "run", lambda sandbox, hidden: [through])
    diagnosis = doctor.examine()
    assert diagnosis.level is Level.WEAK
    assert "OPEN     read the hidden tests     read /course" in doctor.to_text(diagnosis)


def test_a_sandbox_that_does_not_start_is_a_problem_and_not_a_crash(monkeypatch):
    def refuse(*_, **__):
        raise GraderError("the sandbox died")

    monkeypatch.setattr(attempts, "run", refuse)
    diagnosis = doctor.examine()
    assert diagnosis.level is Level.WEAK
    assert diagnosis.problems == ("nothing can be graded here: the sandbox died",)
    assert "problem: nothing can be graded here" in doctor.to_text(diagnosis)


@pytest.mark.parametrize(("uid", "needless"), [(0, Layer.NAMESPACES), (1000, Layer.UID)])
def test_a_layer_that_another_one_replaces_needs_no_remedy(monkeypatch, uid, needless):
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    for layer in Layer:
        finding = doctor._finding(Fact(layer=layer, held=False, detail="not here"))
        assert finding.needed is (layer is not needless)
        assert bool(finding.advice) is finding.needed


@pytest.mark.parametrize(
    ("files", "memory", "share"),
    [
        ({"memory.max": "805306368", "cpu.max": "50000 100000"}, 768 << 20, 0.5),
        ({"memory.max": "max", "cpu.max": "max 100000"}, None, None),
        (
            {
                "memory/memory.limit_in_bytes": "805306368",
                "cpu/cpu.cfs_quota_us": "25000",
                "cpu/cpu.cfs_period_us": "100000",
            },
            768 << 20,
            0.25,
        ),
        (
            {
                "memory/memory.limit_in_bytes": "9223372036854771712",
                "cpu/cpu.cfs_quota_us": "-1",
                "cpu/cpu.cfs_period_us": "100000",
            },
            None,
            None,
        ),
        ({"memory.max": "nonsense", "cpu.max": ""}, None, None),
    ],
)
def test_a_containers_share_of_memory_and_processors_is_found(
    monkeypatch, tmp_path, files, memory, share
):
    """Both versions of control groups are read; None stands for what the machine has."""
    machine = doctor.memory_bytes(), doctor.processor_share()
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(doctor, "_CGROUP", tmp_path)
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert doctor.memory_bytes() == (min(memory, physical) if memory else physical)
    assert doctor.processor_share() == (share or float(len(os.sched_getaffinity(0))))
    assert machine[0] <= physical


def test_too_little_memory_is_said_with_a_remedy(monkeypatch):
    monkeypatch.setattr(doctor, "memory_bytes", lambda: 256 << 20)
    assert "only 256 MB of memory: lower memory_mb" in doctor._machine_problems()[0]


def test_the_attacks_are_never_imported_by_the_grader():
    assert "autograder.sandbox.attack" not in sys.modules
    assert Path(attempts.__file__).with_name("attack.py").is_file()
