"""Run an assignment's tests on submissions: pytest collects once, a forked child grades each.

    Run... + Assignment + Shelter... -> [grading] -> RunResult... for each

Each child runs every test against its submission's workers and sends the records back as lines of
JSON; so no submission can change what the next one meets, and a grader that dies takes one grade
with it, as "not graded".
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib.util
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy.random  # noqa: F401 - numpy loads it at first use, which would be in each child
import pytest

from autograder import leaderboard, session
from autograder.assignment import Assignment
from autograder.diagnose import Diagnoser, Finding
from autograder.errors import GraderError
from autograder.inprocess import InProcessWorld
from autograder.runs import Run, RunResult
from autograder.sandbox import confine, torch_warm
from autograder.sandbox.world import WorkerWorld
from autograder.shelter import Shelter, refuse_weak
from student_kit.calls import CallReport
from student_kit.plugin import Recorder, question_of
from student_kit.proxy import StudentFault, StudentModule
from student_kit.records import Status, TestRecord

GRACE = 30.0  # seconds beyond the run's own budget before a stuck child is killed
SAMPLES_AT_ONCE = 8  # of our own, in one child: a fork takes longer than most of them


def collect_and_run(assignment: Assignment, grading: Grading) -> None:
    """Have pytest collect the tests, and run them on each submission.

    Raises:
        GraderError: the tests cannot be collected, or all the sandboxes are weak and must not be.
    """
    if "torch" in assignment.libraries:
        torch_warm.warm_up()  # tests take steps too, and each runs in a fork
    with installed_reference(assignment), session.forgotten_modules(), _no_garbage_collection():
        code = pytest.main(pytest_arguments(assignment), plugins=[grading])
    if grading.refusal is not None:
        raise grading.refusal
    if grading.error or not grading.finished:
        raise GraderError(grading.error or f"pytest ended early (exit code {int(code)})")


def pytest_arguments(assignment: Assignment) -> list[str]:
    """Return pytest's command line for an assignment: no configuration but this is read."""
    tests = [*assignment.public_tests(), *assignment.hidden_tests()]
    return session.arguments(assignment.public.parent.parent, tests)


