"""Each layer holds, and what it prevents happens where only that layer is left out."""

from __future__ import annotations

import functools
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.assignment import Limits
from autograder.sandbox import (
    confine,
    landlock,
    syscalls,
)
from autograder.sandbox.layers import Fact, Layer, Level, level

ROOT = Path(__file__).resolve().parent.parent
LINUX = sys.platform == "linux"
HAS_SECCOMP = LINUX and platform.machine() in ("x86_64", "aarch64")
IS_ROOT = os.geteuid() == 0

# Runs in a process of its own, with one thread: a nest, and a confined worker for each probe.
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

def probe(confined, slot, code):
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            confine.finish(confined, slot)
            scratch = slot.folder
            names = dict(globals(), facts=confined.facts, parent=parent, scratch=scratch)
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
    nest = f"{root}/nest"
    os.mkdir(nest, 0o700)
    if plan.private_uid is not None:
        os.chown(nest, plan.uid, plan.uid)
    pid = os.fork()
    if pid == 0:
        confined = confine.apply(prepared, nest)
        probes = order["probes"].items()
        print(json.dumps({n: probe(confined, confined.slot(nest), code) for n, code in probes}))
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)
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
        "second": "import glob; result = open([p for p in glob.glob('../*/note')][0]).read()",
    }
    assert run(probes)["second"] in ("EACCES", "IndexError")
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
    """Nothing is forked from a nest without a required layer."""
    plan = confine.Plan(uid=None, memory_bytes=1, cpu_seconds=1, without=frozenset(Layer))
    prepared = confine.prepare(plan, scratch=tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(confine, "_FOLDER_VARIABLES", ())
    monkeypatch.setattr(os, "umask", lambda mask: mask)
    assert not any(fact.held for fact in confine.apply(prepared, str(tmp_path)).facts)
    with pytest.raises(RuntimeError, match="does not hold now: seccomp: not in force, switched"):
        confine.apply(prepared, str(tmp_path), required=[Layer.SECCOMP])


def test_a_plan_survives_its_journey_to_the_zygote():
    plan = confine.plan(Limits(memory_mb=64), ["numpy", "scipy"])
    assert confine.Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_sandboxes_of_one_grader_have_different_uids(monkeypatch):
    monkeypatch.setattr(confine, "_no_private_uid", lambda: "")
    plans = [confine.plan(Limits(memory_mb=1)) for _ in range(3)]
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
