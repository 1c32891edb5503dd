"""Export a homework as a master notebook for `otter assign`: who owns it in Otter's format.

    notebook.py + handout.md + reference + tests -> [otter_assign] -> dist/<hw>-otter-assign/

What is written:

    <hw>.ipynb        the master notebook: text, each answer between Otter's markers, tests
    <hw>/             public: the kit, the public tests, what they need; beside every copy of it
    <hw>_grading/     private: reference, hidden tests, a seed; for Otter's autograder.zip only

The student's cells are the same, letter for letter, as in our own notebook. The tests run in
Otter's kernel, together with the student's code, which can therefore read all of them: nothing of
the sandbox is left. The same sources and the same seed give the same bytes.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import otter_command, student_notebook, template
from autograder.assignment import Assignment, Question
from autograder.errors import AuthorError, GraderError, UsageError
from autograder.strip import BEGIN, END, read_source, regions, stub_body
from autograder.student_notebook import Cell

FILES = student_notebook.FILES / "otter_assign"
_OWN_FILES = ("check.py", "submit.py", "conftest.py", "README.md")  # for work in files
_WITHOUT = """\
import sys
from importlib.util import find_spec

print(*(name for name in sys.argv[1:] if find_spec(name) is None))
"""
_NOT_GRADED = ("otter_ignore",)  # the tag of cells that Otter does not run when it grades


def export(assignment: Assignment, out: Path, *, seed: str | None = None) -> Path:
    """Write the folder for `otter assign` and return the path of the master notebook.

    Args:
        assignment: what to export.
        out: the folder; an earlier export in it is replaced.
        seed: from which the inputs of the hidden tests are drawn; at random by default.

    Raises:
        AuthorError: the assignment has no notebook.py, or a rule of `template` is broken.
        UsageError: `out` holds something that is no export.
    """
    files = build(assignment, secrets.token_hex(32) if seed is None else seed)
    present = [path for path in sorted(out.rglob("*")) if path.is_file()] if out.is_dir() else []
    master = out / f"{assignment.id}.ipynb"
    if present and not (master.is_file() and (out / f"{assignment.id}_grading").is_dir()):
        raise UsageError(
            f"{out} is not empty and holds no export of {assignment.id}\n"
            f"  found  {', '.join(path.name for path in present[:5])}\n"
            "  fix    name another folder with --out, or empty this one"
        )
    for path in present:
        if path.relative_to(out).parts[0] in (master.name, assignment.id, _private(assignment)):
            path.unlink()
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    return master


def assign(assignment: Assignment, master: Path) -> Path:
    """Run `otter assign` on an export and return the folder that it makes.

    Raises:
        UsageError: Otter is not there, or a package that its kernel needs.
        GraderError: Otter refused the notebook, or its reference has not all points.
    """
    command = otter_command.find(
        otherwise=f"or leave out --assign, and run otter assign {master} DIST where it is"
    )
    _require_packages(Path(command).resolve().with_name("python"), assignment)
    done = subprocess.run(
        [command, "assign", "-v", master.name, "dist"],
        cwd=master.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise GraderError(f"`otter assign` (7.0 or newer is needed) refused {master}\n{last}")
    return master.parent / "dist"


def next_steps(assignment: Assignment, master: Path, made: Path | None) -> str:
    """Return what an instructor does with the export, for the terminal."""
    dist = made or master.parent / "dist"
    run = f"otter assign {master} {dist}\n   makes" if made is None else "Otter has made"
    return "\n".join(
        (
            f"wrote {master}: edit it as you like",
            "",
            f"1. {run} {dist}/student, which students get, and the zip in {dist}/autograder.",
            "2. Gradescope: upload that zip; students upload their notebook.",
            f"3. Try it here: otter run -a ZIP {dist}/autograder/{master.name}",
            "",
            f"{_private(assignment)} holds reference and hidden tests: keep it to yourself.",
            "In Otter's kernel student code can read them: see docs/instructors.md.",
        )
    )


def _require_packages(python: Path, assignment: Assignment) -> None:
    """Stop if the Python of `otter` lacks what runs the notebook: else each check just fails."""
    if not python.exists():
        return  # not where we look for it; Otter itself will say what it misses
    otter = otter_command.REQUIREMENT
    needed = {"ipykernel": otter, "nbconvert": otter, "pytest": "pytest"}
    needed |= {name: name for name in assignment.libraries}
    found = subprocess.run(
        [python, "-c", _WITHOUT, *needed], capture_output=True, text=True, check=False
    )
    if missing := found.stdout.split():
        packages = dict.fromkeys(f"'{needed[name]}'" for name in missing)
        raise UsageError(
            f"the Python of `otter` lacks {', '.join(missing)}\n"
            f"  fix  {python} -m pip install {' '.join(packages)}"
        )


def build(assignment: Assignment, seed: str) -> dict[str, bytes]:
    """Return all files of an export, name -> content."""
    if not (assignment.private / student_notebook.SOURCE).is_file():
        raise AuthorError(
            assignment.private,
            "the assignment has no notebook, and Otter grades notebooks",
            expected=f"{student_notebook.SOURCE}, as docs/authoring.md describes it",
            found="no such file",
            fix="write it, or copy that of another homework",
        )
    public = template.build(assignment)
    requirements = [
        line
        for line in public["requirements.txt"].decode().splitlines()
        if line and not line.startswith("#")
    ]
    cells = [_config(assignment, requirements), *_master(assignment)]
    files = {f"{assignment.id}.ipynb": student_notebook.to_json(_with_own_ids(cells))}
    for name, content in public.items():
        is_own = name in (*assignment.files, *_OWN_FILES) or name.endswith(".ipynb")
        if not is_own and not name.startswith(f"{student_notebook.OTTER}/"):
            files[f"{assignment.id}/{name}"] = content
    folder = _private(assignment)
    files[f"{folder}/__init__.py"] = f"{_filled('grading.py', assignment)}\n".encode()
    files[f"{folder}/seed"] = seed.encode()
    for name in assignment.files:
        files[f"{folder}/reference/{name}"] = (assignment.private / name).read_bytes()
    for path in assignment.hidden_tests():
        files[f"{folder}/hidden_tests/{path.name}"] = path.read_bytes()
    return files


def marked(source: str, path: Path) -> str:
    """Return a reference with Otter's markers, and the stub's line beside each answer.

    Between `# BEGIN SOLUTION NO PROMPT` and `# END SOLUTION` stands what Otter takes out; between
    `# BEGIN PROMPT` and `# END PROMPT`, in a string that does nothing, what it leaves instead.
    """
    lines = source.split("\n")
    for region in reversed(regions(source, path)):
        indent = region.indent
        end = [f"{indent}{END}"]
        if region.function:
            end += [
                f'{indent}""" # BEGIN PROMPT',
                f"{indent}{stub_body(region.function)}",
                f'{indent}"""; # END PROMPT',
            ]
        lines[region.end - 1 : region.end] = end
        lines[region.begin - 1] = f"{indent}{BEGIN} NO PROMPT"
    return "\n".join(lines)


