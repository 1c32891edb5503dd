"""Where student code lives while a suite runs: one fresh worker per test.

    Submission's files + requests -> [world: client] -> replies, or a StudentFault

While a test runs, the next worker is already being forked and imports the submission. The nearest
deadline counts: of the call, the test, the question or the run. How a worker ended is put into
words here, for the student.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox.client import Job, Nest, Sandbox, Worker
from student_kit import cells
from student_kit.proxy import StudentFault
from student_kit.wire import Payload, WireError

BATCH = 4  # workers that are made at once, which is cheaper than one at a time
QUICK = 0.1  # seconds: imports that take longer are not made several at once, or all are late
SPARES = 3  # to be made takes a worker longer than most tests take: fewer left, and more are made
_Part = TypeVar("_Part")


@dataclass(slots=True)
class _Place:
    """One sandbox as it is for one submission."""

    nest: Nest
    left: int = 0  # tests that are still to come, as far as they were announced
    batch: int = 1  # workers to make at once, as long as nobody knows how long they import
    spares: deque[Worker] = field(default_factory=deque)  # on their way to be ready
    fault: StudentFault | None = None  # of the submission: no worker gets past its import

    def take(self) -> Worker:
        """Return the worker that is waiting, and have the next ones made."""
        needed = max(self.left, 1) - len(self.spares)
        if needed > 0 and len(self.spares) < SPARES:
            self.spares.extend(self.nest.spawn(min(self.batch, needed)))
        self.left -= 1
        return self.spares.popleft()

    def close(self) -> None:
        """End every worker."""
        while self.spares:
            self.spares.popleft().close()
        self.nest.close()


@dataclass(slots=True)
class WorkerWorld:
    """The `World` and `Transport` of grading: student code in a fresh worker per test."""

    limits: Limits
    sources: Mapping[str, bytes] = field(default_factory=dict)
    _places: list[_Place] = field(default_factory=list)
    _by_question: Mapping[str, _Place] = field(default_factory=dict)
    _place: _Place | None = None  # of this test
    _worker: Worker | None = None
    _fault: StudentFault | None = None  # of this test: after it, the worker is gone
    _question: str = ""
    _used: dict[str, float] = field(default_factory=dict)  # seconds per question
    _test_ends: float = 0.0
    _run_ends: float = 0.0

    def open(
        self,
        sandbox: Sandbox,
        sources: Mapping[str, bytes],
        seed: int,
        by_question: Mapping[str, Sandbox] | None = None,
        tests: Mapping[str, int] | None = None,
        *,
        rehearse: bool = True,
    ) -> None:
        """Begin one submission.

        Args:
            sandbox: where its code runs.
            sources: module name -> file.
            seed: of the workers' global generators.
            by_question: the sandbox of each question, if there is more than one.
            tests: how many tests of each question will come; workers are then made ahead.
            rehearse: as a `Job` has it.
        """
        self.sources = sources
        self._run_ends = time.monotonic() + self.limits.run_seconds
        job = Job(
            sources=sources,
            seed=seed,
            compile_seconds=self.limits.call_seconds,
            rehearse=rehearse,
        )
        wanted = by_question or {}
        places = {id(each): _Place(each.nest(job)) for each in dict.fromkeys(wanted.values())}
        if not places:
            places[id(sandbox)] = _Place(sandbox.nest(job))
        self._places = list(places.values())
        self._by_question = {name: places[id(each)] for name, each in wanted.items()}
        for question, count in (tests or {}).items():
            self._place_of(question).left += count

    @property
    def uncompiled(self) -> list[str]:
        """The modules of the submission that do not compile."""
        return [name for name in self.sources if name not in self._places[0].nest.compiled]

    def close(self) -> None:
        """End one submission: no worker is left when this returns."""
        for place in self._places:
            place.close()

    def begin(self, question: str) -> None:
        """Take the worker that is waiting, and have the next one made."""
        self._question = question
        self._fault = None
        self._place = self._place_of(question)
        self._place.nest.wait_ready()  # that is ours: the test's time begins after it
        now = time.monotonic()
        self._test_ends = now + self.limits.test_seconds
        if self._place.fault is not None:
            raise self._place.fault
        if now >= self._run_ends:
            text = f"not run: the time for the whole run ({self.limits.run_seconds:g} s) is used up"
            raise StudentFault("not_run", text)
        if self._used.get(question, 0.0) >= self.limits.question_seconds:
            text = (
                f"not run: earlier tests used up the {self.limits.question_seconds:g} s "
                "that this question has"
            )
            raise StudentFault("not_run", text)
        self._worker = self._place.take()

    def end(self) -> str:
        """Kill the test's worker and return what it printed."""
        worker, self._worker = self._worker, None
        if worker is None:
            return ""
        printed = worker.drain(self.limits.output_kb << 10)
        self._present(self._place).nest.kill(worker)
        worker.close()
        return printed

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Carry one request to the worker, under the nearest deadline."""
        if self._fault is not None:
            raise self._fault
        worker = self._present(self._worker)
        if not worker.ready:
            worker.wait_confined()
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
                quick = time.monotonic() - started < QUICK
                self._present(self._place).batch = BATCH if quick else 1
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
            self._present(self._place).fault = self._fault
        raise self._fault

    def _place_of(self, question: str) -> _Place:
        return self._by_question.get(question) or self._places[0]

    def _timeout(self, importing: bool, seconds: float) -> StudentFault:
        what = f"importing {self._names()}" if importing else "your code"
        return StudentFault(
            "timeout",
            f"{what} did not finish within {max(seconds, 0.1):.2g} s and was stopped "
            "(an endless loop, or far too slow)",
        )

    def _crash(self, importing: bool) -> StudentFault:
        nest, worker = self._present(self._place).nest, self._present(self._worker)
        status = nest.end_of(worker, patience=0.2)
        where = f"while {self._names()} was imported, " if importing else ""
        if os.WIFSIGNALED(status) if status >= 0 else False:
            number = os.WTERMSIG(status)
            known = {known.value: known.name for known in signal.Signals}
            name = known.get(number, f"signal {number}")
            if name == "SIGXCPU":
                return StudentFault("timeout", f"{where}your code used too much processor time")
            if name == "SIGKILL":
                return StudentFault(
                    "crash", f"{where}your code was killed (too much memory, or too many files?)"
                )
            return StudentFault(
                "crash", f"{where}your code crashed with {name} (very deep recursion, or ctypes)"
            )
        code = os.WEXITSTATUS(status) if status >= 0 else 0
        return StudentFault(
            "crash", f"{where}your code ended the process (exit code {code}) instead of returning"
        )

    def _names(self) -> str:
        titles = (cells.title(f"{name}.py", source) for name, source in self.sources.items())
        return " and ".join(dict.fromkeys(titles))

    @staticmethod
    def _present(part: _Part | None) -> _Part:
        if part is None:
            raise GraderError("a test called the submission outside of open and begin")
        return part
