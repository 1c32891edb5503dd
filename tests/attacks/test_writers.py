"""What a hostile submission makes us write down is valid, escaped and complete."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from autograder.batch import Failure
from autograder.platforms import gradescope
from autograder.report import html, table
from autograder.report.feedback import question_feedback

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(scope="module")
def hostile(graded):
    """Return the grades of the attacks that aim at what is written."""
    grades = [grade for name, grade in graded.items() if name.startswith("harness/")]
    grades += [graded[name] for name in ("resources/35_flood", "process/11_prints_a_verdict")]
    assert not [grade for grade in grades if isinstance(grade, Failure)]
    return grades


def test_results_are_strict_json_and_say_zero(graded, tmp_path):
    """For every attack: no NaN, no surrogate, no number out of range, no stray type."""
    for name, grade in graded.items():
        if isinstance(grade, Failure) or name.startswith("honest"):
            continue
        path = tmp_path / "results.json"
        gradescope.write_results(path, grade)
        text = path.read_text(encoding="utf-8")
        results = json.loads(text, parse_constant=_refuse)
        assert sum(test.get("score") or 0 for test in results["tests"]) == 0, name
        assert len(text) < 1 << 20, name
        assert not re.search("[\ud800-\udfff]", json.dumps(results, ensure_ascii=False)), name


def test_feedback_holds_no_control_characters(hostile):
    for grade in hostile:
        for question in grade.questions:
            for for_instructor in (False, True):
                text = question_feedback(question, for_instructor=for_instructor)
                assert not CONTROL.search(text), grade.submission
    text = "".join(question_feedback(question) for grade in hostile for question in grade.questions)
    assert "script" in text, "the attack was not tried"


def test_a_terminal_gets_no_control_characters(hostile):
    for grade in hostile:
        out = io.StringIO()
        table.print_grade(grade, Console(file=out, force_terminal=False, width=100))
        assert not CONTROL.search(out.getvalue()), grade.submission


def test_the_page_of_the_class_runs_nothing_of_theirs(hostile, house, tmp_path):
    path = tmp_path / "report.html"
    html.write_report(path, house.toy, hostile, date="today")
    page = path.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert not re.search(r"<[^>]*\sonerror", page)
    assert not re.search(r"=\s*[\"']?\s*javascript:", page)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n="])
def test_a_spreadsheet_gets_no_formulas(start, hostile, tmp_path):
    """A submission is named after its folder, and notices quote file names: both are theirs."""
    formula = f"{start}cmd|' /C calc'!A0"
    grades = [replace(hostile[0], submission=formula, notices=(formula, formula))]
    path = tmp_path / "grades.csv"
    table.write_csv(path, grades, failures=[(formula + "2", formula)])
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert sum("calc" in cell for cell in cells) == 4
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(FORMULA)]


def _refuse(constant):
    pytest.fail(f"{constant} is not JSON")
