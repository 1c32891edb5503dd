"""Notebooks as students hand them in, and what becomes of them, for several files of tests.

Not a file of tests: they import it by name (`pythonpath` in pyproject.toml).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import Assignment, Limits, Question
from autograder.errors import SubmissionError
from autograder.intake import Submission, read_submission
from student_kit import cells

GD = "def gd_step(theta, grad, lr):\n    return theta - lr * grad"
STUB = 'def gd_step(theta, grad, lr):\n    """Go down."""\n    raise NotImplementedError("x")'
ADAM = "def adam_step(theta, grad, lr):\n    return theta"
MLP = "def mlp(x):\n    return relu(x)"
RELU = "def relu(x):\n    return max(x, 0)"


def assignment(**files: str) -> Assignment:
    """Return an assignment that asks for these functions: file's stem -> names."""
    asked = files or {"optim": "gd_step adam_step"}
    return Assignment(
        id="hw0_tiny",
        title="Homework 0",
        files=tuple(f"{stem}.py" for stem in asked),
        libraries=("numpy",),
        limits=Limits(file_kb=64),
        questions=tuple(
            Question(id=name, points=50, file=f"{stem}.py")
            for stem, names in asked.items()
            for name in names.split()
        ),
        public=Path("/nowhere/assignments/hw0_tiny"),
        private=Path("/nowhere/solutions/hw0_tiny"),
    )


def notebook(*sources: str | dict[str, Any], **changes: Any) -> bytes:
    """Return a notebook of code cells, or of cells as they are given."""
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": source}
        if isinstance(source, str)
        else source
        for source in sources
    ]
    whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}
    return json.dumps({key: value for key, value in whole.items() if value is not None}).encode()


def text(source: str) -> dict[str, Any]:
    """Return a text cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def submit(root: Path, files: dict[str, bytes], **asked: str) -> Submission:
    """Read a folder with these files."""
    for path, content in files.items():
        (root / "ada" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "ada" / path).write_bytes(content)
    return read_submission(root / "ada", assignment(**asked))


def said(submission: Submission) -> str:
    """Return all notices as one text."""
    return "\n".join(submission.notices)


def refusal(root: Path, content: bytes, **asked: str) -> str:
    """Return what is said of a notebook in which nothing can be graded."""
    with pytest.raises(SubmissionError, match="There is nothing to grade") as caught:
        submit(root, {"hw1.ipynb": content}, **asked)
    return str(caught.value)


def run(submission: Submission, stem: str = "optim") -> dict[str, Any]:
    """Run a program of a submission, and return what it defines."""
    namespace: dict[str, Any] = {"__name__": stem, cells.FAILED: {}}
    source = submission.files[f"{stem}.py"]
    exec(compile(cells.guarded(source), f"{stem}.py", "exec", dont_inherit=True), namespace)
    return namespace
