"""Write what a student reads about one question, as plain text.

    QuestionGrade -> [feedback] -> str -> platforms, html, terminal

For hidden tests a student sees the behaviour that was tested, what was called by shapes, and what
kind of thing is wrong: never inputs, expected values, printed output or the log. All text that may
come from a submission is escaped and cut here, and every line of it stands indented behind a
label, so that it cannot pass for a verdict of ours. Needs the standard library only: the bundles
carry this module.
"""

from __future__ import annotations

import itertools
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from autograder.report.overview import FAILING, Mark, mark_of
from autograder.scoring import Grade, QuestionGrade
from student_kit.records import Status, TestRecord

# bytes of UTF-8
QUESTION_BYTES = 8_000
INSTRUCTOR_BYTES = 32_000
TITLE_BYTES = 200
FIELD_BYTES = {
    **{"called": 250, "with": 250, "problem": 350, "where": 300, "printed": 250},
    **{"likely": 900, "pattern": 200, "": 0},
}
LOG_BYTES = 4_000
BODY_BYTES = 2_000  # all that stands below a test's title
MAX_LINES = 12  # of one field
WIDTH = 88  # characters of a hint's line
MAX_LOG_LINES = 100
NOTICE_BYTES = 500
MAX_NOTICES = 20
MAX_TITLES = 8  # of a group of tests that end alike

LABELS = {
    Status.PASSED: "passed",
    Status.FAILED: "FAILED",
    Status.ERRORED: "FAILED",
    Status.TIMED_OUT: "TOO SLOW",
    Status.NOT_STARTED: "not started",
    Status.NOT_RUN: "not run",
    Status.SKIPPED: "skipped",
    Status.BROKEN: "broken",
}
# where a record has no summary of its own
DEFAULT_PROBLEMS = {
    Status.FAILED: "the result is not what the docstring promises",
    Status.ERRORED: "the call raised an exception",
    Status.TIMED_OUT: "the call did not return in time: look for a loop that never ends",
    Status.NOT_RUN: "an earlier check used up the time: mend that one first",
    Status.BROKEN: "this check itself does not work: please tell your instructor",
}
# joiners are part of words and emoji; all other format characters can hide or reorder text
JOINERS = "\u200c\u200d"
UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def question_feedback(grade: QuestionGrade, *, for_instructor: bool = False) -> str:
    """Return the text about one question: what to mend first, then failures, then the rest.

    Args:
        grade: the question with its tests.
        for_instructor: show the values and the log of every test, hidden ones too.

    Returns:
        Lines separated by a newline, without one at the end; at most QUESTION_BYTES bytes
        (INSTRUCTOR_BYTES for the instructor).
    """
    limit = INSTRUCTOR_BYTES if for_instructor else QUESTION_BYTES
    tests = [test for test in grade.tests if test.status is not Status.NOT_STARTED]
    stopped = [test for test in grade.tests if test.status is Status.NOT_STARTED]
    failing = [test for test in tests if test.status in FAILING or test.status is Status.NOT_RUN]
    others = [test for test in tests if test not in failing]

    blocks = [one_line(grade.advice)] if grade.advice else []
    if stopped and not failing and grade.points == 0:
        blocks.append(_not_started(grade.id, len(grade.tests)))
        return cut("\n\n".join(blocks), limit)
    if grade.tests:
        passed = sum(test.status is Status.PASSED for test in tests)
        blocks.append(f"{passed} of {_checks(len(grade.tests))} passed.")
    rest = [_title_line(test) for test in others]
    if stopped:
        rest.append(_stopped(stopped))
    room = limit - sum(map(_size, [*blocks, *rest])) - 200
    blocks += _failures(failing, room, for_instructor)
    blocks += ["\n".join(rest)] if rest else []
    blocks += [] if for_instructor else _next_step(grade.id, failing)
    return cut("\n\n".join(blocks), limit)


def submission_header(grade: Grade) -> str:
    """Return the text above all questions: notices, points, and what is not started."""
    lines = [f"Note: {one_line(notice, NOTICE_BYTES)}" for notice in grade.notices[:MAX_NOTICES]]
    more = len(grade.notices) - MAX_NOTICES
    lines += [f"Note: and {more} more notes like these."] if more > 0 else []
    lines += [""] if lines else []
    lines.append(f"{points_text(grade.points)} of {points_text(grade.max_points)} points.")
    by_mark = {mark: [q.id for q in grade.questions if mark_of(q) is mark] for mark in Mark}
    full = len(by_mark[Mark.FULL])
    lines.append(f"{full} of {len(grade.questions)} questions have all their points.")
    to_mend = [*by_mark[Mark.PARTIAL], *by_mark[Mark.FAILED]]
    if to_mend:
        ordered = [q.id for q in grade.questions if q.id in to_mend]
        lines.append(f"To mend: {', '.join(ordered)}.")
    if by_mark[Mark.NOT_STARTED]:
        lines.append(f"Not started yet: {', '.join(by_mark[Mark.NOT_STARTED])}.")
    return "\n".join(lines)


