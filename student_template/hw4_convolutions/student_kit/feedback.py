"""Put what the public checks found into words: the table, the failures, the last line.

    TestRecords -> [feedback] -> text

ASCII only, but for what a student or an author wrote. The words of one failure come in the order
in which a student needs them: what should happen, what was called, what is wrong, where.
"""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from student_kit.homework import Homework, Question
from student_kit.records import Status, TestRecord

WIDTH = 88
SHOWN = 3  # failures of one question in the overview; all of them if it is asked for by name
SAME = "the same as above"
_PRINTED_LINES = 6  # at the beginning and at the end
_NOT_RUN_HERE = (Status.SKIPPED, Status.NOT_RUN, Status.BROKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult:
    """How the public checks of one question ended."""

    question: Question
    records: tuple[TestRecord, ...]
    num_checks: int  # what the test file holds, also if a crash kept some from running

    @property
    def num_passed(self) -> int:
        """How many checks passed."""
        return sum(record.status is Status.PASSED for record in self.records)

    @property
    def num_run(self) -> int:
        """How many checks ran to an end of any kind."""
        return sum(record.status not in _NOT_RUN_HERE for record in self.records)

    @property
    def failures(self) -> list[TestRecord]:
        """The checks that did not pass."""
        passing = (Status.PASSED, Status.SKIPPED)
        return [record for record in self.records if record.status not in passing]

    @property
    def word(self) -> str:
        """The question's state in the table."""
        states = {record.status for record in self.failures}
        if Status.BROKEN in states:
            return "not checked"
        if states == {Status.NOT_STARTED} and not self.num_passed:
            return "not started"
        if Status.TIMED_OUT in states:
            return "timed out"
        if states:
            return "failed"
        return "passed" if self.num_passed else "skipped"


def results(
    homework: Homework,
    names: Sequence[str],
    records: Sequence[TestRecord],
    num_checks: Mapping[str, int],
) -> list[QuestionResult]:
    """Sort records by question."""
    grouped = []
    for question in homework.questions:
        if question.id in names:
            own = tuple(record for record in records if record.question == question.id)
            total = max(len(own), num_checks[question.id])
            grouped.append(QuestionResult(question=question, records=own, num_checks=total))
    return grouped


def table(found: Sequence[QuestionResult]) -> str:
    """Return the table of questions with a line of totals."""
    rows = [
        (
            result.question.id,
            result.word,
            f"{result.num_passed} of {result.num_checks}",
            f"{result.question.points:g}",
        )
        for result in found
    ]
    passed = sum(result.word == "passed" for result in found)
    total = (
        f"{len(found)} question{'s' * (len(found) != 1)}",
        f"{passed} passed",
        f"{sum(r.num_passed for r in found)} of {sum(r.num_checks for r in found)}",
        f"{sum(r.question.points for r in found):g}",
    )
    head = ("question", "result", "checks passed", "points available")
    widths = [max(len(row[i]) for row in [head, total, *rows]) for i in range(4)]

    def line(row: tuple[str, str, str, str]) -> str:
        name, word, checks, points = row
        return (
            f"{name:<{widths[0]}}  {word:<{widths[1]}}  "
            f"{checks:>{widths[2]}}  {points:>{widths[3]}}"
        )

    rule = "-" * len(line(head))
    return "\n".join([line(head), rule, *map(line, rows), rule, line(total)])


def failures(found: Sequence[QuestionResult], *, all_of_them: bool) -> str:
    """Return the failures of every question, but of those that are not started.

    Args:
        found: the questions' results.
        all_of_them: whether a question with many failures shows more than the first few.
    """
    words = {result.question.id: result.word for result in found}
    shared = _shared_causes(found)
    blocks = [_shared_block(names, record) for names, record in shared.values()]
    for result in found:
        own = [record for record in result.failures if _cause(record) not in shared]
        if not own or result.word in ("passed", "skipped", "not started"):
            continue
        lines = [f"{result.question.id}: {result.word}"]
        lines.append("=" * len(lines[0]))
        unfinished = [q for q in result.question.depends_on if words.get(q, "passed") != "passed"]
        if unfinished:
            lines.append(
                f"This question uses {', '.join(unfinished)}, which "
                f"{'does' if len(unfinished) == 1 else 'do'} not pass yet: begin there."
            )
        shown = own if all_of_them else own[:SHOWN]
        blocks.append("\n".join(lines + _failures_of(shown)))
        more = len(own) - len(shown)
        if more:
            blocks.append(f"... and {more} more: python check.py {result.question.id}")
    return "\n\n".join(blocks)


def _failures_of(records: Sequence[TestRecord]) -> list[str]:
    """Return each failure of one question; a diagnosis in full only once."""
    blocks = []
    said: list[str] = []
    for record in records:
        label, words = record.diagnosis.words() if record.diagnosis else ("", "")
        blocks.append(failure(record, label, SAME if words in said else words))
        said += [words] if words else []
    return blocks


def failure(record: TestRecord, label: str = "", diagnosis: str = "") -> str:
    """Return one failed check as a block of labelled lines.

    Args:
        record: what to tell of.
        label: of the line that says what the wrong result looks like.
        diagnosis: that line; left out if it is empty.
    """
    lines = [f"* {record.title or record.test}"]
    if record.status is Status.BROKEN:
        lines += _labelled("problem", record.summary)
        lines += _labelled("note", "The check itself broke. Tell your course, with this text:")
        lines += _labelled("log", record.log[-2_000:])
    else:
        lines += _labelled("called", record.values or record.call)
        lines += _labelled("problem", record.summary)
        lines += _labelled("error" if record.status is Status.ERRORED else "where", record.detail)
        lines += _labelled(label, diagnosis)
    lines += _labelled("printed", _excerpt(record.printed))
    if record.test.startswith("test_"):
        lines += _labelled("check", f"tests/test_{record.question}.py: {record.test}")
    return "\n".join(lines)


def closing(found: Sequence[QuestionResult]) -> str:
    """Return the last line: what ran here, and what did not."""
    count = sum(result.num_run for result in found)
    skipped = sum(len(result.records) - result.num_run for result in found)
    checks = "1 public check" if count == 1 else f"{count} public checks"
    left_out = f" ({skipped} more did not run here)" if skipped else ""
    return (
        f"{checks} ran here{left_out}; the hidden checks run only after you submit, "
        "so all passing here is not yet full marks."
    )


def _cause(record: TestRecord) -> tuple[Status, str, str]:
    return record.status, record.summary, record.detail


def _shared_causes(
    found: Sequence[QuestionResult],
) -> dict[tuple[Status, str, str], tuple[list[str], TestRecord]]:
    """Return what stops two questions or more in the same way: a file that cannot be imported."""
    causes: dict[tuple[Status, str, str], tuple[list[str], TestRecord]] = {}
    for result in found:
        for record in result.failures:
            if record.status in (Status.ERRORED, Status.BROKEN) and record.detail + record.log:
                names, _ = causes.setdefault(_cause(record), ([], record))
                if result.question.id not in names:
                    names.append(result.question.id)
    return {cause: entry for cause, entry in causes.items() if len(entry[0]) > 1}


def _shared_block(names: Sequence[str], record: TestRecord) -> str:
    title = f"The same in {len(names)} questions: {', '.join(names)}"
    lines = textwrap.wrap(title, WIDTH)
    own = dataclasses.replace(record, title="These questions cannot be checked.", test="")
    if "raised" not in record.summary:
        own = dataclasses.replace(own, call="", values="")
    return "\n".join([*lines, "=" * len(lines[0]), failure(own)])


def _excerpt(printed: str) -> str:
    """Return the beginning and the end of what the code printed."""
    lines = [line if len(line) <= WIDTH else f"{line[:WIDTH]} ..." for line in printed.splitlines()]
    if len(lines) <= 2 * _PRINTED_LINES:
        return "\n".join(lines)
    left_out = f"... {len(lines) - 2 * _PRINTED_LINES} lines left out ..."
    return "\n".join([*lines[:_PRINTED_LINES], left_out, *lines[-_PRINTED_LINES:]])


def _labelled(label: str, text: str) -> list[str]:
    """Return text beside a label, long lines wrapped, its own line breaks kept."""
    lines = []
    for line in text.rstrip().splitlines():
        if len(line) > WIDTH and not line.startswith(" "):
            lines += textwrap.wrap(line, WIDTH, break_long_words=False, subsequent_indent="  ")
        else:
            lines.append(line)
    return [f"    {label if not n else '':<8} {line}".rstrip() for n, line in enumerate(lines)]
