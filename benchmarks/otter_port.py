"""Port a homework to otter-grader: the same checks, as exception-based test files in an Otter zip.

Each question becomes one Otter test file whose cases call our public and hidden test functions;
the files go through `otter generate`, and the submission is the same single .py file. What differs
is who runs it: Otter executes the submission in a Jupyter kernel and the checks in the same kernel.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

from autograder.assignment import Assignment

HEAD = """\
from otter.test_files import test_case

OK_FORMAT = False

name = {name!r}
"""
CASE = """

@test_case(points={points!r}, hidden={hidden!r})
def test_{number}(env):
    from otter_port_support import run

    run({kind!r}, {stem!r}, {test!r})
"""
# lies in a folder of its own: a second .py beside the submission stops `otter run`
SUPPORT = '''\
"""Runs one of the homework's test functions on the submission that lies in this folder."""

import importlib.util
import sys
import zlib
from inspect import signature
from pathlib import Path

import numpy as np

from student_kit.plugin import LocalTransport
from student_kit.calls import recorded_calls
from student_kit.proxy import StudentModule

HERE = Path(__file__).resolve().parent
SOURCES = {{Path(name).stem: (HERE.parent / name).read_bytes() for name in {files!r}}}
TRANSPORT = LocalTransport(SOURCES)
_loaded = {{}}


def run(kind, stem, test):
    """Run a test function by its name; it raises if a check does not hold."""
    function = getattr(_module(kind, stem), test)
    random = {{"rng": np.random.default_rng(zlib.crc32(test.encode()))}}
    arguments = {{name: random[name] for name in signature(function).parameters}}
    with recorded_calls():
        function(**arguments)


def _module(kind, stem):
    if (kind, stem) not in _loaded:
        path = HERE / kind / f"{{stem}}.py"
        spec = importlib.util.spec_from_file_location(f"{{kind}}_{{stem}}", path)
        module = importlib.util.module_from_spec(spec)
        # only tests get proxies: the submission itself is imported under the same name
        sys.modules.update((name, StudentModule(name, TRANSPORT)) for name in SOURCES)
        spec.loader.exec_module(module)
        for name in SOURCES:
            del sys.modules[name]
        _loaded[kind, stem] = module
    return _loaded[kind, stem]
'''


def port(assignment: Assignment, engine: Path, otter: Path, out: Path) -> tuple[Path, int]:
    """Write the Otter zip of an assignment.

    Args:
        assignment: what to port.
        engine: the folder that holds student_kit/.
        otter: the command, in an environment of its own.
        out: an empty folder to work in.

    Returns:
        The path of the zip, and the number of cases in it.
    """
    tests, support, reference = out / "tests", out / "otter_port_support", out / "reference"
    tests.mkdir(parents=True)
    reference.mkdir()
    (reference / "__init__.py").write_text("", encoding="utf-8")
    for name in assignment.files:
        shutil.copy(assignment.private / name, reference / name)
    shutil.copytree(
        engine / "student_kit", out / "student_kit", ignore=shutil.ignore_patterns("__pycache__")
    )
    cases = 0
    for question in assignment.questions:
        text = HEAD.format(name=question.id)
        found = []
        for kind, folder in (
            ("public", assignment.public / "tests"),
            ("hidden", assignment.private / "hidden_tests"),
        ):
            path = folder / f"test_{question.id}.py"
            (support / kind).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, support / kind / path.name)
            found += [(kind, path.stem, test) for test in _test_functions(path)]
        hidden = sum(kind == "hidden" for kind, _, _ in found)
        for number, (kind, stem, test) in enumerate(found):
            text += CASE.format(
                points=question.points / hidden if kind == "hidden" else 0,
                hidden=kind == "hidden",
                number=number,
                kind=kind,
                stem=stem,
                test=test,
            )
        cases += len(found)
        (tests / f"{question.id}.py").write_text(text, encoding="utf-8")
    (support / "__init__.py").write_text(SUPPORT.format(files=assignment.files), encoding="utf-8")
    command = [str(otter), "generate", "-t", "tests", "-o", "otter.zip"]
    subprocess.run(
        [*command, "student_kit/", "otter_port_support/", "reference/"],
        cwd=out,
        check=True,
        capture_output=True,
    )
    return out / "otter.zip", cases


def _test_functions(path: Path) -> list[str]:
    """Return the names of a file's test functions, in order."""
    return [
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
