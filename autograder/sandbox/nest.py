"""Forks the workers of one submission: ours and confined, it runs nothing that was handed in.

    a job -> [nest] -> one worker per test

A fork of the zygote, so that what all workers of a submission have in common is done once: the
layers that allow a fork, the compiled files, the seeds. A worker then only has to take away what
a nest still needs (`confine.finish`) before it imports a submitted file.

What a process touches after a fork is copied, in the parent too. So the way to a fork is short:
requests are a few bytes (`Order`), they come for several workers at once, and most need no answer.
Workers are known by their number, from 0 in the order of their making:

    READY                                 {"compiled": [...]}, without being asked
    SPAWN + a byte for each: which module
       it imports + [stream, output]      no answer
    KILL number                           no answer
    END number, patience                  {"status": ...}: how it ended, or -1 if it was killed
    PID number                            {"pid": ...}
    REAP                                  {} when nothing is left of those that were killed

Files are compiled in a child, because hostile source can crash or stall a compiler; if it does,
each worker compiles for itself and is told why. The nest ends, with its workers, when the control
socket closes.
"""

from __future__ import annotations

import contextlib
import gc
import json
import marshal
import os
import random
import select
import signal
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from types import CodeType
from typing import Any, NoReturn

import numpy as np

from autograder.sandbox import confine, worker
from autograder.sandbox.confine import Confined, Prepared, Slot
from autograder.sandbox.frames import receive
from autograder.sandbox.layers import Layer
from student_kit.dispatch import Dispatcher, compile_sources
from student_kit.wire import decode, encode

MOST_AT_ONCE = 8  # workers in one order
ORDER = struct.Struct("=BIf")  # order, number, patience in seconds
NONE = 0xFF  # instead of a module's place among the sources
_FD = struct.Struct("=i")
_ROOM_FOR_FDS = (
    socket.CMSG_SPACE(2 * MOST_AT_ONCE * _FD.size) if hasattr(socket, "CMSG_SPACE") else 0
)
_STREAM = 3  # the worker's own number of its socket; above it, nothing is left open
_MAX_FDS = 1 << 12
_WATCH = 0.25  # seconds between looks at what workers have written
_SPARE_SLOTS = 6
_TASKS = "/proc/self/task"
_DUMMY = (
    b"import numpy as np\ndef f(a, *, b, rng):\n    return a + b['c'] + rng.normal(size=2), {}\n"
)


class Order(IntEnum):
    """What the grader asks of a nest."""

    SPAWN = 0
    KILL = 1
    END = 2
    PID = 3
    REAP = 4


def warm_up() -> None:
    """Run the whole way of a call once, in the zygote, on files of our own.

    What Python makes at the first use of a function it then makes once, not in every worker.
    """
    for _ in range(4):  # an interpreter that adapts does so after a few calls
        dispatcher = Dispatcher({"_warm": _DUMMY}, compile_sources({"_warm": _DUMMY}))
        dispatcher.load(["_warm"])
        zeros = dict.fromkeys(("state", "inc", "has_uint32", "uinteger"), "0")
        request = encode(
            {
                "module": "_warm",
                "function": "f",
                "args": (np.ones(2),),
                "kwargs": {"b": {"c": 1.0}, "rng": np.random.default_rng()},
            },
            special=partial(_as_generator, zeros),
        )
        decode(dispatcher.exchange(request, lambda payload: payload))
        dispatcher.close()


def _as_generator(state: dict[str, str], _: object) -> dict[str, Any]:
    return {"k": "rng", "state": state}


