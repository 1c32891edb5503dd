"""Wrong submissions written by hand: each is wrong where its label says so, and right elsewhere.

One batch per assignment grades them all, without the sandbox: they are our own code.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
from slow import SLOW

from autograder import assignment as assignments
from autograder import mistakes, samples, variants, wrong
from autograder.assignment import Assignment
from autograder.batch import grade_all
from autograder.errors import AuthorError
from autograder.intake import Submission
from autograder.scoring import Grade
from autograder.wrong import Fault, Wrong

ROOT = Path(__file__).resolve().parents[1]
COURSE = Path(__file__).parent / "data" / "tiny_course"
IDS = [
    name for name in assignments.assignment_ids(ROOT) if wrong.load(assignments.find(ROOT, name))
]
MARKED = [pytest.param(name, marks=[pytest.mark.full] * (name in SLOW)) for name in IDS]
CASES = [
    pytest.param(name, label, marks=[pytest.mark.full] * (name in SLOW), id=label.name)
    for name in IDS
    for label in wrong.load(assignments.find(ROOT, name))
]
FILE = "copies_the_first_entry"
LABEL = (COURSE / "solutions" / "hw0_tiny" / "wrong" / "labels.toml").read_text(encoding="utf-8")


def _graded(assignment: Assignment, submissions: dict[str, samples.Files]) -> dict[str, Grade]:
    results = grade_all(
        assignment,
        [Submission(name=name, files=files) for name, files in submissions.items()],
        jobs=2,
        isolated=False,
    )
    failures = [result for result in results if not isinstance(result, Grade)]
    assert failures == []
    return dict(zip(submissions, results, strict=True))


@cache
def grades(assignment_id: str) -> dict[str, Grade]:
    """Grade every wrong submission of an assignment; name -> grade."""
    assignment = assignments.find(ROOT, assignment_id)
    return _graded(assignment, samples.wrong_files(assignment))


def lost(grade: Grade) -> set[str]:
    """Return the questions that lose points."""
    return {question.id for question in grade.questions if question.points < question.max_points}


def faulty(label: Wrong) -> set[str]:
    """Return the questions that a label names."""
    return {fault.question for fault in label.faults}


def mended(assignment: Assignment, files: samples.Files, label: Wrong) -> samples.Files:
    """Return a wrong submission with the reference's functions in place of the faulty ones."""
    files, reference = dict(files), samples.reference_files(assignment)
    for question_id in sorted(faulty(label)):
        question = assignment.question(question_id)
        source = reference[question.file].decode()
        for name in question.functions:
            text = variants.alone(name, samples.function_source(source, name))
            files[question.file] += f"\n\n{text}\n".encode()
    return files


@pytest.mark.parametrize("assignment_id", MARKED)
def test_every_wrong_submission_is_a_label_s_and_can_be_graded(assignment_id: str) -> None:
    labels = wrong.load(assignments.find(ROOT, assignment_id))
    assert list(grades(assignment_id)) == sorted(label.name for label in labels)


@pytest.mark.parametrize(("assignment_id", "label"), CASES)
def test_the_labelled_questions_lose_points_and_no_other_one_but_what_depends_on_them(
    assignment_id: str, label: Wrong
) -> None:
    assignment = assignments.find(ROOT, assignment_id)
    questions = lost(grades(assignment_id)[label.name])
    assert faulty(label) - questions == set(), "have a fault that costs no points"
    unexplained = {
        question_id
        for question_id in questions - faulty(label)
        if faulty(label).isdisjoint(_uses(assignment, question_id))
    }
    assert unexplained == set(), "lose points without a label"


def _uses(assignment: Assignment, question_id: str) -> set[str]:
    """Return what a question depends on, directly or not."""
    direct = assignment.question(question_id).depends_on
    return set(direct).union(*(_uses(assignment, other) for other in direct))


