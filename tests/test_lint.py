"""A reading of the source is kind to the student, tells the instructor, and cannot be stalled."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import gradebook, lint, samples, syntax
from autograder.assignment import Assignment
from autograder.batch import grade_all
from autograder.intake import Submission
from autograder.lint import Findings
from autograder.platforms import gradescope, run
from autograder.report.table import write_csv
from student_kit.records import Status

ROOT = Path(__file__).resolve().parents[1]
IDS = assignments.assignment_ids(ROOT)
MakeAssignment = Callable[..., Assignment]


@pytest.fixture
def read(toy: Assignment) -> Callable[[str], Findings]:
    """Return a function that reads a source as the toy's file."""
    return lambda source: lint.read("toy.py", source.encode(), toy)


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail on any child process."""

    def fail(source: bytes) -> None:
        pytest.fail(f"a child process for {source[:200]!r}")

    monkeypatch.setattr(syntax, "read_apart", fail)


# --- an ordinary submission costs no process ------------------------------------------------------


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize("assignment_id", IDS)
def test_our_own_references_stubs_and_variants_are_read_without_a_process(
    assignment_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = assignments.find(ROOT, assignment_id)
    sets = [samples.reference_files(assignment), samples.stub_files(assignment)]
    sets += samples.variant_files(assignment).values()
    if any(question.libraries is not None for question in assignment.questions):
        monkeypatch.undo()  # which question uses what, a parser must tell
    for files in sets:
        for name, source in files.items():
            assert lint.read(name, source, assignment) == Findings()


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\r\nx = np.ones(3)  # an important thing\r\n",
        "from __future__ import annotations\nfrom math import (\n    sqrt,\n)\n",
        "import toy\nfrom toy import data\nimport random as r  # for noise\n",
        "class A:\n    def __init__(self):\n        self.x = 1\n",
        "def f(x, input):\n    '''your code here; select the trace (θ², größe)'''\n",
        "if x.size == 0 or f(axis=0, y=x.T) != 1.5:\n    pass\n",
        "if __name__ == '__main__':\n    print(1)\n",
        "",
    ],
)
def test_ordinary_code_is_read_without_a_process(read: Callable, source: str) -> None:
    assert read(source) == Findings()


# --- for the student ------------------------------------------------------------------------------


def test_a_library_that_is_not_there_is_said_kindly(read: Callable) -> None:
    found = read("import numpy as np\n\nimport torch.nn as nn\n")

    assert found.notices == (
        "hw0_toy is to be written in NumPy: line 3 imports torch, which is not there while "
        "grading.",
    )
    assert found.review == ()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f():\n    from scipy.linalg import solve\n", "line 2 imports scipy, which is not"),
        (
            "import torch\ntry:\n    import pandas as pd\nexcept ImportError:\n    pass\n",
            "line 1 imports torch and line 3 imports pandas, which are not there",
        ),
        ("x = 1; import torch", "line 1 imports torch"),
        ("from \\\n torch import nn", "imports torch"),
        ("import nunpy as np", "Did you mean numpy?"),
        ("from .toy import add", "Write `from toy import ...`."),
        ("from . import support", "Line 1 of toy.py has a relative import (from . import ...)"),
        ("".join(f"import lib{n}\n" for n in range(9)), "5 more are imported, which are not"),
    ],
)
def test_what_cannot_be_imported_is_named_with_its_line(
    read: Callable, source: str, words: str
) -> None:
    (notice,) = read(source).notices
    assert words in notice


@pytest.mark.parametrize(
    "source",
    [
        "import os, sys, time\nprint(os.path.join('a', 'b'), sys.version_info, time.time())\n",
        "import numpy.linalg as la, math\nfrom numpy.random import default_rng\nx = open\n"[:80],
        "if __name__ == '__main__':\n    import matplotlib.pyplot as plt\n    open('x')\n",
    ],
    ids=["standard library", "NumPy", "a script of its own"],
)
def test_what_is_fine_is_not_mentioned(read: Callable, source: str) -> None:
    assert read(source).notices == ()


def test_a_file_that_does_not_compile_is_left_to_the_syntax_check(read: Callable) -> None:
    assert read("import torch\ndef f(:\n") == Findings()
    assert lint.read("toy.py", b"import torch\xff", _toy()) == Findings()


def _toy(**changes: object) -> Assignment:
    facts = {
        "id": "hw0_toy",
        "title": "Toy",
        "files": ("toy.py", "more.py"),
        "libraries": ("numpy", "scipy"),
        "limits": assignments.Limits(),
        "questions": (
            assignments.Question(id="add", points=50, file="toy.py", libraries=("numpy",)),
            assignments.Question(id="walk", points=50, file="toy.py"),
        ),
        "public": Path("public"),
        "private": Path("private"),
    }
    return Assignment(**{**facts, **changes})  # type: ignore[arg-type]


def test_a_question_may_have_fewer_libraries_than_its_assignment() -> None:
    source = b"import scipy.linalg as la\ndef add(a, b):\n    return la.add(a, b)\n"
    source += b"def walk(x):\n    from scipy import stats\n    return la.walk(x)\n"

    found = lint.read("toy.py", source, _toy())

    assert found.notices == ("add is to be written in NumPy: line 3 of toy.py uses scipy.",)
    assert found.review == ("toy.py line 3 add uses scipy, which only other questions may",)


def test_a_question_without_libraries_is_written_in_plain_python() -> None:
    question = assignments.Question(id="add", points=100, file="toy.py", libraries=())
    source = b"import numpy as np\ndef add(a, b):\n    return np.add(a, b)\n"

    (notice,) = lint.read("toy.py", source, _toy(questions=(question,))).notices

    assert notice == "add is to be written in plain Python: line 3 of toy.py uses numpy."


# --- for the instructor ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import importlib", "imports importlib"),
        ("__import__('torch')", "uses __import__"),
        ("exec(text)", "uses exec"),
        ("e = eval\ne('1')", "uses eval"),
        ("\U0001d41eval('1')", "uses eval"),
        ("import ctypes as c", "imports ctypes"),
        ("x.ctypes.data", "uses .ctypes"),
        ("import gc\ngc.get_objects()", "imports gc"),
        ("import inspect\ninspect.stack()", "imports inspect"),
        ("import sys\nsys._getframe(1)", "uses sys._getframe"),
        ("import sys as s\ns.modules", "uses sys.modules"),
        ("open('x')", "uses open"),
        ("import os as o\no.listdir('/')", "uses os.listdir"),
        ("from os import system", "imports os.system"),
        ("from pathlib import Path", "imports pathlib.Path"),
        ("import subprocess", "imports subprocess"),
        ("import socket, threading", "imports socket"),
        ("from concurrent.futures import ThreadPoolExecutor", "imports concurrent"),
        ("import numpy as np\nnp.allclose = f", "changes numpy.allclose"),
        ("import numpy as np\nnp.testing.assert_allclose = f", "numpy.testing.assert_allclose"),
        ("import numpy as np\nsetattr(np, 'x', f)", "uses setattr"),
        ("import numpy as np\nnp.load('x')", "uses numpy.load"),
        ("import numpy as np\nnp.memmap('x')", "uses numpy.memmap"),
        ("import random\nrandom._os.system", "uses random._os"),
        ("class A:\n    def __eq__(self, other):\n        return True", "defines __eq__"),
        ("class A:\n    __array_function__ = f", "uses __array_function__"),
        ("().__class__.__subclasses__()", "uses .__subclasses__"),
        ("x = '/proc/self/maps'", "has /proc in a text"),
        ("x = b'/autograder/source'", "has /autograder in a text"),
        ("from reference import toy", "imports reference"),
        ("import test_add", "imports test_add"),
        ("__name__ = '__main__'\nif __name__ == '__main__':\n    exec(x)", "uses exec"),
        ("# coding: latin-1\nexec(x)", "uses exec"),
    ],
)
def test_suspicion_is_for_the_instructor(read: Callable, source: str, what: str) -> None:
    found = read(source)
    assert any(what in sentence for sentence in found.review), found
    assert not any("exec" in notice or "open" in notice for notice in found.notices)


def test_much_suspicion_is_cut(read: Callable) -> None:
    found = read("".join(f"x.__a{n}__\n" for n in range(500)))
    assert len(found.review) == lint.MAX_REVIEW + 1
    assert found.review[-1].endswith("more like these")


def test_suspicion_costs_no_points_and_students_never_read_of_it(
    toy: Assignment, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reference = (toy.private / "toy.py").read_bytes()
    source = reference + b"\nimport gc\n\ndef helper():\n    return eval('1')\n"
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/toy.py").write_bytes(source)

    graded = gradebook.grade(toy, [tmp_path / "ada"], tmp_path / "out")

    (grade,) = graded.grades
    assert grade.points == 100
    assert grade.notices == ()
    line = reference.count(b"\n") + 2
    assert grade.review == (
        f"toy.py line {line} imports gc",
        f"toy.py line {line + 3} uses eval",
    )
    for path in ("ada/instructor.txt", "grades.csv", "report.html"):
        assert "uses eval" in (tmp_path / "out" / path).read_text(encoding="utf-8")
    results = (tmp_path / "out/ada/results.json").read_text(encoding="utf-8")
    assert "eval" not in results
    assert "review" not in results
    assert "eval" not in json.dumps(gradescope.to_results(grade))
    run._log_grade(grade, 0.1)  # what a platform shows to instructors only
    assert "needs review (no points were taken): toy.py line" in capfd.readouterr().out


def test_a_review_is_no_formula_in_a_spreadsheet(toy: Assignment, tmp_path: Path) -> None:
    grade = gradebook.nothing_to_grade(toy, "ada", "nothing")
    object.__setattr__(grade, "review", ("=cmd()",))
    write_csv(tmp_path / "grades.csv", [grade])
    assert ",'=cmd()," in (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")


# --- what is not listed cannot be loaded ----------------------------------------------------------


def test_the_sandbox_has_no_library_that_is_not_listed_and_the_student_reads_why(
    toy: Assignment,
) -> None:
    pytest.importorskip("torch")
    source = b"import torch\n" + (toy.private / "toy.py").read_bytes()

    (grade,) = grade_all(toy, [Submission(name="ada", files={"toy.py": source})])

    if not any(note.startswith("landlock: ABI") for note in grade.isolation):
        pytest.skip("without Landlock a library that lies on the path can be loaded")
    assert grade.points == 0
    assert "line 1 imports torch, which is not there while grading" in grade.notices[0]
    test = grade.questions[0].tests[0]
    assert test.status is Status.ERRORED
    assert "toy.py cannot be imported: " in test.summary
    assert "toy.py line 1: import torch" in test.summary
    assert "libraries not listed" in test.summary or "ModuleNotFoundError" in test.summary
    assert "line 1 imports torch" in json.dumps(gradescope.to_results(grade))


# --- a hostile source -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        b"a." * 200_000,
        b"a = b." * 80_000,
        b"import " * 70_000,
        b"from x import y\n" * 30_000,
        b"__a__ " * 80_000,
        ("a" + "\u0316\u0301" * 120_000).encode(),
        "\ufdfa".encode() * 160_000,
        b"eval" + b"(" * 400_000,
        b"import gc\nx = " + b"-" * 400_000 + b"1",
        b"import gc\nx = " + b"a." * 200_000 + b"a",
        b"import gc\nif 0x" + b"f" * 100_000 + b":\n    pass\n",
        b"import gc\nx = " + b"'\\ud800', " * 40_000,
    ],
    ids=str,
)
def test_a_hostile_source_costs_seconds_at_most(toy: Assignment, source: bytes) -> None:
    began = time.monotonic()
    found = lint.read("toy.py", source, toy)
    assert time.monotonic() - began < 10
    assert sum(map(len, (*found.notices, *found.review))) < 5_000


def test_a_source_that_is_never_read_through_is_told_to_the_instructor(
    toy: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syntax, "read_apart", lambda source: None)
    (sentence,) = lint.read("toy.py", b"import gc", toy).review
    assert sentence == "toy.py could not be read before the run: too deep or too large"
