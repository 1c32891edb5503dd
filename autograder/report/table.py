"""Write the grades of a class as a CSV file, and print them in a terminal.

    Grade... + (name, reason)... -> [table] -> grades.csv, mistakes.csv, terminal

Names and messages are text of strangers: in the CSV file no cell can be taken for a formula, in
the terminal no text is read as markup and no control character gets through.
"""

from __future__ import annotations

import csv
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.report.classview import MistakeView, class_view
from autograder.report.feedback import (
    one_line,
    points_text,
    question_feedback,
    submission_header,
)
from autograder.report.overview import (
    ClassOverview,
    Mark,
    mark_of,
    marks_of,
    name_key,
    overview_of,
    status_of,
)
from autograder.scoring import Grade

SIGNS = {Mark.FULL: "●", Mark.PARTIAL: "◐", Mark.FAILED: "✗", Mark.NOT_STARTED: "·"}
ASCII_SIGNS = {Mark.FULL: "+", Mark.PARTIAL: "~", Mark.FAILED: "x", Mark.NOT_STARTED: "."}
STYLES = {Mark.FULL: "green", Mark.PARTIAL: "yellow", Mark.FAILED: "red", Mark.NOT_STARTED: "dim"}
# what a spreadsheet takes for the beginning of a formula; the last four are their full-width forms
FORMULA_STARTS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
CELL_BYTES = 2_000
NAMES_BYTES = 32_000  # a spreadsheet's cell holds 32,767 characters
MOST_MISTAKES = 5  # in the terminal


def write_csv(
    path: Path, grades: Sequence[Grade], failures: Sequence[tuple[str, str]] = ()
) -> None:
    """Write one row per submission, sorted by name, in UTF-8 with a byte order mark.

    Excel reads a CSV file as UTF-8 only with the mark; pandas and the csv module (`utf-8-sig`)
    skip it. A submission that was not graded has empty points: empty is not zero.

    Args:
        path: the file to write, such as results/grades.csv.
        grades: of one assignment.
        failures: (submission, reason) of those that could not be graded.
    """
    ids = list(dict.fromkeys(question.id for grade in grades for question in grade.questions))
    header = ["submission", "points", "max_points", *ids, "notices", "review", "not_graded"]
    rows: list[tuple[str, list[str]]] = []
    for grade in grades:
        points = {question.id: _number(question.points) for question in grade.questions}
        totals = [_number(grade.points), _number(grade.max_points)]
        each = [points.get(question_id, "") for question_id in ids]
        notices = _cell(" | ".join(grade.notices))
        review = _cell(" | ".join(grade.review))
        row = [_cell(grade.submission), *totals, *each, notices, review, ""]
        rows.append((grade.submission, row))
    for name, reason in failures:
        rows.append((name, [_cell(name), "", "", *([""] * len(ids)), "", "", _cell(reason)]))
    rows.sort(key=lambda row: name_key(row[0]))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *(row for _, row in rows)])


