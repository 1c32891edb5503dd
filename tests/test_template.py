"""The template builder: what a student's folder holds, and that it is always the same."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from autograder.assignment import Assignment, find
from autograder.errors import AuthorError, UsageError
from autograder.template import differences, generate

COURSE = Path(__file__).parent / "data" / "tiny_course"
REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a copy of the tiny course that a test may break."""
    return Path(shutil.copytree(COURSE, tmp_path / "course"))


@pytest.fixture
def assignment(course: Path) -> Assignment:
    """Return the copy's only assignment."""
    return find(course, "hw0_tiny")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_template_is_public_files_stubs_kit_and_fixed_files(
    assignment: Assignment, tmp_path: Path
):
    names = generate(assignment, tmp_path / "out")
    files = contents(tmp_path / "out")
    assert set(names) == set(files)
    own = {name for name in files if not name.startswith("student_kit/")}
    assert own == {
        "assignment.toml",
        "handout.md",
        "tests/hints.json",
        "tests/test_double.py",
        "tests/test_shift.py",
        "tests/test_total.py",
        "tiny.py",
        "check.py",
        "submit.py",
        "conftest.py",
        "pytest.ini",
        "requirements.txt",
        "README.md",
    }
    kit = {path.name for path in (REPOSITORY / "student_kit").glob("*.py")}
    assert kit <= {name.removeprefix("student_kit/") for name in files}
    handout = (assignment.public / "handout.md").read_bytes()
    assert files["handout.md"] == handout


def test_the_placeholders_are_filled_in(assignment: Assignment, tmp_path: Path):
    generate(assignment, tmp_path / "out")
    assert all(b"ASSIGNMENT_" not in content for content in contents(tmp_path / "out").values())
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Homework 0: three tiny functions\n")
    assert "`hw0_tiny-submission.zip`" in readme


def test_two_runs_write_the_same_bytes_with_unix_line_ends(assignment: Assignment, tmp_path: Path):
    handout = assignment.public / "handout.md"
    first = tmp_path / "first"
    generate(assignment, first)
    handout.write_bytes(handout.read_bytes().replace(b"\n", b"\r\n"))
    generate(assignment, tmp_path / "second")
    files = contents(first)
    assert files == contents(tmp_path / "second")
    assert all(b"\r" not in content for content in files.values())


def test_a_binary_file_is_copied_as_it_is(assignment: Assignment, tmp_path: Path):
    data = bytes(range(256)) + b"\r\n"
    (assignment.public / "data").mkdir()
    (assignment.public / "data" / "digits.npz").write_bytes(data)
    generate(assignment, tmp_path / "out")
    assert (tmp_path / "out" / "data" / "digits.npz").read_bytes() == data


def test_caches_are_neither_copied_nor_reported(assignment: Assignment, tmp_path: Path):
    for folder in (assignment.public / "tests", tmp_path / "out"):
        (folder / "__pycache__").mkdir(parents=True)
        (folder / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"x")
    assert not any("__pycache__" in name for name in generate(assignment, tmp_path / "out"))
    assert differences(assignment, tmp_path / "out") == []


def test_differences_name_what_is_missing_extra_and_changed(assignment: Assignment, tmp_path: Path):
    out = tmp_path / "out"
    assert f"missing    {'check.py'}" in differences(assignment, out)
    generate(assignment, out)
    assert differences(assignment, out) == []
    (out / "handout.md").unlink()
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    stub = out / "tiny.py"
    stub.write_bytes(stub.read_bytes().replace(b"import numpy as np", b"import numpy"))
    check = out / "check.py"
    check.write_bytes(check.read_bytes() + b"\n")
    lines = check.read_bytes().count(b"\n")
    assert differences(assignment, out) == [
        f"different  check.py (line {lines})",
        "missing    handout.md",
        "extra      notes.txt",
        "different  tiny.py (line 3)",
    ]


def test_generating_again_removes_what_is_no_longer_part(assignment: Assignment, tmp_path: Path):
    out = tmp_path / "out"
    generate(assignment, out)
    (out / "tests" / "test_gone.py").write_text("", encoding="utf-8")
    generate(assignment, out)
    assert not (out / "tests" / "test_gone.py").exists()
    assert differences(assignment, out) == []


def test_a_folder_that_is_no_template_is_left_alone(assignment: Assignment, tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty and holds no template"):
        generate(assignment, tmp_path)
    assert (tmp_path / "thesis.txt").exists()
    assert not (tmp_path / "check.py").exists()


def test_two_sources_for_one_name_are_refused(assignment: Assignment, tmp_path: Path):
    (assignment.public / "tiny.py").write_text("", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"two sources for the template's tiny\.py"):
        generate(assignment, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_that_leads_out_of_the_public_folder_is_refused(
    assignment: Assignment, tmp_path: Path
):
    target = assignment.private / "hidden_tests" / "test_double.py"
    (assignment.public / "tests" / "extra.py").symlink_to(target)
    with pytest.raises(AuthorError, match="leads out of its folder"):
        generate(assignment, tmp_path / "out")


@pytest.mark.parametrize(
    "hw", sorted(path.parent.name for path in REPOSITORY.glob("assignments/*/assignment.toml"))
)
def test_the_committed_template_is_what_the_sources_generate(hw: str):
    """`autograder template` must be run, and its result committed, after each change."""
    found = differences(find(REPOSITORY, hw), REPOSITORY / "student_template" / hw)
    assert found == [], "run: autograder template"
