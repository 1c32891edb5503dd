"""A homework as a master notebook: what `otter assign` makes of it, and what it keeps private."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import real_otter
from kernels import lending
from real_otter import Otter

from autograder import assignment as assignments
from autograder import batch, leaks, otter_assign, samples, template
from autograder.assignment import Assignment
from autograder.cli import main
from autograder.errors import AuthorError, GraderError, UsageError
from autograder.intake import read_submission
from autograder.scoring import Grade
from autograder.strip import read_source, strip

ROOT = Path(__file__).resolve().parent.parent
HOMEWORK = sorted(path.parent.name for path in ROOT.glob("solutions/*/notebook.py"))
HW1 = "hw1_optimizers"
SEED = "00" * 32
WRONG = "def gd_step(theta, grad, state, *, lr):\n    return theta + lr * grad, state"


@pytest.fixture(scope="module")
def hw1() -> Assignment:
    """Return homework 1."""
    return assignments.find(ROOT, HW1)


@pytest.fixture(scope="module")
def master(hw1: Assignment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the master notebook of homework 1, in its folder."""
    return otter_assign.export(hw1, tmp_path_factory.mktemp("export"), seed=SEED)


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    """Return a notebook's cells, each with its text in one piece."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def of_questions(notebook: Path) -> dict[str, str]:
    """Return question -> the text of its cell."""
    return {
        cell["metadata"]["tags"][1]: cell["source"]
        for cell in cells_of(notebook)
        if "question" in cell["metadata"].get("tags", ())
    }


# --- what is written -----------------------------------------------------------------------------


@pytest.mark.parametrize("homework", HOMEWORK)
def test_what_otter_leaves_of_an_answer_is_our_stub(homework: str) -> None:
    found = assignments.find(ROOT, homework)
    for name in found.files:
        path = found.private / name
        marked = otter_assign.marked(read_source(path), path)

        # as otter.assign.solutions does it: a region goes, of a prompt the markers
        left = re.sub(
            r"^ *# BEGIN SOLUTION NO PROMPT\n.*?^ *# END SOLUTION\n", "", marked, flags=re.M | re.S
        )
        left = re.sub(r"^.*# (BEGIN|END) PROMPT\n", "", left, flags=re.M)

        assert left == strip(read_source(path), path)
        ast.parse(marked)


def test_each_question_has_its_points_its_answer_and_all_its_tests(
    hw1: Assignment, master: Path
) -> None:
    cells = cells_of(master)
    marks = [cell["source"].split("\n") for cell in cells if cell["cell_type"] == "raw"]
    tests = [cell["source"] for cell in cells if "TEST CONFIG" in cell["source"]]

    begun = [mark[1:] for mark in marks if mark[0] == "# BEGIN QUESTION"]
    assert begun == [[f"name: {q.id}", f"points: {q.points:g}"] for q in _in_order(hw1, master)]
    for block in ("QUESTION", "SOLUTION", "TESTS"):
        assert [mark[0] for mark in marks].count(f"# BEGIN {block}") == len(hw1.questions)
        assert [mark[0] for mark in marks].count(f"# END {block}") == len(hw1.questions)
    assert sum("hidden: false" in test for test in tests) == len(hw1.questions)
    for path in hw1.hidden_tests():
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M):
            call = f'assert_passed("{path.stem.removeprefix("test_")}", "{name}", env)'
            assert sum(call in test and "hidden: true" in test for test in tests) == 1
    assert marks[0][0] == "# ASSIGNMENT CONFIG"
    assert 'requirements: ["numpy>=1.22", "pytest>=7"]' in marks[0]


def _in_order(found: Assignment, notebook: Path) -> list[Any]:
    return [found.question(name) for name in of_questions(notebook)]


@pytest.mark.parametrize("homework", HOMEWORK)
def test_pictures_are_shown_from_where_they_are_saved_and_are_not_graded(
    tmp_path: Path, homework: str
) -> None:
    found = assignments.find(ROOT, homework)
    cells = cells_of(otter_assign.export(found, tmp_path / "export"))

    (look,) = [cell for cell in cells if "import look" in cell["source"]]
    assert f'"{homework}/pictures/' in look["source"]
    assert look["metadata"]["tags"] == ["otter_ignore"]
    assert not any("grader.submit" in cell["source"] for cell in cells)
    assert "Hand in" not in cells[-1]["source"]


def test_a_test_that_weighs_more_says_its_points(master: Path) -> None:
    tests = [cell["source"] for cell in cells_of(master) if '"adam_step", "test_' in cell["source"]]
    heavy = [test for test in tests if re.search(r"^points: ", test, re.M)]

    (test,) = heavy
    points = float(re.findall(r"^points: (.*)$", test, re.M)[0])
    assert points == pytest.approx(12 * 2 / (len(tests) + 1))


def test_the_public_folder_holds_nothing_private(hw1: Assignment, master: Path) -> None:
    public = {
        path.relative_to(master.parent).as_posix(): path.read_bytes()
        for path in (master.parent / HW1).rglob("*")
        if path.is_file()
    }

    leaks.check_text(public, hw1)
    names = {name.partition("/")[2] for name in public}
    assert {"assignment.toml", "tests/test_adam_step.py", "student_kit/notebook.py"} <= names
    assert names.isdisjoint({"optim.py", "check.py", "submit.py", f"{HW1}.ipynb"})
    assert len(names) > 20


def test_an_export_is_replaced_and_nothing_else(hw1: Assignment, tmp_path: Path) -> None:
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="holds no export of hw1_optimizers"):
        otter_assign.export(hw1, other)

    first = otter_assign.export(hw1, tmp_path / "export", seed=SEED)
    (first.parent / HW1 / "old.py").write_text("", encoding="utf-8")
    (first.parent / "notes.md").write_text("", encoding="utf-8")
    before = first.read_bytes()
    otter_assign.export(hw1, tmp_path / "export")

    assert first.read_bytes() == before
    assert not (first.parent / HW1 / "old.py").exists()
    assert (first.parent / "notes.md").exists()
    assert (first.parent / f"{HW1}_grading/seed").read_text("utf-8") != SEED


def test_a_homework_without_a_notebook_is_refused(toy: Assignment, tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="the assignment has no notebook"):
        otter_assign.export(toy, tmp_path / "export")


# --- the command ---------------------------------------------------------------------------------


def fake_otter(folder: Path, *, lacks: str = "", code: int = 0) -> None:
    """Write an `otter`, and the Python beside it, which lacks a package."""
    for name, text in (
        ("python", f"echo {lacks}"),
        ("otter", f"echo 'Some autograder tests failed'; exit {code}"),
    ):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)


def test_without_otter_the_command_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))  # Otter may be beside it
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = ["--root", str(ROOT), "export", HW1, "--out", str(tmp_path / "export")]

    assert main(arguments) == 0
    assert "otter assign" in capsys.readouterr().out
    assert main([*arguments, "--assign"]) == 2
    shown = capsys.readouterr().err
    assert "Otter is not installed in this environment" in shown
    assert "or leave out --assign" in shown
    assert "pip install 'otter-grader[grading]>=7'" in shown


def test_a_package_that_the_kernel_lacks_is_named(
    hw1: Assignment, master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    fake_otter(tmp_path, lacks="ipykernel pytest")

    with pytest.raises(UsageError, match="lacks ipykernel, pytest") as caught:
        otter_assign.assign(hw1, master)

    assert "-m pip install 'otter-grader[grading]>=7' 'pytest'" in str(caught.value)


def test_what_otter_refuses_is_shown(
    hw1: Assignment, master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    fake_otter(tmp_path, code=1)

    with pytest.raises(GraderError, match="Some autograder tests failed"):
        otter_assign.assign(hw1, master)


# --- the hidden checks, without Otter ------------------------------------------------------------

ASK = """\
import json, sys
sys.path[:0] = [sys.argv[1], f"{sys.argv[1]}/hw1_optimizers"]
from student_kit.notebook import start
exec(sys.stdin.read(), globals())
start("hw1_optimizers", globals())
from hw1_optimizers_grading import assert_passed
for test in sys.argv[2:] * 2:
    try:
        assert_passed("gd_step", test, globals())
        print(test, "passed")
    except Exception as error:
        print(test, repr(error))
