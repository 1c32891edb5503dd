"""What people read about grades: feedback, CSV, terminal and the class page."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import random
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from autograder.assignment import Assignment, Limits, Question
from autograder.report import feedback, html, overview, table
from autograder.report.overview import Mark
from autograder.scoring import Grade, QuestionGrade
from student_kit import records
from student_kit.records import Status

POINTS = {
    "mse_grad": 6.0,
    "gd_step": 4.0,
    "gradient_descent": 7.0,
    "sgd_epoch": 8.0,
    "minibatch_indices": 9.0,
    "minibatch_sgd": 8.0,
    "momentum_step": 8.0,
    "adagrad_step": 8.0,
    "rmsprop_step": 8.0,
    "adam_step": 12.0,
    "run_optimizer": 7.0,
    "steps_to_tolerance": 4.0,
    "escape_step": 4.0,
    "compare_optimizers": 7.0,
}
TITLES = (
    "One step from an empty state equals the docstring's formula, worked by hand.",
    "The arguments are left as they were, and new arrays are returned.",
    "Five steps agree with the definition in loops, for any shape of theta.",
    "A state that another step returned is carried on, not started afresh.",
    "Hyper-parameters that are not the defaults are used.",
    "Large and tiny gradients give finite steps.",
)
# text that must never be seen by a student, or in the class page
SECRETS = ("SECRET-DETAIL", "SECRET-VALUES", "SECRET-PRINTED", "SECRET-LOG")
XSS = '<script>alert("x")</script><img src=x onerror=alert(1)>'
ANSI = "\x1b[31mred\x1b[0m\x07 \u202etxet\u202c \x00 \x85 \ud800"


def make_record(
    number: int, *, hidden: bool = True, status: Status = Status.PASSED, **changes: object
) -> records.TestRecord:
    """Return the record of one test; failures carry every text that a record can hold."""
    record = records.TestRecord(
        question="momentum_step",
        test=f"test_{'hidden' if hidden else 'public'}_{number}",
        title=TITLES[number % len(TITLES)],
        hidden=hidden,
        status=status,
    )
    if status not in (Status.PASSED, Status.SKIPPED, Status.NOT_STARTED):
        record = replace(
            record,
            summary=f"theta has wrong values in {number + 1} of 12 entries",
            call="momentum_step(theta (4, 3), grad (4, 3), state {'v'}, lr=0.1, beta=0.9)",
            detail="first difference at theta[0, 0]: expected 0.05, found 0.5",
            values="momentum_step(theta=[0.5, -1], grad=[1, 2], state={}, lr=0.1)",
            printed="v = 1.0",
            log="the log",
        )
    if hidden:
        record = replace(
            record, detail=SECRETS[0], values=SECRETS[1], printed=SECRETS[2], log=SECRETS[3]
        )
    return replace(record, **changes)  # type: ignore[arg-type]


def question_grade(
    question: str = "momentum_step",
    *,
    public: tuple[Status, ...] = (Status.PASSED,),
    hidden: tuple[Status, ...] = (Status.PASSED,),
    advice: str = "",
) -> QuestionGrade:
    """Return a question whose tests ended in these ways."""
    tests = [make_record(i, hidden=False, status=status) for i, status in enumerate(public)]
    tests += [make_record(len(public) + i, status=status) for i, status in enumerate(hidden)]
    share = hidden.count(Status.PASSED) / len(hidden)
    return QuestionGrade(
        id=question,
        points=round(POINTS[question] * share, 4),
        max_points=POINTS[question],
        feedback="visible",
        tests=tuple(replace(test, question=question) for test in tests),
        advice=advice,
    )


def some_question(question: str, mark: Mark, rng: random.Random) -> QuestionGrade:
    """Return a question with this mark, its tests ending as they may."""
    if mark is Mark.FULL:
        return question_grade(question, public=(Status.PASSED,) * 2, hidden=(Status.PASSED,) * 4)
    if mark is Mark.NOT_STARTED:
        stub = Status.NOT_STARTED
        return question_grade(question, public=(stub,) * 2, hidden=(stub,) * 4)
    bad = rng.choice([Status.FAILED, Status.FAILED, Status.ERRORED, Status.TIMED_OUT])
    failed = 4 if mark is Mark.FAILED else rng.randrange(1, 4)
    return question_grade(
        question,
        public=(bad, Status.PASSED) if rng.random() < 0.6 else (Status.PASSED, Status.PASSED),
        hidden=(bad,) * failed + (Status.PASSED,) * (4 - failed),
        advice=f"{question} uses minibatch_indices, which is not right yet: mend that first."
        if question == "minibatch_sgd"
        else "",
    )


def some_grade(name: str, ability: float, rng: random.Random) -> Grade:
    """Return the grade of a student who gets this share of the questions right, about."""
    questions = []
    for number, question in enumerate(POINTS):
        luck = ability - 0.04 * number + rng.uniform(-0.3, 0.3)
        mark = (
            Mark.NOT_STARTED
            if ability == 0 or luck < 0.05
            else Mark.FAILED
            if luck < 0.2
            else Mark.PARTIAL
            if luck < 0.4
            else Mark.FULL
        )
        questions.append(some_question(question, Mark.FULL if ability == 1 else mark, rng))
    return Grade(
        assignment="hw1_optimizers",
        title="Homework 1: Optimization Algorithms",
        submission=name,
        questions=tuple(questions),
        notices=("optim.py was found in the folder 'final version'.",)
        if rng.random() < 0.15
        else (),
        seed=f"{rng.getrandbits(64):016x}",
        isolation=("own process per test", "uid 65534", "memory 512 MB", "no new files"),
        seconds=rng.uniform(0.5, 1.1),
    )


FIRST = (
    *("Ada", "Chloé", "Émile", "Fatima", "Grace", "Hồng", "Ivan", "李", "Mía", "Noor"),
    *("Olu", "Priya", "Sofía", "Tomáš", "Zoë"),
)
LAST = (
    *("Müller", "O'Brien", "Okafor", "Nguyen"),
    *("Smith-Jones", "de_la_Cruz", "Åström", "Kowalczyk"),
)


def some_class(count: int) -> list[Grade]:
    """Return a class with the best and the empty submission, and most in between."""
    rng = random.Random(count)
    grades = []
    for i in range(count):
        name = f"{rng.choice(LAST)}_{rng.choice(FIRST)}_{340000 + 17 * i}"
        ability = 1.0 if i % 9 == 0 else 0.0 if i % 22 == 5 else min(0.99, rng.betavariate(4, 1.6))
        grades.append(some_grade(name, ability, rng))
    return grades


FAILURES = [
    ("late_Bob_340999", "the grader ran out of disk space while it unpacked the submission"),
    ("Eve_341000.zip", "not a zip file: the upload holds 0 bytes"),
]


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return make_assignment(tmp_path)


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


def printed(show: Callable[[Console], None], width: int = 80, encoding: str = "utf-8") -> str:
    """Return what `show` prints in a terminal of this width."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    show(Console(file=file, width=width, color_system=None, legacy_windows=False))
    file.flush()
    return raw.getvalue().decode(encoding)


