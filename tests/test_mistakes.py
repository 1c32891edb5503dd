"""A catalogue of mistakes is checked as an author's file, and each mistake can be made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.mistakes import Catalogue, Edit, Mistake, NotExpressible, apply, load
from autograder.samples import reference_files

ROOT = Path(__file__).resolve().parent.parent
COURSE = Path(__file__).parent / "data" / "tiny_course"
ENTRY = """\
[[mistake]]
id        = "double-is-square"
number    = "X7"
question  = "double"
edits     = [{ find = "doubled *= secret_factor", replace = "doubled **= 2" }]
caught_by = ["test_a_matrix_is_doubled"]
also      = ["total"]
symptom   = "Large entries come out far too large."
hint      = "Two times x is not x to the power of two."
"""
SHIFT = """
[[mistake]]
id        = "shift-back"
number    = "2"
question  = "shift"
edits     = [{ find = "np.add", replace = "np.subtract" }]
caught_by = ["test_a_matrix_is_shiftd"]
symptom   = "Entries move the wrong way."
hint      = "A positive `by` makes every entry larger."
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    """An assignment of three questions that a test may change."""
    shutil.copytree(COURSE, tmp_path, dirs_exist_ok=True)
    return assignments.find(tmp_path, "hw0_tiny")


def write(assignment: Assignment, text: str) -> Assignment:
    """Replace the catalogue."""
    (assignment.private / "mistakes.toml").write_text(text, encoding="utf-8")
    return assignment


def source_with(assignment: Assignment, *ids: str) -> str:
    """Return the file of the submission that makes these mistakes."""
    catalogue = load(assignment)
    return apply(assignment, *(catalogue.mistake(name) for name in ids))["tiny.py"].decode()


def test_a_catalogue_is_read_whole(tiny: Assignment) -> None:
    text = f'{ENTRY}\n[[not_expressible]]\nnumber = "X5"\nreason = "No plots here."\n'

    assert load(write(tiny, text)) == Catalogue(
        mistakes=(
            Mistake(
                id="double-is-square",
                number="X7",
                question="double",
                edits=(Edit(find="doubled *= secret_factor", replace="doubled **= 2"),),
                caught_by=("test_a_matrix_is_doubled",),
                also=("total",),
                symptom="Large entries come out far too large.",
                hint="Two times x is not x to the power of two.",
            ),
        ),
        not_expressible=(NotExpressible(number="X5", reason="No plots here."),),
    )


def test_a_mistake_is_found_by_its_id(tiny: Assignment) -> None:
    assert load(write(tiny, ENTRY + SHIFT)).mistake("shift-back").number == "2"
    with pytest.raises(KeyError, match="shift-forth"):
        load(tiny).mistake("shift-forth")


def test_a_mistake_changes_its_text_and_nothing_else(tiny: Assignment) -> None:
    reference = reference_files(tiny)["tiny.py"].decode()

    assert source_with(write(tiny, ENTRY), "double-is-square") == reference.replace(
        "doubled *= secret_factor", "doubled **= 2"
    )


def test_mistakes_in_several_functions_go_together(tiny: Assignment) -> None:
    source = source_with(write(tiny, ENTRY + SHIFT), "shift-back", "double-is-square")

    assert "doubled **= 2" in source
    assert "np.subtract(x, by)" in source


def test_several_mistakes_in_one_function_go_together(tiny: Assignment) -> None:
    other = ENTRY.replace("double-is-square", "half").replace(
        'find = "doubled *= secret_factor", replace = "doubled **= 2"',
        'find = "return doubled", replace = "return doubled / 2"',
    )
    source = source_with(write(tiny, ENTRY + other), "double-is-square", "half")

    assert "doubled **= 2\n    return doubled / 2\n" in source


def test_mistakes_that_change_the_same_text_are_refused(tiny: Assignment) -> None:
    other = ENTRY.replace("double-is-square", "cube").replace("** 2", "** 3")
    write(tiny, ENTRY + other)

    with pytest.raises(AuthorError, match=r"\[mistake 'cube'\]: edit 1 does not find its text"):
        source_with(tiny, "double-is-square", "cube")


def test_edits_are_made_one_after_the_other(tiny: Assignment) -> None:
    edits = 'edits = [{ find = "2.0", replace = "4.0" }, { find = "4.0\\n", replace = "8.0\\n" }]\n'
    lines = [line for line in ENTRY.splitlines() if not line.startswith("edits")]
    write(tiny, "\n".join(lines) + "\n" + edits)

    assert "secret_factor = 8.0\n" in source_with(tiny, "double-is-square")


