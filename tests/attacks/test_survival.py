"""What ends, ends with all that belongs to it; and no submission meets another."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from autograder.assignment import Limits
from autograder.batch import Failure, grade_all, submission_seed
from autograder.intake import Submission
from autograder.sandbox import confine
from student_kit.records import Status

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import time\ndef add(a, b):\n    time.sleep(60)\n"
GRADER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from autograder import assignment, batch, intake
    toy = assignment.find(Path(sys.argv[1]), "hw0_toy")
    files = {"toy.py": sys.argv[2].encode()}
    print("started", flush=True)
    batch.grade_all(toy, [intake.Submission(name="sleeper", files=files)])
""")
LONG = """
title = "Toy"
files = ["toy.py"]
libraries = ["numpy"]
[limits]
call_seconds = 30
test_seconds = 30
question_seconds = 30
[questions.add]
points = 60
[questions.walk]
points = 40
"""


def descendants(pid):
    """Return the process ids of all that a process started, and that they started."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in path.read_text(encoding="ascii").split():
                found += [int(child), *descendants(int(child))]
    return found


def alive(pids):
    """Return those that are running; a zombie is not."""
    left = []
    for pid in pids:
        with contextlib.suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            if state.rpartition(")")[2].split()[0] != "Z":
                left.append(pid)
    return left


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")
@pytest.mark.parametrize("killed", ["the grader", "the grader's child", "the zygote"])
def test_nothing_outlives_a_part_that_is_killed(killed, make_assignment):
    toy = make_assignment({"assignments/hw0_toy/assignment.toml": LONG})
    root = str(toy.public.parent.parent)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, root, SLEEPER],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    started: list[int] = []
    try:
        assert grader.stdout.readline() == "started\n"
        deadline = time.monotonic() + 30
        while len(started) < 4 and time.monotonic() < deadline:  # child, zygote, two workers
            time.sleep(0.1)
            started = descendants(grader.pid)
        assert len(started) >= 4
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in started}
        zygotes = [pid for pid in started if b"zygote.py" in commands[pid]]
        children = [pid for pid in started if b"zygote.py" not in commands[pid]]
        victim = {
            "the grader": grader.pid,
            "the grader's child": min(children, default=grader.pid),
            "the zygote": min(zygotes),
        }[killed]
        os.kill(victim, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            grader.wait(25)
        deadline = time.monotonic() + 5
        while (left := alive(started)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert grader.poll() is not None, "the grader waits for what is gone"
        assert not left, f"{killed} is dead, and of its processes live on: {left}"
    finally:
        grader.kill()
        grader.wait()
        grader.stdout.close()
        for pid in alive(started):
            os.kill(pid, signal.SIGKILL)


def test_submissions_cannot_leave_each_other_anything(attacks, house, known):
    """In sequence through one sandbox, and side by side in two."""
    source = attacks["kernel/75_dead_drop"].source
    for jobs in (1, 2):
        names = [f"drop {n}" for n in range(4)]
        for grade in house.grade(dict.fromkeys(names, source), jobs=jobs).values():
            assert not isinstance(grade, Failure), grade.reason
            assert "GOT" not in known(grade)


def test_sandboxes_side_by_side_have_workers_of_different_users():
    plans = [confine.plan(Limits(memory_mb=64)) for _ in range(4)]
    uids = [plan.uid for plan in plans]
    if None in uids:
        pytest.skip(f"no private uids here: {plans[0].notes[-1]}")
    assert len(set(uids)) == 4
    assert min(uids) >= confine.FIRST_UID


KILLER = """
import os, signal
def add(a, b):
    for pid in [-1, *range(os.getpid() - 20, os.getpid() + 20)]:
        if pid not in (0, os.getpid()):
            try:
                os.kill(pid, 0)
            except OSError:
                continue
            raise ValueError(f"GOT {pid}")
    return None
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
def test_a_worker_cannot_reach_its_neighbours(house, known):
    """While a test runs, the next worker of the same submission is waiting."""
    grades = house.grade({f"killer {n}": KILLER.encode() for n in range(4)}, jobs=2)
    for grade in grades.values():
        assert not isinstance(grade, Failure), grade.reason
        assert not re.search(r"\bGOT -?\d", known(grade)), known(grade)


