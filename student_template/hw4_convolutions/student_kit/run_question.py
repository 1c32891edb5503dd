"""Run the public checks of one question, in a process of its own.

    python -m student_kit.run_question RESULT_FILE QUESTION        (in the homework's folder)

The parent (`runs`) reads the records from RESULT_FILE, and never from what is printed: the
student's code prints too. At the deadline a thread of this process writes down where the code
was, and ends the process; no signal is needed, so this works on Windows too. The parent kills a
process in which even that thread gets no turn.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import os
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from student_kit import homework
from student_kit.homework import Homework
from student_kit.records import Status, TestRecord

_MEMORY_BYTES = 4 << 30  # a list that grows for ever must not freeze the student's machine
_FILE_BYTES = 64 << 20  # nor may a print in an endless loop fill the disk
_MAX_FRAMES = 10_000  # a recursion without end is told apart long before


def main(argv: Sequence[str]) -> None:
    """Run the question named in `argv`, write the result file, and end this process."""
    result, question = Path(argv[0]), argv[1]
    facts = homework.read(Path.cwd(), homework_id="")
    finished = threading.Event()
    _limit_resources()
    try:
        from student_kit.plugin import run_local

        started_file(result).touch()  # importing is over: the deadline counts from here
        watch = threading.Thread(target=_watch, args=(facts, question, result, finished))
        watch.daemon = True
        watch.start()
        records = run_local(facts.folder, [question])
    except BaseException:  # noqa: BLE001 - whatever it is, it must reach the student as a sentence
        records = [
            TestRecord(
                question=question,
                test="run_question",
                title="The checks of this question can be run.",
                hidden=False,
                status=Status.BROKEN,
                summary="the checks themselves failed to run",
                log=traceback.format_exc(),
            )
        ]
    finished.set()
    _write(result, records)
    os._exit(0)  # threads that the student's code left behind must not keep the process alive


def started_file(result: Path) -> Path:
    """Return the file whose existence says that the checks have begun."""
    return result.with_suffix(".started")


def out_of_time(question: str, seconds: float, **fields: str) -> TestRecord:
    """Return the record of a question that was stopped at its deadline."""
    return TestRecord(
        question=question,
        test=fields.get("test", "deadline"),
        title=fields.get("title", "") or "The function returns in reasonable time.",
        hidden=False,
        status=Status.TIMED_OUT,
        summary=f"no answer within {seconds:g} seconds: the code was stopped, perhaps in a loop "
        "that never ends",
        detail=fields.get("detail", ""),
        seconds=seconds,
    )


def _limit_resources() -> None:
    """Bound memory and files where the system can do it; elsewhere the deadline must do."""
    if sys.platform == "win32":
        return
    import resource

    limits = {resource.RLIMIT_AS: _MEMORY_BYTES, resource.RLIMIT_FSIZE: _FILE_BYTES}
    for limit, wanted in limits.items():
        # macOS refuses some limits, and a lower one may be in force already
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(limit)[1]
            resource.setrlimit(limit, (wanted, hard))


def _watch(facts: Homework, question: str, result: Path, finished: threading.Event) -> None:
    if finished.wait(facts.seconds):
        return
    main_thread = threading.main_thread().ident or 0
    frame = sys._current_frames().get(main_thread)
    _write(result, [_where(facts, question, frame)])
    os._exit(0)


def _where(facts: Homework, question: str, frame: FrameType | None) -> TestRecord:
    """Return a record that names the student's line and the test that were running."""
    detail, test, title = "", "", ""
    for place in _outwards(frame):
        code = place.f_code
        file = Path(code.co_filename)
        if file.name in facts.files and not detail:
            line = linecache.getline(code.co_filename, place.f_lineno).strip()
            detail = f"it was at {file.name} line {place.f_lineno}: {line}"
        if file.name == f"test_{question}.py" and code.co_name.startswith("test_"):
            test = code.co_name
            title = (getattr(place.f_globals.get(test), "__doc__", None) or "").split("\n")[0]
    return out_of_time(question, facts.seconds, detail=detail, test=test or "deadline", title=title)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    for _ in range(_MAX_FRAMES):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def _write(result: Path, records: list[TestRecord]) -> None:
    """Write the records in one step: the parent sees all of the file or none."""
    partial = result.with_suffix(f".{threading.get_ident()}")
    text = json.dumps([record.to_json() for record in records])
    partial.write_text(text, encoding="utf-8")
    partial.replace(result)


if __name__ == "__main__":
    main(sys.argv[1:])
