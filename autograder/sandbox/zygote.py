"""The process that forks workers: exec'd fresh, so it never held a hidden test or an answer.

Run by `client` as `python -I zygote.py FD`; FD is the control socket. Messages are JSON, one per
packet: first a greeting that says what to import, then any number of

    {"op": "spawn", "plan": ...} + [stream socket, output pipe]  ->  {"pid": ...}
    {"op": "kill", "pid": ...}  ->  {"status": ..., "maxrss_kb": ...}

The zygote stays single-threaded (a fork with threads can hang the child), and ends, with all its
workers, when the control socket closes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_FDS = 2
_MESSAGE = 1 << 16


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
    gc.collect()
    gc.freeze()  # a worker that collects garbage would copy every page
    threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1  # noqa: PTH112, PTH208
    control.send(json.dumps({"ready": True, "threads": threads}).encode())
    scratches: dict[int, str] = {}
    try:
        while True:
            message, fds, _, _ = socket.recv_fds(control, _MESSAGE, _FDS)
            if not message:
                return
            request = json.loads(message)
            reply = _spawn(control, request, fds, scratches) if request["op"] == "spawn" else None
            reply = reply or _kill(request["pid"], scratches)
            control.send(json.dumps(reply).encode())
    finally:
        for pid in list(scratches):
            _kill(pid, scratches)


def _spawn(
    control: socket.socket, request: dict[str, Any], fds: list[int], scratches: dict[int, str]
) -> dict[str, Any]:
    from autograder.sandbox.confine import Plan, apply
    from autograder.sandbox.worker import serve

    plan = Plan.from_json(request["plan"])
    scratch = tempfile.mkdtemp(prefix="worker-")
    if plan.uid is not None:
        os.chown(scratch, plan.uid, plan.uid)
    pid = os.fork()
    if pid:
        for fd in fds:
            os.close(fd)
        scratches[pid] = scratch
        return {"pid": pid}
    try:
        os.setsid()
        control.close()
        stream, output = fds
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        os.close(null)
        os.close(output)
        apply(plan, scratch)
        serve(socket.socket(fileno=stream))
    except BaseException as error:  # noqa: BLE001 - nothing of ours may run on in a fork
        os.write(2, f"worker: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(71)


def _kill(pid: int, scratches: dict[int, str]) -> dict[str, Any]:
    """Kill a worker, its group and its orphans; return how it had ended."""
    scratch = scratches.pop(pid, None)
    if scratch is None:
        return {"status": 0, "maxrss_kb": 0}
    ended, status, usage = os.wait4(pid, os.WNOHANG)
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    if not ended:
        _, status, usage = os.wait4(pid, 0)
        status = -1 if status == signal.SIGKILL else status  # -1: ended by us
    _kill_orphans(set(scratches))
    shutil.rmtree(scratch, ignore_errors=True)
    return {"status": status, "maxrss_kb": usage.ru_maxrss}


def _kill_orphans(workers: set[int]) -> None:
    """Kill and reap every child that is not a live worker: processes that a worker left behind."""
    deadline = time.monotonic() + 2.0
    while (orphans := _children() - workers) and time.monotonic() < deadline:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> set[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return {int(pid) for pid in path.read_text(encoding="ascii").split()}
    except OSError:
        return set()


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError):  # the grader is gone: one way to say "done"
        main(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)
