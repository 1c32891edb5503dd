"""Write one self-contained page for a class: report.html.

    Assignment + Grade... + (name, reason)... -> [html] -> report.html

The page needs nothing from outside and reads without JavaScript; the script only sorts and
filters. Everything that comes from a submission passes through `feedback` and Jinja's autoescape,
and a content security policy forbids whatever might still get through. The page shows what
students may read, plus the seeds and what needs review; it never holds the inputs of hidden tests.
"""

from __future__ import annotations

import base64
import hashlib
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from autograder.assignment import Assignment
from autograder.report.classview import ENOUGH, LOW, class_view
from autograder.report.feedback import (
    LABELS,
    NOTICE_BYTES,
    QUESTION_BYTES,
    cut,
    one_line,
    points_text,
    question_feedback,
)
from autograder.report.overview import (
    ClassOverview,
    Mark,
    QuestionOverview,
    mark_of,
    name_key,
    overview_of,
    status_of,
)
from autograder.scoring import Grade, QuestionGrade
from student_kit.records import Status

TEMPLATES = Path(__file__).parent / "templates"
BINS = 10
# all feedback of a class together: a browser opens a page of some megabytes at once
FEEDBACK_BYTES = 5_000_000
SHORTEST_FEEDBACK = 600
MOST_SHOWN = 10  # mistakes, and relations; the rest unfolds
MAX_CHECKS = 8  # per question, in the list of what was failed most often
SIGNS = {Mark.FULL: "●", Mark.PARTIAL: "◐", Mark.FAILED: "✕", Mark.NOT_STARTED: "·"}

# geometry of the histogram: across in percent, so that text keeps its size; down in pixels
LEFT, RIGHT = 9.0, 96.5
TOP, BOTTOM = 56.0, 236.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the histogram, or one segment of a question's bar. x and width in percent."""

    x: float
    width: float
    count: int
    title: str
    y: float = 0.0
    height: float = 0.0
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A labelled position on an axis: x in percent or y in pixels."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A labelled vertical line of the histogram."""

    name: str
    at: float  # percent
    text: str
    y: int  # baseline of the label, pixels
    anchor: str  # "start": the label stands to the right of the line; "end": to the left


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """The distribution of points, placed: what the template draws."""

    bars: tuple[Bar, ...]
    x_ticks: tuple[Line, ...]
    y_ticks: tuple[Line, ...]
    markers: tuple[Marker, ...]  # mean and median
    description: str  # the same in words


def write_report(
    path: Path,
    assignment: Assignment,
    grades: Sequence[Grade],
    failures: Sequence[tuple[str, str]] = (),
    *,
    date: str,
) -> None:
    """Write the page.

    Args:
        path: the file to write, such as results/report.html.
        assignment: what was graded.
        grades: of its submissions, in any order; may be empty.
        failures: (submission, reason) of those that could not be graded.
        date: when, as it shall be read.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = points_text
    environment.filters["one_line"] = one_line
    overview = overview_of(grades)
    view = class_view(grades)
    students = _students(grades)
    names = sorted((grade.submission for grade in grades), key=name_key)
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    text = environment.get_template("report.html.j2").render(
        title=assignment.title,
        assignment_id=assignment.id,
        max_points=assignment.max_points,
        date=date,
        isolation=_isolation(grades),
        seconds=statistics.median(grade.seconds for grade in grades) if grades else 0.0,
        overview=overview,
        histogram=_histogram(grades, overview) if overview else None,
        left=LEFT,
        right=RIGHT,
        bottom=BOTTOM,
        questions=[_question(q) for q in overview.questions] if overview else [],
        view=view,
        rows={name: number for number, name in enumerate(names, start=1)},
        most_shown=MOST_SHOWN,
        across=_across,
        enough=ENOUGH,
        low=LOW,
        students=students,
        failures=[(one_line(name), one_line(reason, 2_000)) for name, reason in _by_name(failures)],
        marks=list(Mark),
        signs=SIGNS,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def _by_name(failures: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(failures, key=lambda failure: name_key(failure[0]))


def _isolation(grades: Sequence[Grade]) -> str:
    """Say what confined the submissions, and whether it was the same for all."""
    run = [grade.isolation for grade in grades if any(q.tests for q in grade.questions)]
    if not run:
        return "nothing was run"
    layers = "; ".join(run[0]) or "not recorded"
    return layers if all(notes == run[0] for notes in run) else f"{layers} (not the same for all)"


def _histogram(grades: Sequence[Grade], overview: ClassOverview) -> Histogram:
    """Count the submissions in BINS equal bins; all points belong to the last one."""
    full = overview.max_points
    counts = [0] * BINS
    for grade in grades:
        counts[min(BINS - 1, int(grade.points / full * BINS + 1e-9))] += 1
    edges = [points_text(full * i / BINS) for i in range(BINS + 1)]
    step = _tick_step(max(counts))
    top_count = -(-max(counts) // step) * step
    per_count = (BOTTOM - TOP) / top_count
    width = (RIGHT - LEFT) / BINS
    bars = tuple(
        Bar(
            x=round(LEFT + i * width + 0.06 * width, 3),
            width=round(0.88 * width, 3),
            y=round(BOTTOM - count * per_count, 2),
            height=round(count * per_count, 2),
            count=count,
            title=f"{edges[i]} to {edges[i + 1]} points: {count}",
        )
        for i, count in enumerate(counts)
    )
    words = ", ".join(bar.title for bar in bars if bar.count)
    return Histogram(
        bars=bars,
        x_ticks=tuple(
            Line(at=round(LEFT + i * width, 3), text=edge) for i, edge in enumerate(edges)
        ),
        y_ticks=tuple(
            Line(at=round(BOTTOM - count * per_count, 2), text=str(count))
            for count in range(0, top_count + 1, step)
        ),
        markers=_markers({"mean": overview.mean, "median": overview.median}, full),
        description=f"Number of submissions by points. {words}.",
    )


def _markers(points: dict[str, float], full: float) -> tuple[Marker, ...]:
    """Place two labels outside of their lines, one above the other, so that none is crossed."""
    low, high = sorted(points, key=lambda name: points[name])
    # at the edge both labels stand on the same side, the outer line's above the inner's
    low_anchor = "start" if points[low] < 0.28 * full else "end"
    high_anchor = "end" if points[high] > 0.72 * full else "start"
    top = high if low_anchor == high_anchor == "end" else low
    return tuple(
        Marker(
            name=name,
            at=round(LEFT + (RIGHT - LEFT) * points[name] / full, 3),
            text=f"{name} {points[name]:.1f}",
            y=14 if name == top else 32,
            anchor=anchor,
        )
        for name, anchor in ((low, low_anchor), (high, high_anchor))
    )


def _tick_step(largest: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 ... that needs at most five ticks above 0."""
    step, factors = 1, (2, 2.5, 2)
    turn = 0
    while largest > 5 * step:
        step = int(step * factors[turn % 3])
        turn += 1
    return step


