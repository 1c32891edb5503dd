"""Where student code lives while a suite runs: one fresh worker per test.

    Submission's files + requests -> [world: client] -> replies, or a StudentFault

While a test runs, the workers of the next ones are already being forked and import the file that
their test is about: what another file does when it is imported costs its own questions only. The
nearest deadline counts: of the call, the test, the question or the run. How a worker ended is put
into words here, for the student.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox.client import EVERY, Job, Nest, Sandbox, Worker
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
    coming: deque[str] = field(default_factory=deque)  # files of the announced tests to come
    spares: deque[Worker] = field(default_factory=deque)  # for the first of these, being made
    batch: int = 1  # workers to make at once, as long as nobody knows how long they import
    faults: dict[str, StudentFault] = field(default_factory=dict)  # of files: none gets past these

    def take(self, module: str) -> Worker:
        """Return the worker that is waiting, and have the next ones made."""
        if self.coming and self.coming[0] != module:  # not as announced: one at a time, then
            self._forget(dict.fromkeys(self.coming))
        if len(self.spares) < SPARES:
            made = len(self.spares)
            wanted = [*islice(self.coming, made, made + self.batch)]
            self.spares.extend(self.nest.spawn(wanted or ([] if made else [module])))
        if self.coming:
            self.coming.popleft()
        return self.spares.popleft()

    def skip(self, module: str) -> None:
        """Do without the worker of a test that is not run."""
        if self.coming and self.coming[0] == module:
            self.coming.popleft()
            if self.spares:
                self._end(self.spares.popleft())

    def give_up(self, module: str, fault: StudentFault) -> None:
        """Make no more workers for a file whose import ends or stalls them."""
        self.faults[module] = fault
        self._forget([module])

    def close(self) -> None:
        """End every worker."""
        while self.spares:
            self.spares.popleft().close()
        self.nest.close()

    def _forget(self, modules: Collection[str]) -> None:
        kept: deque[Worker] = deque()
        for module, spare in zip(self.coming, self.spares, strict=False):
            if module in modules:
                self._end(spare)
            else:
                kept.append(spare)
        self.spares = kept
        self.coming = deque(module for module in self.coming if module not in modules)

    def _end(self, worker: Worker) -> None:
        self.nest.kill(worker)
        worker.close()


@dataclass(slots=True)
class WorkerWorld:
    """The `World` and `Transport` of grading: student code in a fresh worker per test.

    Args:
        modules: the file, as a module's name, that the tests of each question are about. Workers
            of other questions import all files.
    """

    limits: Limits
    modules: Mapping[str, str] = field(default_factory=dict)
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
        sandboxes: Mapping[str, Sandbox],
        sources: Mapping[str, bytes],
        seed: int,
        tests: Sequence[str] = (),
        *,
        rehearse: bool = True,
    ) -> None:
        """Begin one submission.

        Args:
            sandboxes: where the tests of each question run; others run in the first one.
            sources: module name -> file.
            seed: of the workers' global generators.
            tests: the questions of the tests that will come, in order; workers are then made ahead.
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
        nests = {id(each): _Place(each.nest(job)) for each in dict.fromkeys(sandboxes.values())}
        self._places = list(nests.values())
        self._by_question = {name: nests[id(each)] for name, each in sandboxes.items()}
        for question in tests:
            self._place_of(question).coming.append(self._module_of(question))

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
        module = self._module_of(question)
        if (fault := self._place.faults.get(module)) is not None:
            raise fault
        if now >= self._run_ends:
            text = f"not run: the time for the whole run ({self.limits.run_seconds:g} s) is used up"
            self._place.skip(module)
            raise StudentFault("not_run", text)
        if self._used.get(question, 0.0) >= self.limits.question_seconds:
            text = (
                f"not run: earlier tests used up the {self.limits.question_seconds:g} s "
                "that this question has"
            )
            self._place.skip(module)
            raise StudentFault("not_run", text)
        self._worker = self._place.take(module)

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
            self._present(self._place).give_up(self._module_of(self._question), self._fault)
        raise self._fault

    def _place_of(self, question: str) -> _Place:
        return self._by_question.get(question) or self._places[0]

    def _module_of(self, question: str) -> str:
        module = self.modules.get(question, EVERY)
        return module if module in self.sources else EVERY

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
        module = self._module_of(self._question)
        names = self.sources if module == EVERY else [module]
        titles = (cells.title(f"{name}.py", self.sources[name]) for name in names)
        return " and ".join(dict.fromkeys(titles))

    @staticmethod
    def _present(part: _Part | None) -> _Part:
        if part is None:
            raise GraderError("a test called the submission outside of open and begin")
        return part
