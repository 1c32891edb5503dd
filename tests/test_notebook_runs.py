"""The student's notebook runs, says what check.py says, and is graded as it is handed in."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from homework_notebooks import (
    HOMEWORK,
    HW1,
    HW2,
    HW3,
    ROOT,
    RUN,
    reference,
    run,
    solved,
    written,
)
from kernels import lending, python_with

from autograder import assignment as assignments
from autograder import batch, samples
from autograder.intake import read_submission
from autograder.scoring import Grade
from student_kit.homework import HomeworkError
from student_kit.notebook import Grader

pytestmark = pytest.mark.portable


# --- that it runs --------------------------------------------------------------------------------


@pytest.mark.parametrize("homework", RUN)
def test_the_stub_runs_from_top_to_bottom(templates: Path, tmp_path: Path, homework: str) -> None:
    folder = shutil.copytree(templates / homework, tmp_path / homework)

    shown = run(folder / f"{homework}.ipynb", folder)

    assert "Ready: Homework" in shown
    assert "passed (" not in shown
    questions = assignments.find(ROOT, homework).questions
    assert all(f"[check-{q.id}] {q.id}: not started (0 of " in shown for q in questions)
    assert f"upload {homework}.ipynb itself" in shown


@pytest.mark.full
@pytest.mark.parametrize("homework", HOMEWORK)
def test_every_check_of_the_reference_is_green_and_the_pictures_are_shown(
    templates: Path, tmp_path: Path, homework: str
) -> None:
    folder = shutil.copytree(templates / homework, tmp_path / homework)

    shown = run(solved(folder, reference(homework), folder / "mine.ipynb"), folder)

    for question in assignments.find(ROOT, homework).questions:
        assert re.search(rf"\[check-{question.id}\] {question.id}: passed \((\d+) of \1 ", shown)
    # where matplotlib is; elsewhere the cell says that it is missing
    assert ("shown" in shown) is (importlib.util.find_spec("matplotlib") is not None)
    assert " 0 passed" not in shown


@pytest.mark.parametrize("top", ["", "hw2_backprop/", "downloads/hw2_backprop/"])
def test_in_colab_the_first_cell_asks_for_the_zip(
    templates: Path, tmp_path: Path, top: str
) -> None:
    content, away = tmp_path / "hw2.zip", tmp_path / "content"
    away.mkdir()
    with zipfile.ZipFile(content, "w") as archive:
        for path in (templates / HW2).rglob("*"):
            archive.write(path, f"{top}{path.relative_to(templates / HW2)}")
    answers = {"relu_forward": reference(HW2)["relu_forward"], "code-1": "", "submit": ""}
    notebook = solved(templates / HW2, answers, tmp_path / "Copy of hw2.ipynb")

    shown = run(notebook, away, str(content))

    assert "Choose the zip file of hw2_backprop" in shown
    assert "[check-relu_forward] relu_forward: passed (2 of 2 public checks passed)" in shown


def test_the_first_cell_says_which_library_is_missing(templates: Path) -> None:
    pytest.importorskip("torch")  # else there is no template of hw3
    without = "import sys; sys.modules['torch'] = None"

    with pytest.raises(AssertionError, match="torch is missing: this homework is written with it"):
        run(templates / HW3 / f"{HW3}.ipynb", templates / HW3, before=without)


def test_elsewhere_the_first_cell_says_what_is_missing(templates: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="The files of hw1_optimizers are not here"):
        run(templates / HW1 / f"{HW1}.ipynb", tmp_path)


def test_another_homeworks_folder_is_not_taken_for_its_own(templates: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="The files of hw1_optimizers are not here"):
        run(templates / HW1 / f"{HW1}.ipynb", shutil.copytree(templates / HW2, tmp_path / "a/b"))


# --- what its checks say -------------------------------------------------------------------------


def graded(templates: Path, homework: str, **functions: str) -> Grader:
    """Return the grader of a notebook that has defined these functions."""
    namespace: dict[str, Any] = {}
    exec("import numpy as np", namespace)
    for name, source in functions.items():
        exec(compile(source, name, "exec"), namespace)
    return Grader(homework, namespace, folder=templates / homework)


def test_a_check_says_what_check_py_says(templates: Path, tmp_path: Path) -> None:
    wrong = "def gd_step(theta, grad, state, *, lr):\n    return theta + lr * grad, state\n"
    folder = shutil.copytree(templates / HW1, tmp_path / HW1)
    optim = (folder / "optim.py").read_text(encoding="utf-8")
    (folder / "optim.py").write_text(samples.with_function(optim, "gd_step", wrong), "utf-8")

    at_home = subprocess.run(
        [sys.executable, "check.py", "gd_step"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    report = repr(graded(templates, HW1, gd_step=wrong).check("gd_step"))

    failures = at_home[at_home.index("gd_step: failed\n") : at_home.rindex("\n\n")]
    assert "likely   The sign of the update is wrong." in failures
    assert failures.strip() in report
    assert report.splitlines()[-1] == at_home.splitlines()[-1]


def test_a_check_finds_the_notebooks_own_functions_of_another_file(templates: Path) -> None:
    answers = reference(HW2)
    needed = ("linear_forward", "relu_forward", "mlp_forward")
    imported = "from layers import linear_forward, relu_forward\n"
    functions = {name: answers[name] for name in needed}
    functions["mlp_forward"] = "Params = Array = object\n" + functions["mlp_forward"].replace(
        '    """Send', f'    {imported}    """Send', 1
    )
    for name in ("linear_forward", "relu_forward"):
        functions[name] = "from __future__ import annotations\n" + functions[name]

    report = graded(templates, HW2, **functions).check("mlp_forward")

    assert report.passed, repr(report)


def test_what_a_file_beside_the_notebook_holds_does_not_matter(templates: Path) -> None:
    report = graded(templates, HW1).check("gd_step")

    assert not report.passed
    assert "your notebook has no function gd_step" in repr(report)
    assert "run the cell that defines gd_step" in repr(report)


def test_an_endless_loop_is_stopped(templates: Path) -> None:
    loop = "def gd_step(theta, grad, state, *, lr):\n    while True: pass\n"
    grader = graded(templates, HW1, gd_step=loop)
    grader.facts = dataclasses.replace(grader.facts, seconds=0.3)

    report = grader.check("gd_step")

    assert "no answer within 0.3 seconds: a loop that never ends?" in repr(report)
    assert report.results[0].word == "timed out"


def test_an_interrupted_check_ends(templates: Path) -> None:
    stopped = "def gd_step(theta, grad, state, *, lr):\n    raise KeyboardInterrupt\n"
    grader = graded(templates, HW1, gd_step=stopped)

    with pytest.raises(KeyboardInterrupt):
        grader.check("gd_step")


def test_a_question_whose_checks_are_not_here_never_says_passed(
    templates: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(templates / HW1, tmp_path / HW1)
    (folder / "tests" / "test_gd_step.py").write_text("", encoding="utf-8")
    namespace: dict[str, Any] = {}
    exec("def gd_step(theta, grad, state, *, lr):\n    return theta, state", namespace)

    report = Grader(HW1, namespace, folder=folder).check("gd_step")

    assert not report.passed
    assert "passed (" not in repr(report)
    assert "the hidden checks run only after you submit" in repr(report)


def test_a_name_that_is_no_question_is_said(templates: Path) -> None:
    with pytest.raises(HomeworkError, match="no question 'adam'; did you mean 'adam_step'"):
        graded(templates, HW1).check("adam")


def test_a_line_is_quoted_with_the_number_beside_its_cell(templates: Path) -> None:
    shell = SimpleNamespace(compile=SimpleNamespace(_filename_map={"/tmp/ipykernel_1/2.py": 2}))
    source = "x = 1\ndef gd_step(theta, grad, state, *, lr):\n    return theta / nothing"
    for filename in ("/tmp/ipykernel_1/2.py", "<ipython-input-2-abc>"):
        namespace: dict[str, Any] = {"get_ipython": lambda: shell, "In": ["", "first = 1", source]}
        exec(compile(source, filename, "exec"), namespace)

        report = Grader(HW1, namespace, folder=templates / HW1).check("gd_step")

        assert "gd_step raised NameError at In[2] line 3: return theta / nothing" in repr(report)


def test_a_check_leaves_modules_as_they_were(templates: Path) -> None:
    before = {name for name in sys.modules if not name.startswith("_")}

    graded(templates, HW1).check("gd_step")

    assert "optim" not in sys.modules
    assert not any(name.startswith("test_gd_step") for name in set(sys.modules) - before)


def test_submit_py_thinks_of_the_notebook_when_no_file_is_started(
    templates: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(templates / HW1, tmp_path / HW1)

    done = subprocess.run(
        [sys.executable, "submit.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"if you have worked in {HW1}.ipynb, hand in that notebook, and not this." in done.stdout


# --- handed in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("homework", RUN)
def test_the_notebook_is_graded_as_it_is_handed_in(
    templates: Path, tmp_path: Path, homework: str
) -> None:
    found = assignments.find(ROOT, homework)
    done = solved(templates / homework, reference(homework), tmp_path / "done.ipynb")
    submissions = [
        read_submission(path, found, name=name)
        for name, path in (
            ("done", done),
            ("untouched", templates / homework / f"{homework}.ipynb"),
            ("whole folder", templates / homework),
        )
    ]

    grades = batch.grade_all(found, submissions, seed="00" * 32, allow_weak=True)

    assert [grade.points for grade in grades if isinstance(grade, Grade)] == [100, 0, 0]
    assert [grade.notices for grade in grades if isinstance(grade, Grade)] == [(), (), ()]


@pytest.mark.full
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("class Tensor:", "class Tensor", "has a syntax error in line 4"),
        ("__array_ufunc__ = None", "__array_ufunc__ = nothing", ""),
    ],
)
def test_a_class_that_is_broken_costs_the_questions_in_its_cell(
    templates: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    pytest.importorskip("torch")
    found = assignments.find(ROOT, HW3)
    answers = reference(HW3)
    answers["tensor_arithmetic"] = answers["tensor_arithmetic"].replace(old, new)
    done = solved(templates / HW3, answers, tmp_path / "done.ipynb")

    (grade,) = batch.grade_all(found, [read_submission(done, found)], allow_weak=True)

    assert isinstance(grade, Grade)
    lost = {question.id for question in grade.questions if question.points < question.max_points}
    in_its_cell = {q.id for q in found.questions if "Tensor" in written(q)}
    in_need_of_it = {"topological_order", "zero_grad"}
    assert lost == in_its_cell | in_need_of_it
    assert said in " ".join(grade.notices)


# --- real clients, where they are installed ------------------------------------------------------


EXECUTE = """\
import json, sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
place = {"metadata": {"path": sys.argv[2]}}
nbclient.NotebookClient(notebook, timeout=300, resources=place).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", ()):
        print(f"[{cell.id}]", output.get("text") or output.get("data", {}).get("text/plain"))
