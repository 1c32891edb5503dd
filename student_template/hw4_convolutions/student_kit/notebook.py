"""The public checks inside a notebook: `grader.check("adam_step")`, as Otter writes it.

    the notebook's own functions -> [notebook: plugin] -> Report, in the words of `check.py`

The functions of a notebook live in one namespace, and `from layers import relu_forward` finds
them there, in a cell as in a test: the names of the homework's files are made names of the
notebook. Nothing needs the notebook's own path, which Colab does not tell; what is handed in is
the notebook itself. Works with IPython 7 and newer; without it, lines are not quoted.
"""

# ruff: noqa: T201 - it talks to the student by printing

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from student_kit import cells, environment, feedback, homework
from student_kit.dispatch import Dispatcher, Refusal
from student_kit.feedback import QuestionResult
from student_kit.homework import Homework, HomeworkError
from student_kit.plugin import run_checks
from student_kit.proxy import StudentFault
from student_kit.runs import count_checks
from student_kit.wire import Payload

FOLDER = Path(__file__).resolve().parent.parent
_INPUT = re.compile(r"<ipython-input-(\d+)-")  # what IPython 7 calls a cell


def start(homework_id: str, namespace: dict[str, Any]) -> Grader:
    """Return the grader of a notebook, and make the homework's files names of the notebook.

    Args:
        homework_id: its name, such as "hw1_optimizers".
        namespace: `globals()` of the notebook.

    Raises:
        HomeworkError: something is missing; the text is for the student.
    """
    problem = environment.missing_packages()
    if problem:
        raise HomeworkError(problem)
    grader = Grader(homework_id, namespace)
    sys.modules.update(grader.modules)
    print(f"Ready: {grader.facts.title}, {len(grader.facts.questions)} questions.")
    return grader


def assert_passed(homework_id: str, question: str, namespace: dict[str, Any]) -> None:
    """Check one question for Otter, whose test files call this; AssertionError says what failed."""
    report = Grader(homework_id, namespace).check(question)
    if not report.passed:
        raise AssertionError(f"\n{report}")


class Report:
    """What the checks found; shows itself at the end of a cell."""

    def __init__(self, found: Sequence[QuestionResult]) -> None:
        self.results = tuple(found)

    @property
    def passed(self) -> bool:
        """Whether all of them passed; what was not checked has not."""
        return all(result.word == "passed" for result in self.results)

    def __repr__(self) -> str:
        parts = [
            feedback.table(self.results) if len(self.results) > 1 else _headline(self.results[0]),
            feedback.failures(self.results, all_of_them=True),
            feedback.closing(self.results),
        ]
        return "\n\n".join(filter(None, parts))


class Grader:
    """Checks the functions that a notebook has defined so far."""

    def __init__(
        self, homework_id: str, namespace: dict[str, Any], *, folder: Path = FOLDER
    ) -> None:
        self.facts: Homework = homework.read(folder, homework_id)
        self._namespace = namespace
        self.modules = namespaces(self.facts, namespace)

    def check(self, *questions: str) -> Report:
        """Run the public checks of these questions, or of all, and return what they found.

        Raises:
            HomeworkError: a name is no question.
            KeyboardInterrupt: the student stopped it.
        """
        names = homework.question_names(self.facts, list(questions))
        records = []
        with self._installed():
            for question in names:
                world = LiveWorld(self.facts, self._namespace)
                records += run_checks(self.facts.folder, [question], world, after=self._install)
                if world.interrupted:
                    raise KeyboardInterrupt
        counts = {name: count_checks(self.facts, name) for name in names}
        return Report(feedback.results(self.facts, names, records, counts))

    def check_all(self) -> Report:
        """Run the public checks of all questions."""
        return self.check()

    def submit(self, *_: object, **__: object) -> None:
        """Run all checks once more, and say how the notebook is handed in."""
        print(self.check())
        print(
            f"\nTo hand in: save the notebook, and upload {self.facts.id}.ipynb itself, where your "
            f"course collects {self.facts.id}.\nIn Colab: File > Download > Download .ipynb. Of a "
            "notebook its functions, classes, imports\nand constants are graded; what stands "
            "beside them is not run."
        )

    export = submit  # as Otter calls it

    def _install(self) -> None:
        sys.modules.update(self.modules)

    @contextlib.contextmanager
    def _installed(self) -> Iterator[None]:
        """Make the names of the files names of the notebook in the block, and then as before."""
        before = {name: sys.modules.get(name) for name in self.modules}
        self._install()
        try:
            yield
        finally:
            for name, module in before.items():
                if module is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = module


