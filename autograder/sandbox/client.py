"""The grader's end of the sandbox: one fresh worker per test, deadlines, and words for crashes.

    Submission's files + requests -> [client] -> replies, or a StudentFault

While a test runs, the next worker is already being forked and imports the submission. Every wait
is under a deadline: of the call, the test, the question and the run, whichever is nearest. What a
worker sends is untrusted: frames are checked before memory is taken for them, and any frame that
is not the one reply that is due ends the worker.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox import confine, zygote
from autograder.sandbox.frames import HEADER, Kind, pack, parse_header
from student_kit.proxy import StudentFault
from student_kit.wire import Payload, WireError, encode

PRELOAD = ("numpy", "numpy.random", "numpy.linalg", "numpy.fft", "linecache", "random")
_ENGINE = Path(__file__).resolve().parents[2]  # the folder that holds autograder/ and student_kit/
_PATIENCE = 20.0  # seconds that the zygote, which is ours, may take to answer
_CHUNK = 1 << 18
_Part = TypeVar("_Part")


class Sandbox:
    """One zygote. Start it before hidden tests are loaded; close it when done."""

    def __init__(self, limits: Limits, *, preload: Sequence[str] = PRELOAD) -> None:
        self.plan = confine.plan(
            memory_mb=limits.memory_mb, cpu_seconds=int(limits.test_seconds) + 2
        )
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        with theirs:
            command = [sys.executable, "-I", "-B", "-X", "utf8", zygote.__file__]
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._tickets: deque[_Ticket] = deque()
        self._greeting = {"engine": str(_ENGINE), "preload": list(preload)}
        self._send(self._greeting, [])

    def spawn(self, sources: Mapping[str, bytes], seed: int) -> Worker:
        """Ask for a worker that loads these files; it gets ready while the caller goes on."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        reading, writing = os.pipe()
        try:
            request = {"op": "spawn", "plan": self.plan.to_json()}
            ticket = self._send(request, [theirs.fileno(), writing])
        finally:
            theirs.close()
            os.close(writing)
        worker = Worker(ticket, ours, reading)
        worker.start(sources, seed)
        return worker

    def kill(self, worker: Worker) -> _Ticket:
        """Have a worker and all that it started killed; the ticket tells how it had ended."""
        pid = self.answer(worker.ticket)["pid"]
        return self._send({"op": "kill", "pid": pid}, [])

    def answer(self, ticket: _Ticket) -> dict[str, Any]:
        """Wait for the zygote's answer to an earlier request."""
        while ticket.answer is None:
            self._read_answer()
        return ticket.answer

    def settle(self) -> None:
        """Wait until no request is open: then a fork of the grader may take this sandbox over."""
        while self._tickets:
            self._read_answer()

    def close(self) -> None:
        """End the zygote and every worker."""
        self._control.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_answer(self) -> None:
        self._control.settimeout(_PATIENCE)
        try:
            message = self._control.recv(1 << 16)
        except OSError as error:
            raise GraderError(f"the sandbox does not answer: {error}") from None
        if not message:
            raise GraderError(f"the sandbox died (exit code {self._process.poll()})")
        self._tickets.popleft().answer = json.loads(message)

    def _send(self, request: dict[str, Any], fds: list[int]) -> _Ticket:
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], fds)
        except OSError as error:
            raise GraderError(f"the sandbox died: {error}") from None
        ticket = _Ticket()
        self._tickets.append(ticket)
        return ticket


@dataclass(slots=True)
class _Ticket:
    """A request to the zygote whose answer may not be there yet; answers come in order."""

    answer: dict[str, Any] | None = None


class Worker:
    """The grader's end of one worker."""

    def __init__(self, ticket: _Ticket, sock: socket.socket, output: int) -> None:
        self.ticket = ticket
        self.ready = False
        self._sock = sock
        self._output = output
        self._printed: list[bytes] = []
        self._printed_size = 0
        self._seq = 0
        self._buffer = bytearray()
        sock.setblocking(False)
        os.set_blocking(output, False)
        self._poll = select.poll()
        self._poll.register(output, select.POLLIN)

    def start(self, sources: Mapping[str, bytes], seed: int) -> None:
        """Send the submitted files; `wait_ready` reads the answer."""
        self._outgoing = pack(Kind.INIT, 0, encode({"sources": dict(sources), "seed": seed}))
        self._push()

    def wait_ready(self, deadline: float) -> None:
        """Wait until the submitted files are imported; errors in them are told by later calls."""
        self._receive(deadline)
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
            kind, payload = self._receive(deadline)
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
        """Close this end; the worker itself is killed by `Sandbox.kill`."""
        self._sock.close()
        os.close(self._output)

    def _receive(self, deadline: float) -> tuple[Kind, Payload]:
        """Send what is outgoing and read one frame, draining output, until the deadline."""
        while True:
            self._push()
            if (frame := self._parse()) is not None:
                return frame
            events = select.POLLIN | (select.POLLOUT if self._outgoing else 0)
            self._poll.register(self._sock, events)
            left = deadline - time.monotonic()
            ready = self._poll.poll(max(0.0, left) * 1000)
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

    def _parse(self) -> tuple[Kind, Payload] | None:
        if len(self._buffer) < HEADER.size:
            return None
        kind, seq, tree, body = parse_header(bytes(self._buffer[: HEADER.size]))
        if seq != self._seq or kind not in (Kind.ASK, Kind.REPLY):
            raise WireError("a frame out of order")
        size = HEADER.size + tree + body
        if len(self._buffer) < size:
            return None
        frame = bytes(self._buffer[HEADER.size : size])
        del self._buffer[:size]
        return kind, Payload(frame[:tree], frame[tree:])

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


