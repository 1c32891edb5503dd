"""The pytest plugin of both worlds: proxies, the `rng` fixture, and a `TestRecord` of every test.

* `python check.py` and the engine run pytest with a `Recorder`, which turns each test's end into
  a `TestRecord`.
* Plain `pytest` in a template finds this module through its conftest.py and prints the same
  messages in pytest's own way.

What is the submission's fault and what is ours is decided here, once: see `_classify`.
"""

from __future__ import annotations

import hashlib
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from student_kit.calls import CallReport, describe_calls, recorded_calls
from student_kit.checks import CheckFailure
from student_kit.dispatch import Dispatcher
from student_kit.hints import diagnosed
from student_kit.proxy import StudentFault, StudentModule, Transport
from student_kit.records import Diagnosis, Status, TestRecord
from student_kit.relations import relation
from student_kit.wire import Payload

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOCAL_SEED = b"public checks"
GIVEN = "*support.py"
_PRINTED_LIMIT = 4_000
_ENGINE = ("student_kit", "autograder")


class World(Protocol):
    """Where the student's code lives while a test runs."""

    def begin(self, question: str) -> None:
        """Make ready for one test of this question; may raise StudentFault."""
        ...

    def end(self) -> str:
        """The test is over: return what the student's code printed."""
        ...


class LiveWorld(World, Transport, Protocol):
    """A world that carries requests by itself."""