@contextlib.contextmanager
def installed_reference(assignment: Assignment) -> Iterator[None]:
    """Make `from reference import optim` work in hidden tests, inside the block.

    The reference's files are loaded under their own names, so that they find each other, and then
    moved aside: from there on these names belong to the submission's proxies.
    """
    package = ModuleType("reference")
    names = [*assignment.given, *(Path(name).stem for name in assignment.files)]
    paths = {name: assignment.private / f"{name}.py" for name in names} | assignment.given
    hidden_before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(assignment.private))
    try:
        for name in names:
            if name not in sys.modules:
                _load(name, paths[name])
            setattr(package, name, sys.modules[name])
    except Exception as error:
        raise GraderError(
            f"the reference of {assignment.id} cannot be loaded: {error!r}"
        ) from error
    finally:
        sys.path.remove(str(assignment.private))
        for name in names:
            sys.modules.pop(name, None)
    sys.modules["reference"] = package
    try:
        yield
    finally:
        del sys.modules["reference"]
        sys.modules.update(hidden_before)


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Collect no garbage inside the block: a suite is read once, and its children are forks.

    A collection walks over all that pytest has made, and in a fork it copies every page of that.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def _load(name: str, path: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


class Grading(Recorder):
    """The pytest plugin of grading: collect once, then one forked child per submission."""

    def __init__(
        self,
        assignment: Assignment,
        runs: Iterable[Run],
        shelters: list[Shelter | None],
        on_result: Callable[[RunResult], None],
        on_record: Callable[[Run, TestRecord], None] | None,
    ) -> None:
        files = {question.id: Path(question.file).stem for question in assignment.questions}
        self._workers = WorkerWorld(assignment.limits, files)
        self._samples = InProcessWorld(assignment.limits)
        world = self._workers if all(shelters) else self._samples
        names = [*(Path(name).stem for name in assignment.files), *assignment.given]
        modules = {name: StudentModule(name, world) for name in names}
        hidden = assignment.private / "hidden_tests"
        super().__init__(
            world,
            modules,
            on_record=self._send,
            is_hidden=lambda path: path.parent == hidden,
            functions={question.id: question.functions for question in assignment.questions},
        )
        self.allow_weak = False
        self.diagnoser: Diagnoser | None = None
        self.refusal: GraderError | None = None
        self.error = ""
        self.finished = False
        self._assignment = assignment
        self._runs = iter(runs)
        self._shelters = shelters
        self._on_result = on_result
        self._on_progress = on_record
        self._pipe = -1
        self._unsent: list[TestRecord] = []
        self._failed: set[str] = set()  # questions
        self._children: dict[int, _Child] = {}  # by pipe

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why a test file could not be collected: that is ours, and stops everything."""
        if report.failed and not self.error:
            self.error = f"tests cannot be collected: {report.nodeid}\n{report.longreprtext}"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Grade every submission; replaces pytest's own loop over the tests."""
        if self.error:
            return True
        if not session.items:
            self.error = "no test was collected"
            return True
        try:
            if not self.allow_weak:
                refuse_weak(self._shelters)  # only now: they started meanwhile
        except GraderError as refusal:
            self.refusal = refusal
            return True
        gc.freeze()
        free = list(self._shelters)
        waiting = True
        while waiting or self._children:
            while waiting and free:
                # a diagnosis, as a sandbox, is of one submission
                runs = self._next(one=free[-1] is not None or self.diagnoser is not None)
                if not runs:
                    waiting = False
                    break
                self._start(runs, free.pop(), session.items)
            if self._children:
                free += self._collect()
        self.finished = True
        return True

    def _next(self, *, one: bool) -> list[Run]:
        """Return what the next child is to run: one submission, or several short samples."""
        runs: list[Run] = []
        while not runs or not (one or runs[-1].more_seeds or len(runs) == SAMPLES_AT_ONCE):
            run = next(self._runs, None)
            if run is None:
                break
            runs.append(run)
        return runs

    def _start(self, runs: list[Run], shelter: Shelter | None, items: list[pytest.Item]) -> None:
        if shelter is not None:
            shelter.settle()
        for run in runs if shelter is None else ():
            self._samples.compile(self._sources(run))
        reading, writing = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            gc.enable()
            signal.signal(signal.SIGALRM, _stop_test)
            confine.die_with_parent(signal.SIGKILL)  # or it would keep the sandbox alive
            os.close(reading)
            self._pipe = writing
            code = 1
            try:
                if shelter is not None:
                    shelter.stay()
                for run in runs:
                    self._grade(run, shelter, items)
                code = 0
            except BaseException as error:  # noqa: BLE001 - told to the parent, then gone
                self._write({"failure": f"{type(error).__name__}: {error}"})
            finally:
                os._exit(code)
        os.close(writing)
        ends = time.monotonic() + self._assignment.limits.run_seconds + GRACE
        self._children[reading] = _Child(_Report(runs[0]), runs[1:], shelter, pid, ends)

    def _grade(self, run: Run, shelter: Shelter | None, items: list[pytest.Item]) -> None:
        """Run every test on one submission. In the child."""
        self._failed = set()
        items = [item for item in items if self._is_asked_for(item, run)]
        sources = self._sources(run)
        # what a submission can read in its worker must not tell of the tests' own seed
        seed = int.from_bytes(hashlib.sha256(b"worker\0" + run.seed).digest()[:4], "big")
        if shelter is None:
            self._samples.open(sources, seed)
        else:
            sandboxes = shelter.by_question(sources)
            tests = [question_of(item) for item in items]
            idle = shelter.cpu is None  # else every processor has a submission of its own
            self._workers.open(sandboxes, sources, seed, tests, rehearse=idle)
        world = self._samples if shelter is None else self._workers
        settled: dict[pytest.Item, TestRecord] = {}
        try:
            for self.seed in (run.seed, *run.more_seeds):
                for item, following in zip(items, [*items[1:], None], strict=True):
                    if item in settled:
                        self._send(settled[item])
                        continue
                    # the world's own deadlines come first; this one is for what a test does by
                    # itself with what came back: an array of huge numbers to count to, say
                    if shelter is not None:
                        signal.alarm(int(self._assignment.limits.test_seconds) + 2)
                    if not self.run_test(item, following):
                        settled[item] = self._unsent[-1]
            signal.alarm(0)
            uncompiled = world.uncompiled
        finally:
            world.close()
        self._flush()
        if shelter is not None and run.leaderboard:
            self._write({"speed": self._speed(shelter, sources)})
        for finding in self.diagnoser.findings() if self.diagnoser else ():
            self._write({"finding": finding.to_json()})
        self._write({"done": True, "uncompiled": uncompiled})

    def _sources(self, run: Run) -> dict[str, bytes]:
        """Return the modules that a submission consists of, with those that are given."""
        own = {Path(name).stem: data for name, data in run.submission.files.items()}
        return own | {name: path.read_bytes() for name, path in self._assignment.given.items()}

    def _speed(self, shelter: Shelter, sources: dict[str, bytes]) -> float | None:
        """Measure what the leaderboard shows. In the child, when all tests are done."""
        race = self._assignment.leaderboard
        if race is None or race.question in self._failed:
            return None
        own = {Path(name).stem: name for name in self._assignment.files}
        reference = sources | {
            stem: (self._assignment.private / name).read_bytes() for stem, name in own.items()
        }
        sandbox = shelter.by_question(sources)[race.question]
        return leaderboard.speed(self._assignment, sandbox, sources, reference)

    def _is_asked_for(self, item: pytest.Item, run: Run) -> bool:
        return (
            (not run.questions or question_of(item) in run.questions)
            and (not run.tests or item.name in run.tests)
            and (run.public or self._is_hidden(item.path))
        )

    def observe(self, record: TestRecord, calls: Sequence[CallReport]) -> None:
        """Keep what a diagnosis needs. In the child."""
        if self.diagnoser is not None:
            self.diagnoser.observe(record, calls)

    def _send(self, record: TestRecord) -> None:
        """Send the records of a question together: each time, the parent is woken."""
        if self._unsent and self._unsent[0].question != record.question:
            self._flush()
        self._unsent.append(record)
        if record.status not in (Status.PASSED, Status.SKIPPED):
            self._failed.add(record.question)

    def _flush(self) -> None:
        self._write({"records": [record.to_json() for record in self._unsent]})
        self._unsent = []

    def _write(self, message: dict[str, object]) -> None:
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(self._pipe, data) :]

    def _collect(self) -> list[Shelter | None]:
        """Read what the children have sent; return the shelters of those that are done."""
        now = time.monotonic()
        for child in self._children.values():
            if now > child.ends:
                os.kill(child.pid, signal.SIGKILL)
                child.failure = "the grader did not finish in time"
        freed = []
        ready, _, _ = select.select(list(self._children), [], [], 1.0)
        for pipe in ready:
            child = self._children[pipe]
            data = os.read(pipe, 1 << 20)
            for message in child.messages(data):
                for record in child.report.add(message):
                    if self._on_progress is not None:
                        self._on_progress(child.report.run, record)
                if child.report.done:
                    self._tell_result(child)
            if not data:
                os.close(pipe)
                del self._children[pipe]
                os.waitpid(child.pid, 0)
                freed.append(self._finish(child))
        return freed

    def _finish(self, child: _Child) -> Shelter | None:
        """Return the shelter of a child that is gone; if it left work undone, a new one."""
        shelter = child.shelter
        if not child.report.done:
            child.report.failure = (
                child.failure or child.report.failure or "the grader's process died"
            )
            if shelter is not None:
                shelter.close()  # its workers may still be alive
                shelter = Shelter(self._assignment, shelter.cpu)
                self._shelters.append(shelter)
            self._tell_result(child)
        return shelter

    def _tell_result(self, child: _Child) -> None:
        """Hand on what became of the child's latest run, and expect the next one."""
        notes = child.shelter.plan.notes if child.shelter else ("none: our own sample",)
        self._on_result(child.report.result(notes))
        if child.waiting:
            child.report = _Report(child.waiting.pop(0))


