"""The grader's end of the sandbox: start a zygote, have workers forked and killed, talk to them.

Every wait is under a deadline. What a worker sends is untrusted: frames are checked before memory
is taken for them, and any frame that is not the one that is due ends the exchange.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox import confine, namespaces, zygote
from autograder.sandbox.frames import HEADER, Kind, pack, parse_header
from autograder.sandbox.layers import Fact, Layer, level
from autograder.sandbox.nest import NONE, ORDER, Order
from student_kit.proxy import StudentFault
from student_kit.wire import Payload, WireError, encode

PRELOAD = ("numpy", "numpy.random", "numpy.linalg", "numpy.fft", "linecache", "random")
_ENGINE = Path(__file__).resolve().parents[2]  # the folder that holds autograder/ and student_kit/
NOTHING = ""  # instead of a module's name
_PATIENCE = 20.0  # seconds that the zygote, which is ours, may take to answer
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the workers of one submission are for: to answer requests with these files."""

    sources: Mapping[str, bytes]  # module name -> file
    seed: int  # of the global generators
    compile_seconds: float = 10.0  # for all files; after that, workers compile for themselves
    rehearse: bool = True  # have workers get up to speed while they wait: for an idle processor


class Sandbox:
    """One zygote. Start it before hidden tests are loaded; close it when done.

    It ends with the thread that started it, and hides this process's memory from others of the
    same user.

    Args:
        packages: import names that student code may load beside the standard library.
        cpu: the processor that all of it stays on; None for any.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        preload: Sequence[str] = PRELOAD,
        packages: Sequence[str] = ("numpy",),
        cpu: int | None = None,
    ) -> None:
        self._plan = confine.plan(limits, packages)
        confine.hide()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        command = [sys.executable, "-I", "-B", "-X", "utf8", zygote.__file__]
        self._scratch = ""  # in namespaces, the zygote makes it where nobody else sees it
        if self._plan.surrounded:
            command = namespaces.wrap(command, self._plan.packages)
        else:
            self._scratch = tempfile.mkdtemp(prefix="autograder-")
            Path(self._scratch).chmod(0o711)  # workers with a uid of their own pass through it
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the grader's to handle
            )
        self._requests = _Requests(ours, "the sandbox", self._process.poll)
        self._nests: list[socket.socket] = []  # of each, its control socket
        greeting = {
            "engine": str(_ENGINE),
            "preload": list(preload),
            "plan": self._plan.to_json(),
            "scratch": self._scratch,
            "cpu": cpu,
        }
        self._greeting = self._requests.send(greeting)

    @property
    def layers(self) -> tuple[Fact, ...]:
        """What became of each layer in this sandbox's workers, as one of them reported."""
        reported = map(Fact.from_json, self._requests.answer(self._greeting)["layers"])
        held = self._plan.surrounded
        detail = namespaces.IN_FORCE if held else namespaces.missing() or confine.OFF
        return (Fact(layer=Layer.NAMESPACES, held=held, detail=detail), *reported)

    @property
    def plan(self) -> confine.Plan:
        """The plan, with notes for the instructor on what of it is in force."""
        facts = sorted(self.layers, key=lambda fact: fact.layer is Layer.UID)
        notes = (level(facts).value, self._plan.notes[0], *map(str, facts))
        return replace(self._plan, notes=notes)

    def nest(self, job: Job) -> Nest:
        """Open a nest for one submission; it gets ready while the caller goes on."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stream, their_stream = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        order = {
            "op": "open",
            "seed": job.seed,
            "compile_seconds": job.compile_seconds,
            "rehearse": job.rehearse,
        }
        with theirs, their_stream, stream:
            ticket = self._requests.send(order, theirs, their_stream)
            stream.settimeout(_PATIENCE)
            with suppress(OSError):  # a nest that is gone does not say "ready"
                stream.sendall(pack(Kind.INIT, 0, encode(dict(job.sources))))
        self._nests.append(ours)
        return Nest(self._requests, ticket, ours, job)

    def settle(self) -> None:
        """Wait until no request is open: then a fork of the grader may take this sandbox over."""
        self._requests.settle()

    def close(self) -> None:
        """End the zygote and every worker."""
        for control in (*self._nests, self._control):
            control.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)


class Nest:
    """The grader's end of what forks the workers of one submission."""

    def __init__(
        self, sandbox: _Requests, opened: _Ticket, control: socket.socket, job: Job
    ) -> None:
        self._sandbox = sandbox
        self._opened = opened
        self._control = control
        self._requests = _Requests(
            control, "the sandbox of this submission", patience=_PATIENCE + job.compile_seconds
        )
        self._ready = self._requests.expect()
        self._modules = [*job.sources]
        self._count = 0  # of workers

    def wait_ready(self) -> None:
        """Wait until workers can be asked for without delay."""
        self._requests.answer(self._ready)

    @property
    def compiled(self) -> list[str]:
        """The modules of the submission that compile; none, if its compiler crashed."""
        return list(self._requests.answer(self._ready)["compiled"])

    def spawn(self, modules: Sequence[str]) -> list[Worker]:
        """Ask for workers, at most `nest.MOST_AT_ONCE`; they get ready while the caller goes on.

        Args:
            modules: for each worker, what it imports beforehand, or NOTHING. What else is asked
                for is imported then.
        """
        theirs: list[int] = []
        workers = []
        for _ in modules:
            ours, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            reading, writing = os.pipe()
            theirs += [other.detach(), writing]
            workers.append(Worker(self._count, ours, reading))
            self._count += 1
        try:
            wanted = [self._modules.index(name) if name else NONE for name in modules]
            self._requests.tell(ORDER.pack(Order.SPAWN, 0, 0.0) + bytes(wanted), theirs)
        finally:
            for fd in theirs:
                os.close(fd)
        return workers

    def pid(self, worker: Worker) -> int:
        """Return a worker's process, by its number where the nest is."""
        return int(self._ask(Order.PID, worker.number)["pid"])

    def kill(self, worker: Worker) -> None:
        """Have a worker and all that it started killed, some time soon."""
        self._requests.tell(ORDER.pack(Order.KILL, worker.number, 0.0))

    def end_of(self, worker: Worker, *, patience: float) -> int:
        """Return the wait status of a worker that has hung up, or -1 if it had to be killed.

        Args:
            patience: seconds that it may still take to end by itself.
        """
        return int(self._ask(Order.END, worker.number, patience)["status"])

    def reap(self) -> None:
        """Wait until nothing is left of the workers that were killed."""
        self._ask(Order.REAP, 0)

    def close(self) -> None:
        """End the nest; nothing of it and of its workers is left when this returns."""
        self._control.close()
        pid = self._sandbox.answer(self._opened)["pid"]
        self._sandbox.answer(self._sandbox.send({"op": "close", "pid": pid}))

    def _ask(self, order: Order, number: int, patience: float = 0.0) -> dict[str, Any]:
        self._requests.tell(ORDER.pack(order, number, patience))
        return self._requests.answer(self._requests.expect())


