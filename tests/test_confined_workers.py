"""The layers as the grader's client meets them: notes, limits, and nothing that is left."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox import (
    client,
    confine,
    kernel,
)
from autograder.sandbox.layers import Layer
from autograder.sandbox.world import WorkerWorld
from student_kit.proxy import StudentFault, StudentModule

ROOT = Path(__file__).resolve().parent.parent

ROOT = Path(__file__).resolve().parent.parent
LINUX = sys.platform == "linux"


@functools.cache
def available() -> frozenset[Layer]:
    """Return the layers that this machine has."""
    sandbox = client.Sandbox(Limits())
    try:
        return frozenset(fact.layer for fact in sandbox.layers if fact.held)
    finally:
        sandbox.close()


@pytest.fixture
def needs(request: pytest.FixtureRequest) -> None:
    """Skip where a layer that the test names is not there."""
    missing = [layer.value for layer in request.param if layer not in available()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here")


def layers(*wanted: Layer) -> pytest.MarkDecorator:
    """Mark a test that needs these layers."""
    return pytest.mark.parametrize("needs", [wanted], indirect=True, ids=["-".join(wanted)])


@pytest.fixture
def start(monkeypatch, request):
    """Return a function that starts a sandbox, with some layers left out and a plan changed."""
    plan = confine.plan

    def start(*without: Layer, **changes: object) -> client.Sandbox:
        monkeypatch.setattr(
            confine,
            "plan",
            lambda *wanted: dataclasses.replace(
                plan(*wanted), without=frozenset(without), **changes
            ),
        )
        sandbox = client.Sandbox(Limits(call_seconds=5.0, memory_mb=256))
        request.addfinalizer(sandbox.close)
        return sandbox

    return start


def call(sandbox: client.Sandbox, body: str) -> str:
    """Return what a worker's function returned or why it did not, as a text."""
    limits = Limits(call_seconds=5.0, memory_mb=256)
    world = WorkerWorld(limits)
    world.open({"add": sandbox}, {"toy": f"import os\ndef f():\n    {body}\n".encode()}, 0)
    try:
        world.begin("f")
        return str(StudentModule("toy", world).f())
    except StudentFault as fault:
        return f"{fault.summary} {fault.detail}"
    finally:
        world.end()
        world.close()


@layers(Layer.LANDLOCK, Layer.SECCOMP)
def test_student_code_meets_the_layers_and_meets_less_where_one_is_left_out(needs, start, tmp_path):
    (tmp_path / "hidden").write_text("canary")
    read = f"return open({str(tmp_path / 'hidden')!r}).read()"
    fork = "return 'forked' if os.fork() else os._exit(0)"
    every = start()
    assert "PermissionError" in call(every, read) or "FileNotFoundError" in call(every, read)
    assert "PermissionError" in call(every, fork)
    assert call(start(Layer.SECCOMP, namespaces=False), fork) == "forked"
    assert call(start(Layer.LANDLOCK, uid=None, namespaces=False), read) == "canary"


@layers(Layer.SECCOMP)
def test_the_notes_say_level_and_layers_as_the_worker_reported_them(needs, start):
    notes = start().plan.notes
    assert notes[0] in ("strong", "good", "weak")
    assert {note.partition(":")[0] for note in notes[1:]} == {
        "process",
        *(layer.value for layer in Layer),
    }
    off = start(Layer.SECCOMP).plan.notes
    assert off[0] == "weak"
    assert "seccomp: not in force, switched off by a test" in off


@pytest.mark.skipif(not LINUX, reason="Linux only")
def test_the_grader_is_hidden_from_others_of_its_user(start):
    start()
    assert kernel.prctl(3, 0) == 0  # PR_GET_DUMPABLE