def write_mistakes(path: Path, grades: Sequence[Grade]) -> None:
    """Write one row per known mistake that was made, the most frequent first.

    Args:
        path: the file to write, such as results/mistakes.csv.
        grades: of one assignment.
    """
    header = [
        *("mistake", "question", "count", "possible", "submissions", "possible_submissions"),
        "hint",
    ]
    rows = [
        [
            _cell(mistake.id),
            _cell(mistake.question),
            str(len(mistake.made_by)),
            str(len(mistake.possibly_by)),
            _cell(" | ".join(mistake.made_by), NAMES_BYTES),
            _cell(" | ".join(mistake.possibly_by), NAMES_BYTES),
            _cell(mistake.hint),
        ]
        for mistake in class_view(grades).mistakes
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def print_table(
    grades: Sequence[Grade], failures: Sequence[tuple[str, str]], console: Console
) -> None:
    """Print a class: one line per submission, per question, per common mistake, and the sums."""
    overview = overview_of(grades)
    if overview is not None:
        signs = _signs(console)
        _print(console, _class_table(grades, overview, signs))
        _print(console, _legend(signs))
        _print(console, _question_table(overview, signs))
        mistakes = class_view(grades).mistakes
        if mistakes:
            _print(console, Text(""))
            _print(console, _mistake_table(mistakes[:MOST_MISTAKES]))
        for line in _summary_lines(overview):
            _print(console, line)
    if failures:
        table = Table(title="Not graded", title_style="bold red", title_justify="left", box=None)
        table.add_column("submission", overflow="fold", max_width=30)
        table.add_column("reason", overflow="fold")
        for name, reason in sorted(failures, key=lambda failure: name_key(failure[0])):
            table.add_row(Text(one_line(name)), Text(one_line(reason, 600)))
        _print(console, table)
        count = len(failures)
        _print(console, f"{count} not graded: {'it is' if count == 1 else 'they are'} not a zero.")
    if not grades and not failures:
        _print(console, "No submission was found.")


def print_grade(grade: Grade, console: Console) -> None:
    """Print one submission: points per question, then the feedback on what is to mend."""
    signs = _signs(console)
    _print(console, Text(one_line(grade.submission), style="bold"))
    _print(console, submission_header(grade))
    for sentence in grade.review:
        _print(console, f"Needs review (for you only): {one_line(sentence)}")
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("question", overflow="fold")
    table.add_column("points", justify="right")
    table.add_column("of", justify="right")
    table.add_column("")
    for question in grade.questions:
        mark = mark_of(question)
        table.add_row(
            Text(signs[mark], style=STYLES[mark]),
            Text(question.id),
            points_text(question.points),
            points_text(question.max_points),
            Text(mark.value, style=STYLES[mark]),
        )
    _print(console, table)
    for question in grade.questions:
        if mark_of(question) in (Mark.PARTIAL, Mark.FAILED):
            _print(console, Text(f"\n{question.id}", style="bold"))
            for line in question_feedback(question).split("\n"):
                _print(console, _wrapped(line, console.width))


def _class_table(grades: Sequence[Grade], overview: ClassOverview, signs: dict[Mark, str]) -> Table:
    """Return the table of submissions; marks stand below the numbers of their questions."""
    count = len(overview.questions)
    gap = " " if count <= 20 else ""
    numbers = gap.join(str(number % 10) for number in range(1, count + 1))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("submission", overflow="ellipsis", no_wrap=True, min_width=12, max_width=32)
    table.add_column("points", justify="right", no_wrap=True, min_width=6)
    table.add_column(numbers, no_wrap=True, min_width=len(numbers))
    table.add_column("status", overflow="ellipsis", no_wrap=True)
    for grade in sorted(grades, key=lambda grade: name_key(grade.submission)):
        marks = Text(gap).join(Text(signs[m], style=STYLES[m]) for m in marks_of(grade))
        name = Text(one_line(grade.submission))
        status = status_of(grade).split(", ")[0]  # the signs show the rest
        noted = "(!) " * bool(grade.notices) + "(?) " * bool(grade.review)
        table.add_row(name, points_text(grade.points), marks, Text(noted + status))
    return table


def _legend(signs: dict[Mark, str]) -> Text:
    parts = [Text(f"{signs[mark]} {mark.value}", style=STYLES[mark]) for mark in Mark]
    notes = Text("\n(!) has notices   (?) needs review")
    return Text("\n").append(Text("   ").join(parts)).append(notes)


def _question_table(overview: ClassOverview, signs: dict[Mark, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", justify="right")
    table.add_column("question", overflow="ellipsis", no_wrap=True)
    table.add_column("points", justify="right")
    for mark in Mark:
        table.add_column(Text(signs[mark], style=STYLES[mark]), justify="right", min_width=3)
    table.add_column("mean", justify="right")
    for number, question in enumerate(overview.questions, start=1):
        table.add_row(
            str(number),
            Text(question.id),
            points_text(question.max_points),
            *(str(question.counts[mark]) for mark in Mark),
            f"{question.mean:.0%}",
        )
    return table


def _mistake_table(mistakes: Sequence[MistakeView]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("made", justify="right")
    table.add_column("possibly", justify="right")
    table.add_column("most frequent mistakes", overflow="ellipsis", no_wrap=True)
    table.add_column("question", overflow="ellipsis", no_wrap=True)
    for mistake in mistakes:
        made, possibly = (str(len(n) or "") for n in (mistake.made_by, mistake.possibly_by))
        table.add_row(made, possibly, Text(one_line(mistake.id)), Text(one_line(mistake.question)))
    return table


def _summary_lines(overview: ClassOverview) -> list[str]:
    full = points_text(overview.max_points)
    lines = [
        "",
        f"{overview.graded} graded: mean {overview.mean:.1f}, median {overview.median:.1f} of "
        f"{full}, from {points_text(overview.lowest)} to {points_text(overview.highest)}",
        f"{overview.full} with all points, {overview.untouched} not started at all",
    ]
    if overview.hardest:
        share = f"{overview.hardest.mean:.0%} of its points earned"
        lines.append(f"hardest question: {overview.hardest.id} ({share})")
    return lines


def _print(console: Console, what: Table | Text | str) -> None:
    console.print(what, markup=False, highlight=False, emoji=False)


def _signs(console: Console) -> dict[Mark, str]:
    """Return the signs that this console can show."""
    try:
        "".join(SIGNS.values()).encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII_SIGNS
    return SIGNS


def _wrapped(line: str, width: int) -> str:
    """Return a line of feedback broken at `width`, its rest indented below its text."""
    indent = 13 if line.startswith("    ") else 8 if re.match(r"(FAILED|passed)  ", line) else 0
    return textwrap.fill(
        line, width, subsequent_indent=" " * indent, break_on_hyphens=False, drop_whitespace=True
    )


def _number(points: float) -> str:
    return f"{points:.4f}".rstrip("0").rstrip(".")


def _cell(text: str, limit: int = CELL_BYTES) -> str:
    """Return text of one line that no spreadsheet takes for a formula."""
    guarded = text.lstrip(" \n").startswith(FORMULA_STARTS)
    text = one_line(text, limit)
    return f"'{text}" if guarded or text.startswith(FORMULA_STARTS) else text