@dataclass(slots=True)
class _Ticket:
    """A request whose answer may not be there yet; answers come in order."""

    answer: dict[str, Any] | None = None


class _Requests:
    """Requests to a process of ours, and its answers."""

    def __init__(
        self,
        control: socket.socket,
        whose: str,
        exit_code: Callable[[], int | None] = lambda: None,
        *,
        patience: float = _PATIENCE,
    ) -> None:
        self._control = control
        self._whose = whose
        self._exit_code = exit_code
        self._tickets: deque[_Ticket] = deque()
        control.settimeout(patience)

    def send(self, request: dict[str, Any], *fds: socket.socket) -> _Ticket:
        """Send a request that will be answered; GraderError if nobody is there."""
        self.tell(json.dumps(request).encode(), [fd.fileno() for fd in fds])
        return self.expect()

    def tell(self, message: bytes, fds: Sequence[int] = ()) -> None:
        """Send a message that needs no answer; GraderError if nobody is there."""
        try:
            if fds:
                socket.send_fds(self._control, [message], list(fds))
            else:
                self._control.send(message)
        except OSError as error:
            raise GraderError(f"{self._whose} died: {error}") from None

    def expect(self) -> _Ticket:
        """Return the ticket of an answer that comes by itself."""
        ticket = _Ticket()
        self._tickets.append(ticket)
        return ticket

    def answer(self, ticket: _Ticket) -> dict[str, Any]:
        """Wait for the answer to an earlier request; GraderError if none comes."""
        while ticket.answer is None:
            self._read()
        return ticket.answer

    def settle(self) -> None:
        """Wait until no request is open."""
        while self._tickets:
            self._read()

    def _read(self) -> None:
        try:
            message = self._control.recv(1 << 16)
        except OSError as error:
            raise GraderError(f"{self._whose} does not answer: {error}") from None
        if not message:
            code = self._exit_code()
            raise GraderError(f"{self._whose} died" + ("" if code is None else f" ({code})"))
        self._tickets.popleft().answer = json.loads(message)