def _stop_test(number: int, frame: FrameType | None) -> None:
    text = "what your code returned keeps the check busy for too long"
    raise StudentFault("timeout", text)


@dataclass(slots=True)
class _Report:
    """What a child has sent of one run."""

    run: Run
    started: float = field(default_factory=time.monotonic)
    records: list[TestRecord] = field(default_factory=list)
    done: bool = False
    failure: str = ""
    uncompiled: tuple[str, ...] = ()
    speed: float | None = None

    def add(self, message: dict[str, Any]) -> list[TestRecord]:
        """Take in one message; return its records."""
        new = [TestRecord.from_json(fields) for fields in message.get("records", ())]
        self.records += new
        if "finding" in message:
            Finding.from_json(message["finding"]).add_to(self.records)
        self.speed = message.get("speed", self.speed)
        self.done = self.done or bool(message.get("done"))
        self.uncompiled += tuple(message.get("uncompiled", ()))
        self.failure = self.failure or message.get("failure", "")
        return new

    def result(self, isolation: tuple[str, ...]) -> RunResult:
        """Return what became of the run."""
        return RunResult(
            run=self.run,
            records=tuple(self.records),
            failure=self.failure,
            uncompiled=self.uncompiled,
            isolation=isolation,
            speed=self.speed,
            seconds=time.monotonic() - self.started,
        )


@dataclass(slots=True)
class _Child:
    """One forked child: it grades one submission, or several samples one after the other."""

    report: _Report  # of the run that is under way
    waiting: list[Run]
    shelter: Shelter | None
    pid: int
    ends: float
    failure: str = ""  # why it was killed
    _rest: bytes = b""

    def messages(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Take in what the child wrote; yield what is complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        yield from map(json.loads, lines)
