"""The student's notebook: what is in it, that it runs, and that it says what check.py says."""

from __future__ import annotations

import ast
import dataclasses
import json
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
from kernels import lending, python_with

from autograder import assignment as assignments
from autograder import batch, leaks, samples, student_notebook, template
from autograder.assignment import Assignment, Question
from autograder.errors import AuthorError
from autograder.intake import read_submission
from autograder.scoring import Grade
from student_kit.homework import HomeworkError
from student_kit.notebook import Grader

pytestmark = pytest.mark.portable

ROOT = Path(__file__).resolve().parent.parent
HOMEWORK = sorted(path.parent.name for path in ROOT.glob("solutions/*/notebook.py"))
# a process with PyTorch in it takes long to start: what runs one is done in the long tests
RUN = [
    pytest.param(
        name,
        marks=[pytest.mark.full] * ("torch" in assignments.find(ROOT, name).libraries),
    )
    for name in HOMEWORK
]
HW1, HW2, HW3 = "hw1_optimizers", "hw2_backprop", "hw3_autograd"
PERCENT = """\
# %% [markdown]
# # Title
#
# A formula: $x^2$

# %% tags=["setup"]

# %% tags=["handout"]

# %%
x = 1

# %% tags=["submit"]
"""

# Runs the code cells of a notebook one after the other, as Jupyter and Colab do: no __file__.
RUNNER = """\
import ast, json, os, sys, types
path, folder, uploaded = sys.argv[1:4]
del __file__
os.chdir(folder)
shown = types.ModuleType("IPython.display")
shown.Image = lambda filename: open(filename, "rb").read(4)
shown.display = lambda *pictures: print("shown", len(pictures))
sys.modules["IPython"] = types.ModuleType("IPython")
sys.modules["IPython"].get_ipython = lambda: None
sys.modules["IPython"].version_info = (9, 0)
sys.modules["IPython.display"] = shown
if uploaded:
    def upload():
        import shutil
        return {os.path.basename(shutil.copy(uploaded, ".")): b""}
    colab = types.ModuleType("google.colab")
    colab.files = types.SimpleNamespace(upload=upload)
    sys.modules["google"], sys.modules["google.colab"] = types.ModuleType("google"), colab
In, numbers = [""], {}
shell = types.SimpleNamespace(compile=types.SimpleNamespace(_filename_map=numbers))
get_ipython = lambda: shell
for cell in json.load(open(path, encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        numbers[cell["id"]] = len(In)
        In.append("".join(cell["source"]))
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell["id"], "exec"), globals())
        if last:
            value = eval(compile(ast.Expression(last.value), cell["id"], "eval"), globals())
            print(f"[{cell['id']}]", "" if value is None else repr(value))
"""


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the template of each homework that has a notebook."""
    out = tmp_path_factory.mktemp("templates")
    for name in HOMEWORK:
        template.generate(assignments.find(ROOT, name), out / name)
    return out


@pytest.fixture
def course(tmp_path: Path) -> Assignment:
    """Return a small homework with a notebook, which a test may break."""
    root = tmp_path / "course"
    shutil.copytree(ROOT / "tests/data/tiny_course", root)
    found = assignments.find(root, "hw0_tiny")
    (found.private / "notebook.py").write_text(PERCENT, encoding="utf-8")
    headings = "".join(f"\n## `{question.id}`\n\nText.\n" for question in found.questions)
    (found.public / "handout.md").write_text(f"# Tiny\n{headings}", encoding="utf-8")
    return found


def cells_of(folder: Path) -> list[dict[str, Any]]:
    """Return the cells of a template's notebook."""
    content = json.loads((folder / f"{folder.name}.ipynb").read_text(encoding="utf-8"))
    return list(content["cells"])


def solved(folder: Path, answers: dict[str, str], out: Path) -> Path:
    """Write the notebook with these texts in its questions' cells, and return its path."""
    notebook = json.loads((folder / f"{folder.name}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]].splitlines(keepends=True)
    out.write_text(json.dumps(notebook), encoding="utf-8")
    return out


def written(question: Question) -> list[str]:
    """Return the functions and classes that a question is about."""
    return list(dict.fromkeys(name.partition(".")[0] for name in question.functions))


def in_cells(found: Assignment, files: samples.Files) -> dict[str, str]:
    """Return question -> the text of its cell, for the questions that have one."""
    cells: dict[str, str] = {}
    seen: set[str] = set()
    for question in found.questions:
        source = files[question.file].decode()
        names = [name for name in written(question) if name not in seen]
        seen.update(names)
        if names:  # else its class is in the cell of an earlier question
            text = "\n\n\n".join(samples.function_source(source, name) for name in names)
            future = f"{student_notebook.FUTURE}\n\n\n" if "class Tensor" in text else ""
            cells[question.id] = future + text
    return cells


def reference(homework: str) -> dict[str, str]:
    """Return question -> the text of its cell; the first of a file has the reference's imports."""
    found = assignments.find(ROOT, homework)
    files, stubs = samples.reference_files(found), samples.stub_files(found)
    imports = {name: imports_of(files[name]) - imports_of(stubs[name]) for name in found.files}
    cells = in_cells(found, files)
    for question_id, text in cells.items():
        added = "".join(
            f"{line}\n" for line in sorted(imports.pop(found.question(question_id).file, ()))
        )
        future, middle, rest = text.rpartition(f"{student_notebook.FUTURE}\n")
        cells[question_id] = future + middle + added + rest
    return cells


def imports_of(source: bytes) -> set[str]:
    """Return the import statements at the top level of a file."""
    nodes = ast.parse(source).body
    return {ast.unparse(node) for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))}