class Worker:
    """The grader's end of one worker."""

    def __init__(self, number: int, sock: socket.socket, output: int) -> None:
        self.number = number  # in its nest
        self.ready = False
        self._sock = sock
        self._output = output
        self._printed: list[bytes] = []
        self._printed_size = 0
        self._seq = 0
        self._buffer = bytearray()
        self._outgoing = b""
        sock.setblocking(False)
        os.set_blocking(output, False)
        self._poll = select.poll()
        self._poll.register(output, select.POLLIN)
        self._poll.register(sock, select.POLLIN)

    def wait_confined(self) -> None:
        """Wait until the worker is confined; no student code has run before that.

        Raises:
            GraderError: it died or hangs, which is our fault, whatever was submitted.
        """
        try:
            self._receive(time.monotonic() + _PATIENCE, Kind.HELLO)
        except (EOFError, TimeoutError, WireError) as error:
            text = f"a worker could not be confined: {type(error).__name__} {self.drain(2_000)}"
            raise GraderError(text) from None

    def wait_ready(self, deadline: float) -> None:
        """Wait until its file is imported; errors in it are told by later calls."""
        self._receive(deadline, Kind.REPLY)
        self.ready = True

    def exchange(
        self, request: Payload, answer: Callable[[Payload], Payload], deadline: float
    ) -> Payload:
        """Send one request and return its reply, answering callbacks on the way."""
        self._seq += 1
        if self._buffer:
            raise StudentFault("protocol", "your code wrote to the grader's connection")
        self._outgoing = pack(Kind.REQUEST, self._seq, request)
        while True:
            kind, payload = self._receive(deadline, Kind.REPLY, Kind.ASK)
            if kind is Kind.REPLY:
                return payload
            self._outgoing = pack(Kind.ANSWER, self._seq, answer(payload))

    def drain(self, keep: int) -> str:
        """Return what was printed: the first `keep` bytes, and how much was dropped."""
        self._read_output(keep)
        text = b"".join(self._printed)[:keep].decode("utf-8", "replace")
        if self._printed_size > keep:
            text += f"\n... {self._printed_size - keep} more bytes printed, not kept ...\n"
        return text

    def close(self) -> None:
        """Close this end; the worker itself is killed by `Nest.kill`."""
        self._sock.close()
        os.close(self._output)

    def _receive(self, deadline: float, *kinds: Kind) -> tuple[Kind, Payload]:
        """Send what is outgoing and read one frame, draining output, until the deadline."""
        while True:
            self._push()
            if (frame := self._parse(kinds)) is not None:
                return frame
            blocked = bool(self._outgoing)
            if blocked:
                self._poll.modify(self._sock, select.POLLIN | select.POLLOUT)
            left = deadline - time.monotonic()
            ready = self._poll.poll(max(0.0, left) * 1000)
            if blocked:
                self._poll.modify(self._sock, select.POLLIN)
            if not ready and left <= 0:
                raise TimeoutError
            if left <= -1.0:  # a flood of output keeps poll busy
                raise TimeoutError
            for fd, event in ready:
                if fd == self._output:
                    self._read_output(1 << 20)
                    if event & ~select.POLLIN:
                        self._poll.unregister(self._output)
                elif event & ~select.POLLOUT:
                    self._pull()
            if left <= 0:
                raise TimeoutError

    def _push(self) -> None:
        while self._outgoing:
            try:
                sent = self._sock.send(self._outgoing[:_CHUNK])
            except BlockingIOError:
                return
            except OSError:
                raise EOFError from None
            self._outgoing = self._outgoing[sent:]

    def _pull(self) -> None:
        try:
            data = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            raise EOFError
        self._buffer += data

    def _parse(self, kinds: Collection[Kind]) -> tuple[Kind, Payload] | None:
        if len(self._buffer) < HEADER.size:
            return None
        kind, seq, tree, body = parse_header(bytes(self._buffer[: HEADER.size]))
        if seq != self._seq or kind not in kinds:
            raise WireError("a frame out of order")
        size = HEADER.size + tree + body
        if len(self._buffer) < size:
            return None
        with memoryview(self._buffer) as view:  # one copy: a frame may be large
            body_starts = HEADER.size + tree
            payload = Payload(bytes(view[HEADER.size : body_starts]), bytes(view[body_starts:size]))
        del self._buffer[:size]
        return kind, payload

    def _read_output(self, keep: int) -> None:
        for _ in range(64):  # bounded: a flood must not hold the deadline up
            try:
                data = os.read(self._output, 1 << 16)
            except (BlockingIOError, OSError):
                return
            if not data:
                return
            if self._printed_size < keep:
                self._printed.append(data)
            self._printed_size += len(data)


def _environment() -> dict[str, str]:
    """Return the zygote's whole environment: nothing of the grader's own is inherited."""
    one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",
        "MPLBACKEND": "Agg",
        **dict.fromkeys(one_thread, "1"),
    }