# --- feedback -----------------------------------------------------------------------------------


def test_a_public_failure_shows_call_values_difference_and_print() -> None:
    text = feedback.question_feedback(
        question_grade(public=(Status.FAILED, Status.PASSED), hidden=(Status.PASSED,))
    )

    assert f"FAILED  {TITLES[0]}\n    called   momentum_step(theta (4, 3)" in text
    assert "    with     momentum_step(theta=[0.5, -1]" in text
    assert "    problem  theta has wrong values in 1 of 12 entries" in text
    assert "    where    first difference at theta[0, 0]: expected 0.05, found 0.5" in text
    assert "    printed  v = 1.0" in text
    assert f"passed  {TITLES[1]}\npassed  {TITLES[2]} (hidden check)" in text
    assert "2 of 3 checks passed" in text
    assert "python check.py momentum_step" in text
    assert "the log" not in text


@pytest.mark.parametrize("status", list(Status))
def test_a_hidden_test_never_shows_values_detail_print_or_log(status: Status) -> None:
    grade = question_grade(public=(Status.PASSED,), hidden=(status, status, Status.PASSED))

    text = feedback.question_feedback(grade)

    assert not [secret for secret in SECRETS if secret in text]
    if status in (Status.FAILED, Status.ERRORED, Status.TIMED_OUT):
        assert f"{TITLES[1]} (hidden check)" in text
        assert "theta has wrong values in 2 of 12 entries" in text
        assert "called   momentum_step(theta (4, 3)" in text


