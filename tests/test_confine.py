"""Each layer holds, and what it prevents happens where only that layer is left out."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import errno
import functools
import json
import os
import platform
import re
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox import (
    bpf,
    client,
    confine,
    kernel,
    landlock,
    namespaces,
    reach,
    seccomp,
    syscalls,
)
from autograder.sandbox.layers import Fact, Layer, Level, level
from autograder.sandbox.world import WorkerWorld
from student_kit.proxy import StudentFault, StudentModule

ROOT = Path(__file__).resolve().parent.parent
LINUX = sys.platform == "linux"
HAS_SECCOMP = LINUX and platform.machine() in ("x86_64", "aarch64")
IS_ROOT = os.geteuid() == 0

# Runs in a process of its own, with one thread: confines a child for each probe and tries it.
# Outcomes: "ok", "ok VALUE", the name of an errno, an exception or a signal.
PROBER = r"""
import ctypes, errno, json, os, signal, sys, tempfile
from pathlib import Path
import numpy as np

order = json.load(sys.stdin)
sys.path.insert(0, order["engine"])
from autograder.sandbox import confine, kernel, syscalls
from autograder.sandbox.layers import Layer

def S(name, *arguments):
    return kernel.call(syscalls.numbers(os.uname().machine)[name], *arguments)