class LiveWorld:
    """The `World` and `Transport` of a notebook: its own functions, in its own process."""

    def __init__(self, facts: Homework, namespace: dict[str, Any]) -> None:
        source, starts = _history(namespace)
        names = namespaces(facts, namespace)
        self.sources: Mapping[str, bytes] = dict.fromkeys(names, source)
        self._dispatcher = _LiveDispatcher(facts, namespace, starts)
        self._seconds = facts.seconds
        self._late = False

    @property
    def interrupted(self) -> bool:
        """Whether the student stopped it."""
        return self._dispatcher.interrupted

    def begin(self, question: str) -> None:
        """Nothing to prepare."""
        if self.interrupted:
            raise StudentFault("not_run", "not run: it was stopped")

    def end(self) -> str:
        """Pytest has captured what was printed."""
        return ""

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Run the request, and stop it at the deadline where the system can do that."""
        self._late = False
        with self._deadline():
            reply = self._dispatcher.exchange(request, answer)
        if self._late:
            text = f"no answer within {self._seconds:g} seconds: a loop that never ends?"
            raise StudentFault("timeout", text)
        return reply

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[None]:
        on_main_thread = threading.current_thread() is threading.main_thread()
        if sys.platform == "win32" or not on_main_thread:
            yield
            return
        before = signal.signal(signal.SIGALRM, self._stop)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._late = True
        raise TimeoutError


class _LiveDispatcher(Dispatcher):
    """Answers requests with functions of a namespace instead of those of files."""

    def __init__(
        self, facts: Homework, namespace: dict[str, Any], starts: Mapping[int, int]
    ) -> None:
        super().__init__({})
        self.close()
        self.interrupted = False
        self._questions = {question.id for question in facts.questions}
        self._modules = namespaces(facts, namespace)
        self._namespace = namespace
        self._starts = starts

    def _module(self, name: str) -> ModuleType:
        own = self._modules.get(name)
        return importlib.import_module(name) if own is None else own  # support.py

    def _missing(self, module: ModuleType | None, module_name: str, name: str) -> Refusal:
        known = self._namespace.items()
        functions = [n for n, v in known if inspect.isfunction(v) and n not in self._questions]
        close = difflib.get_close_matches(name, functions, n=1)
        hint = f"; did you mean to call it {name}, and not {close[0]}?" if close else ""
        return Refusal({"kind": "missing", "message": f"run the cell that defines {name}{hint}"})

    def _describe(self, error: BaseException) -> dict[str, Any]:
        self.interrupted = self.interrupted or isinstance(error, KeyboardInterrupt)
        return super()._describe(error)

    def _own_line(self, filename: str, line: int) -> list[Any] | None:
        number = _cell_of(filename, self._namespace)
        if number not in self._starts:
            return None
        return [next(iter(self._modules)), self._starts[number] + line - 1]


class _Namespace(ModuleType):
    """Stands in `sys.modules` for a file of the homework: its functions are the notebook's."""

    def __init__(self, name: str, namespace: Mapping[str, Any]) -> None:
        super().__init__(name, "The functions that this notebook has defined.")
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        if name in self._namespace:
            return self._namespace[name]
        raise AttributeError(f"this notebook has not defined {name}: run the cell that does")


def namespaces(facts: Homework, namespace: Mapping[str, Any]) -> dict[str, ModuleType]:
    """Return a module for each file of the homework: all that the notebook defines."""
    stems = (Path(name).stem for name in facts.files)
    return {stem: _Namespace(stem, namespace) for stem in stems}


def _headline(result: QuestionResult) -> str:
    checks = f"{result.num_passed} of {result.num_checks} public checks passed"
    return f"{result.question.id}: {result.word} ({checks})"


def _shell(namespace: Mapping[str, Any]) -> Any:
    """Return IPython's shell, or None."""
    get_ipython = namespace.get("get_ipython")
    return get_ipython() if callable(get_ipython) else None


def _history(namespace: Mapping[str, Any]) -> tuple[bytes, dict[int, int]]:
    """Return all that was run as a program, and where in it each cell begins, by its number."""
    history = namespace.get("In")
    if _shell(namespace) is None or not isinstance(history, list):
        heads = [f"def {name}{_signature(value)}:" for name, value in namespace.items()]
        source = cells.header([(0, 1)], kind="inputs") + "\n".join(heads)
        return source.encode("utf-8", "replace"), {}
    lines: list[str] = []
    starts: list[tuple[int, int]] = []
    for number, text in enumerate(history):
        if isinstance(text, str) and text:
            starts.append((number, len(lines) + 1))
            lines += text.split("\n")
    source = f"{cells.header(starts, kind='inputs')}{chr(10).join(lines)}\n"
    places = {number: line + cells.HEADER_LINES for number, line in starts}
    return source.encode("utf-8", "replace"), places


def _signature(value: object) -> str:
    try:
        return str(inspect.signature(value)) if inspect.isfunction(value) else "()"
    except (TypeError, ValueError):
        return "()"


def _cell_of(filename: str, namespace: Mapping[str, Any]) -> int:
    """Return the number of the cell that a code object's file name stands for, or 0."""
    if match := _INPUT.match(filename):
        return int(match[1])
    compiler = getattr(_shell(namespace), "compile", None)
    known = getattr(compiler, "_filename_map", None)
    number = known.get(filename, 0) if isinstance(known, dict) else 0
    return number if isinstance(number, int) else 0