def test_the_instructor_sees_values_and_log_of_hidden_tests_too() -> None:
    grade = question_grade(hidden=(Status.FAILED,))

    text = feedback.question_feedback(grade, for_instructor=True)

    assert [secret for secret in SECRETS if secret not in text] == []


def test_advice_comes_first() -> None:
    grade = question_grade(hidden=(Status.FAILED,), advice="mend gd_step first")

    assert feedback.question_feedback(grade).startswith("mend gd_step first\n")


def test_a_question_that_is_not_started_gets_one_sentence() -> None:
    stub = Status.NOT_STARTED
    grade = question_grade(public=(stub, stub), hidden=(stub, stub, stub))

    text = feedback.question_feedback(grade)

    assert text == (
        "momentum_step is not started yet. Put your code in place of its `raise "
        "NotImplementedError` line, and its 5 checks will run."
    )


def test_a_question_that_is_half_written_says_so_once() -> None:
    grade = question_grade(hidden=(Status.PASSED, Status.NOT_STARTED, Status.NOT_STARTED))

    text = feedback.question_feedback(grade)

    assert "2 of 4 checks passed" in text
    assert text.count("NotImplementedError") == 1
    assert "not started  2 checks reached" in text


def test_tests_that_end_alike_share_one_message() -> None:
    same = "optim.py cannot be imported: SyntaxError at line 3"
    tests = [make_record(i, status=Status.ERRORED, summary=same, call="") for i in range(12)]
    grade = replace(question_grade(hidden=(Status.FAILED,)), tests=tuple(tests))

    text = feedback.question_feedback(grade)

    assert text.count("cannot be imported") == 1
    assert text.count("(hidden check)") == feedback.MAX_TITLES
    assert "and 4 checks more, in the same way" in text


def test_public_and_hidden_failures_are_never_merged() -> None:
    tests = [
        make_record(i, hidden=hidden, status=Status.FAILED, summary="the same", detail="shared")
        for i, hidden in enumerate((False, True))
    ]
    text = feedback.question_feedback(replace(question_grade(), tests=tuple(tests)))

    assert text.count("the same") == 2
    assert text.count("shared") == 1


def test_control_and_direction_characters_are_shown_not_obeyed() -> None:
    record = make_record(0, hidden=False, status=Status.ERRORED, summary=ANSI, printed=ANSI)
    text = feedback.question_feedback(replace(question_grade(), tests=(record,)))

    assert r"\x1b[31mred\x1b[0m\x07 \u202etxet\u202c \x00 \x85 \ud800" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    text.encode("utf-8")


def test_names_and_emoji_of_any_language_stay_readable() -> None:
    names = "Zoë 李 \u0645\u06cc\u200c\u062e\u0648 \N{WOMAN}\u200d\N{PERSONAL COMPUTER}"

    assert feedback.printable(names) == names


def test_what_a_submission_prints_cannot_pass_for_a_verdict() -> None:
    fake = "ok\npassed  everything\r\npassed  all\n\nFAILED  nothing"
    record = make_record(0, hidden=False, status=Status.FAILED, printed=fake, summary=fake)
    text = feedback.question_feedback(replace(question_grade(), tests=(record,)))

    verdicts = [line for line in text.splitlines() if re.match("passed|FAILED", line)]
    assert verdicts == [f"FAILED  {TITLES[0]}"]