class LocalTransport:
    """The student's code in this process: the student's own machine."""

    def __init__(self, sources: Mapping[str, bytes], given: Collection[str] = ()) -> None:
        self.sources = sources
        self._dispatcher = Dispatcher(sources, given=given)

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Run the request here."""
        return self._dispatcher.exchange(request, answer)

    def begin(self, question: str) -> None:
        """Nothing to prepare."""

    def end(self) -> str:
        """Pytest has captured what was printed."""
        return ""


class Recorder:
    """A pytest plugin object that reports every test as a `TestRecord`.

    Args:
        world: where the student's code lives.
        modules: the names under which tests import it -> proxies.
        on_record: called with each test's record as soon as the test has ended.
        seed: what the `rng` fixture draws from, with the test's own name.
        is_hidden: whether a test file is hidden.
        functions: question -> what the student writes for it, if that is not the function of its
            name.
    """

    def __init__(
        self,
        world: World,
        modules: Mapping[str, StudentModule],
        *,
        on_record: Callable[[TestRecord], None],
        seed: bytes = LOCAL_SEED,
        is_hidden: Callable[[Path], bool] = lambda _: False,
        functions: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.world = world
        self.seed = seed
        self.detailed = True  # False: a record has its status and summary, which is faster
        self._modules = modules
        self._on_record = on_record
        self._is_hidden = is_hidden
        self._functions = functions or {}
        self._calls: list[CallReport] = []
        self._printed = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Put the proxies where test files will find them."""
        config.addinivalue_line(
            "markers", "weight(n): share of the question's points relative to its other tests"
        )
        sys.modules.update(self._modules)

    def pytest_collection_finish(self) -> None:
        """Take the proxies away: student files that import each other must get each other."""
        for name in self._modules:
            sys.modules.pop(name, None)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Return the test's own source of random inputs."""
        return self._rng(request.node)

    def _rng(self, item: pytest.Item) -> np.random.Generator:
        name = f"{item.path.stem}::{item.name}".encode()
        digest = hashlib.sha256(self.seed + b"\0" + name).digest()
        return np.random.default_rng(int.from_bytes(digest, "big"))

    def run_test(self, item: pytest.Item, following: pytest.Item | None) -> bool:
        """Run one test without pytest's own protocol, which takes longer than most tests.

        For whoever runs many tests and reads records only.

        Returns:
            Whether the seed may matter; it does not to a test that draws nothing from `rng`.
        """
        if isinstance(item, pytest.Function) and _wants_rng_alone(item):
            rng = self._rng(item)
            before = rng.bit_generator.state
            self._tell(item, pytest.CallInfo.from_call(partial(self._call, item, rng), "call"))
            return bool(rng.bit_generator.state != before)
        setup = partial(item.ihook.pytest_runtest_setup, item=item)
        call = pytest.CallInfo.from_call(setup, "setup")
        if call.excinfo is None:
            call = pytest.CallInfo.from_call(partial(self._run, item), "call")
        item.ihook.pytest_runtest_makereport(item=item, call=call)  # tmp_path, too, waits for it
        item.ihook.pytest_runtest_teardown(item=item, nextitem=following)
        if isinstance(item, pytest.Function):
            item._initrequest()  # fixtures are made anew, should it run again
        return True

    def _call(self, item: pytest.Function, rng: np.random.Generator) -> None:
        """Call a test that needs no fixture but `rng`: pytest's own way there takes 1 ms."""
        with self._listening(item):
            item.obj(**dict.fromkeys(item._fixtureinfo.argnames, rng))

    @contextmanager
    def _listening(self, item: pytest.Item) -> Iterator[None]:
        """Run a test in the block, between the world's begin and end, and hear its calls."""
        self._calls, self._printed = [], ""
        with recorded_calls() as calls:
            self._calls = calls
            try:
                self.world.begin(question_of(item))
                yield
            finally:
                self._printed = self.world.end()

    def _run(self, item: pytest.Item) -> None:
        with self._listening(item):
            item.runtest()

    @pytest.hookimpl(hookwrapper=True)  # the newer `wrapper=True` needs a pluggy of 2023
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Listen to a test that pytest itself runs."""
        with self._listening(item):
            yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport | None:
        """Make the record, and a short report for what is the submission's fault."""
        if call.when == "teardown" and call.excinfo is None:
            return None
        if call.when == "setup" and call.excinfo is None:
            return None
        record = self._tell(item, call)
        if record.status in (Status.PASSED, Status.SKIPPED, Status.BROKEN):
            return None
        text = "\n".join(filter(None, [record.summary, record.values, record.detail]))
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="failed",
            longrepr=text,
            when="call" if call.when == "call" else "setup",
            duration=call.duration,
            start=call.start,
            stop=call.stop,
        )

    def _tell(self, item: pytest.Item, call: pytest.CallInfo[None]) -> TestRecord:
        record = self._record(item, call)
        self.observe(record, self._calls if call.when == "call" else ())
        self._on_record(record)
        return record

    def observe(self, record: TestRecord, calls: Sequence[CallReport]) -> None:
        """See a test's record with its calls, before it is handed on; for subclasses."""

    def _record(self, item: pytest.Item, call: pytest.CallInfo[None]) -> TestRecord:
        hidden = self._is_hidden(item.path)
        question = question_of(item)
        status, summary, detail, diagnosis = Status.PASSED, "", "", None
        if call.excinfo is not None:
            error = call.excinfo.value
            functions = self._functions.get(question, (question,))
            status, summary, detail = _classify(error, functions, item.path, self._calls)
            diagnosis = _relation(error) if self.detailed else None
            if call.when != "call" and status is not Status.SKIPPED:
                status = Status.BROKEN
            if hidden and status is Status.SKIPPED:
                status, summary = Status.BROKEN, "a hidden test was skipped"
        calls = self._calls if self.detailed and status is not Status.PASSED else ()
        values = describe_calls(calls, values=True)
        printed = self._printed or "".join(
            text for key, when, text in _sections(item) if when == call.when and key
        )
        log = ""
        if status is Status.BROKEN and call.excinfo is not None:
            log = str(call.excinfo.getrepr(style="native"))
        elif hidden and status is not Status.PASSED:
            log = "\n".join(filter(None, [values, detail, printed[:_PRINTED_LIMIT]]))
        return TestRecord(
            question=question,
            test=item.name,
            title=_title(item),
            hidden=hidden,
            weight=_weight(item),
            status=status,
            summary=summary,
            detail="" if hidden else detail,
            call=describe_calls(calls, values=False),
            values="" if hidden else values,
            printed="" if hidden else _middle_cut(printed, _PRINTED_LIMIT),
            log=log,
            seconds=round(call.duration, 4),
            diagnosis=diagnosis,
        )


