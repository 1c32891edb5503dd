"""The process that forks workers: exec'd fresh, so it never held a hidden test or an answer.

Run by `client` as `python -I zygote.py FD`; FD is the control socket. Messages are JSON, one per
packet: first a greeting that says what to import and how workers are confined, answered with what
became of each layer in a first worker, a trial; then any number of

    {"op": "spawn"} + [stream socket, output pipe]  ->  {"pid": ...}
    {"op": "kill", "pid": ..., "patience": ...}  ->  {"status": ..., "maxrss_kb": ...}
    {"op": "reap"}  ->  {}, when nothing is left of those that were killed

A layer that held in the trial must hold in every worker: one in which it does not ends before it
says hello to the grader. The zygote stays single-threaded (a fork with threads can hang the
child), and ends, with all its workers, when the control socket closes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.sandbox.confine import Prepared
    from autograder.sandbox.layers import Layer

_FDS = 2
_MESSAGE = 1 << 16
_STREAM = 3  # the worker's own number of its socket; above it, nothing is left open
_MAX_FDS = 1 << 12
_WATCH = 0.25  # seconds between looks at what workers have written
_TASKS = "/proc/self/task"


def main(control: socket.socket) -> None:
    """Serve the control socket until it closes."""
    greeting = json.loads(control.recv(_MESSAGE))
    sys.path.insert(0, greeting["engine"])
    for name in greeting["preload"]:
        importlib.import_module(name)
    confine = importlib.import_module("autograder.sandbox.confine")
    importlib.import_module("autograder.sandbox.worker")
    sys.path.pop(0)
    confine.become_subreaper()
    confine.hide()
    signal.signal(signal.SIGTERM, _end)
    confine.die_with_parent(signal.SIGTERM)
    folder = greeting["scratch"] or tempfile.mkdtemp(prefix="workers-")
    plan = confine.Plan.from_json(greeting["plan"])
    closed = [Path(greeting["engine"])]
    prepared = confine.prepare(plan, scratch=Path(folder), closed=closed)
    gc.collect()
    gc.freeze()  # a worker that collects garbage would copy every page
    zygote = _Zygote(control, prepared, folder)
    try:
        try:
            _serve(control, zygote)
        finally:  # the signal comes once, and from here on not at all
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
    finally:
        zygote.close()


def _serve(control: socket.socket, zygote: _Zygote) -> None:
    control.send(json.dumps(zygote.try_out()).encode())
    while True:
        zygote.watch_until_readable()
        message, fds, _, _ = socket.recv_fds(control, _MESSAGE, _FDS)
        if not message:
            return
        request = json.loads(message)
        if request["op"] == "spawn":
            reply = zygote.spawn(*fds)
        elif request["op"] == "kill":
            reply = zygote.kill(request["pid"], request["patience"])
        else:
            reply = zygote.reap(wait=True)
        control.send(json.dumps(reply).encode())
        zygote.reap(wait=False)


def _end(*_: object) -> None:
    """Leave the loop: the grader is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


