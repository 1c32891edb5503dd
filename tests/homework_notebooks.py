"""The student's notebooks of our homework, filled with answers and run, for several files of tests.

Not a file of tests: they import it by name (`pythonpath` in pyproject.toml).
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from autograder import assignment as assignments
from autograder import samples, student_notebook
from autograder.assignment import Assignment, Question

ROOT = Path(__file__).resolve().parent.parent
HOMEWORK = sorted(
    path.parent.name
    for path in ROOT.glob("solutions/*/notebook.py")
    # the kit's own environments do without PyTorch, and so without its homework
    if find_spec("torch") or "torch" not in assignments.find(ROOT, path.parent.name).libraries
)
# a process with PyTorch in it takes long to start: what runs one is done in the long tests
RUN = [
    pytest.param(
        name,
        marks=[pytest.mark.full] * ("torch" in assignments.find(ROOT, name).libraries),
    )
    for name in HOMEWORK
]
HW1, HW2, HW3 = "hw1_optimizers", "hw2_backprop", "hw3_autograd"

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


def run(notebook: Path, folder: Path, uploaded: str = "", *, before: str = "") -> str:
    """Run a notebook's cells in a folder, behind some other code; return all that they show."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; exec(sys.stdin.read())", notebook, folder, uploaded],
        input=f"__file__ = ''\n{before}\n{RUNNER}",
        env={**os.environ, "PYTHONPATH": "", "DISPLAY": "", "MPLCONFIGDIR": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