@pytest.mark.parametrize("assignment_id", MARKED)
def test_what_only_depends_on_a_fault_is_right_when_the_fault_is_mended(assignment_id: str) -> None:
    assignment = assignments.find(ROOT, assignment_id)
    files = samples.wrong_files(assignment)
    drawn_in = {
        label.name: mended(assignment, files[label.name], label)
        for label in wrong.load(assignment)
        if lost(grades(assignment_id)[label.name]) - faulty(label)
    }
    assert drawn_in, "then this test has nothing to say: remove it"
    graded = _graded(assignment, drawn_in)
    assert {name: lost(grade) for name, grade in graded.items() if lost(grade)} == {}


@pytest.mark.parametrize("assignment_id", MARKED)
def test_both_faults_that_the_catalogue_has_and_others_are_measured(assignment_id: str) -> None:
    labels = wrong.load(assignments.find(ROOT, assignment_id))
    known = [bool(fault.mistakes) for label in labels for fault in label.faults]
    assert min(known.count(True), known.count(False)) >= len(known) / 4


# --- reading the labels -------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    """An assignment with one wrong submission and its label, which a test may change."""
    shutil.copytree(COURSE, tmp_path, dirs_exist_ok=True)
    return assignments.find(tmp_path, "hw0_tiny")


def test_labels_are_read_whole(tiny: Assignment) -> None:
    name = mistakes.load(tiny).mistakes[0].id
    text = LABEL.replace("[]", f'["{name}"]')
    wrong.labels_path(tiny).write_text(text, encoding="utf-8")

    fault = Fault(question="double", what="Only the first entry is read.", mistakes=(name,))
    assert wrong.load(tiny) == (Wrong(name=FILE, faults=(fault,)),)


def test_an_assignment_without_wrong_submissions_has_no_labels(tiny: Assignment) -> None:
    shutil.rmtree(tiny.private / "wrong")

    assert wrong.load(tiny) == ()
    assert samples.wrong_files(tiny) == {}


@pytest.mark.parametrize(
    ("find", "replace", "message"),
    [
        (f"{FILE}.py", "copies_the_first.py", rf"unknown file .*\n.*\n.*\n.* mean '{FILE}.py'\?"),
        ('"double"', '"doubel"', r"unknown question 'doubel'\n.* double, .*\n.*\n.* mean 'double'"),
        ("[]", '["double-is-sqare"]', r"mistake of double .*\n.*\n.*\n.* mean 'double-is-square'"),
        ('"double"\nwhat = "Only the first entry is read."\nmistakes = []',
         '"total"\nwhat = "No."\nmistakes = ["double-is-square"]',
         r"unknown mistake of total 'double-is-square'\n  expected  none\n"),
        ("mistakes = []", 'mistakes = "none"', "mistakes of double is no list"),
        ("mistakes = []", "", "mistakes of double is no list"),
        ("Only the first entry is read.", " ", "what is missing or empty"),
        ("what", "waht", r"unknown key 'waht'\n.*\n.*\n.* mean 'what'"),
        ("[[wrong.fault]]", "[wrong.fault]", r"fault is missing or no list"),
        (LABEL[LABEL.index("[[wrong.fault]]") :], "", "fault is missing or no list"),
        (LABEL, LABEL + LABEL, "has two labels"),
        (LABEL, "", "wrong is missing or no list"),
        ("[[wrong]]", "[[wrong]", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_label_that_says_nothing_true_stops_the_author(
    tiny: Assignment, find: str, replace: str, message: str
) -> None:
    assert LABEL.count(find) == 1
    wrong.labels_path(tiny).write_text(LABEL.replace(find, replace), encoding="utf-8")

    with pytest.raises(AuthorError, match=message):
        wrong.load(tiny)


def test_a_submission_without_a_label_stops_the_author(tiny: Assignment) -> None:
    (tiny.private / "wrong" / "new.py").write_text("def double(x): ...\n", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"labels\.toml: new\.py has no label\n"):
        wrong.load(tiny)

    wrong.labels_path(tiny).unlink()
    with pytest.raises(AuthorError, match=r"labels\.toml: file is missing"):
        wrong.load(tiny)
