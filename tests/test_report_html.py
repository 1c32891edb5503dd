"""The page of a class: what it holds, what it can never hold, that it is drawn right."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from classroom import (
    ANSI,
    FAILURES,
    POINTS,
    SECRETS,
    TITLES,
    XSS,
    all_zeros,
    make_record,
    question_grade,
    some_class,
)

from autograder.assignment import Assignment, Limits, Question
from autograder.report import html, overview
from autograder.scoring import Grade
from student_kit.records import Status


def make_assignment(folder: Path) -> Assignment:
    return Assignment(
        id="hw1_optimizers",
        title="Homework 1: Optimization Algorithms",
        files=("optim.py",),
        libraries=("numpy",),
        limits=Limits(),
        questions=tuple(Question(id=q, points=p, file="optim.py") for q, p in POINTS.items()),
        public=folder / "public",
        private=folder / "private",
    )


class _Page(HTMLParser):
    """Parse a page and hold it to well-formedness: every element is closed, in order."""

    VOID = ("meta", "input", "link", "br", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def count(self, tag: str, css_class: str) -> int:
        return sum(
            name == tag and css_class in (attrs.get("class") or "").split()
            for name, attrs in self.tags
        )


def report(tmp_path: Path, grades: list[Grade], failures: list[tuple[str, str]]) -> str:
    path = tmp_path / "report.html"
    html.write_report(path, make_assignment(tmp_path), grades, failures, date="23 November 2026")
    return path.read_text(encoding="utf-8")


def test_a_submission_of_which_nothing_ran_says_nothing_of_the_isolation(tmp_path: Path) -> None:
    grades = some_class(3)
    empty = [replace(q, tests=(), points=0.0) for q in grades[0].questions]
    grades = [*grades, replace(grades[0], submission="empty", questions=tuple(empty), isolation=())]

    text = _Page(report(tmp_path, grades, ())).text()

    assert "not the same for all" not in text
    assert "own process per test; uid 65534" in text


def test_the_page_holds_the_class(tmp_path: Path) -> None:
    grades = some_class(45)
    numbers = overview.overview_of(grades)
    assert numbers is not None

    page = _Page(report(tmp_path, grades, FAILURES))

    text = page.text()
    assert "Homework 1: Optimization Algorithms 45 submissions graded, 2 not graded" in text
    assert "23 November 2026" in text
    assert "own process per test; uid 65534; memory 512 MB" in text
    assert f"mean {numbers.mean:.1f} median {numbers.median:.1f} range 0 to 100" in text
    assert all(grade.submission in text for grade in grades)
    assert all(grade.seed in text for grade in grades)
    assert all(f"{name} {reason}" in text for name, reason in FAILURES)
    assert text.index(FAILURES[0][0]) < text.index("mean 7")
    assert page.count("details", "student") == 45
    assert page.count("details", "question") == len(POINTS)
    assert page.count("i", "sign") >= 45 * len(POINTS)
    assert not [secret for secret in SECRETS if secret in text]


def test_the_histogram_counts_every_submission(tmp_path: Path) -> None:
    text = report(tmp_path, some_class(45), [])

    counts = re.findall(r'<text class="count"[^>]*>(\d+)</text>', text)
    assert sum(map(int, counts)) == 45
    described = re.search(r'aria-label="Number of submissions by points\.([^"]*)"', text)
    assert described
    assert sum(int(count) for count in re.findall(r": (\d+)", described[1])) == 45


def test_the_bars_of_a_question_fill_its_width(tmp_path: Path) -> None:
    text = report(tmp_path, some_class(45), [])

    bars = re.findall(r'<svg class="share".*?</svg>', text, flags=re.DOTALL)
    assert len(bars) == len(POINTS)
    for bar in bars:
        widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)%"', bar)]
        assert sum(widths) == pytest.approx(100, abs=0.01)
        counts = re.findall(r"<title>[a-z ]+: (\d+)</title>", bar)
        assert sum(map(int, counts)) == 45


def test_the_page_needs_nothing_from_outside_and_obeys_its_own_policy(tmp_path: Path) -> None:
    text = report(tmp_path, some_class(6), FAILURES)

    page = _Page(text)
    assert not re.search(r"https?:|//[a-z]|url\(|@import", text)
    assert not [attrs for _, attrs in page.tags if "src" in attrs or "style" in attrs]
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a) or ""
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        inline = re.search(rf"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
        assert inline
        digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_text_of_a_submission_is_text_in_the_page(tmp_path: Path) -> None:
    record = make_record(
        0, hidden=False, status=Status.FAILED, **dict.fromkeys(("summary", "printed"), XSS + ANSI)
    )
    question = replace(question_grade(hidden=(Status.FAILED,)), tests=(record,), advice=XSS)
    grade = replace(
        some_class(1)[0], submission=XSS + ANSI, notices=(XSS + ANSI,), questions=(question,)
    )

    text = report(tmp_path, [grade], [(XSS + ANSI, XSS)])

    page = _Page(text)
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert page.text().count('<script>alert("x")</script>') >= 6
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_a_check_that_many_fail_is_named_with_its_count(tmp_path: Path) -> None:
    grades = [
        replace(grade, questions=(question_grade(hidden=(Status.FAILED, Status.PASSED)),))
        for grade in some_class(7)
    ]

    text = _Page(report(tmp_path, grades, [])).text()

    assert f"fail check 7 {TITLES[1]} hidden" in text


@pytest.mark.parametrize(
    ("grades", "failures", "words"),
    [
        ([], [], "No submission was graded"),
        ([], FAILURES, "No submission was graded, 2 not graded"),
        (some_class(1), [], "1 submission graded"),
        (some_class(1), FAILURES[:1], "this submission has no points yet"),
        (all_zeros(), [], "all points 0 not started 8"),
    ],
)
def test_odd_classes_have_a_page(
    tmp_path: Path, grades: list[Grade], failures: list[tuple[str, str]], words: str
) -> None:
    page = _Page(report(tmp_path, grades, failures))

    assert words in page.text()
    assert page.count("details", "student") == len(grades)


def test_a_large_class_of_talkative_failures_stays_a_page_of_some_megabytes(
    tmp_path: Path,
) -> None:
    tests = tuple(
        make_record(
            i,
            hidden=i % 2 == 1,
            status=Status.FAILED,
            **dict.fromkeys(("summary", "printed", "detail"), f"{i} " + "<&> " * 2_000),
        )
        for i in range(6)
    )
    questions = tuple(
        replace(question_grade(q, hidden=(Status.FAILED,)), tests=tests) for q in POINTS
    )
    grades = [replace(grade, questions=questions) for grade in some_class(1) * 300]

    text = report(tmp_path, grades, [])

    assert len(text.encode()) < 25_000_000  # escaping makes up to five characters of one
    assert "the rest is in the results of this submission" in text


@pytest.mark.parametrize("low", [0, 10, 40, 60, 90, 100])
@pytest.mark.parametrize("high", [0, 10, 40, 60, 90, 100])
def test_no_label_of_the_histogram_is_crossed_by_the_other_line(low: float, high: float) -> None:
    low, high = sorted((low, high))
    for names in (("mean", "median"), ("median", "mean")):
        left, right = html._markers(dict(zip(names, (low, high), strict=True)), 100.0)

        assert left.at <= right.at
        assert left.y != right.y
        # a line begins at its own label: only a label above may pass over it
        assert right.anchor == "start" or right.y < left.y or right.at - left.at > 25
        assert left.anchor == "end" or left.y < right.y or right.at - left.at > 25
        assert left.anchor == "start" or left.at > 30
        assert right.anchor == "end" or right.at < 75


@pytest.mark.parametrize(
    ("largest", "step"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (26, 10), (300, 100)]
)
def test_the_axis_has_round_ticks(largest: int, step: int) -> None:
    assert html._tick_step(largest) == step
