"""Generate the notebook of a homework: its text, a cell for each question, one for its check.

    solutions/<hw>/notebook.py + handout.md + stubs -> [student_notebook] -> <hw>.ipynb

`notebook.py` is in jupytext's percent format, and public although it lies beside the answers: it
says in which order things come. Three of its cells stand for what is known already:

    # %% tags=["setup"]      finds the kit, and makes `grader`
    # %% tags=["handout"]    handout.md, with the cells of each question after its text
    # %% tags=["submit"]     checks everything, and says how the notebook is handed in

The notebook is written as `nbformat` writes it, by the standard library alone: the template is
also made where nothing but the engine is installed. The same sources give the same bytes.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.assignment import Assignment, Question
from autograder.errors import AuthorError

SOURCE = "notebook.py"
FILES = Path(__file__).parent / "notebook_files"
OTTER = "tests/otter"  # the folder in the template
_MARK = re.compile(r"# %%(?P<text> \[markdown\])?(?: tags=(?P<tags>\[.*\]))?\s*$")
_HEADING = re.compile(r"(#{1,3}) ")
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell. Its id is the same in every version of the notebook."""

    kind: str  # "markdown" or "code"
    source: str
    id: str = ""
    tags: tuple[str, ...] = ()


def build(assignment: Assignment, stubs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the notebook and the test files for Otter, or nothing without a notebook.py.

    Args:
        assignment: whose notebook.py and handout.md are read.
        stubs: file name -> its stub.

    Raises:
        AuthorError: notebook.py is not in percent format, or a question has no text or no stub.
    """
    path = assignment.private / SOURCE
    if not path.is_file():
        return {}
    cells = list(_with_ids(_expanded(read_percent(path), assignment, stubs)))
    files = {f"{assignment.id}.ipynb": to_json(cells)}
    test = (FILES / "otter_test.py").read_text(encoding="utf-8")
    for question in assignment.questions:
        text = test.replace("QUESTION_ID", question.id).replace("ASSIGNMENT_ID", assignment.id)
        text = text.replace("QUESTION_POINTS", f"{question.points:g}")
        files[f"{OTTER}/{question.id}.py"] = text.encode("utf-8")
    return files


def to_json(cells: list[Cell]) -> bytes:
    """Return a notebook of format 4.5, without outputs."""
    made: list[dict[str, object]] = []
    for cell in cells:
        fields: dict[str, object] = {
            "cell_type": cell.kind,
            "id": cell.id,
            "metadata": {"tags": list(cell.tags)} if cell.tags else {},
            "source": cell.source.splitlines(keepends=True),
        }
        if cell.kind == "code":
            fields |= {"execution_count": None, "outputs": []}
        made.append(fields)
    notebook = {"cells": made, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    return f"{text}\n".encode()


def cell_sources(notebook: bytes) -> str:
    """Return the text of all cells, one below the other."""
    cells = json.loads(notebook)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


# --- notebook.py ---------------------------------------------------------------------------------


def read_percent(path: Path) -> list[Cell]:
    """Return the cells of a file in percent format; AuthorError with the line otherwise."""
    lines = path.read_text(encoding="utf-8").split("\n")
    cells: list[Cell] = []
    body: list[str] = []
    for number, line in [*enumerate(lines, start=1), (len(lines) + 1, "# %%")]:
        if not line.startswith("# %%"):
            body.append(line)
            continue
        match = _MARK.match(line)
        if match is None or (not cells and any(body)):
            _refuse(path, number, "a cell begins with a mark", "# %%, # %% [markdown]", line)
        if cells:
            cells[-1] = _filled(cells[-1], body, path, number)
        kind = "markdown" if match["text"] else "code"
        tags = tuple(ast.literal_eval(match["tags"])) if match["tags"] else ()
        cells.append(Cell(kind=kind, source="", tags=tags))
        body = []
    return cells[:-1]


def _filled(cell: Cell, body: list[str], path: Path, number: int) -> Cell:
    if cell.kind == "markdown":
        for line in body:
            if line and not line.startswith("#"):
                _refuse(
                    path, number, "the text cell above holds a line that is no comment", "#", line
                )
        body = [line[2:] if line.startswith("# ") else line[1:] for line in body]
    return Cell(kind=cell.kind, source="\n".join(body).strip("\n"), tags=cell.tags)


def _expanded(
    cells: list[Cell], assignment: Assignment, stubs: Mapping[str, bytes]
) -> Iterator[Cell]:
    """Yield the cells, with those that stand for others replaced by these."""
    for cell in cells:
        special = {"setup", "handout", "submit"} & set(cell.tags)
        if special == {"handout"}:
            yield from _handout(assignment, stubs)
        elif special:
            name = special.pop()
            text = (FILES / f"{name}.py").read_text(encoding="utf-8")
            text = text.replace("ASSIGNMENT_QUESTION", assignment.questions[0].id)
            source = text.replace("ASSIGNMENT_ID", assignment.id).strip("\n")
            yield Cell(kind="code", source=source, tags=(name,), id=name)
        else:
            yield cell


def _with_ids(cells: Iterator[Cell]) -> Iterator[Cell]:
    counts = {"markdown": 0, "code": 0}
    for cell in cells:
        counts[cell.kind] += not cell.id
        name = "text" if cell.kind == "markdown" else "code"
        own = cell.id or f"{name}-{counts[cell.kind]}"
        yield Cell(kind=cell.kind, source=cell.source, tags=cell.tags, id=own)


# --- the handout and its questions ---------------------------------------------------------------


def _handout(assignment: Assignment, stubs: Mapping[str, bytes]) -> Iterator[Cell]:
    """Yield the handout's sections, each question's cells after the section that is about it."""
    path = assignment.public / "handout.md"
    checks = _Checks(assignment)
    waiting = {question.id: question for question in assignment.questions}
    files = {name: _Stub(source.decode("utf-8")) for name, source in stubs.items()}
    for section in _sections(path.read_text(encoding="utf-8")):
        yield Cell(kind="markdown", source=section)
        heading = section.partition("\n")[0]
        for name in re.findall(r"`(\w+)`", heading if _HEADING.match(heading) else ""):
            if name in waiting:
                yield from _question(waiting.pop(name), files)
                yield from checks.after(name)
    if waiting:
        _refuse(path, 0, "a question has no section", f"### `{next(iter(waiting))}`", "none")


def _sections(text: str) -> list[str]:
    """Return the text cut at its headings; what looks like one in a code block is none."""
    sections: list[list[str]] = [[]]
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.startswith("```")
        if _HEADING.match(line) and not fenced:
            sections.append([])
        sections[-1].append(line)
    texts = ("\n".join(section).strip("\n") for section in sections)
    return [text for text in texts if text]


def _question(question: Question, files: Mapping[str, _Stub]) -> Iterator[Cell]:
    stub = files[question.file]
    if given := stub.take_given():
        stem = question.file.removesuffix(".py")
        yield Cell(kind="code", source=given, id=f"given-{stem}", tags=("given",))
    source = "\n\n\n".join(filter(None, map(stub.take, _definitions(question))))
    if source:  # else it is part of a class that an earlier question has brought
        yield Cell(kind="code", source=source, id=question.id, tags=("question", question.id))


class _Checks:
    """Puts each question's check where all that its public tests call has been written."""

    def __init__(self, assignment: Assignment) -> None:
        owners: dict[str, str] = {}  # function or class -> the question in whose cell it is
        for question in assignment.questions:
            for name in _definitions(question):
                owners.setdefault(name, question.id)
        self._written: set[str] = set()
        self._waiting: dict[str, set[str]] = {}
        for path in assignment.public_tests():
            own = path.stem.removeprefix("test_")
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            self._waiting[own] = {owners[name] for name in called & owners.keys()} | {own}

    def after(self, question: str) -> Iterator[Cell]:
        """Yield the checks that can be run when this question, too, is written."""
        self._written.add(question)
        ready = [name for name, needed in self._waiting.items() if needed <= self._written]
        for name in sorted(ready, key=lambda name: name != question):
            called = ", ".join(sorted(self._waiting.pop(name) - {name}))
            note = f"  # it calls {called}, too" if name != question else ""
            source = f'grader.check("{name}"){note}'
            yield Cell(kind="code", source=source, id=f"check-{name}", tags=("check",))


class _Stub:
    """The text of a stub, cut into what is asked and what is given."""

    def __init__(self, source: str) -> None:
        lines = source.split("\n")
        self._asked: dict[str, str] = {}
        given = [True] * len(lines)
        for node in ast.parse(source).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and _is_asked(node):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
                last = node.end_lineno or node.lineno
                self._asked[node.name] = "\n".join(lines[first:last])
                given[first:last] = [False] * (last - first)
        kept = (line for line, is_given in zip(lines, given, strict=True) if is_given)
        self._given = re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept)).strip("\n")

    def take_given(self) -> str:
        """Return the given part: once, and then nothing."""
        given, self._given = self._given, ""
        return given

    def take(self, name: str) -> str:
        """Return a function or class that is to be written: once, and then nothing."""
        return self._asked.pop(name, "")


def _definitions(question: Question) -> list[str]:
    """Return the functions and classes that a question is about."""
    names = getattr(question, "functions", ()) or (question.id,)
    return list(dict.fromkeys(name.partition(".")[0] for name in names))


def _is_asked(node: ast.AST) -> bool:
    """Whether a function or class has something left to write."""
    return any(
        isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and part.value.endswith(": your code here")
        for part in ast.walk(node)
    )


def _refuse(path: Path, line: int, problem: str, expected: str, found: str) -> NoReturn:
    where = f"{path}:{line}" if line else path
    raise AuthorError(where, problem, expected=expected, found=repr(found), fix="correct it")