def run_local(folder: Path, questions: Sequence[str]) -> list[TestRecord]:
    """Run the public tests of these questions on the student's files in `folder`, in this process.

    Args:
        folder: a template: assignment.toml, the student's files, tests/.
        questions: ids; each has a file tests/test_<id>.py.

    Returns:
        One record per test, in the order in which they ran.
    """
    return _run(folder, questions, _local_recorder(folder))


def run_checks(
    folder: Path, questions: Sequence[str], world: LiveWorld, after: Callable[[], None]
) -> list[TestRecord]:
    """Run the public tests of these questions on functions that live in this process.

    Args:
        folder: a template.
        questions: ids.
        world: where the functions live; its sources name the modules that tests import.
        after: called when the tests are collected, and their proxies have been taken away.
    """
    names = [*world.sources, *given_modules(folder)]
    modules = {name: StudentModule(name, world) for name in names}
    recorder = _LocalRecorder(world, modules, _functions(_facts(folder)), after)
    before = set(sys.modules)
    try:
        # a notebook's own streams are no files: what they print is captured above them
        without = ("faulthandler", "unraisableexception")  # the latter collects garbage each time
        plugins = (part for name in without for part in ("-p", f"no:{name}"))
        return _run(folder, questions, recorder, "--capture=sys", *plugins)
    finally:
        for name in set(sys.modules) - before:
            if name.startswith("test_"):
                del sys.modules[name]  # it holds proxies of this run


def _run(
    folder: Path, questions: Sequence[str], recorder: _LocalRecorder, *more: str
) -> list[TestRecord]:
    paths = [str(folder / "tests" / f"test_{question}.py") for question in questions]
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--noconftest", *more]
    started = time.monotonic()
    code = pytest.main([*options, "-c", str(folder / "pytest.ini"), *paths], plugins=[recorder])
    records = diagnosed(folder, recorder.tests)
    if not records:
        summary = f"pytest could not run the checks (exit code {int(code)})"
        records.append(
            TestRecord(
                question=questions[0],
                test="collection",
                title="The checks of this question can be collected.",
                hidden=False,
                status=Status.BROKEN,
                summary=summary,
                seconds=time.monotonic() - started,
            )
        )
    return records


def pytest_configure(config: pytest.Config) -> None:
    """Plain `pytest` in a template: register a recorder that lets pytest do the talking."""
    recorder = _local_recorder(config.rootpath)
    config.pluginmanager.register(recorder, "student-kit-recorder")


class _LocalRecorder(Recorder):
    """Keeps all records, each with what its test called."""

    def __init__(
        self,
        world: World,
        modules: Mapping[str, StudentModule],
        functions: Mapping[str, Collection[str]],
        after: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(world, modules, on_record=lambda record: None, functions=functions)
        self.tests: list[tuple[TestRecord, Sequence[CallReport]]] = []
        self._after = after

    def pytest_collection_finish(self) -> None:
        """Take the proxies away, and put back what the student's code is to find."""
        super().pytest_collection_finish()
        self._after()

    def observe(self, record: TestRecord, calls: Sequence[CallReport]) -> None:
        """Keep one."""
        self.tests.append((record, calls))


def _local_recorder(folder: Path) -> _LocalRecorder:
    facts = _facts(folder)
    sources = {
        Path(name).stem: (folder / name).read_bytes()
        for name in facts["files"]
        if (folder / name).is_file()
    }
    given = given_modules(folder)
    transport = LocalTransport(sources, given)
    stems = [*(Path(name).stem for name in facts["files"]), *given]
    modules = {stem: StudentModule(stem, transport) for stem in stems}
    return _LocalRecorder(transport, modules, _functions(facts))


def given_modules(folder: Path) -> list[str]:
    """Return the homework's own modules: tests use them on the student's side."""
    return sorted(path.stem for path in folder.glob(GIVEN))


def _facts(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "assignment.toml").read_text(encoding="utf-8"))


def _functions(facts: dict[str, Any]) -> dict[str, list[str]]:
    """Return what the student writes for each question, if not the function of its name."""
    tables = facts["questions"].items()
    return {question: table["functions"] for question, table in tables if "functions" in table}