"""


def asked(master: Path, source: str, *tests: str) -> list[str]:
    """Return what the hidden checks of gd_step say of a notebook, each asked twice."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, master.parent, *tests],
        input=source,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[1:]


def test_hidden_checks_run_on_the_notebooks_own_functions(hw1: Assignment, master: Path) -> None:
    path = hw1.private / "hidden_tests" / "test_gd_step.py"
    tests = re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
    reference = samples.reference_files(hw1)["optim.py"].decode()

    right = asked(master, reference, *tests)
    wrong = asked(master, f"import numpy as np\n{WRONG}", *tests)

    assert right == [f"{test} passed" for test in tests * 2]
    assert any("AssertionError" in line and "wrong values" in line for line in wrong)
    assert not any("RuntimeError" in line for line in wrong)
    assert not any("gd_step(theta=" in line for line in wrong), "an input of a hidden test"


# --- the real Otter ------------------------------------------------------------------------------


def otter(folder: Path, monkeypatch: pytest.MonkeyPatch, *packages: str) -> Otter:
    """Return the real Otter with a kernel that has these packages, on PATH too; or skip."""
    found = real_otter.otter()
    python = str(Path(found.command).resolve().with_name("python"))
    environment = {**found.environment, **lending(folder / "lent", python, *packages)}
    environment["PATH"] = found.environment["PATH"]
    for name in ("PATH", "PYTHONPATH"):
        monkeypatch.setenv(name, environment[name])
    return Otter(found.command, environment)