def probe(prepared, scratch, code):
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            facts = confine.apply(prepared, scratch)
            names = dict(globals(), facts=facts, parent=parent, scratch=scratch)
            exec(code, names)
            outcome = f"ok {names['result']}" if "result" in names else "ok"
        except OSError as error:
            outcome = errno.errorcode.get(error.errno or 0, "?")
        except BaseException as error:
            outcome = type(error).__name__
        os.write(writing, outcome.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        outcome = pipe.read()
    status = os.waitpid(pid, 0)[1]
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else outcome

with tempfile.TemporaryDirectory() as root:
    os.chmod(root, 0o711)
    plan = confine.Plan(
        uid=order["uid"], memory_bytes=256 << 20, cpu_seconds=5,
        without=frozenset(map(Layer, order["without"])), notes=("", "uid: none"),
    )
    prepared = confine.prepare(plan, scratch=Path(root), closed=[Path(order["engine"])])
    outcomes = {}
    for name, code in order["probes"].items():
        scratch = f"{root}/worker-{len(outcomes)}"
        os.mkdir(scratch, 0o700)
        if plan.uid is not None:
            os.chown(scratch, plan.uid, plan.uid)
        outcomes[name] = probe(prepared, scratch, code)
print(json.dumps(outcomes))
"""

NETWORK = {
    "TCP socket": "import socket; socket.socket()",
    "UDP socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "UNIX socket": "import socket; socket.socket(socket.AF_UNIX)",
    "netlink socket": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "pair of sockets": "import socket; socket.socketpair()",
}
PROCESSES = {
    "fork": "pid = os.fork(); pid or os._exit(0)",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "subprocess": "import subprocess; subprocess.run(['true'])",
    "memfd": "os.memfd_create('x')",
    "trace": "S('ptrace', 0, 0, 0, 0)",
    "read memory": "S('process_vm_readv', parent, 0, 0, 0, 0, 0)",
    "others' limits": "S('prlimit64', parent, 4, 0, 0)",
    "others' priority": "S('setpriority', 0, parent, os.getpriority(0, parent))",
    "new namespace": "S('unshare', 0)",
    "undo hiding": "kernel.prctl(kernel.PR_SET_DUMPABLE, 1)",
    "outlive parent": "kernel.prctl(kernel.PR_SET_PDEATHSIG, 0)",
}
SIGNALS = {
    "signal": "os.kill(parent, 0)",
    "thread signal": "S('tgkill', parent, parent, 0)",
    "old thread signal": "S('tkill', parent, 0)",
    "pidfd": "os.pidfd_open(parent)",
    "signal by descriptor": "import fcntl; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, parent)",
}
METADATA = {
    "mode": "os.chmod(scratch, 0o755)",
    "times": "os.utime(scratch)",
    "owner": "os.chown(scratch, os.getuid(), os.getgid())",
}
# allowed, these fail for their senseless arguments: what the filter forbids is another error
SENSELESS = {
    "exec": ("S('execve', 0, 0, 0)", "EFAULT"),
    "queued signal": ("S('rt_sigqueueinfo', parent, 0, 0)", "EFAULT"),
    "message queue": ("S('mq_open', 0, 0, 0, 0)", "EFAULT"),
    "shared memory": ("S('shmget', 0, 0, 0)", "EINVAL"),
    "extended attribute": ("S('setxattr', 0, 0, 0, 0, 0)", "EFAULT"),
    "handle": ("S('name_to_handle_at', 0, 0, 0, 0, 0)", "EFAULT"),
}
NEW_CALLS = {
    "clone3": ("S('clone3', 0, 0)", "EINVAL"),
    "openat2": ("S('openat2', -1, 0, 0, 0)", "EINVAL"),
}
ALLOWED = {
    "threads": "import threading; t = threading.Thread(target=print); t.start(); t.join()",
    "own signal": "import signal; signal.signal(10, lambda *_: 0); os.kill(os.getpid(), 10)",
    "own scratch": "open('x', 'w').write('y'); os.mkdir('z'); os.rename('x', 'z/x')",
    "temporary file": "import tempfile; assert tempfile.TemporaryFile().write(b'x')",
    "null": "open(os.devnull, 'w').write('x')",
    "random": "os.urandom(4); open('/dev/urandom', 'rb').read(4)",
    "late import": "import wave, decimal, xml.dom.minidom, importlib.metadata",
    "late NumPy": "import numpy.polynomial, numpy.ma, numpy.testing; np.linalg.svd(np.eye(9))",
    "late import, caches off": "import importlib; importlib.invalidate_caches(); import wave",
    "own limits": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
}


def run(
    probes: dict[str, str], without: Iterable[Layer] = (), *, uid: int | None = None
) -> dict[str, str]:
    """Try every probe in a confined process of its own."""
    order = {
        "engine": str(ROOT),
        "uid": uid,
        "without": [layer.value for layer in without],
        "probes": probes,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROBER],
        input=json.dumps(order),
        env={"OPENBLAS_NUM_THREADS": "1", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcomes: dict[str, str] = json.loads(done.stdout)
    return outcomes


@functools.cache
def available() -> frozenset[Layer]:
    """Return the layers that this machine has."""
    text = run({"facts": "result = [fact.layer.value for fact in facts if fact.held]"})["facts"]
    return frozenset(layer for layer in Layer if layer.value in text)


@pytest.fixture
def needs(request: pytest.FixtureRequest) -> None:
    """Skip where a layer that the test names is not there."""
    missing = [layer.value for layer in request.param if layer not in available()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here")


def layers(*wanted: Layer) -> pytest.MarkDecorator:
    """Mark a test that needs these layers."""
    return pytest.mark.parametrize("needs", [wanted], indirect=True, ids=["-".join(wanted)])


@layers(Layer.SECCOMP)
def test_the_filter_and_nothing_else_forbids_network_processes_and_metadata(needs):
    probes = {**NETWORK, **PROCESSES, **METADATA}
    confined = run(probes, [Layer.LANDLOCK])
    free = run(probes, [Layer.LANDLOCK, Layer.SECCOMP, Layer.PRIVILEGES])
    assert confined == dict.fromkeys(probes, "EPERM")
    assert free == dict.fromkeys(probes, "ok")


@layers(Layer.SECCOMP)
def test_the_filter_forbids_signals_to_others(needs):
    assert set(run(SIGNALS, [Layer.LANDLOCK]).values()) == {"EPERM"}
    assert set(run(SIGNALS, [Layer.LANDLOCK, Layer.SECCOMP]).values()) == {"ok"}


@layers(Layer.SECCOMP)
def test_the_filter_answers_before_the_kernel_looks_at_arguments(needs):
    probes = {name: code for name, (code, _) in SENSELESS.items()}
    assert set(run(probes).values()) == {"EPERM"}
    free = run(probes, [Layer.LANDLOCK, Layer.SECCOMP])
    assert {name: free[name] for name in probes} == {n: e for n, (_, e) in SENSELESS.items()}


@layers(Layer.SECCOMP)
def test_calls_that_libc_can_do_without_and_newer_ones_look_missing(needs):
    probes = {name: code for name, (code, _) in NEW_CALLS.items()}
    probes["newer"] = f"kernel.call({syscalls.FIRST_UNKNOWN}, -1, 0, 0, 0, 0)"
    assert set(run(probes).values()) == {"ENOSYS"}
    free = run(probes, [Layer.LANDLOCK, Layer.SECCOMP])
    assert {name: free[name] for name in NEW_CALLS} == {n: e for n, (_, e) in NEW_CALLS.items()}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these are ABIs of x86-64")
@layers(Layer.SECCOMP)
def test_calls_by_another_abi_are_death(needs):
    x32 = "result = kernel.call(0x40000000 | 39)"
    # mov eax, 20 (getpid of 32 bits); int 0x80; ret
    int80 = (
        "import mmap\n"
        "code = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(bytes.fromhex('b814000000cd80c3'))\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
        "result = ctypes.CFUNCTYPE(ctypes.c_int)(address)()"
    )
    confined = run({"x32": x32, "int80": int80})
    free = run({"x32": x32, "int80": int80}, [Layer.LANDLOCK, Layer.SECCOMP])
    assert confined == {"x32": "SIGSYS", "int80": "SIGSYS"}
    assert free["x32"] == "ENOSYS"
    assert free["int80"].startswith("ok") or free["int80"] == "SIGSEGV"  # 32 bits compiled out


@layers(Layer.LANDLOCK, Layer.SECCOMP)
def test_what_a_solution_may_need_works_with_all_layers(needs):
    assert run(ALLOWED) == dict.fromkeys(ALLOWED, "ok")


def file_probes(folder: Path) -> dict[str, str]:
    """Write a folder that looks like hidden tests, and return attacks on it."""
    (folder / "test_hidden.py").write_text("canary")
    (folder / "results.json").write_text("{}")
    path = str(folder)
    return {
        "read": f"result = open({path + '/test_hidden.py'!r}).read()",
        "list": f"result = os.listdir({path!r})",
        "environment": "result = open(f'/proc/{parent}/environ', 'rb').read()[:4]",
        "memory": "open(f'/proc/{parent}/mem', 'rb')",
    }


def write_probes(folder: Path) -> dict[str, str]:
    """Return attacks that write, each to a file of its own."""
    for name in "abcdef":
        (folder / name).write_text(name)
    shared = f"/dev/shm/{folder.name}"
    return {
        "write": f"open({str(folder / 'a')!r}, 'w').write('forged')",
        "append": f"open({str(folder / 'b')!r}, 'a').write('forged')",
        "remove": f"os.unlink({str(folder / 'c')!r})",
        "rename": f"os.rename({str(folder / 'd')!r}, {str(folder / 'z')!r})",
        "create": f"open({str(folder / 'new')!r}, 'x')",
        "folder": f"os.mkdir({str(folder / 'new folder')!r})",
        "link": f"os.symlink('/', {str(folder / 'new link')!r})",
        "shared memory": f"open({shared!r}, 'x'); os.unlink({shared!r})",
    }


@layers(Layer.LANDLOCK)
def test_files_that_are_not_listed_are_out_of_reach(needs, tmp_path):
    probes = file_probes(tmp_path)
    assert set(run(probes, [Layer.SECCOMP]).values()) == {"EACCES"}
    free = run(probes, [Layer.LANDLOCK, Layer.SECCOMP, Layer.PRIVILEGES])
    assert free["read"] == "ok canary"
    assert {outcome.split()[0] for outcome in free.values()} == {"ok"}


@layers(Layer.LANDLOCK, Layer.SECCOMP)
def test_nothing_is_written_outside_the_scratch_folder_by_landlock(needs, tmp_path):
    assert set(run(write_probes(tmp_path), [Layer.SECCOMP]).values()) <= {"EACCES", "EXDEV"}
    assert sorted(path.name for path in tmp_path.iterdir()) == list("abcdef")


@layers(Layer.SECCOMP)
def test_without_landlock_the_filter_makes_the_file_system_read_only(needs, tmp_path):
    probes = {**write_probes(tmp_path), "scratch": "open('x', 'w')"}
    assert set(run(probes, [Layer.LANDLOCK]).values()) == {"EROFS"}
    assert sorted(path.name for path in tmp_path.iterdir()) == list("abcdef")
    assert set(run(probes, [Layer.LANDLOCK, Layer.SECCOMP]).values()) == {"ok"}
    assert (tmp_path / "a").read_text() == "forged"


@layers(Layer.SECCOMP)
def test_reading_does_not_truncate(needs, tmp_path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    probes = {
        "open": f"os.open({str(tmp_path / 'a')!r}, os.O_RDONLY | os.O_TRUNC)",
        "truncate": f"os.truncate({str(tmp_path / 'b')!r}, 0)",
    }
    assert set(run(probes).values()) == {"EPERM"}
    assert set(run(probes, [Layer.LANDLOCK, Layer.SECCOMP]).values()) == {"ok"}


@layers(Layer.LANDLOCK)
def test_a_package_that_is_not_listed_cannot_be_imported_by_any_route(needs):
    origin = Path(pytest.__file__)
    probes = {
        "import": "import pytest",
        "path": (
            "import importlib.util as u\n"
            f"spec = u.spec_from_file_location('pytest', {str(origin)!r})\n"
            "spec.loader.exec_module(u.module_from_spec(spec))"
        ),
        "text": f"exec(compile(open({str(origin)!r}).read(), 'x', 'exec'), {{}})",
    }
    assert set(run(probes).values()) <= {"EACCES", "ModuleNotFoundError"}
    assert set(run(probes, [Layer.LANDLOCK]).values()) == {"ok"}


@layers(Layer.LANDLOCK)
def test_one_worker_cannot_look_into_the_scratch_folder_of_another(needs):
    probes = {
        "first": "open('note', 'w').write('7')",
        "second": "result = open('../worker-0/note').read()",
    }
    assert run(probes)["second"] == "EACCES"
    assert run(probes, [Layer.LANDLOCK, Layer.SECCOMP])["second"] == "ok 7"


@layers(Layer.LANDLOCK)
def test_landlock_alone_forbids_tcp_and_signals_where_the_kernel_can(needs):
    probes = {
        "connect": "import socket; socket.create_connection(('127.0.0.1', 9))",
        "signal": "os.kill(parent, 0)",
    }
    confined = run(probes, [Layer.SECCOMP])
    free = run(probes, [Layer.SECCOMP, Layer.LANDLOCK])
    assert free == {"connect": "ECONNREFUSED", "signal": "ok"}
    if landlock.abi() >= 4:
        assert confined["connect"] == "EACCES"
    if landlock.abi() >= 6:
        assert confined["signal"] == "EPERM"


@pytest.mark.skipif(not LINUX, reason="limits on memory work on Linux")
def test_limits_hold_and_cannot_be_raised():
    probes = {
        "memory": "np.empty(1 << 26)",
        "file": "open('x', 'wb').write(bytes(9 << 20))",
        "files": "files = [open(os.devnull) for _ in range(99)]",
        "raise": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (999, 999))",
    }
    confined = run(probes)
    assert confined["memory"] in ("MemoryError", "_ArrayMemoryError")
    assert confined["file"] == "EFBIG"
    assert confined["files"] == "EMFILE"
    assert confined["raise"] == "ValueError"
    assert set(run(probes, [Layer.LIMITS]).values()) == {"ok"}


@pytest.mark.skipif(not LINUX, reason="Linux only")
def test_a_worker_has_no_privileges_and_is_the_first_to_go():
    status = (
        "rows = dict(r.split(':') for r in open('/proc/self/status').read().splitlines())\n"
        "result = [rows[k].strip().lstrip('0') for k in ('CapEff', 'CapPrm', 'NoNewPrivs')]"
    )
    probes = {
        "status": status,
        "dumpable": "result = kernel.prctl(3, 0)",
        "oom": "result = open('/proc/self/oom_score_adj').read().strip()",
    }
    without = [Layer.LANDLOCK, Layer.SECCOMP]
    assert run(probes, without) == {
        "status": "ok ['', '', '1']",
        "dumpable": "ok 0",
        "oom": "ok 1000",
    }
    free = run(probes, [*without, Layer.PRIVILEGES, Layer.LIMITS])
    assert free["dumpable"] == "ok 1"
    assert free["status"].endswith("'']")
    assert free["oom"] == "ok 0"


@pytest.mark.skipif(not IS_ROOT, reason="only root can change the uid")
def test_a_private_uid_keeps_files_with_mode_0600_closed_without_any_other_layer(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("canary")
    secret.chmod(0o600)
    probes = {"uid": "result = os.getresuid()", "groups": "result = os.getgroups()"}
    probes["read"] = f"open({str(secret)!r})"
    others = [Layer.LANDLOCK, Layer.SECCOMP]
    outcomes = run(probes, others, uid=61_234)
    assert outcomes["uid"] == "ok (61234, 61234, 61234)"
    assert outcomes["groups"] == "ok []"
    assert outcomes["read"] == "EACCES"
    assert run(probes, [*others, Layer.UID], uid=61_234)["read"] == "ok"


def test_a_layer_that_held_before_must_hold_again(tmp_path, monkeypatch):
    """A worker without a required layer does not run."""
    plan = confine.Plan(uid=None, memory_bytes=1, cpu_seconds=1, without=frozenset(Layer))
    prepared = confine.prepare(plan, scratch=tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(confine, "_move_to", lambda scratch: None)
    assert not any(fact.held for fact in confine.apply(prepared, str(tmp_path)))
    with pytest.raises(RuntimeError, match="does not hold now: seccomp: not in force, switched"):
        confine.apply(prepared, str(tmp_path), required=[Layer.SECCOMP])


def test_a_plan_survives_its_journey_to_the_zygote():
    plan = confine.plan(memory_mb=64, cpu_seconds=3, packages=["numpy", "scipy"])
    assert confine.Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_sandboxes_of_one_grader_have_different_uids(monkeypatch):
    monkeypatch.setattr(confine, "_no_private_uid", lambda: "")
    plans = [confine.plan(memory_mb=1, cpu_seconds=1) for _ in range(3)]
    assert len({plan.uid for plan in plans}) == 3


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({Layer.UID, Layer.LANDLOCK, Layer.SECCOMP}, Level.STRONG),
        ({Layer.UID, Layer.SECCOMP}, Level.GOOD),
        ({Layer.LANDLOCK, Layer.SECCOMP}, Level.GOOD),
        ({Layer.NAMESPACES, Layer.SECCOMP}, Level.GOOD),
        ({Layer.UID, Layer.LANDLOCK}, Level.WEAK),
        ({Layer.SECCOMP}, Level.WEAK),
        (set(), Level.WEAK),
    ],
)
def test_the_level_follows_from_the_layers(held, expected):
    facts = [Fact(layer=layer, held=layer in held, detail="") for layer in Layer]
    assert level(facts) is expected


# --- the same through the grader's client


@pytest.fixture
def start(monkeypatch, request):
    """Return a function that starts a sandbox, with some layers left out and a plan changed."""
    plan = confine.plan

    def start(*without: Layer, **changes: object) -> client.Sandbox:
        monkeypatch.setattr(
            confine,
            "plan",
            lambda **limits: dataclasses.replace(
                plan(**limits), without=frozenset(without), **changes
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
    world.open(sandbox, {"toy": f"import os\ndef f():\n    {body}\n".encode()}, 0)
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
worker = sandbox.spawn(client.Job(sources={"toy": b"while True: pass"}, seed=0))
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
        assert len(family) >= 2  # zygote and worker
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


# --- the filter, read by an interpreter of our own: for machines that are not here, too


def decide(code: bytes, machine: int, number: int, *arguments: int) -> int:
    """Return the verdict of a filter, as the kernel would."""
    padded = arguments + (0,) * (6 - len(arguments))
    values = [argument & 0xFFFF_FFFF_FFFF_FFFF for argument in padded]
    data = struct.pack("=IIQ6Q", number, machine, 0, *values)
    instructions = list(struct.iter_unpack("=HBBI", code))
    accumulator = position = 0
    while True:
        operation, yes, no, operand = instructions[position]
        position += 1
        if operation == 0x06:
            return operand
        if operation == 0x20:
            accumulator = struct.unpack_from("=I", data, operand)[0]
        elif operation == 0x54:
            accumulator &= operand
        else:
            tests = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }
            position += yes if tests[operation] else no


EPERM, ENOSYS, EROFS = map(bpf.refuse_with, (errno.EPERM, errno.ENOSYS, errno.EROFS))
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4321
THREAD = 0x3D0F00  # what pthread_create asks clone for
FORK = 0x01200011  # what fork asks clone for

RULES = [
    ("clone", (THREAD,), bpf.ALLOW),
    ("clone", (FORK,), EPERM),
    ("clone", (0x4111,), EPERM),  # vfork
    ("clone", (THREAD | 0x10000000,), EPERM),  # a thread in a new user namespace
    ("kill", (PID, 9), bpf.ALLOW),
    ("kill", (PID | 1 << 32, 9), bpf.ALLOW),  # the kernel looks at 32 bits
    ("kill", (PID - 1, 9), EPERM),
    ("kill", (0, 9), EPERM),
    ("kill", (-1, 9), EPERM),
    ("kill", (-PID, 9), EPERM),
    ("tgkill", (PID, PID + 1, 9), bpf.ALLOW),
    ("tgkill", (1, 1, 9), EPERM),
    ("tkill", (PID, 9), bpf.ALLOW),
    ("tkill", (PID + 1, 9), EPERM),
    ("prlimit64", (0, 7), bpf.ALLOW),
    ("prlimit64", (PID, 7), bpf.ALLOW),
    ("prlimit64", (1, 7), EPERM),
    ("sched_setaffinity", (0,), bpf.ALLOW),
    ("sched_setaffinity", (1,), EPERM),
    ("setpriority", (0, 0, 5), bpf.ALLOW),
    ("setpriority", (0, PID, 5), bpf.ALLOW),
    ("setpriority", (0, 1, 5), EPERM),
    ("setpriority", (1, 0, 5), EPERM),
    ("setpriority", (2, 0, 5), EPERM),
    ("prctl", (15,), bpf.ALLOW),
    ("prctl", (4, 1), EPERM),
    ("prctl", (22, 2), EPERM),
    ("prctl", (0x59616D61,), EPERM),  # let another process trace this one
    ("personality", (0xFFFFFFFF,), bpf.ALLOW),
    ("personality", (0x0040000,), EPERM),
    ("fcntl", (3, 1), bpf.ALLOW),
    ("fcntl", (3, 8, 1), EPERM),
    ("fcntl", (3, 15, 1), EPERM),
    ("ioctl", (0, 0x5401), bpf.ALLOW),
    ("ioctl", (0, 0x5412), EPERM),
    ("openat", (0, 0, os.O_RDONLY), bpf.ALLOW),
    ("openat", (0, 0, 0o1000), EPERM),  # read and truncate
    ("openat", (0, 0, 0o1101), bpf.ALLOW),  # Landlock's to judge
    ("clone3", (), ENOSYS),
    ("openat2", (), ENOSYS),
]
READ_ONLY_RULES = [
    ("openat", (0, 0, 0), bpf.ALLOW),
    ("openat", (0, 0, 0o2000000), bpf.ALLOW),  # close on exec
    ("openat", (0, 0, 1), EROFS),
    ("openat", (0, 0, 2), EROFS),
    ("openat", (0, 0, 3), EROFS),
    ("openat", (0, 0, 0o100), EROFS),
    ("openat", (0, 0, 0o1000), EROFS),
    ("mkdirat", (), EROFS),
    ("unlinkat", (), EROFS),
    ("renameat2", (), EROFS),
    ("linkat", (), EROFS),
    ("symlinkat", (), EROFS),
    ("kill", (1, 9), EPERM),
]


@pytest.mark.parametrize("machine", sorted(AUDIT))
@pytest.mark.parametrize(("read_only", "rules"), [(False, RULES), (True, READ_ONLY_RULES)])
def test_rules_that_look_at_arguments_decide_as_they_should(machine, read_only, rules):
    code = seccomp.build(read_only=read_only, machine=machine).for_pid(PID)
    numbers = syscalls.numbers(machine)
    for name, arguments, verdict in rules:
        found = decide(code, AUDIT[machine], numbers[name], *arguments)
        assert found == verdict, (name, arguments, hex(found))


@pytest.mark.parametrize("machine", sorted(AUDIT))
def test_the_filter_refuses_what_it_names_and_nothing_else(machine):
    code = seccomp.build(read_only=False, machine=machine).for_pid(PID)
    names = {number: name for name, number in syscalls.numbers(machine).items()}
    for number in range(syscalls.FIRST_UNKNOWN):
        verdict = decide(code, AUDIT[machine], number)
        name = names.get(number)
        expected = EPERM if name in seccomp._DENIED else bpf.ALLOW
        if name is not None and name not in (*seccomp._DENIED, *seccomp._CHANGES_FILES):
            continue  # decided by its arguments
        assert verdict == expected, (number, name)
    for number in (syscalls.FIRST_UNKNOWN, 600, 0x3FFFFFFF):
        assert decide(code, AUDIT[machine], number) == ENOSYS
    foreign = bpf.KILL if machine == "x86_64" else ENOSYS
    assert decide(code, AUDIT[machine], 0x40000000 | 39) == foreign
    for other in {*AUDIT.values(), 0x40000003} - {AUDIT[machine]}:
        assert decide(code, other, 39) == bpf.KILL


@pytest.mark.parametrize("machine", sorted(AUDIT))
def test_every_name_in_the_table_has_a_rule_and_every_rule_a_number(machine):
    named = {*seccomp._DENIED, *seccomp._MISSING, *seccomp._CHANGES_FILES}
    known = {name for other in AUDIT for name in syscalls.numbers(other)}
    assert named <= known
    numbers = syscalls.numbers(machine)
    assert len(set(numbers.values())) == len(numbers)
    conditional = known - named
    assert conditional == {
        *("clone", "kill", "tkill", "tgkill", "prlimit64", "setpriority", "sched_setaffinity"),
        *("sched_setparam", "sched_setscheduler", "sched_setattr", "prctl", "personality"),
        *("fcntl", "ioctl", "open", "openat"),
    }


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("machine", sorted(AUDIT))
def test_numbers_agree_with_the_kernels_headers(machine):
    path = HEADERS[machine]
    if not path.exists():
        pytest.skip(f"{path} is not installed")
    pattern = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", re.MULTILINE)
    defined = {name: int(number) for name, number in pattern.findall(path.read_text())}
    numbers = syscalls.numbers(machine)
    checked = [name for name in numbers if name in defined]
    assert len(checked) > 100
    assert {name: numbers[name] for name in checked} == {name: defined[name] for name in checked}
    absent = set(syscalls.numbers("x86_64")) - set(numbers)
    assert not [name for name in absent if name in defined and name != "renameat"]


def test_a_machine_without_a_table_says_so():
    with pytest.raises(OSError, match="no table of system calls for riscv64"):
        seccomp.build(read_only=False, machine="riscv64")


# --- Landlock on kernels that are not here


class FakeKernel:
    """A kernel with some level of Landlock, which may lack a part of what it claims."""

    def __init__(self, abi: int, *, scopes: int = 0b11) -> None:
        self.abi = abi
        self.scopes = scopes
        self.created: list[tuple[int, int, int]] = []

    def call(self, number: int, *arguments: int) -> int:
        """Create a ruleset, or refuse as such a kernel does."""
        if number != 444:
            raise AssertionError(number)
        if arguments[2] == 1:
            return self.abi
        files, network, scopes = struct.unpack("=QQQ", ctypes.string_at(arguments[0], 24))
        known = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16, 8: 16, 9: 17}[self.abi]
        if files >> known or (network and self.abi < 4) or scopes & ~self.scopes:
            raise OSError(errno.EINVAL, "Invalid argument")
        if scopes and self.abi < 6:
            raise OSError(errno.E2BIG, "Argument list too long")
        self.created.append((files, network, scopes))
        return os.open(os.devnull, os.O_RDONLY)


@pytest.mark.parametrize("version", range(1, 10))
def test_every_level_of_landlock_is_used_in_full(monkeypatch, version):
    fake = FakeKernel(version)
    monkeypatch.setattr(kernel, "call", fake.call)
    landlock.Ruleset([]).close()
    ((files, network, scopes),) = fake.created
    rights = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16, 8: 16, 9: 17}[version]
    assert files == (1 << rights) - 1
    assert network == (0b11 if version >= 4 else 0)
    assert scopes == (0b11 if version >= 6 else 0)


def test_a_kernel_that_claims_more_than_it_has_is_asked_for_less(monkeypatch):
    fake = FakeKernel(6, scopes=0b01)
    monkeypatch.setattr(kernel, "call", fake.call)
    landlock.Ruleset([]).close()
    assert fake.created == [((1 << 16) - 1, 0b11, 0b01)]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSYS, "Linux 5.13"),
        (errno.EOPNOTSUPP, "not enabled at boot"),
        (errno.EPERM, "seccomp profile"),
    ],
)
def test_why_there_is_no_landlock_is_said(monkeypatch, code, reason):
    def call(*_: int) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(kernel, "call", call)
    with pytest.raises(OSError, match=reason):
        landlock.abi()


def test_off_linux_every_call_of_the_kernel_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    kernel._libc.cache_clear()
    try:
        with pytest.raises(OSError, match="darwin is not Linux"):
            kernel.prctl(1, 0)
        with pytest.raises(OSError, match="darwin is not Linux"):
            kernel.call(39)
    finally:
        kernel._libc.cache_clear()


# --- which files are open


def test_a_folder_with_something_shut_in_it_is_opened_child_by_child(tmp_path):
    for name in ("lib/a/b", "lib/site-packages/torch", "lib/c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lib/file.py").touch()
    (tmp_path / "lib/link").symlink_to(tmp_path / "lib/site-packages")
    shut = {str(tmp_path / "lib/site-packages")}
    found = dict(reach._open(str(tmp_path / "lib"), shut))
    relative = {path.removeprefix(f"{tmp_path}/"): access for path, access in found.items()}
    assert relative == {
        "lib": landlock.READ_DIR,
        "lib/a": landlock.READ,
        "lib/c": landlock.READ,
        "lib/file.py": landlock.READ,
    }


def test_no_rule_opens_a_folder_of_packages_the_engine_or_what_is_above():
    rules = reach.rules(["numpy"], closed=[ROOT])
    opened = [Path(rule.path) for rule in rules if rule.access & landlock.READ_FILE]
    shut = [*reach.package_folders(reach.library_folders()), ROOT]
    assert not [(path, folder) for path in opened for folder in shut if folder.is_relative_to(path)]
    assert any(path.name == "numpy" for path in opened)


def test_what_a_package_requires_is_opened_with_it():
    names = {path.name for path in reach.package_paths(["pytest"])}
    assert {"pytest", "_pytest", "pluggy", "iniconfig"} <= names
    assert "numpy" not in names


def test_bubblewrap_shows_listed_packages_and_neither_the_engine_s_folder_nor_home(monkeypatch):
    monkeypatch.setattr(namespaces.shutil, "which", lambda name: f"/usr/bin/{name}")
    command = namespaces.wrap(["python", "x"], ["numpy"])
    shown = [Path(command[n + 2]) for n, word in enumerate(command) if word == "--ro-bind"]
    covered = [Path(command[n + 1]) for n, word in enumerate(command) if word == "--tmpfs"]
    assert ROOT not in shown
    assert not [path for path in shown if Path.home().is_relative_to(path)]
    assert ROOT / "student_kit" in shown
    assert any(path.name == "numpy" for path in shown)
    assert {"site-packages", "dist-packages"} & {path.name for path in covered}
    assert command[-2:] == ["python", "x"]
    assert {"--unshare-all", "--die-with-parent"} <= set(command)