def _classify(
    error: BaseException, functions: Collection[str], test_file: Path, calls: Sequence[CallReport]
) -> tuple[Status, str, str]:
    """Return (status, summary, detail) of a test that raised `error`.

    A test that stumbles over what the student's function returned (unpacks None, say) is the
    submission's failure: the reference passes the same test. A test that fails before any call,
    or for want of memory or files, or inside the engine, is broken, and that is ours.
    """
    if isinstance(error, StudentFault):
        if error.stub in functions:
            return Status.NOT_STARTED, error.summary, ""
        status = {"timeout": Status.TIMED_OUT, "not_run": Status.NOT_RUN}.get(
            error.kind, Status.ERRORED
        )
        return status, error.summary, error.detail
    if isinstance(error, CheckFailure):
        return Status.FAILED, error.summary, error.detail
    if isinstance(error, pytest.skip.Exception):
        return Status.SKIPPED, str(error), ""
    text = str(error)
    if not calls or _is_ours(error, test_file):
        return Status.BROKEN, f"{type(error).__name__}: {text}", ""
    if isinstance(error, pytest.fail.Exception):
        if text.startswith("DID NOT RAISE"):
            return Status.FAILED, "an exception should have been raised, and was not", text
        return Status.FAILED, "a check did not hold", text
    if isinstance(error, AssertionError):
        if "Regex pattern did not match" in text:
            return Status.FAILED, "the exception does not say what the docstring promises", text
        return Status.FAILED, "a check did not hold", text
    return (
        Status.FAILED,
        f"what {calls[-1].function} returned cannot be used: {type(error).__name__}",
        f"{text} ({_describe_result(calls[-1])})",
    )


def _relation(error: BaseException) -> Diagnosis | None:
    """Return how the wrong value is related to the right one, if a check compared two arrays."""
    if not isinstance(error, CheckFailure) or error.expected is None:
        return None
    words = relation(error.actual, error.expected)
    return Diagnosis(relation=words) if words else None


def _is_ours(error: BaseException, test_file: Path) -> bool:
    """Whether `error` comes from this machine or from the engine, and not from a test's own line.

    A test that hands NumPy what a student returned stumbles in its own line; an engine that
    stumbles on the way between test and student is broken.
    """
    if isinstance(error, (OSError, MemoryError)):
        return True
    if not isinstance(error, (Exception, pytest.fail.Exception)):
        return True
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [n for n, frame in enumerate(frames) if Path(frame.f_code.co_filename) == test_file]
    beyond = frames[own[-1] + 1 :] if own else frames
    return any(f.f_globals.get("__name__", "").split(".")[0] in _ENGINE for f in beyond)


def _describe_result(call: CallReport) -> str:
    result = call.result
    kind = "None" if result is None else f"a {type(result).__name__}"
    return f"{call.function} returned {kind}"


@lru_cache(maxsize=1024)  # of items, which live as long as the process
def question_of(item: pytest.Item) -> str:
    """Return the id of the question that a test belongs to."""
    return item.path.stem.removeprefix("test_")


@lru_cache(maxsize=1024)
def _wants_rng_alone(item: pytest.Function) -> bool:
    """Whether nothing has to be made or asked before a test is called, but its `rng`."""
    return (
        item.cls is None
        and {*item._fixtureinfo.argnames} <= {"rng"}
        and {*item.fixturenames} <= {"rng", "request"}  # which `rng` wants
        and not any(item.get_closest_marker(name) for name in ("skip", "skipif", "xfail"))
    )


@lru_cache(maxsize=1024)
def _title(item: pytest.Item) -> str:
    doc = getattr(getattr(item, "function", None), "__doc__", None) or item.name
    return " ".join(doc.strip().split("\n\n")[0].split())


@lru_cache(maxsize=1024)
def _weight(item: pytest.Item) -> float:
    mark = item.get_closest_marker("weight")
    return float(mark.args[0]) if mark else 1.0


def _sections(item: Any) -> list[tuple[str, str, str]]:
    return [
        (key, when, text)
        for when, key, text in getattr(item, "_report_sections", [])
        if key in ("stdout", "stderr")
    ]


def _middle_cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n... {len(text) - limit} characters left out ...\n{text[-half:]}"