def points_of(found: Otter, dist: Path, notebook: Path, out: Path) -> dict[str, float]:
    """Return what `otter run` gives for each question."""
    (archive,) = (dist / "autograder").glob("*.zip")
    graded = found.run(archive, notebook, out)
    assert graded.code == 0, graded.said
    return graded.points


@pytest.mark.full
@pytest.mark.parametrize("homework", HOMEWORK)
def test_the_real_otter_gives_the_reference_all_points_and_its_student_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, homework: str
) -> None:
    found = assignments.find(ROOT, homework)
    real = otter(tmp_path, monkeypatch, *found.libraries, "pytest")
    export = otter_assign.export(found, tmp_path / "export")

    dist = otter_assign.assign(found, export)

    student = dist / "student" / export.name
    ours = tmp_path / "ours.ipynb"
    ours.write_bytes(template.build(found)[export.name])
    assert of_questions(student) == of_questions(ours)
    given = {
        path.relative_to(dist / "student").as_posix(): path.read_bytes()
        for path in (dist / "student").rglob("*")
        if path.is_file()
    }
    leaks.check_text(given, found)
    assert not any("_grading" in name for name in given)
    assert b"_grading" not in given[export.name]
    answers = dist / "autograder" / export.name
    expected = {question.id: pytest.approx(question.points) for question in found.questions}
    assert points_of(real, dist, answers, tmp_path / "reference") == expected
    assert points_of(real, dist, student, tmp_path / "stub") == dict.fromkeys(expected, 0)


@pytest.mark.full
def test_a_wrong_answer_costs_in_otter_what_it_costs_here(
    hw1: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = otter(tmp_path, monkeypatch, *hw1.libraries, "pytest")
    export = otter_assign.export(hw1, tmp_path / "export")
    dist = otter_assign.assign(hw1, export)
    notebook = json.loads((dist / "autograder" / export.name).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "gd_step" in cell["metadata"].get("tags", ()):
            cell["source"] = WRONG
    wrong = tmp_path / export.name
    wrong.write_text(json.dumps(notebook), encoding="utf-8")

    points = points_of(real, dist, wrong, tmp_path / "out")
    (here,) = batch.grade_all(hw1, [read_submission(wrong, hw1)], allow_weak=True)

    assert isinstance(here, Grade)
    assert points["gd_step"] < 4
    assert points == {q.id: pytest.approx(q.points, abs=1e-3) for q in here.questions}
