"""The student's notebook: what is in it, and that it is the same each time."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from homework_notebooks import (
    HOMEWORK,
    HW1,
    HW2,
    ROOT,
    cells_of,
    in_cells,
)
from kernels import python_with

from autograder import assignment as assignments
from autograder import leaks, samples, student_notebook, template
from autograder.assignment import Assignment
from autograder.errors import AuthorError

pytestmark = pytest.mark.portable

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


def test_a_check_stands_where_all_that_it_calls_is_written(templates: Path) -> None:
    ids = [cell["id"] for cell in cells_of(templates / HW2)]
    cell = cells_of(templates / HW2)[ids.index("check-linear_backward")]

    assert ids[ids.index("linear_forward") + 1] == "check-linear_forward"
    assert ids.index("check-linear_backward") > ids.index("relu_backward")
    assert "it calls relu_backward, too" in cell["source"][0]


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