def test_the_time_of_a_whole_run_is_bounded_and_what_was_run_counts(make_assignment):
    toml = LONG.replace("call_seconds = 30", "call_seconds = 0.8\nrun_seconds = 1.5")
    toy = make_assignment({"assignments/hw0_toy/assignment.toml": toml})
    slow = "import time\ndef add(a, b):\n    time.sleep(0.6)\n    return a + b\n"
    submission = Submission(name="slow", files={"toy.py": slow.encode()})
    started = time.monotonic()
    (grade,) = grade_all(toy, [submission])
    assert time.monotonic() - started < 10
    assert not isinstance(grade, Failure), grade.reason
    statuses = [test.status for question in grade.questions for test in question.tests]
    assert len(statuses) == 5
    assert statuses[0] is Status.PASSED
    assert statuses[-1] is Status.NOT_RUN
    assert grade.questions[1].points == 0


def test_inputs_differ_between_submissions_and_are_replayed_for_the_same_one(toy):
    one = Submission(name="ada", files={"toy.py": b"x = 1\n"})
    same = Submission(name="bob", files={"toy.py": b"x = 1\n"})
    other = Submission(name="ada", files={"toy.py": b"x = 2\n"})
    assert submission_seed("secret", one) == submission_seed("secret", same)
    assert submission_seed("secret", one) != submission_seed("secret", other)
    assert submission_seed("secret", one) != submission_seed("other", one)
    split = Submission(name="ada", files={"a.py": b"x", "b.py": b"y"})
    moved = Submission(name="ada", files={"a.py": b"xb.py", "b.py": b"y"})
    assert submission_seed("secret", split) != submission_seed("secret", moved)


def test_the_same_file_meets_other_inputs_at_each_grading(toy):
    """A bit of the input that a crash tells is a bit of another input the next time."""
    source = b"def add(a, b):\n    raise ValueError(repr(a))\n"
    grades = grade_all(toy, [Submission(name="oracle", files={"toy.py": source})])
    grades += grade_all(toy, [Submission(name="oracle", files={"toy.py": source})])
    logs = [grade.questions[0].tests[1].log for grade in grades]
    assert all("add(a=" in log for log in logs)
    assert logs[0] != logs[1]


# A hole when this was written: its first four bytes.
def test_what_seeds_the_workers_generators_is_no_part_of_the_secret_seed(toy):
    """NumPy's global generator tells its seed; the hidden inputs must not follow from it."""
    source = (
        b"import numpy as np\ndef add(a, b):\n    raise ValueError(np.random.get_state()[1][0])\n"
    )
    submission = Submission(name="seed", files={"toy.py": source})
    (grade,) = grade_all(toy, [submission], seed="89abcdef" * 8)
    (told,) = re.findall(r"ValueError: (\d+)", grade.questions[0].tests[0].detail)
    assert int(told) not in (0x89ABCDEF, 0xEFCDAB89)


def test_an_interpreter_that_workers_cannot_read_is_told(tmp_path, monkeypatch):
    closed = tmp_path / "home"
    (closed / "python").mkdir(parents=True)
    closed.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(confine, "_interpreter_paths", lambda: [closed / "python"])
    plan = confine.plan(Limits(memory_mb=64))
    assert plan.uid is None
    assert any("is not readable by other users" in note for note in plan.notes)


def test_the_zygotes_command_line_is_constant_and_tells_nothing(house):
    from autograder.sandbox.client import Sandbox

    sandbox = Sandbox(Limits())
    try:
        assert sandbox.layers  # it runs: for a moment in exec, a process has no command line
        pids = [pid for pid in descendants(os.getpid()) if alive([pid])]
        commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids]
        text = b"\n".join(c for c in commands if b"zygote.py" in c).decode()
    finally:
        sandbox.close()
    if not pids:
        pytest.skip("there is no /proc here")
    assert "zygote.py" in text
    assert str(house.toy.private.parent) not in text
    assert not [canary for canary in house.canaries.values() if canary in text]