# --- the master notebook -------------------------------------------------------------------------


def _master(assignment: Assignment) -> Iterator[Cell]:
    """Yield the cells of our own notebook, with what Otter needs around them."""
    sources = {
        name: marked(read_source(path), path).encode()
        for name, path in ((name, assignment.private / name) for name in assignment.files)
    }
    cells = student_notebook.cells(assignment, sources, hidden=True)
    first = next((n for n, cell in enumerate(cells) if "setup" in cell.tags), -1)
    yield Cell(kind="markdown", source=_filled("intro.md", assignment))
    yield Cell(kind="code", source=_filled("setup.py", assignment), tags=("setup",))
    rest = cells[first + 1 :]
    done: set[str] = set()  # the cells of checks whose question stands already
    for cell, after in zip(rest, [*rest[1:], None], strict=True):
        if "question" in cell.tags and after is not None and after.id == f"check-{cell.id}":
            yield from _question(assignment.question(cell.id), assignment, answer=cell)
            done.add(after.id)
        elif "check" in cell.tags:
            if cell.id not in done:
                question = assignment.question(cell.id.removeprefix("check-"))
                yield from _question(question, assignment)
        elif cell.kind == "code" and not cell.tags:
            # look.py saves its pictures beside itself, and that is no longer here
            source = cell.source.replace('"pictures/', f'"{assignment.id}/pictures/')
            yield dataclasses.replace(cell, source=source, tags=_NOT_GRADED)
        elif not _hands_in(cell, after):
            yield cell