def run(notebook: Path, folder: Path, uploaded: str = "") -> str:
    """Run a notebook's cells in a folder and return all that they show."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; exec(sys.stdin.read())", notebook, folder, uploaded],
        input="__file__ = ''\n" + RUNNER,
        env={**os.environ, "PYTHONPATH": "", "DISPLAY": "", "MPLCONFIGDIR": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- what is in it -------------------------------------------------------------------------------


@pytest.mark.parametrize("homework", HOMEWORK)
def test_a_notebook_is_valid_and_the_same_each_time(templates: Path, homework: str) -> None:
    path = templates / homework / f"{homework}.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in content["cells"]]

    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", each) for each in ids)
    for cell in content["cells"]:
        code = {"outputs", "execution_count"} if cell["cell_type"] == "code" else set()
        assert cell.keys() == {"cell_type", "id", "metadata", "source"} | code
        assert not cell.get("outputs")
    found = assignments.find(ROOT, homework)
    again = student_notebook.build(found, samples.stub_files(found))
    assert again[path.name] == path.read_bytes()


@pytest.mark.parametrize("homework", HOMEWORK)
def test_each_question_has_its_text_its_stub_and_its_check(templates: Path, homework: str) -> None:
    found = assignments.find(ROOT, homework)
    stubs = in_cells(found, samples.stub_files(found))
    cells = cells_of(templates / homework)
    positions = {cell["id"]: position for position, cell in enumerate(cells)}

    for question in found.questions:
        if question.id in stubs:
            here = positions[question.id]
            assert "".join(cells[here]["source"]) == stubs[question.id].strip("\n")
            assert cells[here]["metadata"]["tags"] == ["question", question.id]
        check = cells[positions[f"check-{question.id}"]]["source"]
        assert check[0].startswith(f'grader.check("{question.id}")')
    handout = (found.public / "handout.md").read_text(encoding="utf-8").split()
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert " ".join(handout) in " ".join("\n".join(texts).split())


def test_a_homework_without_a_notebook_gets_none(course: Assignment) -> None:
    (course.private / "notebook.py").unlink()

    assert not any("ipynb" in name or "otter" in name for name in template.build(course))


def test_percent_format_is_read_as_jupytext_reads_it(tmp_path: Path) -> None:
    (tmp_path / "notebook.py").write_text(PERCENT, encoding="utf-8")

    cells = student_notebook.read_percent(tmp_path / "notebook.py")

    assert [(cell.kind, cell.source, cell.tags) for cell in cells] == [
        ("markdown", "# Title\n\nA formula: $x^2$", ()),
        ("code", "", ("setup",)),
        ("code", "", ("handout",)),
        ("code", "x = 1", ()),
        ("code", "", ("submit",)),
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("# %% [markdown]", "x = 1\n# %%", "notebook.py:2: a cell begins with a mark"),
        ("# %% [markdown]", "# %% [markdow]", "notebook.py:1: a cell begins with a mark"),
        ("# # Title", "Title", "the text cell above holds a line that is no comment"),
    ],
)
def test_what_is_not_percent_format_is_refused(
    course: Assignment, old: str, new: str, problem: str
) -> None:
    text = PERCENT.replace(old, new)
    (course.private / "notebook.py").write_text(text, encoding="utf-8")

    with pytest.raises(AuthorError, match=re.escape(problem)):
        template.build(course)


def test_a_question_without_a_section_is_refused(course: Assignment) -> None:
    (course.public / "handout.md").write_text("# Tiny\n", encoding="utf-8")

    with pytest.raises(AuthorError, match="a question has no section"):
        template.build(course)


def test_a_heading_in_a_block_of_code_is_none(course: Assignment) -> None:
    path = course.public / "handout.md"
    path.write_text(path.read_text("utf-8") + "\n```\n# not a heading\n```\n", encoding="utf-8")

    notebook = json.loads(template.build(course)["hw0_tiny.ipynb"])

    assert "# not a heading" in "".join(notebook["cells"][-4]["source"]) + "".join(
        "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"
    )
    assert not any("".join(cell["source"]).startswith("# not") for cell in notebook["cells"])


def test_a_check_that_runs_hidden_tests_waits_for_what_they_call(course: Assignment) -> None:
    first, second = (question.id for question in course.questions[:2])
    module = course.questions[0].file.removesuffix(".py")
    path = course.private / "hidden_tests" / f"test_{first}.py"
    later = f"\n\ndef test_later():\n    {module}.{second}()\n"
    path.write_text(path.read_text(encoding="utf-8") + later, encoding="utf-8")
    stubs = samples.stub_files(course)

    public, both = (
        [cell.id for cell in student_notebook.cells(course, stubs, hidden=hidden) if cell.id]
        for hidden in (False, True)
    )

    assert public.index(f"check-{first}") < public.index(second)
    assert both.index(f"check-{first}") > both.index(second)


def test_a_private_line_in_the_notebook_is_a_leak(course: Assignment) -> None:
    test = next((course.private / "hidden_tests").glob("test_*.py")).read_text(encoding="utf-8")
    files = template.build(course)
    notebook = json.loads(files["hw0_tiny.ipynb"])
    notebook["cells"][0]["source"].append(f"\n{max(test.splitlines(), key=len)}")
    files["hw0_tiny.ipynb"] = json.dumps(notebook).encode()

    with pytest.raises(AuthorError, match=r"hw0_tiny\.ipynb:\d+ \(generated\): a private line"):
        leaks.check_text(files, course)


def test_an_answer_in_notebook_py_is_a_leak_although_the_file_is_public(course: Assignment) -> None:
    source = (course.private / course.files[0]).read_text(encoding="utf-8")
    answers = re.findall(r"# BEGIN SOLUTION\n(.*?) *# END SOLUTION", source, re.DOTALL)
    longest = max(answers, key=lambda answer: answer.count("\n"))
    text = PERCENT.replace("x = 1", f"def mine():\n{longest}")
    (course.private / "notebook.py").write_text(text, encoding="utf-8")

    with pytest.raises(AuthorError, match=r"hw0_tiny\.ipynb \(generated\): a whole private block"):
        template.build(course)


def test_there_is_a_test_file_for_otter_for_each_question(templates: Path) -> None:
    folder = templates / HW1 / "tests" / "otter"
    found = assignments.find(ROOT, HW1)

    assert {path.stem for path in folder.iterdir()} == {q.id for q in found.questions}
    text = (folder / "adam_step.py").read_text(encoding="utf-8")
    assert "OK_FORMAT = False" in text
    assert 'assert_passed("hw1_optimizers", "adam_step", env)' in text
    assert f"points={found.question('adam_step').points:g}," in text


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
    assert "shown" in shown
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


def test_the_first_cell_says_which_library_is_missing(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "RUNNER", f"import sys; sys.modules['torch'] = None\n{RUNNER}")

    with pytest.raises(AssertionError, match="torch is missing: this homework is written with it"):
        run(templates / HW3 / f"{HW3}.ipynb", templates / HW3)


def test_elsewhere_the_first_cell_says_what_is_missing(templates: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="The files of hw1_optimizers are not here"):
        run(templates / HW1 / f"{HW1}.ipynb", tmp_path)


def test_another_homeworks_folder_is_not_taken_for_its_own(templates: Path) -> None:
    with pytest.raises(AssertionError, match="The files of hw1_optimizers are not here"):
        run(templates / HW1 / f"{HW1}.ipynb", shutil.copytree(templates / HW2, templates / "a/b"))


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


def test_a_check_stands_where_all_that_it_calls_is_written(templates: Path) -> None:
    ids = [cell["id"] for cell in cells_of(templates / HW2)]
    cell = cells_of(templates / HW2)[ids.index("check-linear_backward")]

    assert ids[ids.index("linear_forward") + 1] == "check-linear_forward"
    assert ids.index("check-linear_backward") > ids.index("relu_backward")
    assert "it calls relu_backward, too" in cell["source"][0]


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


@pytest.mark.full
@pytest.mark.parametrize("homework", HOMEWORK)
def test_jupytext_reads_the_same_cells(homework: str) -> None:
    python = python_with("jupytext")
    path = ROOT / "solutions" / homework / "notebook.py"
    code = (
        "import json, sys, jupytext; print(json.dumps([[c.cell_type, c.source] for c in "
        "jupytext.read(sys.argv[1], fmt='py:percent').cells]))"
    )

    done = subprocess.run(
        [python, "-c", code, path], capture_output=True, text=True, check=True, timeout=60
    )

    ours = [[cell.kind, cell.source] for cell in student_notebook.read_percent(path)]
    assert json.loads(done.stdout) == ours


@pytest.mark.parametrize("homework", HOMEWORK)
def test_every_cell_of_the_notebook_is_python(templates: Path, homework: str) -> None:
    for cell in cells_of(templates / homework):
        if cell["cell_type"] == "code":
            ast.parse("".join(cell["source"]))