def live(
    prepared: Prepared,
    folder: str,
    required: frozenset[Layer],
    order: Mapping[str, Any],
    fds: tuple[int, ...],
) -> NoReturn:
    """Be a nest, from the fork to the end; never returns.

    Args:
        folder: what workers may write to; nothing is in it yet.
        required: layers that must hold.
        order: the message that asked for this nest, or {"trial": True}.
        fds: control socket and stream of the job; in a trial, a pipe for the report.
    """
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        confine.become_subreaper()
        children = _open_children()
        confined = confine.apply(prepared, folder, required=required)
        if "trial" in order:
            _try_worker(confined, folder, fds[0])
        else:
            control = socket.socket(fileno=fds[0])
            with socket.socket(fileno=fds[1]) as stream:
                sources = decode(receive(stream)[2])
            _serve(control, _Nest(confined, folder, children, order, sources))
    except ConnectionError:
        os._exit(0)  # the grader is gone
    except BaseException as error:  # noqa: BLE001 - nothing of ours may run on in a fork
        os.write(2, f"nest: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(71)


def _try_worker(confined: Confined, folder: str, report: int) -> None:
    """Fork a worker that only confines itself; write what became of each layer."""
    slot = confined.slot(folder)
    pid = os.fork()
    if pid == 0:
        try:
            confine.finish(confined, slot)
        except BaseException as error:  # noqa: BLE001 - told to the zygote
            os.write(report, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    os.write(report, json.dumps([fact.to_json() for fact in confined.facts]).encode())
    os._exit(0)


def _serve(control: socket.socket, nest: _Nest) -> None:
    control.send(json.dumps({"compiled": nest.compiled}).encode())
    control.settimeout(_WATCH)
    while True:
        try:
            message, ancillary, _, _ = control.recvmsg(ORDER.size + MOST_AT_ONCE, _ROOM_FOR_FDS)
        except TimeoutError:
            nest.watch()
            continue
        if not message:
            nest.close()
            return
        order, number, patience = ORDER.unpack_from(message)
        if order == Order.SPAWN:
            fds = [fd for _, _, data in ancillary for (fd,) in _FD.iter_unpack(data)]
            nest.spawn(fds, message[ORDER.size :])
        elif order == Order.KILL:
            nest.kill(number)
        else:
            control.send(json.dumps(nest.answer(order, number, patience)).encode())


@dataclass(slots=True)
class _Worker:
    """A worker that has been forked and not yet reaped."""

    pid: int
    slot: Slot
    overfull: bool = False  # killed for what it had written


class _Nest:
    """Forks, kills and reaps workers."""

    def __init__(
        self,
        confined: Confined,
        folder: str,
        children: int | None,
        order: Mapping[str, Any],
        sources: Mapping[str, bytes],
    ) -> None:
        self._confined = confined
        self._folder = folder
        self._children = children  # a file that lists this process's children
        self._slots: list[Slot] = []  # empty, and ready for the next worker
        self._count = 0
        self._alive: dict[int, _Worker] = {}  # by number
        self._dying: list[_Worker] = []  # killed, and not reaped
        # forks share the state of the global generators; a fixed one keeps grading reproducible
        random.seed(order["seed"])
        np.random.seed(order["seed"] % 2**32)  # noqa: NPY002 - for submissions that use it
        code = self._compile(sources, order["compile_seconds"])
        self.compiled = sorted(code)
        self._modules = [*sources]
        self._dispatcher = Dispatcher(sources, code)
        self._rehearse = bool(order["rehearse"])
        gc.freeze()

    def spawn(self, fds: Sequence[int], modules: bytes) -> None:
        """Fork workers, each with a stream socket that it serves and a pipe that it prints into."""
        self.reap(wait=False)
        pairs = list(zip(fds[::2], fds[1::2], strict=True))
        slots = [self._slot() for _ in pairs]
        for (stream, output), slot, module in zip(pairs, slots, modules, strict=True):
            pid = os.fork()
            if pid == 0:
                names = [] if module == NONE else [self._modules[module]]
                serve = partial(
                    worker.serve, dispatcher=self._dispatcher, names=names, rehearse=self._rehearse
                )
                _work(self._confined, slot, stream, output, serve)
            self._alive[self._count] = _Worker(pid, slot)
            self._count += 1
        for fd in fds:
            os.close(fd)

    def kill(self, number: int) -> None:
        """Kill a worker and its group.

        Tearing a process down takes the kernel as long as making one: it is left to `reap`, and
        the next worker need not wait for it.
        """
        worker = self._alive.pop(number, None)
        if worker is not None:
            _kill(worker.pid)
            self._dying.append(worker)

    def answer(self, order: int, number: int, patience: float) -> dict[str, Any]:
        """Return the answer to an order that has one."""
        if order == Order.PID:
            return {"pid": self._alive[number].pid}
        if order == Order.END:
            return {"status": self._end(number, patience)}
        self.reap(wait=True)
        return {}

    def _end(self, number: int, patience: float) -> int:
        """Return how a worker ended that has hung up, or -1 if it had to be killed."""
        worker = self._alive.pop(number)
        deadline = time.monotonic() + patience
        while not (ended := _has_ended(worker.pid)) and time.monotonic() < deadline:
            time.sleep(0.002)
        _kill(worker.pid)
        _, status = os.waitpid(worker.pid, 0)
        self._bury(worker)
        by_us = status == signal.SIGKILL and not ended and not worker.overfull
        return -1 if by_us else status

    def reap(self, *, wait: bool) -> None:
        """Clear away the workers that were killed; with `wait`, all of them."""
        left = []
        for dead in self._dying:
            if os.waitpid(dead.pid, 0 if wait else os.WNOHANG)[0]:
                self._bury(dead)
            else:
                left.append(dead)
        self._dying = left

    def watch(self) -> None:
        """Kill a worker whose folder has grown beyond its limits."""
        plan = self._confined.plan
        for each in self._alive.values():
            if _overfull(each.slot.folder, plan.scratch_bytes, plan.scratch_files):
                each.overfull = True
                os.kill(each.pid, signal.SIGKILL)  # it is our child, and not yet reaped

    def close(self) -> None:
        """Kill every worker."""
        for number in list(self._alive):
            self.kill(number)
        self.reap(wait=True)

    def _slot(self) -> Slot:
        return self._slots.pop() if self._slots else self._confined.slot(self._folder)

    def _bury(self, worker: _Worker) -> None:
        """Clear away what a worker that is gone has left: its files, processes of its own."""
        slot = worker.slot
        if not self._confined.holds(Layer.SECCOMP):  # else it could start none
            known = {w.pid for w in (*self._alive.values(), *self._dying)}
            kill_orphans(known, self._children)
        if len(self._slots) < _SPARE_SLOTS and not os.listdir(slot.folder):  # noqa: PTH208
            self._slots.append(slot)
            return
        import shutil  # rarely needed: every worker would carry it

        slot.close()
        with contextlib.suppress(RecursionError):  # too deep: the zygote removes it
            shutil.rmtree(slot.folder, ignore_errors=True)

    def _compile(self, sources: Mapping[str, bytes], seconds: float) -> dict[str, CodeType]:
        """Return the code of every file that compiles; none, if the compiler crashes or is late.

        The child runs nothing of the files, so what it writes is what they say.
        """
        slot = self._slot()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                confine.finish(self._confined, slot)
                with os.fdopen(writing, "wb") as pipe:
                    marshal.dump(compile_sources(sources), pipe)
            finally:
                os._exit(0)
        os.close(writing)
        data = _read_all(reading, time.monotonic() + seconds)
        _kill(pid)
        self._dying.append(_Worker(pid, slot))
        self.reap(wait=True)
        try:
            code: dict[str, CodeType] = marshal.loads(data)
            return code
        except (EOFError, ValueError, TypeError):
            return {}


def _work(
    confined: Confined,
    slot: Slot,
    stream: int,
    output: int,
    serve: Callable[[socket.socket], None],
) -> NoReturn:
    """Be a worker, from the fork to the end."""
    try:
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        confine.finish(confined, slot)
        if stream != _STREAM:
            os.dup2(stream, _STREAM)
        os.closerange(_STREAM + 1, _MAX_FDS)
        serve(socket.socket(fileno=_STREAM))
    except BaseException as error:  # noqa: BLE001 - nothing of ours may run on in a fork
        os.write(2, f"worker: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(71)


def threads() -> int:
    """Return how many threads this process has, as far as the system tells."""
    if not os.path.isdir(_TASKS):  # noqa: PTH112 - a string, asked often
        return 1
    return os.stat(_TASKS).st_nlink - 2  # noqa: PTH116


def kill_orphans(known: set[int], children: int | None = None) -> None:
    """Kill and reap every child that is not known: processes that a worker left behind.

    Args:
        known: children that may live on.
        children: an open file that lists the children, where none can be opened any more.
    """
    opened = _open_children() if children is None else children
    if opened is None:
        return
    try:
        deadline = time.monotonic() + 2.0
        while (orphans := _listed(opened) - known) and time.monotonic() < deadline:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
    finally:
        if children is None:
            os.close(opened)


def _open_children() -> int | None:
    try:
        return os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _listed(file: int) -> set[int]:
    os.lseek(file, 0, os.SEEK_SET)
    parts = iter(lambda: os.read(file, 1 << 16), b"")
    return {int(pid) for pid in b"".join(parts).split()}


def _read_all(pipe: int, deadline: float) -> bytes:
    """Return what a child writes until it closes its end, or b"" if that takes too long."""
    parts: list[bytes] = []
    try:
        while (left := deadline - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
        return b""
    finally:
        os.close(pipe)


def _kill(pid: int) -> None:
    """Kill a child that is not yet reaped, and its group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _has_ended(pid: int) -> bool:
    """Whether a child is dead but not yet reaped; never, where the system does not tell."""
    if not hasattr(os, "waitid"):
        return False
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


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