@pytest.mark.parametrize("for_instructor", [False, True])
@pytest.mark.parametrize("filler", ["x" * 100_000, "a\n" * 50_000, "ü☃ " * 40_000, "\x1b" * 90_000])
def test_lengths_are_capped(filler: str, for_instructor: bool) -> None:
    tests = [
        make_record(
            i,
            hidden=i % 2 == 1,
            status=Status.FAILED,
            title=f"{i} {filler}",
            summary=f"{i} {filler}",
            **dict.fromkeys(("detail", "call", "values", "printed", "log"), filler),
        )
        for i in range(40)
    ]
    limit = feedback.INSTRUCTOR_BYTES if for_instructor else feedback.QUESTION_BYTES
    one, many = (
        feedback.question_feedback(
            replace(question_grade(), tests=tuple(tests[:count])), for_instructor=for_instructor
        )
        for count in (1, 40)
    )

    assert len(many.encode()) <= limit
    assert len(one.encode()) <= (limit if for_instructor else 1_800)  # with the sentences around it
    assert many.count("problem") >= 3


def test_the_header_says_notices_then_points_then_what_is_not_started() -> None:
    grade = Grade(
        assignment="hw1_optimizers",
        title="Homework 1",
        submission="bob",
        questions=(
            question_grade("mse_grad"),
            question_grade("gd_step", hidden=(Status.NOT_STARTED,)),
            question_grade("adam_step", hidden=(Status.PASSED, Status.FAILED, Status.FAILED)),
        ),
        notices=("the file was called Optim.py\x1b[2J",),
    )

    assert feedback.submission_header(grade) == (
        "Note: the file was called Optim.py\\x1b[2J\n"
        "\n"
        "10 of 22 points.\n"
        "1 of 3 questions have all their points.\n"
        "To mend: adam_step.\n"
        "Not started yet: gd_step."
    )


def test_many_notices_are_cut() -> None:
    grade = replace(some_class(1)[0], notices=tuple("n" * 10_000 for _ in range(500)))

    header = feedback.submission_header(grade)

    assert "and 480 more notes" in header
    assert len(header.encode()) < 12_000


@pytest.mark.parametrize(
    ("points", "text"), [(7.0, "7"), (7.5, "7.5"), (20 / 3, "6.67"), (0.0, "0"), (100.0, "100")]
)
def test_points_read_short(points: float, text: str) -> None:
    assert feedback.points_text(points) == text


# --- overview -----------------------------------------------------------------------------------


def test_the_overview_counts_every_submission_once() -> None:
    grades = some_class(45)

    numbers = overview.overview_of(grades)

    assert numbers is not None
    points = sorted(grade.points for grade in grades)
    assert numbers.median == points[22]
    assert numbers.mean == pytest.approx(sum(points) / 45)
    assert (numbers.lowest, numbers.highest) == (points[0], points[-1])
    assert numbers.full == points.count(100.0)
    assert numbers.untouched >= 1
    assert all(sum(question.counts.values()) == 45 for question in numbers.questions)
    assert numbers.hardest is not None
    assert all(numbers.hardest.mean <= question.mean for question in numbers.questions)


def test_nobody_has_no_overview_and_all_or_nothing_no_hardest_question() -> None:
    assert overview.overview_of([]) is None
    numbers = overview.overview_of([some_grade("ada", 1, random.Random(0))])
    assert numbers is not None
    assert numbers.hardest is None
    numbers = overview.overview_of(all_zeros())
    assert numbers is not None
    assert numbers.hardest is None


def test_names_sort_as_people_expect() -> None:
    names = ["hw10_zoe", "Zoë", "hw9_bob", "Åsa", "ada", "bob"]

    assert sorted(names, key=overview.name_key) == [
        "ada",
        "Åsa",
        "bob",
        "hw9_bob",
        "hw10_zoe",
        "Zoë",
    ]


# --- CSV ----------------------------------------------------------------------------------------


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_csv_has_a_row_for_every_submission_sorted_by_name(tmp_path: Path) -> None:
    grades = some_class(5)

    table.write_csv(tmp_path / "grades.csv", grades, FAILURES)

    rows = read_csv(tmp_path / "grades.csv")
    names = [row["submission"] for row in rows]
    assert names == sorted(names, key=overview.name_key)
    assert len(names) == 7
    assert list(rows[0]) == [
        *("submission", "points", "max_points"),
        *POINTS,
        *("notices", "review", "not_graded"),
    ]
    by_name = {row["submission"]: row for row in rows}
    for grade in grades:
        row = by_name[grade.submission]
        assert float(row["points"]) == grade.points
        assert float(row["max_points"]) == 100
        assert [float(row[q.id]) for q in grade.questions] == [q.points for q in grade.questions]
        assert row["notices"] == " | ".join(grade.notices)
        assert row["not_graded"] == ""
    for name, reason in FAILURES:
        assert by_name[name]["points"] == "" == by_name[name]["mse_grad"]
        assert by_name[name]["not_graded"] == reason