@dataclass(slots=True)
class WorkerWorld:
    """The `World` and `Transport` of grading: student code in a fresh worker per test."""

    limits: Limits
    sandbox: Sandbox | None = None
    sources: Mapping[str, bytes] = field(default_factory=dict)
    _seed: int = 0
    _worker: Worker | None = None
    _spare: Worker | None = None
    _fault: StudentFault | None = None  # of this test: after it, the worker is gone
    _import_fault: StudentFault | None = None  # of the submission: no worker gets past it
    _question: str = ""
    _used: dict[str, float] = field(default_factory=dict)  # seconds per question
    _test_ends: float = 0.0
    _run_ends: float = 0.0

    def open(self, sandbox: Sandbox, sources: Mapping[str, bytes], seed: int) -> None:
        """Begin one submission."""
        self.sandbox, self.sources, self._seed = sandbox, sources, seed
        self._run_ends = time.monotonic() + self.limits.run_seconds
        self._spare = sandbox.spawn(sources, seed)

    def close(self) -> None:
        """End one submission: no worker is left when this returns."""
        if self._spare is not None:
            self._retire(self._spare)
            self._spare = None
        if self.sandbox is not None:
            self.sandbox.settle()

    def begin(self, question: str) -> None:
        """Take the worker that is waiting, and have the next one made."""
        self._question = question
        self._fault = None
        now = time.monotonic()
        self._test_ends = now + self.limits.test_seconds
        if self._import_fault is not None:
            raise self._import_fault
        if now >= self._run_ends:
            text = f"not run: the time for the whole run ({self.limits.run_seconds:g} s) is used up"
            raise StudentFault("not_run", text)
        if self._used.get(question, 0.0) >= self.limits.question_seconds:
            text = (
                f"not run: earlier tests used up the {self.limits.question_seconds:g} s "
                "that this question has"
            )
            raise StudentFault("not_run", text)
        sandbox = self._present(self.sandbox)
        self._worker = self._spare or sandbox.spawn(self.sources, self._seed)
        self._spare = sandbox.spawn(self.sources, self._seed)

    def end(self) -> str:
        """Kill the test's worker and return what it printed."""
        worker, self._worker = self._worker, None
        if worker is None:
            return ""
        printed = worker.drain(self.limits.output_kb << 10)
        self._retire(worker)
        return printed

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Carry one request to the worker, under the nearest deadline."""
        if self._fault is not None:
            raise self._fault
        worker = self._present(self._worker)
        started = time.monotonic()
        left = self.limits.question_seconds - self._used.get(self._question, 0.0)
        deadline = min(
            started + self.limits.call_seconds, self._test_ends, self._run_ends, started + left
        )
        importing = not worker.ready
        try:
            if importing:
                worker.wait_ready(deadline)
                importing = False
            return worker.exchange(request, answer, deadline)
        except TimeoutError:
            self._fault = self._timeout(importing, deadline - started)
        except EOFError:
            self._fault = self._crash(importing)
        except WireError as error:
            self._fault = StudentFault("protocol", f"your code's reply cannot be read: {error}")
        except StudentFault as fault:
            self._fault = fault
        finally:
            used = self._used.get(self._question, 0.0)
            self._used[self._question] = used + time.monotonic() - started
        if importing:
            self._import_fault = self._fault
        raise self._fault

    def _timeout(self, importing: bool, seconds: float) -> StudentFault:
        what = f"importing {self._names()}" if importing else "your code"
        return StudentFault(
            "timeout",
            f"{what} did not finish within {max(seconds, 0.1):.2g} s and was stopped "
            "(an endless loop, or far too slow)",
        )

    def _crash(self, importing: bool) -> StudentFault:
        sandbox, worker = self._present(self.sandbox), self._present(self._worker)
        status = sandbox.answer(sandbox.kill(worker))["status"]
        where = f"while {self._names()} was imported, " if importing else ""
        if os.WIFSIGNALED(status) if status >= 0 else False:
            name = signal.Signals(os.WTERMSIG(status)).name
            if name == "SIGXCPU":
                return StudentFault("timeout", f"{where}your code used too much processor time")
            if name == "SIGKILL":
                return StudentFault("crash", f"{where}your code was killed (out of memory?)")
            return StudentFault(
                "crash", f"{where}your code crashed with {name} (very deep recursion, or ctypes)"
            )
        code = os.WEXITSTATUS(status) if status >= 0 else 0
        return StudentFault(
            "crash", f"{where}your code ended the process (exit code {code}) instead of returning"
        )

    def _names(self) -> str:
        return " and ".join(f"{name}.py" for name in self.sources)

    def _retire(self, worker: Worker) -> None:
        self._present(self.sandbox).kill(worker)
        worker.close()

    @staticmethod
    def _present(part: _Part | None) -> _Part:
        if part is None:
            raise GraderError("a test called the submission outside of open and begin")
        return part


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
