"""Nothing private reaches a student: each of the three layers stops a leak on its own."""

from __future__ import annotations

import dataclasses
import inspect
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import leaks, samples, strip, template
from autograder.assignment import Assignment, find
from autograder.batch import grade_all
from autograder.errors import AuthorError
from autograder.intake import Submission
from autograder.scoring import Grade
from student_kit import checks

COURSE = Path(__file__).parent / "data" / "tiny_course"
REPOSITORY = Path(__file__).parents[1]
CANARY = "canary_3b1f"


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    """Return a copy of the tiny assignment that a test may break."""
    return find(shutil.copytree(COURSE, tmp_path / "course"), "hw0_tiny")


def append(path: Path, text: str) -> None:
    """Add text to a file."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def private_files(assignment: Assignment) -> Iterator[Path]:
    """Yield every file of the private folder."""
    for path in sorted(assignment.private.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def test_a_canary_in_every_private_file_is_nowhere_in_the_template(
    assignment: Assignment, tmp_path: Path
):
    """Layer 1: the builder reaches nothing private but what it strips. A notebook.py is public."""
    planted = 0
    for path in private_files(assignment):
        text = path.read_text(encoding="utf-8")
        comment = f"# {CANARY}\n"
        if path.name in assignment.files:
            text = text.replace(f"{strip.BEGIN}\n", f"{strip.BEGIN}\n{comment}", 1)
            marked = text.replace(f"    {strip.END}\n", f"    {comment}    {strip.END}\n")
        else:
            marked = text + comment
        path.write_text(marked, encoding="utf-8")
        planted += marked.count(CANARY)
    assert planted > len(list(private_files(assignment)))
    template.generate(assignment, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*"):
        assert CANARY not in path.name
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes()
            assert not zipfile.is_zipfile(path)


def test_no_path_of_the_template_names_a_private_file(assignment: Assignment):
    built = template.build(assignment)
    names = {path.name for path in private_files(assignment)} - set(assignment.files)
    public = {path.name for path in assignment.public.rglob("*")}
    assert not {Path(name).name for name in built} & (names - public)
    folders = ("hidden", "variants", "wrong")
    assert not any(folder in name for name in built for folder in folders)


@pytest.mark.parametrize(
    ("private", "public", "what"),
    [
        ("    doubled  *= secret_factor", "student_kit/extra.py", "a private line"),
        ("    return  fsum(float(value) for value in values)", "README.md", "a private line"),
        ("found_matrix = tiny.double(hidden_matrix)", "README.md", "a private line"),
        ("variant_sum += 2.0 * float(variant_entry)", "README.md", "a private line"),
        ("wrong_answer = np.full_like(x, 2.0 * x.flat[0])", "README.md", "a private line"),
        (
            "Careful. This squares the entries: two times x\nis not x to the power of two. Really.",
            "README.md",
            "a hint of the catalogue",
        ),
        (
            "Entries larger than 2 come out far too large, and negative ones positive.",
            "README.md",
            "a hint of the catalogue",
        ),
    ],
)
def test_private_text_in_a_generated_file_is_found(
    assignment: Assignment, private: str, public: str, what: str
):
    """Layer 2, whatever the way by which the text came."""
    built = template.build(assignment)
    built[public] = built.get(public, b"") + f"\nharmless\n{private}\n".encode()
    with pytest.raises(AuthorError, match=f"{what}.*would be published"):
        leaks.check_text(built, assignment)


def test_a_line_that_the_author_published_may_stay(assignment: Assignment):
    append(assignment.public / "handout.md", "\nreturn secret_helper(double(x).ravel())\n")
    assert template.build(assignment)


@pytest.mark.parametrize("name", ["handout.md", "tests/test_double.py"])
def test_a_whole_hidden_test_or_answer_may_not_be_published_even_by_the_author(
    assignment: Assignment, name: str
):
    hidden = (assignment.private / "hidden_tests" / "test_double.py").read_text(encoding="utf-8")
    append(assignment.public / name, hidden[hidden.index("def test_") :])
    with pytest.raises(AuthorError, match="a whole private block would be published"):
        template.build(assignment)


def test_generate_writes_nothing_when_something_would_leak(assignment: Assignment, tmp_path: Path):
    body = ("secret_factor = 2.0", "doubled = np.array(x, dtype=float)", "doubled *= secret_factor")
    answer = "\n".join([*body, "return doubled", ""])
    append(assignment.public / "handout.md", f"\n{answer}")
    with pytest.raises(AuthorError, match="a whole private block would be published"):
        template.generate(assignment, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_stripper_that_does_nothing_is_caught_by_the_text(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
):
    """Layer 2 does not rest on layer 3."""
    monkeypatch.setattr(template, "strip", lambda source, path: source)
    monkeypatch.setattr(leaks, "check_stubs", lambda built, assignment: None)
    with pytest.raises(AuthorError, match="would be published"):
        template.build(assignment)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('raise NotImplementedError("double: your code here")', "return 2 * x", "not a stub"),
        ('raise NotImplementedError("shift: your code here")', "pass", "not a stub"),
        ("def shift(x: np.ndarray, *, by: float = 1.0)", "def shift(x)", "not a stub"),
        ("def total", "def totals", "not a stub"),
        ("# GIVEN", "def helper(x):\n    return x * 2.0\n\n\n# GIVEN", "not a function of the"),
    ],
)
def test_a_stub_that_is_not_docstring_and_raise_is_found(
    assignment: Assignment, old: str, new: str, problem: str
):
    """Layer 3 compares syntax trees, whatever the text says."""
    built = template.build(assignment)
    assert old.encode() in built["tiny.py"]
    built["tiny.py"] = built["tiny.py"].replace(old.encode(), new.encode())
    with pytest.raises(AuthorError, match=problem):
        leaks.check_stubs(built, assignment)


def test_a_stripper_that_does_nothing_is_caught_by_the_stubs(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
):
    """Layer 3 does not rest on layer 2."""
    monkeypatch.setattr(template, "strip", lambda source, path: source)
    monkeypatch.setattr(leaks, "check_text", lambda built, assignment: None)
    with pytest.raises(AuthorError, match="is not a stub"):
        template.build(assignment)


@pytest.mark.parametrize(
    "hw", sorted(path.parent.name for path in REPOSITORY.glob("assignments/*/assignment.toml"))
)
def test_every_assignment_of_the_repository_builds_without_a_leak(hw: str):
    assignment = find(REPOSITORY, hw)
    built = template.build(assignment)
    leaks.check_text(built, assignment)
    leaks.check_stubs(built, assignment)


def test_the_kit_s_estimate_of_a_gradient_answers_no_question():
    """What public checks compare with ships in the kit: handed in, it is not all right."""
    hw2 = find(REPOSITORY, "hw2_backprop")
    question = hw2.question("numerical_gradient")
    text = inspect.getsource(checks.estimated_gradient)
    text = text.replace("estimated_gradient", question.id).replace("_as_number", "float")
    files = samples.reference_files(hw2)
    source = samples.with_function(files[question.file].decode(), question.id, text)
    submission = Submission(name="kit", files={**files, question.file: source.encode()})
    alone = dataclasses.replace(hw2, questions=(question,))
    (grade,) = grade_all(alone, [submission], isolated=False)
    assert isinstance(grade, Grade), grade.reason
    assert 0 < grade.points < grade.max_points