class _Zygote:
    """Forks, kills and reaps workers."""

    def __init__(self, control: socket.socket, prepared: Prepared, folder: str) -> None:
        self._control = control
        self._prepared = prepared
        self._folder = folder
        self._count = 0  # of workers
        self._required: frozenset[Layer] = frozenset()
        self._scratches: dict[int, str] = {}  # by pid of a live worker
        self._dying: dict[int, str] = {}  # by pid of a worker that was killed and is not reaped
        self._overfull: set[int] = set()  # workers that were killed for what they had written

    def try_out(self) -> dict[str, Any]:
        """Fork a worker that only confines itself; return what became of each layer."""
        from autograder.sandbox.layers import Fact

        reading, writing = os.pipe()
        pid = self._fork(None, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as report:
            text = report.read()
        status = self.kill(pid, patience=1.0)["status"]
        try:
            facts = [Fact.from_json(fields) for fields in json.loads(text)]
        except ValueError:
            said = text.decode(errors="replace") or f"wait status {status}"
            raise RuntimeError(f"a worker cannot be confined: {said}") from None
        self._required = frozenset(fact.layer for fact in facts if fact.held)
        layers = [fact.to_json() for fact in facts]
        return {"ready": True, "threads": _threads(), "layers": layers}

    def spawn(self, stream: int, output: int) -> dict[str, Any]:
        """Fork a worker that serves a stream socket and prints into a pipe."""
        pid = self._fork(stream, output)
        os.close(stream)
        os.close(output)
        return {"pid": pid}

    def kill(self, pid: int, patience: float = 0.0) -> dict[str, Any]:
        """Kill a worker and its group; return how it had ended, or -1 if by us.

        Tearing a process down takes the kernel as long as making one: without patience it is left
        to `reap`, and the next worker need not wait for it.

        Args:
            patience: seconds that a worker which has hung up may take to end by itself.
        """
        scratch = self._scratches.pop(pid, None)
        if scratch is None:
            return {"status": 0, "maxrss_kb": 0}
        deadline = time.monotonic() + patience
        while not (ended := _has_ended(pid)) and time.monotonic() < deadline:
            time.sleep(0.002)
        for kill in (os.killpg, os.kill):  # before it is reaped: its pid is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)
        self._dying[pid] = scratch
        if not patience:
            return {"status": -1, "maxrss_kb": 0}
        _, status, usage = os.wait4(pid, 0)
        if status == signal.SIGKILL and not ended and pid not in self._overfull:
            status = -1
        self._bury(pid)
        return {"status": status, "maxrss_kb": usage.ru_maxrss}

    def reap(self, *, wait: bool) -> dict[str, Any]:
        """Clear away the workers that were killed; with `wait`, all of them."""
        for pid in list(self._dying):
            if os.waitpid(pid, 0 if wait else os.WNOHANG)[0]:
                self._bury(pid)
        return {}

    def _bury(self, pid: int) -> None:
        """Remove what a worker that is gone has left: its folder, and processes of its own."""
        self._overfull.discard(pid)
        _remove(self._dying.pop(pid))
        _kill_orphans({*self._scratches, *self._dying})

    def watch_until_readable(self) -> None:
        """Wait for a request; meanwhile kill a worker whose folder grows beyond its limits."""
        while not select.select([self._control], [], [], _WATCH if self._scratches else None)[0]:
            plan = self._prepared.plan
            for pid, scratch in self._scratches.items():
                if _overfull(scratch, plan.scratch_bytes, plan.scratch_files):
                    self._overfull.add(pid)
                    os.kill(pid, signal.SIGKILL)  # it is our child, and not yet reaped

    def close(self) -> None:
        """Kill every worker and remove what they wrote."""
        for pid in list(self._scratches):
            self.kill(pid)
        self.reap(wait=True)
        _remove(self._folder)

    def _fork(self, stream: int | None, output: int) -> int:
        if _threads() != 1:
            raise RuntimeError("a library has started threads: a fork could hang for ever")
        self._count += 1
        scratch = f"{self._folder}/worker-{self._count}"
        os.mkdir(scratch, 0o700)  # noqa: PTH102 - a string, in a folder that nobody else writes to
        plan = self._prepared.plan
        if plan.uid is not None:
            os.chown(scratch, plan.uid, plan.uid)
        pid = os.fork()
        if pid == 0:
            self._control.close()
            _live(self._prepared, scratch, self._required, stream, output)
        self._scratches[pid] = scratch
        return pid


def _live(
    prepared: Prepared, scratch: str, required: frozenset[Layer], stream: int | None, output: int
) -> None:
    """Be a worker, from the fork to the end; without a stream, be the trial."""
    from autograder.sandbox.confine import apply
    from autograder.sandbox.worker import serve

    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        facts = apply(prepared, scratch, required=required)
        if stream is None:
            os.write(1, json.dumps([fact.to_json() for fact in facts]).encode())
            os._exit(0)
        if stream != _STREAM:
            os.dup2(stream, _STREAM)
        os.closerange(_STREAM + 1, _MAX_FDS)
        serve(socket.socket(fileno=_STREAM))
    except BaseException as error:  # noqa: BLE001 - nothing of ours may run on in a fork
        os.write(2, f"worker: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(71)


def _has_ended(pid: int) -> bool:
    """Whether a child is dead but not yet reaped; never, where the system does not tell."""
    if not hasattr(os, "waitid"):
        return False
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _threads() -> int:
    if not os.path.isdir(_TASKS):  # noqa: PTH112 - a string, asked often
        return 1
    return os.stat(_TASKS).st_nlink - 2  # noqa: PTH116


def _overfull(folder: str, most_bytes: int, most_files: int) -> bool:
    """Whether a folder that student code writes to holds more than it may; looks no further."""
    size = count = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if size > most_bytes or count > most_files:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue  # it was there a moment ago
        except OSError:
            return True  # too deep to be looked into
    return False


def _remove(folder: str) -> None:
    """Remove a folder that student code may have filled, however deep."""
    with contextlib.suppress(OSError):
        os.rmdir(folder)  # noqa: PTH106 - nearly always empty, and this is asked often
        return
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        subprocess.run(["rm", "-rf", "--", folder], check=False, stderr=subprocess.DEVNULL)


def _kill_orphans(workers: set[int]) -> None:
    """Kill and reap every child that is not a live worker: processes that a worker left behind."""
    deadline = time.monotonic() + 2.0
    while (orphans := _children() - workers) and time.monotonic() < deadline:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> set[int]:
    try:  # without pathlib and text files: this is asked after every worker
        file = os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY)
    except OSError:
        return set()
    try:
        parts = iter(lambda: os.read(file, 1 << 16), b"")
        return {int(pid) for pid in b"".join(parts).split()}
    finally:
        os.close(file)


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError):  # the grader is gone: one way to say "done"
        main(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)
