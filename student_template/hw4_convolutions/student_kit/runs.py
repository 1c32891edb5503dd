"""Run questions in processes of their own, several at once, each under a deadline.

    names of questions -> [runs: one `run_question` process each] -> TestRecords

An endless loop, a crash of the interpreter or `os._exit` costs the one question whose process it
happens in. Nothing here depends on signals, a shell or a terminal.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from student_kit.homework import Homework
from student_kit.records import Status, TestRecord
from student_kit.run_question import out_of_time, started_file

START_SECONDS = 60.0  # importing numpy and pytest, cold, on a slow disk
GRACE_SECONDS = 3.0  # run_question ends itself at the deadline; after this much more we do
_TAIL = 2_000  # bytes of a crashed process's stderr


class Progress:
    """One line on a terminal, redrawn in place; silent where there is no terminal."""

    def __init__(self, total: int, stream: IO[str] = sys.stderr) -> None:
        self._total = total
        self._stream = stream
        self._active = stream.isatty()
        self._shown = ""
        self._since = time.monotonic()

    def show(self, done: int, running: Sequence[str]) -> None:
        """Say how many questions are done and which are running."""
        if not self._active:
            return
        filled = 20 * done // self._total
        bar = "#" * filled + "." * (20 - filled)
        seconds = int(time.monotonic() - self._since)
        text = f"[{bar}] {done} of {self._total} questions, {seconds} s: {', '.join(running)}"
        self._draw(text[: _terminal_width() - 1])

    def clear(self) -> None:
        """Leave an empty line."""
        if self._active and self._shown:
            self._draw("")
            self._stream.write("\r")
            self._stream.flush()

    def _draw(self, text: str) -> None:
        if text != self._shown:
            self._stream.write("\r" + text.ljust(len(self._shown)))
            self._stream.flush()
            self._shown = text


class _Run:
    """One question's process."""

    def __init__(self, homework: Homework, question: str, workspace: Path) -> None:
        self.question = question
        self._seconds = homework.seconds
        self._result = workspace / f"{question}.json"
        self._begin = time.monotonic()
        self._has_started = False
        self._stderr = workspace / f"{question}.stderr"
        command = [sys.executable, "-m", "student_kit.run_question", str(self._result), question]
        with self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                command,
                cwd=homework.folder,
                env=_environment(homework.folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                **_own_group(),
            )

    def poll(self) -> list[TestRecord] | None:
        """Return the question's records if it has ended or must be ended now, else None."""
        if self._process.poll() is None:
            if not self._has_started and started_file(self._result).exists():
                self._has_started, self._begin = True, time.monotonic()
            limit = self._seconds + GRACE_SECONDS if self._has_started else START_SECONDS
            if time.monotonic() - self._begin < limit:
                return None
            self.kill()
            return [out_of_time(self.question, self._seconds)]
        self.kill()  # processes that it left behind
        try:
            fields = json.loads(self._result.read_text(encoding="utf-8"))
            records = [TestRecord.from_json(record) for record in fields]
        except (OSError, ValueError, TypeError, AttributeError):
            return [self._crash()]
        return [self._with_log(record) for record in records]

    def kill(self) -> None:
        """End the process and, as far as the system lets us, all that it started."""
        if sys.platform == "win32":
            if self._process.poll() is None:
                subprocess.run(
                    ["taskkill", "/F", "/T", "/PID", str(self._process.pid)],
                    capture_output=True,
                    check=False,
                )
        else:
            # macOS answers PermissionError if only a zombie is left
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 9)
        self._process.kill()
        self._process.wait()

    def _with_log(self, record: TestRecord) -> TestRecord:
        """Return a broken record that has no log with what the process said at its end."""
        if record.status is not Status.BROKEN or record.log:
            return record
        return dataclasses.replace(record, log=self._tail())

    def _crash(self) -> TestRecord:
        code = self._process.returncode
        started = started_file(self._result).exists()
        return TestRecord(
            question=self.question,
            test="process",
            title="The function returns to its caller.",
            hidden=False,
            status=Status.ERRORED if started else Status.BROKEN,
            summary=f"Python itself ended ({_reason(code)}) before the checks were done",
            detail="os._exit, a recursion without end, or a crash inside a library does that"
            if started
            else "",
            log=self._tail(),
        )

    def _tail(self) -> str:
        """Return the end of what the process itself, and not a test, wrote to stderr."""
        with self._stderr.open("rb") as stderr:
            stderr.seek(-min(_TAIL, self._stderr.stat().st_size), os.SEEK_END)
            return stderr.read().decode("utf-8", "replace")


def run_questions(homework: Homework, names: Sequence[str], progress: Progress) -> list[TestRecord]:
    """Run the public checks of these questions and return their records, in the order of `names`.

    Never raises for what the student's code does. Whatever way this function is left, Ctrl-C
    included, no process stays behind.
    """
    records: dict[str, list[TestRecord]] = {}
    waiting = deque(names)
    running: list[_Run] = []
    # Windows may still hold a killed process's files
    with tempfile.TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as workspace:
        try:
            while waiting or running:
                while waiting and len(running) < (os.cpu_count() or 1):
                    running.append(_Run(homework, waiting.popleft(), Path(workspace)))
                progress.show(len(records), [run.question for run in running])
                time.sleep(0.02)
                for run in list(running):
                    ended = run.poll()
                    if ended is not None:
                        records[run.question] = ended
                        running.remove(run)
        finally:
            for run in running:
                run.kill()
            progress.clear()
    return [record for name in names for record in records[name]]


def count_checks(homework: Homework, question: str) -> int:
    """Return how many test functions a question has, without running them."""
    path = homework.folder / "tests" / f"test_{question}.py"
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return 0
    return sum(isinstance(n, ast.FunctionDef) and n.name.startswith("test_") for n in tree.body)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a question's process: the student's, without surprises."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONSAFEPATH", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "FORCE_COLOR")
    }
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    return {
        **kept,
        **threads,  # the questions are what runs in parallel
        "PYTHONPATH": path,
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8:replace",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "NO_COLOR": "1",
    }


def _own_group() -> dict[str, Any]:
    """Return what makes a process the head of a group that can be ended as one."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _reason(code: int) -> str:
    names = {-11: "segmentation fault", -6: "abort", -9: "killed", 0xC0000005: "access violation"}
    return names.get(code, f"exit code {code}")


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(2).columns or 80  # some terminals do not know
    except OSError:
        return 80