def _across(discrimination: float) -> float:
    """Place a discrimination on an axis from -0.5, and all that is below, to 1; percent."""
    return round(100 * (max(discrimination, -0.5) + 0.5) / 1.5, 2)


def _question(question: QuestionOverview) -> dict[str, Any]:
    """Place the segments of a question's bar one after the other."""
    total = sum(question.counts.values())
    segments, x = [], 0.0
    for mark, count in question.counts.items():
        width = 100 * count / total
        if count:
            segments.append(
                Bar(
                    x=round(x, 3),
                    width=round(width, 3),
                    count=count,
                    title=f"{mark.value}: {count}",
                    mark=mark.name.lower(),
                )
            )
        x += width
    words = ", ".join(f"{count} {mark.value}" for mark, count in question.counts.items())
    return {
        "id": question.id,
        "max_points": question.max_points,
        "mean": question.mean,
        "segments": segments,
        "description": words,
        "checks": question.checks[:MAX_CHECKS],
        "more_checks": max(0, len(question.checks) - MAX_CHECKS),
    }


def _students(grades: Sequence[Grade]) -> list[dict[str, Any]]:
    """Return one row per submission, sorted by name, with the feedback that its details show."""
    shown = sum(_needs_text(question) for grade in grades for question in grade.questions)
    limit = max(SHORTEST_FEEDBACK, min(QUESTION_BYTES, FEEDBACK_BYTES // max(1, shown)))
    rows = []
    for grade in sorted(grades, key=lambda grade: name_key(grade.submission)):
        marks = [(question.id, mark_of(question)) for question in grade.questions]
        rows.append(
            {
                "name": one_line(grade.submission),
                "points": grade.points,
                "max_points": grade.max_points,
                "status": status_of(grade),
                "marks": marks,
                "notices": [one_line(notice, NOTICE_BYTES) for notice in grade.notices[:20]],
                "review": [one_line(sentence) for sentence in grade.review],
                "full": [q.id for q in grade.questions if not _needs_text(q)],
                "not_started": [name for name, mark in marks if mark is Mark.NOT_STARTED],
                "questions": [
                    {
                        "id": question.id,
                        "mark": mark_of(question),
                        "points": question.points,
                        "max_points": question.max_points,
                        "lines": _lines(_text(question, limit)),
                    }
                    for question in grade.questions
                    if _needs_text(question) and mark_of(question) is not Mark.NOT_STARTED
                ],
                "seed": one_line(grade.seed),
                "seconds": grade.seconds,
            }
        )
    return rows


def _needs_text(question: QuestionGrade) -> bool:
    """Whether there is more to read than that all is right."""
    return mark_of(question) is not Mark.FULL or question.status is not Status.PASSED


def _text(question: QuestionGrade, limit: int) -> str:
    note = "\n[... the rest is in the results of this submission]"
    return cut(question_feedback(question), limit, note)


def _lines(text: str) -> list[tuple[str, str]]:
    """Return (CSS class, line) for each line: verdicts stand out, what wraps hangs below itself."""
    bad = (f"{LABELS[Status.FAILED]}  ", f"{LABELS[Status.TIMED_OUT]}  ")
    return [
        (
            "field"
            if line.startswith("    ")
            else "bad"
            if line.startswith(bad)
            else "good"
            if line.startswith(f"{LABELS[Status.PASSED]}  ")
            else "plain",
            line,
        )
        for line in text.split("\n")
    ]


def _hash(text: str) -> str:
    """Return what a content security policy calls an inline style or script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