@layers(Layer.LANDLOCK)
def test_a_worker_that_fills_its_folder_is_stopped(needs, start):
    many = "n = 0\n    while True: n += 1; open(str(n), 'w').close()"
    large = "n = 0\n    while True: n += 1; open(str(n), 'wb').write(bytes(1 << 20))"
    deep = "while True: os.mkdir('d'); os.chdir('d')"
    sandbox = start(scratch_bytes=16 << 20, scratch_files=200, namespaces=False)
    for body in (many, large, deep):
        began = time.monotonic()
        assert "killed" in call(sandbox, body), body
        assert time.monotonic() - began < 4
    roomy = start(scratch_files=10**9, namespaces=False)
    assert call(roomy, "[open(str(n), 'w').close() for n in range(999)]; return 'ok'") == "ok"


@pytest.mark.skipif(not LINUX, reason="Linux only")
def test_limits_of_the_assignment_reach_the_worker(request):
    """One file or one megabyte more than [limits] allows is refused."""
    limits = Limits(call_seconds=5.0, open_files=10, scratch_mb=1, scratch_files=20)
    sandbox = client.Sandbox(limits)
    request.addfinalizer(sandbox.close)
    few = "[open(os.devnull) for _ in range({})]; return 'ok'"
    assert call(sandbox, few.format(6)) == "ok"  # beside the four that a worker has
    assert "OSError" in call(sandbox, few.format(7))
    write = "open('x', 'wb').write(bytes({} << 10)); import time; time.sleep(1); return 'ok'"
    assert call(sandbox, write.format(1_000)) == "ok"
    assert "killed" in call(sandbox, write.format(1_100))
    many = "[open(str(n), 'w').close() for n in range({})]; import time; time.sleep(1); return 'ok'"
    assert call(sandbox, many.format(20)) == "ok"
    assert "killed" in call(sandbox, many.format(21))
    assert sandbox.plan.threads == Limits().threads


def test_a_closed_sandbox_leaves_no_folder_however_deep(start):
    sandbox = start(namespaces=False, scratch_files=10_000)
    deep = "for _ in range(1500): os.mkdir('d'); os.chdir('d')\n    return 'deep'"
    assert call(sandbox, deep) == "deep"
    folder = Path(sandbox._scratch)
    assert list(folder.iterdir()) == []
    sandbox.close()
    assert not folder.exists()


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="NumPy starts threads for two processors")
def test_a_zygote_with_threads_refuses_to_fork(start, monkeypatch, capfd):
    environment = client._environment()
    monkeypatch.setattr(
        client, "_environment", lambda: {**environment, "OPENBLAS_NUM_THREADS": "2"}
    )
    with pytest.raises(GraderError, match="the sandbox died"):
        _ = start().layers
    assert "a library has started threads" in capfd.readouterr().err


GRADER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from autograder.assignment import Limits
from autograder.sandbox import client
sandbox = client.Sandbox(Limits())
nest = sandbox.nest(client.Job(sources={"toy": b"while True: pass"}, seed=0))
(worker,) = nest.spawn(["toy"])
worker.wait_confined()
print("ready", sandbox._scratch, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not LINUX, reason="Linux only")
def test_a_killed_grader_takes_its_workers_with_it():
    command = [sys.executable, "-c", GRADER, str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        word, _, folder = grader.stdout.readline().strip().partition(" ")
        assert word == "ready"
        family = descendants(grader.pid)
        assert len(family) >= 3  # zygote, nest and worker
        grader.kill()
    deadline = time.monotonic() + 5
    while family & processes() or (folder and Path(folder).exists()):
        assert time.monotonic() < deadline, (family & processes(), folder)
        time.sleep(0.05)


def processes() -> set[tuple[int, str]]:
    """Return (pid, start time) of every process that is not a zombie."""
    return {(pid, started) for pid, _, started in _table()}


def descendants(pid: int) -> set[tuple[int, str]]:
    """Return (pid, start time) of every process below this one."""
    table = list(_table())
    found: dict[int, str] = {pid: ""}
    for _ in range(5):
        found.update({child: started for child, parent, started in table if parent in found})
    return {(child, started) for child, started in found.items() if child != pid}


def _table() -> Iterable[tuple[int, int, str]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                yield int(path.parent.name), int(fields[1]), fields[19]
