"""Notebooks in the real grader: the reference, the stub, and what goes wrong in a cell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from handed_in_notebooks import notebook, text

from autograder import assignment as assignments
from autograder import batch, samples
from autograder.intake import read_submission
from autograder.scoring import Grade

pytestmark = pytest.mark.portable

ROOT = Path(__file__).resolve().parent.parent


def in_cells(files: samples.Files) -> bytes:
    """Return a notebook with each function in a cell, among the rest that notebooks have."""
    parts = [
        part for source in files.values() for part in re.split(r"\n\n\n(?=def )", source.decode())
    ]
    setup = "from google.colab import drive\ndrive.mount('/content')\n%matplotlib inline"
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n1 / 0"
    return notebook(text("# Homework"), setup, *parts, plot)


@pytest.mark.parametrize("homework", assignments.assignment_ids(ROOT))
def test_the_reference_as_a_notebook_has_all_points_and_the_stub_none(tmp_path, homework):
    found = assignments.find(ROOT, homework)
    if "torch" in found.libraries:
        pytest.importorskip("torch")
    submissions = []
    for name, files in (
        ("reference", samples.reference_files(found)),
        ("stub", samples.stub_files(found)),
    ):
        (tmp_path / f"{name}.ipynb").write_bytes(in_cells(files))
        submissions.append(read_submission(tmp_path / f"{name}.ipynb", found))

    reference, stub = batch.grade_all(found, submissions, seed="00" * 32, allow_weak=True)

    assert isinstance(reference, Grade)
    assert isinstance(stub, Grade)
    assert (reference.points, reference.notices) == (100, ())
    assert (stub.points, stub.notices) == (0, ())
    assert {t.status.value for q in stub.questions for t in q.tests} == {"not_started"}


WALK = """\
def walk(f, x, *, steps, rng):
    for _ in range(steps):
        x = x.nothing
    return x
"""


def summaries(grade: Grade) -> str:
    """Return what is said of all tests."""
    return "\n".join(t.summary for q in grade.questions for t in q.tests)


def test_an_exception_is_found_in_its_cell(toy, tmp_path):
    (tmp_path / "ada.ipynb").write_bytes(notebook(text("x"), "plot()\ndef add(a, b):\n  1/0", WALK))

    submission = read_submission(tmp_path / "ada.ipynb", toy)
    (grade,) = batch.grade_all(toy, [submission], allow_weak=True)

    assert isinstance(grade, Grade)
    assert "add raised ZeroDivisionError at cell 2 line 3: 1/0" in summaries(grade)
    assert "walk raised AttributeError at cell 3 line 3: x = x.nothing" in summaries(grade)


def test_what_a_cell_could_not_define_is_said_at_its_question(toy, tmp_path):
    source = notebook("import os\ndef add(a, b=RATE):\n    return os.getcwd()", "x = 1")
    (tmp_path / "ada.ipynb").write_bytes(source)

    submission = read_submission(tmp_path / "ada.ipynb", toy)
    (grade,) = batch.grade_all(toy, [submission], allow_weak=True)

    assert isinstance(grade, Grade)
    assert (
        "add is not there, because its cell failed: NameError at cell 1 line 2: def add(a, b=RATE)"
        in summaries(grade)
    )
    assert "your notebook has no function walk" in summaries(grade)
    assert grade.review == ("cell 1 line 3 uses os.getcwd",)
