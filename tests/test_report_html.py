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
    diagnosed,
    make_record,
    question_grade,
    some_class,
)

from autograder.assignment import Assignment, Limits, Question
from autograder.report import html, overview
from autograder.scoring import Grade
from student_kit.records import Diagnosis, Status


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


# --- what went wrong ----------------------------------------------------------------------------

ONE = Diagnosis(mistakes=("gd-without-lr",), hints=("How far to go is set by lr.",))
ONE_OF = Diagnosis(mistakes=("gd-without-lr", "gd-norm"), hints=("Mind lr.", "Mind the norm."))


def failing(count: int) -> list[Grade]:
    """Return submissions that fail the hidden check of one of two questions."""
    good, bad = question_grade("mse_grad"), question_grade("gd_step", hidden=(Status.FAILED,))
    some = some_class(count)
    return [replace(g, submission=f"s{i}", questions=(good, bad)) for i, g in enumerate(some)]


def section(text: str) -> str:
    return text[text.index('<section class="wrong"') : text.index('<section aria-labelledby="h-st')]


def test_a_mistake_stands_with_hint_numbers_and_names(tmp_path: Path) -> None:
    first, *rest = failing(4)
    grades = [*diagnosed([first], ONE_OF), *diagnosed(rest, ONE)]

    text = report(tmp_path, grades, [])

    words = _Page(section(text)).text()
    assert "4 answers (one question of one submission) fail a check." in words
    assert "4 give exactly what a known mistake gives, 0 more stand in a simple relation" in words
    assert "gd-without-lr in gd_step 3 + 1 possibly Mind lr. s1 , s2 , s3 Possibly: s0" in words
    assert "gd-norm in gd_step 1 possibly Mind the norm. Possibly: s0" in words
    assert 'class="certain" width="75.0%"' in text
    assert 'class="possible" x="75.0%" y="1" width="25.0%"' in text


def test_every_name_leads_to_its_submission(tmp_path: Path) -> None:
    grades = diagnosed(
        [replace(g, submission=f"s{15 - i}") for i, g in enumerate(failing(12))], ONE
    )

    text = report(tmp_path, grades, [])

    names = dict(
        re.findall(r'<details class="student" id="(s\d+)".*?<h3>(.*?)</h3>', text, re.DOTALL)
    )
    links = re.findall(r'<a href="#(s\d+)">(.*?)</a>', text)
    assert len(links) == 12
    assert all(names[target] == name for target, name in links)


def test_relations_stand_where_no_mistake_is_known(tmp_path: Path) -> None:
    grades = diagnosed(failing(3), Diagnosis(relation="2 times what it should be"))

    words = _Page(section(report(tmp_path, grades, []))).text()

    assert "No result is one that a known mistake gives." in words
    assert "2 times what it should be in gd_step 3 s0 , s1 , s2" in words


def test_rare_mistakes_unfold(tmp_path: Path) -> None:
    grades = [
        diagnosed([grade], Diagnosis(mistakes=(f"m{i}",), hints=("h",)))[0]
        for i, grade in enumerate(failing(html.MOST_SHOWN + 3))
    ]

    page = _Page(report(tmp_path, grades, []))

    assert "3 less frequent" in page.text()
    assert page.count("details", "finding") == html.MOST_SHOWN + 3


def test_questions_that_measure_badly_are_flagged_in_words(tmp_path: Path) -> None:
    """The better they do elsewhere, the fewer points they have in the second question."""
    grades = []
    for i, grade in enumerate(some_class(12)):
        shares = {"mse_grad": i / 12, "gd_step": 1 - i / 12, "adam_step": i / 12}
        questions = [
            replace(question_grade(q), points=round(POINTS[q] * share, 4))
            for q, share in shares.items()
        ]
        grades.append(replace(grade, questions=tuple(questions)))

    text = section(report(tmp_path, grades, []))

    assert "gd_step 54 % 12 attempts \N{MINUS SIGN}1.00 negative" in _Page(text).text()
    assert 'aria-label="discrimination -1.00, negative"' in text
    assert 'aria-label="54 % of the points earned in 12 attempts"' in text
    assert "What to do: read the checks" in text


def test_a_small_class_is_not_judged(tmp_path: Path) -> None:
    words = _Page(section(report(tmp_path, failing(3), []))).text()

    assert "mse_grad 100 % 3 attempts fewer than 10 attempts" in words
    assert words.count("None, or too few submissions to say: it takes 10.") == 2


def test_checks_that_say_nothing_are_listed_by_question(tmp_path: Path) -> None:
    words = _Page(section(report(tmp_path, failing(10), []))).text()

    assert "mse_grad 100 % 10 attempts all alike" in words
    assert f"than the whole class is. gd_step {TITLES[1]}" in words
    assert f"1 check of 1 question mse_grad {TITLES[1]}" in words


def test_a_question_that_nobody_began_has_no_numbers(tmp_path: Path) -> None:
    assert "mse_grad no attempt" in _Page(section(report(tmp_path, all_zeros(), []))).text()


def test_names_hints_and_titles_are_text_in_what_went_wrong(tmp_path: Path) -> None:
    record = make_record(0, status=Status.FAILED, title=XSS + ANSI)
    found = Diagnosis(mistakes=(XSS + ANSI,), hints=(XSS + ANSI,))
    related = Diagnosis(relation=XSS + ANSI)
    grades = [
        replace(
            grade,
            submission=f"{XSS}{ANSI}{i}",
            questions=(
                replace(
                    question_grade("gd_step", hidden=(Status.FAILED,)),
                    tests=(replace(record, diagnosis=related if i % 2 else found),),
                ),
                question_grade("mse_grad"),
            ),
        )
        for i, grade in enumerate(some_class(12))
    ]

    text = section(report(tmp_path, grades, []))

    page = _Page(text)
    assert not [tag for tag, _ in page.tags if tag in ("script", "img")]
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    # mistake, hint, relation, twelve names, and the check that everybody fails
    assert page.text().count('<script>alert("x")</script>') == 16
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_what_went_wrong_in_a_large_class_is_small(tmp_path: Path) -> None:
    """Who made what are at most one name of some bytes per student and mistake."""
    grades = diagnosed(some_class(300), ONE_OF)

    text = report(tmp_path, grades, [])

    names = len(re.findall(r'<a href="#s\d+">', text))
    assert names > 1_000
    assert len(section(text).encode()) < 100 * names
