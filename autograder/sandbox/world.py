"""Where student code lives while a suite runs: one fresh worker per test.

    Submission's files + requests -> [world: client] -> replies, or a StudentFault

While a test runs, the workers of the next ones are already being forked and import the file that
their test is about, if it is known to import fast: what a file does when it is imported costs its
own questions only. The nearest deadline counts: of the call, the test, the question or the run. How
a worker ended is put into words here, for the student.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import TypeVar

from autograder.assignment import Limits
from autograder.errors import GraderError
from autograder.sandbox.client import NOTHING, Job, Nest, Sandbox, Worker
from student_kit import cells
from student_kit.proxy import StudentFault
from student_kit.wire import Payload, WireError

BATCH = 4  # workers that are made at once, which is cheaper than one at a time
QUICK = 0.1  # seconds: what takes longer to import is not imported ahead, beside other tests
SPARES = 3  # to be made takes a worker longer than most tests take: fewer left, and more are made
_Part = TypeVar("_Part")


@dataclass(slots=True)
class _Place:
    """One sandbox as it is for one submission."""

    nest: Nest
    coming: deque[str] = field(default_factory=deque)  # files of the announced tests to come
    spares: deque[Worker] = field(default_factory=deque)  # for the first of these, being made
    quick: set[str] = field(default_factory=lambda: {NOTHING})  # files that import fast, as we know
    faults: dict[str, StudentFault] = field(default_factory=dict)  # of files: none gets past these

    def take(self, module: str) -> Worker:
        """Return the worker that is waiting, and have others made for the tests that follow."""
        self._catch_up(module)
        wanted = [] if self.spares else [module]
        if len(self.spares) < SPARES and module in self.quick:
            made = len(self.spares)
            ahead = islice(self.coming, made + len(wanted), made + BATCH)
            wanted += takewhile(self.quick.__contains__, ahead)
        if wanted:
            self.spares.extend(self.nest.spawn(wanted))
        if self.coming:
            self.coming.popleft()
        return self.spares.popleft()

    def skip(self, module: str) -> None:
        """Do without the worker of a test that is not run."""
        self._catch_up(module)
        self._drop_first()

    def give_up(self, module: str, fault: StudentFault) -> None:
        """Make no more workers for a file whose import ends or stalls them."""
        self.faults[module] = fault
        kept: deque[Worker] = deque()
        for coming, spare in zip(self.coming, self.spares, strict=False):
            if coming == module:
                self._end(spare)
            else:
                kept.append(spare)
        self.spares = kept
        self.coming = deque(coming for coming in self.coming if coming != module)

    def close(self) -> None:
        """End every worker."""
        while self.spares:
            self.spares.popleft().close()
        self.nest.close()

    def _catch_up(self, module: str) -> None:
        """Forget the announced tests that did not come."""
        while self.coming and self.coming[0] != module:
            self._drop_first()

    def _drop_first(self) -> None:
        if self.coming:
            self.coming.popleft()
        if self.spares:
            self._end(self.spares.popleft())

    def _end(self, worker: Worker) -> None:
        self.nest.kill(worker)
        worker.close()


@dataclass(slots=True)
class WorkerWorld:
    """The `World` and `Transport` of grading: student code in a fresh worker per test.

    Args:
        modules: the file, as a module's name, that the tests of each question are about; workers
            import it before the first call, and other files when they are asked for.
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
    _same: Mapping[str, str] = field(default_factory=dict)  # files of one notebook -> the first
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
        notebooks = {name: text for name, text in sources.items() if cells.is_program(text)}
        first = {text: name for name, text in reversed(notebooks.items())}
        self._same = {name: first[text] for name, text in notebooks.items()}
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
        """Take the worker of this test, and have others made for the tests that follow."""
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
            self._wait_imported(worker)
        started = time.monotonic()
        left = self.limits.question_seconds - self._used.get(self._question, 0.0)
        seconds = self._at_most(min(self.limits.call_seconds, left))
        try:
            return worker.exchange(request, answer, started + seconds)
        except TimeoutError:
            self._fault = self._timeout("your code", seconds)
        except EOFError:
            self._fault = self._crash()
        except WireError as error:
            self._fault = StudentFault("protocol", f"your code's reply cannot be read: {error}")
        except StudentFault as fault:
            self._fault = fault
        finally:
            used = self._used.get(self._question, 0.0)
            self._used[self._question] = used + time.monotonic() - started
        raise self._fault

    def _wait_imported(self, worker: Worker) -> None:
        """Wait for a worker's import; each test makes it anew, so no question is charged for it."""
        place, module = self._present(self._place), self._module_of(self._question)
        started = time.monotonic()
        seconds = self._at_most(self.limits.call_seconds)
        try:
            worker.wait_ready(started + seconds)
            if time.monotonic() - started < QUICK:
                place.quick.add(module)
            return
        except TimeoutError:
            self._fault = self._timeout(f"importing {self._file()}", seconds)
            if seconds < self.limits.call_seconds:
                raise self._fault from None  # nothing is known of the file yet
        except EOFError:
            self._fault = self._crash(f"while {self._file()} was imported, ")
        except WireError as error:
            self._fault = StudentFault("protocol", f"your code's reply cannot be read: {error}")
        place.give_up(module, self._fault)
        raise self._fault

    def _at_most(self, seconds: float) -> float:
        """Return how much of so many seconds the test and the run have left."""
        return min(seconds, min(self._test_ends, self._run_ends) - time.monotonic())

    def _place_of(self, question: str) -> _Place:
        return self._by_question.get(question) or self._places[0]

    def _module_of(self, question: str) -> str:
        module = self.modules.get(question, NOTHING)
        return self._same.get(module, module) if module in self.sources else NOTHING

    def _timeout(self, what: str, seconds: float) -> StudentFault:
        cut = "" if seconds >= self.limits.call_seconds else ", which was all the time left,"
        return StudentFault(
            "timeout",
            f"{what} did not finish within {max(seconds, 0.1):.2g} s{cut} and was stopped "
            "(an endless loop, or far too slow)",
        )

    def _crash(self, where: str = "") -> StudentFault:
        nest, worker = self._present(self._place).nest, self._present(self._worker)
        status = nest.end_of(worker, patience=0.2)
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

    def _file(self) -> str:
        """Return what a worker of this test imports, in words."""
        module = self._module_of(self._question)
        source = self.sources.get(module, b"")
        title = cells.title(f"{module}.py", source)
        alone = len(self.sources) == 1 or cells.is_program(source)
        return title if alone else f"{title}, or what it imports,"

    @staticmethod
    def _present(part: _Part | None) -> _Part:
        if part is None:
            raise GraderError("a test called the submission outside of open and begin")
        return part