def test_an_edit_is_looked_for_in_its_own_function_only(tiny: Assignment) -> None:
    # "np.asarray" and "return" are in several functions
    write(
        tiny, SHIFT.replace('"np.add", replace = "np.subtract"', '"return", replace = "return -"')
    )

    assert source_with(tiny, "shift-back").count("return -") == 1


def test_a_mistake_that_python_warns_of_can_be_made(tiny: Assignment) -> None:
    write(tiny, SHIFT.replace('"np.subtract"', '"(by is 1) or np.add"'))

    assert "by is 1" in source_with(tiny, "shift-back")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("symptom ", "symptoms", r"unknown key 'symptoms'\n(.*\n)*  fix       did you mean 'symp"),
        ("[[mistake]]", "[[mistakes]]", r"unknown key 'mistakes'\n(.*\n)*.* did you mean 'mistake"),
        ("[[mistake]]", "[mistake]", r"mistake is missing or no list of tables\n.*\[\[mistake\]\]"),
        ('= "double"', '= "doubled"', r"names no question\n  expected  double, shift, total\n"),
        ('["total"]', '["totals"]', r"names no question\n(.*\n)*  fix       did you mean 'total'"),
        ('["total"]', '["shift"]', r"also names shift, which does not use double\n"),
        ("doubled *=", "doubled  *=", r"find its text exactly once\n.*\n  found     0 times"),
        ("doubled *= secret_factor", "doubled", r"exactly once\n.*\n  found     3 times"),
        ('"doubled **= 2"', '"doubled **= ("', r"do not leave a function that compiles\n"),
        (', replace = "doubled **= 2"', "", r"edit has other keys than it must\n"),
        ('"doubled **= 2"', '"doubled *= secret_factor"', "an edit changes nothing"),
        ("edits  ", "# edits", r"edits is missing or empty\n"),
        ("_is_doubled", "_is_double", r"caught_by names no hidden test(.*\n)*.*did you mean 'test"),
        ('["test_a_matrix_is_doubled"]', "[]", r"caught_by is missing or not a list of names"),
        ('["test_a_matrix_is_doubled"]', '"test"', r"caught_by is missing or not a list of names"),
        ("hint  ", "# hint", r"hint is missing or empty\n(.*\n)*  fix       write hint"),
        ("symptom  ", "# symptom", r"symptom is missing or empty\n"),
        ("number  ", "# number", r"number is missing or empty\n"),
        ('"X7"', "7", r"number is missing or empty\n  expected  a text\n  found     7\n"),
        ("Two times x", "Use secret_factor = 2.0: it", r"the hint quotes the answer\n"),
        ("[[mistake]]", "[[mistake]", r"mistakes\.toml: not valid TOML\n"),
    ],
)
def test_a_catalogue_that_breaks_a_rule_stops_the_author(
    tiny: Assignment, old: str, new: str, message: str
) -> None:
    assert old in ENTRY
    write(tiny, ENTRY.replace(old, new))

    with pytest.raises(AuthorError, match=message):
        load(tiny)


def test_the_nearest_line_is_shown_for_a_text_that_is_not_found(tiny: Assignment) -> None:
    write(tiny, ENTRY.replace("doubled *=", "doubled  *="))

    with pytest.raises(AuthorError, match=r"nearest line is 'doubled \*= secret_factor"):
        load(tiny)


def test_an_id_used_twice_stops_the_author(tiny: Assignment) -> None:
    write(tiny, ENTRY + ENTRY)

    with pytest.raises(AuthorError, match=r"\[mistake 'double-is-square'\]: id is used twice"):
        load(tiny)


def test_a_question_without_a_function_of_its_name_stops_the_author(tiny: Assignment) -> None:
    path = tiny.private / "tiny.py"
    path.write_text(path.read_text().replace("def double", "def twice"))

    with pytest.raises(AuthorError, match=r"tiny\.py has no function double\n"):
        load(write(tiny, ENTRY))


def test_a_row_that_is_not_expressible_needs_a_reason(tiny: Assignment) -> None:
    write(tiny, '[[not_expressible]]\nnumber = "X5"\n')

    with pytest.raises(AuthorError, match=r"\[not_expressible 'X5'\]: reason is missing"):
        load(tiny)


def test_a_missing_catalogue_stops_the_author(tiny: Assignment) -> None:
    (tiny.private / "mistakes.toml").unlink()

    with pytest.raises(AuthorError, match=r"mistakes\.toml: file is missing\n"):
        load(tiny)


@pytest.mark.parametrize("assignment_id", assignments.assignment_ids(ROOT))
def test_every_mistake_of_every_assignment_can_be_made(assignment_id: str) -> None:
    assignment = assignments.find(ROOT, assignment_id)
    reference = reference_files(assignment)

    for mistake in load(assignment).mistakes:
        assert apply(assignment, mistake) != reference, mistake.id
