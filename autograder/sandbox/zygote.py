"""The process that all student code descends from: exec'd fresh, it never held a hidden test.

Run by `client` as `python -I zygote.py FD`; FD is the control socket. Messages are JSON, one per
packet: first a greeting that says what to import and how workers are confined, answered with what
became of each layer in a first nest and its worker, a trial; then any number of

    {"op": "open", ...} + [control socket, stream of the job]  ->  {"pid": ...}, of a new nest
    {"op": "close", "pid": ...}  ->  {}, when nothing is left of that nest and of its workers

A nest serves one submission: see `nest`. A layer that held in the trial must hold in every nest
and worker: one in which it does not ends before it says hello to the grader. The zygote stays
single-threaded (a fork with threads can hang the child), and ends, with all that it forked, when
the control socket closes.
"""

from __future__ import annotations

import os

# What the standard library and others do in a child after a fork (draw new random numbers, make
# new locks) takes longer than the fork: workers are seeded by us, and there is one thread.
os.register_at_fork = lambda **_: None  # before anything that would register is imported

import contextlib  # noqa: E402
import gc  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

if TYPE_CHECKING:
    from autograder.sandbox.confine import Prepared
    from autograder.sandbox.layers import Layer

_FDS = 2
_TRIAL = 1  # nests before the first that was asked for
_MESSAGE = 1 << 16


def main(control: socket.socket) -> None:
    """Serve the control socket until it closes."""
    greeting = json.loads(control.recv(_MESSAGE))
    if greeting["cpu"] is not None:
        with contextlib.suppress(OSError):  # it may be taken from us at any time
            os.sched_setaffinity(0, {greeting["cpu"]})
    sys.path.insert(0, greeting["engine"])
    for name in greeting["preload"]:
        importlib.import_module(name)
    confine = importlib.import_module("autograder.sandbox.confine")
    importlib.import_module("autograder.sandbox.nest").warm_up()
    importlib.import_module("autograder.sandbox.large_pages")
    if "torch" in greeting["preload"]:
        importlib.import_module("autograder.sandbox.torch_warm").warm_up()
    sys.path.pop(0)
    confine.become_subreaper()
    confine.hide()
    signal.signal(signal.SIGTERM, _end)
    confine.die_with_parent(signal.SIGTERM)
    folder = greeting["scratch"] or _own_folder()
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
        message, fds, _, _ = socket.recv_fds(control, _MESSAGE, _FDS)
        if not message:
            return
        request = json.loads(message)
        if request.pop("op") == "open":
            reply = zygote.open(request, *fds)
        else:
            reply = zygote.close_nest(request["pid"])
        control.send(json.dumps(reply).encode())


def _end(*_: object) -> None:
    """Leave the loop: the grader is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


class _Zygote:
    """Forks nests, and clears away what is left of them."""

    def __init__(self, control: socket.socket, prepared: Prepared, folder: str) -> None:
        self._control = control
        self._prepared = prepared
        self._folder = folder
        self._count = 0  # of nests
        self._required: frozenset[Layer] = frozenset()
        self._nests: dict[int, str] = {}  # pid -> the folder in which its workers may write

    def try_out(self) -> dict[str, Any]:
        """Fork a nest and a worker that only confine themselves; return what became of it."""
        from autograder.sandbox.layers import Fact

        reading, writing = os.pipe()
        pid = self._fork({"trial": True}, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as report:
            text = report.read()
        self.close_nest(pid)
        try:
            facts = [Fact.from_json(fields) for fields in json.loads(text)]
        except ValueError:
            said = text.decode(errors="replace") or "it says nothing"
            raise RuntimeError(f"a worker cannot be confined: {said}") from None
        self._required = frozenset(fact.layer for fact in facts if fact.held)
        return {"ready": True, "layers": [fact.to_json() for fact in facts]}

    def open(self, order: dict[str, Any], control: int, stream: int) -> dict[str, Any]:
        """Fork a nest that serves these two sockets."""
        if self._count == _TRIAL + 1:  # a second one: for a single submission it would not pay
            from autograder.sandbox import large_pages

            large_pages.gather()
        pid = self._fork(order, control, stream)
        os.close(control)
        os.close(stream)
        return {"pid": pid}

    def close_nest(self, pid: int) -> dict[str, Any]:
        """Kill a nest and whatever descends from it, and remove what was written there."""
        if pid in self._nests:
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(pid, signal.SIGKILL)  # it is our child, and not yet reaped
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
            folder = self._nests.pop(pid)
            nest = importlib.import_module("autograder.sandbox.nest")
            nest.kill_orphans(set(self._nests))  # its workers are ours now
            _remove(folder)
        return {}

    def close(self) -> None:
        """Kill every nest and remove what was written."""
        for pid in list(self._nests):
            self.close_nest(pid)
        _remove(self._folder)

    def _fork(self, order: dict[str, Any], *fds: int) -> int:
        from autograder.sandbox import nest

        if nest.threads() != 1:
            raise RuntimeError("a library has started threads: a fork could hang for ever")
        self._count += 1
        folder = f"{self._folder}/nest-{self._count}"
        os.mkdir(folder, 0o700)  # noqa: PTH102 - a string, as in the rules that open it
        uid = self._prepared.plan.private_uid
        if uid is not None:
            os.chown(folder, uid, uid)
        pid = os.fork()
        if pid == 0:
            self._control.close()
            nest.live(self._prepared, folder, self._required, order, fds)
        self._nests[pid] = folder
        return pid


def _own_folder() -> str:
    """Return a new folder where nobody else sees it: in namespaces, /tmp is this sandbox's own."""
    folder = "/tmp/workers"
    os.mkdir(folder, 0o700)  # noqa: PTH102
    return folder


def _remove(folder: str) -> None:
    """Remove a folder that student code may have filled, however deep."""
    import shutil  # these are rarely needed: every worker would carry them
    import subprocess

    with contextlib.suppress(OSError):
        os.rmdir(folder)  # noqa: PTH106
        return
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        subprocess.run(["rm", "-rf", "--", folder], check=False, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError):  # the grader is gone: one way to say "done"
        main(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)
