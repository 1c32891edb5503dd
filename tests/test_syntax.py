"""A source is explained before it runs, and none can take the grader down or make it wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import syntax
from autograder.errors import GraderError

pytestmark = pytest.mark.portable


def said(source: bytes) -> str:
    """Return what is said of a file, first by its bytes, then by the compiler."""
    return syntax.not_text("optim.py", source) or syntax.not_python("optim.py", source)


@pytest.mark.parametrize(
    "source",
    [
        b"x = 1\n",
        b"\xef\xbb\xbfx = 1\n",
        b"x = 1\r\ny = 2\r\n",
        b"# -*- coding: latin-1 -*-\n# Gr\xf6\xdfe\n",
        "# Größe θ\nθ = 1\n".encode(),
        b"x = '\\d' is 1\n",
    ],
    ids=["plain", "byte order mark", "Windows", "declared encoding", "UTF-8", "warnings"],
)
def test_what_python_reads_is_fine(source: bytes) -> None:
    assert said(source) == ""


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b" \n\n", "optim.py is empty. Did you save it before you handed it in?"),
        (
            b"import numpy\n# Gr\xf6\xdfe\n",
            "optim.py is not saved in UTF-8, so Python cannot read it: line 2 holds the byte 0xf6 "
            "(perhaps 'ö' in a comment or a text). In your editor choose Save with encoding, UTF-8",
        ),
        ("x = 1\n".encode("utf-16"), "optim.py is saved as UTF-16 (Windows calls it Unicode)"),
        (b"x = 1\ny = '\0'\n", "optim.py holds a NUL byte in line 2"),
        (b"# coding: klingon\nx = 1\n", "unknown encoding: klingon"),
        (b"PK\x03\x04...", "optim.py is a zip file under another name, not Python"),
        (b'{"cells": [], "nbformat": 4}', "optim.py is a notebook under another name"),
        (
            b"import numpy as np\ndef f(x:\n    return x\n",
            "optim.py has a syntax error in line 2, so Python cannot read the file and none of "
            "its questions can pass: ",
        ),
        (b"def f(x):\n    retrun x\n", "\n    retrun x\n           ^"),
        (b"def f():\n\tx = 1\n        y = 2\n", "inconsistent use of tabs and spaces"),
        (b"def f():\nreturn 1\n", "expected an indented block"),
        (b"return 1\n", "'return' outside function"),
        (b"def f():\n    print 'x'\n", "This is Python 2: in Python 3, print is a function"),
        (b"try:\n    x\nexcept A, e:\n    pass\n", "write `except Error as name`"),
        (b"<<<<<<< HEAD\nx = 1\n", "This is the mark of a git merge conflict"),
        (b"%matplotlib inline\n", "This is a notebook command"),
        (b"```python\nx = 1\n```\n", "This is Markdown, not Python"),
        ("# coding: utf8\n# ö\n".encode("cp1252"), "line 2 holds the byte 0xf6"),
        (b"\xef\xbb\xbf\n# \xf6\n", "line 2 holds the byte 0xf6"),
        (b"x = \x1b[2J\n", r"    x = \x1b[2J"),
        (b">>> x = 1\n", "copied from an interactive session"),
    ],
)
def test_a_source_that_python_cannot_read_is_explained(source: bytes, sentence: str) -> None:
    assert sentence in said(source)


def test_a_long_line_is_cut() -> None:
    assert len(said(b"x = = " + b"1" * 10_000)) < 500


@pytest.mark.parametrize(
    "source",
    [
        b"(" * 60_000,
        b"x = " + b"-" * 60_000 + b"1\n",
        b"x = " + b"1+" * 30_000 + b"1\n",
        b"f" + b"(1)" * 20_000,
        b"x = " + b"[" * 90 + b"]" * 90 + b"\n" + b"lambda:" * 8_000 + b"1",
    ],
    ids=["parentheses", "signs", "sum", "calls", "lambdas"],
)
def test_a_source_made_to_crash_a_compiler_leaves_us_alone(source: bytes) -> None:
    # some of these are valid Python for some versions; none may end the test run
    text = said(source)
    assert text == "" or "syntax error" in text or "cannot be read by Python" in text


def test_a_source_that_the_compiler_never_finishes_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(syntax, "WORKER", sleeper)
    monkeypatch.setattr(syntax, "DEADLINE", 0.2)

    problem = "cannot be read by Python: it crashed, or was not done after 0.2 s"
    assert problem in said(b"x = 1\n")


def test_a_compiler_that_crashes_is_the_sources_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crasher = tmp_path / "crasher.py"
    crasher.write_text("import os\nos.abort()\n")
    monkeypatch.setattr(syntax, "WORKER", crasher)

    assert "cannot be read by Python: it crashed" in said(b"x = 1\n")


@pytest.mark.parametrize("program", ["raise SystemExit(3)", "print('[]')", "print('no JSON')"])
def test_a_syntax_check_that_fails_by_itself_is_our_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(program)
    monkeypatch.setattr(syntax, "WORKER", broken)

    with pytest.raises(GraderError, match=r"the syntax check failed with exit code \d"):
        said(b"x = 1\n")