"""


def execute(
    python: str, notebook: Path, folder: Path, environment: dict[str, str] | None = None
) -> str:
    """Run a notebook in a kernel and return its outputs."""
    done = subprocess.run(
        [python, "-c", EXECUTE, notebook, folder],
        env=environment or {**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.full
@pytest.mark.parametrize("homework", HOMEWORK)
def test_a_kernel_runs_the_stub_and_the_reference(
    templates: Path, tmp_path: Path, homework: str
) -> None:
    python = python_with("nbclient", "nbformat", "ipykernel", "pytest", "numpy")
    folder = shutil.copytree(templates / homework, tmp_path / homework)
    found = assignments.find(ROOT, homework)
    questions = found.questions
    environment = lending(tmp_path / "lent", python, *found.libraries)

    stub = execute(python, folder / f"{homework}.ipynb", folder, environment)
    mine = solved(folder, reference(homework), folder / "mine.ipynb")
    done = execute(python, mine, folder, environment)

    assert all(f"[check-{q.id}] {q.id}: not started" in stub for q in questions)
    assert all(f"[check-{q.id}] {q.id}: passed" in done for q in questions)


@pytest.mark.full
def test_otter_says_what_we_say(templates: Path, tmp_path: Path) -> None:
    python = python_with("otter", "nbclient", "ipykernel")
    folder = shutil.copytree(templates / HW1, tmp_path / HW1)
    wrong = "def gd_step(theta, grad, state, *, lr):\n    return theta + lr * grad, state"
    begin = "import otter\ngrader = otter.Notebook(tests_dir='tests/otter')"
    answers = reference(HW1) | {"gd_step": wrong, "setup": begin, "code-1": "", "submit": ""}

    shown = execute(python, solved(folder, answers, folder / "mine.ipynb"), folder)

    gd_step = shown[shown.index("[check-gd_step]") : shown.index("[check-gradient_descent]")]
    assert "Test case failed" in gd_step
    assert "likely   The sign of the update is wrong." in gd_step
    assert "[check-adam_step] adam_step results: All test cases passed!" in shown
    assert "the hidden ones run only after you submit" in shown