def points_text(points: float) -> str:
    """Return points with at most two decimals: 7, 7.5, 6.67."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def printable(text: str) -> str:
    r"""Make control, bidirectional and unassigned characters visible, as `\x1b`; keep newlines."""
    text = text.replace("\r\n", "\n").expandtabs(4)
    return re.sub(r"[^\x20-\x7e\n]", lambda match: _escaped(match[0]), text)


def one_line(text: str, limit: int = TITLE_BYTES) -> str:
    """Return printable text of one line and at most `limit` bytes."""
    return cut(" ".join(printable(text[: 2 * limit]).split()), limit)


def cut(text: str, limit: int, note: str = " [...]") -> str:
    """Return `text` if it has at most `limit` bytes of UTF-8, else its beginning and `note`."""
    data = text.encode()
    if len(data) <= limit:
        return text
    return data[: limit - _size(note)].decode(errors="ignore").rstrip() + note


def _escaped(char: str) -> str:
    if unicodedata.category(char) not in UNPRINTABLE or char in JOINERS:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _not_started(question: str, count: int) -> str:
    return (
        f"{question} is not started yet. Put your code in place of its `raise NotImplementedError`"
        f" line, and {'its check' if count == 1 else f'its {count} checks'} will run."
    )


def _stopped(tests: Sequence[TestRecord]) -> str:
    """Say once that some tests reached the line that raises NotImplementedError."""
    count = len(tests)
    return (
        f"{LABELS[Status.NOT_STARTED]}  {_checks(count)} reached a `raise NotImplementedError` line"
        f" that is still there: write that part, and {'it' if count == 1 else 'they'} will run."
    )


def _failures(tests: Iterable[TestRecord], room: int, for_instructor: bool) -> list[str]:
    """Return one block for each group of tests that end alike; titles only where room is short."""
    groups: dict[tuple[object, ...], list[TestRecord]] = {}
    for test in tests:
        open_book = for_instructor or not test.hidden
        seen = (test.detail, test.printed, test.log if for_instructor else "") if open_book else ()
        key = (test.status, test.hidden, test.summary, _diagnosis(test), *seen)
        groups.setdefault(key, []).append(test)
    blocks = []
    said: list[str] = []
    for group in groups.values():
        titles = _titles(group)
        label, words = _diagnosis(group[0])
        diagnosis = (label, "the same as above" if words in said else words)
        block = "\n".join([titles, *_body(group, diagnosis, for_instructor)])
        if _size(block) > room:
            block = titles
        elif words:
            said.append(words)
        room -= _size(block) + 2  # the empty line between blocks
        blocks.append(block)
    return blocks


def _titles(group: Sequence[TestRecord]) -> str:
    lines = [_title_line(test) for test in group[:MAX_TITLES]]
    more = len(group) - MAX_TITLES
    if more > 0:
        lines.append(f"{LABELS[group[0].status]}  and {_checks(more)} more, in the same way")
    return "\n".join(lines)


def _title_line(test: TestRecord) -> str:
    kind = " (hidden check)" if test.hidden else ""
    return f"{LABELS[test.status]}  {one_line(test.title or test.test)}{kind}"


def _diagnosis(test: TestRecord) -> tuple[str, str]:
    """Return what the wrong result looks like, with its label, or two empty texts.

    It tells nothing of inputs or expected values, so it is shown for hidden tests too.
    """
    return test.diagnosis.words() if test.diagnosis else ("", "")


def _body(
    group: Sequence[TestRecord], diagnosis: tuple[str, str], for_instructor: bool
) -> list[str]:
    """Return the indented lines below the titles of tests that end alike."""
    test = group[0]
    open_book = for_instructor or not test.hidden
    fields = {
        "called": test.call,
        "with": test.values if open_book else "",
        "problem": test.summary or DEFAULT_PROBLEMS.get(test.status, ""),
        "where": test.detail if open_book else "",
        diagnosis[0]: _wrapped(diagnosis[1]),
        "printed": test.printed if open_book else "",
    }
    if len(group) > 1 and len({other.call for other in group}) > 1:
        fields["called"] = f"{test.call}  (the first of these)" if test.call else ""
    lines = []
    for label, text in fields.items():
        lines += _labelled(label, text, FIELD_BYTES[label])
    if for_instructor:
        return [*lines, *_labelled("log", test.log, LOG_BYTES, MAX_LOG_LINES)]
    return cut("\n".join(lines), BODY_BYTES).split("\n")


def _wrapped(text: str) -> str:
    lines = (textwrap.wrap(line, WIDTH, subsequent_indent="  ") for line in text.split("\n"))
    return "\n".join(itertools.chain.from_iterable(lines))


def _labelled(label: str, text: str, limit: int, max_lines: int = MAX_LINES) -> list[str]:
    """Return `text` behind its label, every further line indented as far; cut at `limit` bytes."""
    text = cut(printable(text[: 2 * limit]).strip("\n"), limit)
    if not text.strip():
        return []
    # many empty or very short lines would take more room in indentation than in text
    lines = re.sub(r"\n\s*\n+", "\n", text).split("\n")
    if len(lines) > max_lines:
        left_out = len(lines) - max_lines + 1
        lines = [*lines[: max_lines - 1], f"[... {left_out} more lines]"]
    return [f"    {label:<9}{lines[0]}", *(f"    {'':<9}{line}" for line in lines[1:])]


def _next_step(question: str, failing: Sequence[TestRecord]) -> list[str]:
    """Return what to do next, if something failed."""
    if any(not test.hidden for test in failing):
        return [f"Next: run `python check.py {question}` on your machine and mend what it shows."]
    if failing:
        return [
            "Next: a hidden check shows what it tests and what it called, not its numbers. Make "
            "that call with small numbers of your own and compare with the docstring by hand."
        ]
    return []


def _checks(count: int) -> str:
    return "1 check" if count == 1 else f"{count} checks"


def _size(text: str) -> int:
    return len(text.encode())
