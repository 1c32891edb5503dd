"""What an instructor reads beside the page: the numbers of a class, CSV files, the terminal."""

from __future__ import annotations

import csv
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from classroom import (
    FAILURES,
    POINTS,
    SECRETS,
    all_zeros,
    diagnosed,
    printed,
    question_grade,
    some_class,
    some_grade,
)

from autograder.report import feedback, overview, table
from autograder.report.overview import Mark
from autograder.scoring import Grade
from student_kit.records import Diagnosis, Status

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


def fails(name: str, *mistakes: str) -> Grade:
    """Return a submission that made one of these mistakes, in its only question."""
    one = some_class(1)[0]
    question = question_grade("gd_step", hidden=(Status.FAILED,))
    grade = replace(one, submission=name, questions=(question,))
    hints = tuple(f"hint of {mistake}" for mistake in mistakes)
    return diagnosed([grade], Diagnosis(mistakes=mistakes, hints=hints))[0]


def test_the_csv_of_mistakes_says_how_often_and_who(tmp_path: Path) -> None:
    grades = [fails("zoe", "sign"), fails("ada", "sign"), fails("bob", "sign", "factor")]

    table.write_mistakes(tmp_path / "mistakes.csv", [*grades, *some_class(2)])

    sign, factor = read_csv(tmp_path / "mistakes.csv")
    assert sign == {
        "mistake": "sign",
        "question": "gd_step",
        "count": "2",
        "possible": "1",
        "submissions": "ada | zoe",
        "possible_submissions": "bob",
        "hint": "hint of sign",
    }
    assert [factor[key] for key in ("mistake", "count", "possible")] == ["factor", "0", "1"]


def test_the_csv_of_mistakes_names_a_whole_large_class(tmp_path: Path) -> None:
    names = [f"of_the_long_names_{number}_{'x' * 60}" for number in range(300)]

    table.write_mistakes(tmp_path / "mistakes.csv", [fails(name, "sign") for name in names])

    (row,) = read_csv(tmp_path / "mistakes.csv")
    assert row["submissions"].split(" | ") == names
    assert len(row["submissions"]) < 32_767  # what a cell of a spreadsheet holds


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x","y")', "+1", "-1", "@A1", "\t=1", "\uff1d1"]
)
def test_no_cell_of_the_mistakes_is_a_formula(tmp_path: Path, text: str) -> None:
    grade = diagnosed([fails(text, "sign")], Diagnosis(mistakes=(text,), hints=(text,)))[0]

    table.write_mistakes(tmp_path / "mistakes.csv", [grade])

    (row,) = read_csv(tmp_path / "mistakes.csv")
    assert all(row[key].startswith("'") for key in ("mistake", "submissions", "hint"))


def test_the_csv_of_no_mistakes_is_a_header(tmp_path: Path) -> None:
    table.write_mistakes(tmp_path / "mistakes.csv", some_class(3))

    assert read_csv(tmp_path / "mistakes.csv") == []
    assert (tmp_path / "mistakes.csv").read_bytes().startswith(b"\xef\xbb\xbfmistake,question,")


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


def test_the_five_most_frequent_mistakes_are_printed() -> None:
    grades = [fails(f"s{i}", f"mistake-{j}") for j in range(1, 8) for i in range(j)]
    grades += [fails("bob", "mistake-7", "mistake-0")]

    text = printed(lambda console: table.print_table(grades, [], console))

    assert re.search(r"made +possibly +most frequent mistakes +question", text)
    assert re.search(r" 7 +1 +mistake-7 +gd_step", text)
    assert re.search(r" 3 +mistake-3 +gd_step", text)
    assert "mistake-2" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_without_diagnoses_no_mistakes_are_printed() -> None:
    assert "mistakes" not in printed(lambda c: table.print_table(some_class(5), [], c))


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