def test_excel_reads_the_csv_as_utf_8(tmp_path: Path) -> None:
    table.write_csv(tmp_path / "grades.csv", some_class(3))

    assert (tmp_path / "grades.csv").read_bytes().startswith(b"\xef\xbb\xbfsubmission,points,")


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://x","y")',
        *("+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "\x0b=1"),
    ],
)
def test_no_cell_of_the_csv_is_a_formula(tmp_path: Path, name: str) -> None:
    grade = replace(some_class(1)[0], submission=name, notices=(name, "second"))

    table.write_csv(tmp_path / "grades.csv", [grade], [(name, name)])

    for row in read_csv(tmp_path / "grades.csv"):
        for column in ("submission", "notices", "not_graded"):
            assert not row[column].lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
            assert "\n" not in row[column]


def test_the_csv_of_nothing_is_a_header(tmp_path: Path) -> None:
    table.write_csv(tmp_path / "grades.csv", [], [])

    text = (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")
    assert text.strip() == "submission,points,max_points,notices,review,not_graded"


# --- terminal -----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 100])
def test_the_class_table_fits_and_has_name_points_and_marks(width: int) -> None:
    grades = some_class(12)

    text = printed(lambda console: table.print_table(grades, FAILURES, console), width)

    assert max(map(len, text.splitlines())) <= width
    for grade in grades:
        signs = " ".join(table.SIGNS[mark] for mark in overview.marks_of(grade))
        start = re.escape(grade.submission[:20])
        points = re.escape(feedback.points_text(grade.points))
        assert re.search(rf"{start}\S*\s+{points}\s+{signs}  ", text), grade.submission
    assert "1 2 3 4 5 6 7 8 9 0 1 2 3 4" in text
    assert re.search("12 graded: mean .*, median .* of 100", text)
    assert "hardest question:" in text
    assert all(question in text for question in POINTS)
    assert FAILURES[0][0] in text
    assert "2 not graded: they are not a zero" in text


def test_the_table_holds_in_a_terminal_without_unicode() -> None:
    text = printed(
        lambda console: table.print_table(
            [replace(grade, submission=f"s{i}") for i, grade in enumerate(some_class(4))],
            [],
            console,
        ),
        encoding="ascii",
    )

    assert "+ full   ~ partial   x failed   . not started" in text


def test_no_name_is_markup_or_a_control_sequence_in_the_terminal() -> None:
    grade = replace(some_class(2)[1], submission="[red]bob[/red]\x1b[2J", notices=("[b]note",))

    text = printed(lambda console: table.print_table([grade], [("[/]", "[bold]")], console))
    text += printed(lambda console: table.print_grade(grade, console))

    assert r"[red]bob[/red]\x1b[2J" in text
    assert "[b]note" in text
    assert "[bold]" in text
    assert "\x1b" not in text


def test_one_grade_prints_points_and_the_feedback_on_what_is_to_mend() -> None:
    grade = some_class(3)[1]
    marks = dict(zip(POINTS, overview.marks_of(grade), strict=True))
    to_mend = [name for name in POINTS if marks[name] in (Mark.PARTIAL, Mark.FAILED)]

    text = printed(lambda console: table.print_grade(grade, console), 100)

    assert f"{feedback.points_text(grade.points)} of 100 points." in text
    assert to_mend
    assert all(f"\n{name}\n" in text for name in to_mend)
    assert not [secret for secret in SECRETS if secret in text]


def test_printing_nothing_says_so() -> None:
    assert "No submission was found" in printed(lambda c: table.print_table([], [], c))
    assert "1 not graded: it is" in printed(lambda c: table.print_table([], FAILURES[:1], c))


# --- class page ---------------------------------------------------------------------------------


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


def all_zeros() -> list[Grade]:
    rng = random.Random(0)
    return [some_grade(f"s{i}", 0, rng) for i in range(8)]


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
