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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox import confine, namespaces, zygote
from autograder.sandbox.frames import HEADER, Kind, pack, parse_header
from autograder.sandbox.layers import Fact, Layer, level
from student_kit.proxy import StudentFault
from student_kit.wire import Payload, WireError, decode, encode

PRELOAD = ("numpy", "numpy.random", "numpy.linalg", "numpy.fft", "linecache", "random")
_ENGINE = Path(__file__).resolve().parents[2]  # the folder that holds autograder/ and student_kit/
_PATIENCE = 20.0  # seconds that the zygote, which is ours, may take to answer
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker is for: to load these files, and then to answer requests."""

    sources: Mapping[str, bytes]  # module name -> file
    seed: int  # of the global generators
    compiled: Mapping[str, bytes] = field(default_factory=dict)  # opaque here, never unmarshalled
    only_compile: bool = False  # send back `compiled`, run nothing

    def payload(self) -> Payload:
        """Return the first message to the worker."""
        return encode(
            {
                "sources": dict(self.sources),
                "seed": self.seed,
                "compiled": dict(self.compiled),
                "compile": self.only_compile,
            }
        )


class Sandbox:
    """One zygote. Start it before hidden tests are loaded; close it when done.

    It ends with the thread that started it, and hides this process's memory from others of the
    same user.

    Args:
        packages: import names that student code may load beside the standard library.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        preload: Sequence[str] = PRELOAD,
        packages: Sequence[str] = ("numpy",),
    ) -> None:
        self._plan = confine.plan(
            memory_mb=limits.memory_mb,
            cpu_seconds=int(limits.test_seconds) + 2,
            packages=packages,
        )
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
        self._tickets: deque[_Ticket] = deque()
        greeting = {
            "engine": str(_ENGINE),
            "preload": list(preload),
            "plan": self._plan.to_json(),
            "scratch": self._scratch,
        }
        self._greeting = self._send(greeting, [])

    @property
    def layers(self) -> tuple[Fact, ...]:
        """What became of each layer in this sandbox's workers, as one of them reported."""
        reported = map(Fact.from_json, self.answer(self._greeting)["layers"])
        held = self._plan.surrounded
        detail = namespaces.IN_FORCE if held else namespaces.missing() or confine.OFF
        return (Fact(layer=Layer.NAMESPACES, held=held, detail=detail), *reported)

    @property
    def plan(self) -> confine.Plan:
        """The plan, with notes for the instructor on what of it is in force."""
        facts = sorted(self.layers, key=lambda fact: fact.layer is Layer.UID)
        notes = (level(facts).value, self._plan.notes[0], *map(str, facts))
        return replace(self._plan, notes=notes)

    def spawn(self, job: Job) -> Worker:
        """Ask for a worker that does this job; it gets ready while the caller goes on."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        reading, writing = os.pipe()
        try:
            ticket = self._send({"op": "spawn"}, [theirs.fileno(), writing])
        finally:
            theirs.close()
            os.close(writing)
        worker = Worker(ticket, ours, reading)
        worker.start(job)
        return worker

    def compiled(self, job: Job, deadline: float) -> Job:
        """Return the job with its files compiled: once, in a worker of its own.

        That worker runs nothing of the files, so what it sends is what they say. If it fails, by
        a crash or by the deadline, each later worker compiles for itself and is told why.
        """
        worker = self.spawn(replace(job, only_compile=True))
        worker.wait_confined()
        try:
            found = decode(worker.wait_ready(deadline))
            compiled = {n: c for n, c in found.items() if n in job.sources and type(c) is bytes}
            return replace(job, compiled=compiled)
        except (TimeoutError, EOFError, WireError, AttributeError):
            return job
        finally:
            self.kill(worker)
            worker.close()

    def kill(self, worker: Worker, *, patience: float = 0.0) -> _Ticket:
        """Have a worker and all that it started killed; the ticket tells how it had ended.

        Args:
            patience: seconds that it may still take to end by itself, and tell how.
        """
        pid = self.answer(worker.ticket)["pid"]
        return self._send({"op": "kill", "pid": pid, "patience": patience}, [])

    def answer(self, ticket: _Ticket) -> dict[str, Any]:
        """Wait for the zygote's answer to an earlier request."""
        while ticket.answer is None:
            self._read_answer()
        return ticket.answer

    def reap(self) -> None:
        """Wait until nothing is left of the workers that were killed."""
        self.answer(self._send({"op": "reap"}, []))

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
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

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

    def start(self, job: Job) -> None:
        """Send the submitted files; `wait_ready` reads the answer."""
        self._outgoing = pack(Kind.INIT, 0, job.payload())
        with suppress(EOFError):  # `wait_ready` will say so
            self._push()

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

    def wait_ready(self, deadline: float) -> Payload:
        """Wait until the submitted files are imported; errors in them are told by later calls."""
        _, payload = self._receive(deadline, Kind.REPLY)
        self.ready = True
        return payload

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
        """Close this end; the worker itself is killed by `Sandbox.kill`."""
        self._sock.close()
        os.close(self._output)

    def _receive(self, deadline: float, *kinds: Kind) -> tuple[Kind, Payload]:
        """Send what is outgoing and read one frame, draining output, until the deadline."""
        while True:
            self._push()
            if (frame := self._parse(kinds)) is not None:
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