def _hands_in(cell: Cell, after: Cell | None) -> bool:
    """Whether a cell is our way to hand in, or the heading above it: Otter has its own."""
    heading = cell.kind == "markdown" and cell.source.startswith("#") and "\n" not in cell.source
    return "submit" in cell.tags or (heading and after is not None and "submit" in after.tags)


def _question(
    question: Question, assignment: Assignment, *, answer: Cell | None = None
) -> Iterator[Cell]:
    """Yield a question: its answer, if that has not been above already, and its tests."""
    yield _raw("BEGIN QUESTION", f"name: {question.id}", f"points: {question.points:g}")
    if answer is not None:
        yield _raw("BEGIN SOLUTION")
        yield answer
        yield _raw("END SOLUTION")
    yield _raw("BEGIN TESTS")
    words = {"QUESTION_ID": question.id}
    yield Cell(kind="code", source=_filled("public.py", assignment, **words))
    for test in _hidden_tests(assignment, question):
        points = "" if test.points is None else f"points: {test.points!r}\n"
        words |= {"test_hidden": test.name, '"""TEST_TITLE"""': repr(test.title)}
        words |= {"TEST_POINTS\n": points}
        yield Cell(kind="code", source=_filled("hidden.py", assignment, **words))
    yield _raw("END TESTS")
    yield _raw("END QUESTION")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A hidden test as a case of Otter's."""

    name: str
    title: str
    points: float | None  # None: as many as the others that say nothing get


def _hidden_tests(assignment: Assignment, question: Question) -> list[_Test]:
    """Return the hidden tests of a question, with the points of those that weigh more than one.

    Otter divides what is left of the question's points equally.
    """
    path = assignment.private / "hidden_tests" / f"test_{question.id}.py"
    nodes = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    weights = [_weight(node) for node in nodes]
    return [
        _Test(
            name=node.name,
            title=(ast.get_docstring(node) or node.name).partition("\n")[0],
            points=None if weight == min(weights) else question.points * weight / sum(weights),
        )
        for node, weight in zip(nodes, weights, strict=True)
    ]


def _weight(node: ast.FunctionDef) -> float:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.weight":
            return float(ast.literal_eval(decorator.args[0]))
    return 1.0


def _config(assignment: Assignment, requirements: list[str]) -> Cell:
    """Return the cell that says how Otter is to treat the notebook; its lines are YAML."""
    return _raw(
        "ASSIGNMENT CONFIG",
        f"name: {assignment.id}",
        f"requirements: {json.dumps(requirements)}",
        f"files: [{assignment.id}]",
        f"autograder_files: [{_private(assignment)}]",
        "tests: {ok_format: false}",
        "strip_solutions_from_all_cells: true  # from cells outside of a question, too",
        "export_cell: {pdf: false, run_tests: false}",
    )


def _raw(*lines: str) -> Cell:
    return Cell(kind="raw", source="\n".join(["# " + lines[0], *lines[1:]]))


def _with_own_ids(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Yield the cells with the ids of our notebook, and numbers for those that it has not."""
    for number, cell in enumerate(cells, start=1):
        yield cell if cell.id else dataclasses.replace(cell, id=f"otter-{number}")


def _filled(name: str, assignment: Assignment, **words: str) -> str:
    text = (FILES / name).read_text(encoding="utf-8")
    files = " or ".join(f"`{name}`" for name in assignment.files)
    title = assignment.title
    for word, value in (
        *words.items(),
        *(("ASSIGNMENT_ID", assignment.id), ("ASSIGNMENT_TITLE", title)),
        ("ASSIGNMENT_FILES", files),
    ):
        text = text.replace(word, value)
    return text.strip("\n")


def _private(assignment: Assignment) -> str:
    return f"{assignment.id}_grading"
