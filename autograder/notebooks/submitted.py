"""Read one submitted notebook: which of the assignment's files it has, and what was odd about it.

    bytes, Assignment -> [submitted: worker] -> Notebook, or SubmissionError with a sentence

Sentences are for the student; a cell is called by its number, and shown by the line in question.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from autograder import lint, syntax
from autograder.assignment import Assignment
from autograder.errors import SubmissionError
from autograder.notebooks.keeping import functions
from autograder.strip import read_source, strip
from autograder.unpack import printable, quoted, what_it_is
from student_kit import cells

MAX_BYTES = 32 << 20  # of a notebook: pictures are in it
MAX_NAMED = 4  # functions in one sentence
WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """What a notebook holds of an assignment."""

    files: dict[str, bytes]  # file's name -> the program that stands for it
    answered: dict[str, frozenset[str]]  # file's name -> its functions that have an answer
    notices: tuple[str, ...] = ()  # sentences for the student

    @property
    def has_answers(self) -> bool:
        """Whether anything was written into it."""
        return any(self.answered.values())


def looks_like_one(data: bytes) -> bool:
    """Whether a file of another name is a notebook."""
    return data.lstrip()[:1] == b"{" and b'"cells"' in data and b'"nbformat"' in data


def read(path: str, data: bytes, assignment: Assignment) -> Notebook:
    """Read a notebook; SubmissionError if it is none, or has nothing that was asked for.

    Args:
        path: where it is in the submission, for sentences.
        data: its bytes.
        assignment: says which files and functions are asked for.
    """
    shown = quoted(PurePosixPath(path).name)
    asked = tasks(assignment)
    wanted = sorted({name.partition(".")[0] for names in asked.values() for name in names})
    options = {
        "kind": "notebook",
        "files": assignment.files,
        "wanted": wanted,
        "importable": sorted(lint.importable(assignment)),
    }
    facts = _run(options, data) or {"problem": "unread"}
    if facts.get("problem") == "python" and len(assignment.files) == 1:
        return _python(shown, data, assignment)
    if "problem" in facts:
        raise SubmissionError(_no_notebook(shown, data, facts, assignment))
    files, answered = _files(facts, asked)
    notices = tuple(_notices(shown, facts, frozenset(wanted), assignment))
    if not files:
        some = _few(wanted)
        sentence = f"{shown} defines none of the functions asked for ({some}): is it the right one?"
        raise SubmissionError("\n".join([sentence, *notices]))
    return Notebook(files=files, answered=answered, notices=notices)


def answers(name: str, source: bytes, assignment: Assignment) -> frozenset[str]:
    """Return the functions of a submitted Python file that have an answer; none if it is broken."""
    facts = _run({"kind": "python"}, source) or {}
    return _answered(facts.get("functions", {}), tasks(assignment)[name])


@lru_cache(maxsize=8)
def tasks(assignment: Assignment) -> dict[str, frozenset[str]]:
    """Return file's name -> what is to be written in it: "f" or "Tensor.f"."""
    found = {}
    for name in assignment.files:
        path = assignment.private / name
        stub = strip(read_source(path), path) if path.is_file() else ""
        open_ones = {task for task, is_open in functions(ast.parse(stub).body).items() if is_open}
        own = {question.id for question in assignment.questions if question.file == name}
        found[name] = frozenset(open_ones or own)
    return found


def _run(options: dict[str, Any], data: bytes) -> dict[str, Any] | None:
    return syntax.run_apart(WORKER, json.dumps(options).encode() + b"\n" + data)


def _python(shown: str, data: bytes, assignment: Assignment) -> Notebook:
    (name,) = assignment.files
    notice = (
        f"{shown} is Python under the name of a notebook, and was graded as {name}: name it so."
    )
    answered = {name: answers(name, data, assignment)}
    return Notebook(files={name: data}, answered=answered, notices=(notice,))


def _files(
    facts: dict[str, Any], asked: dict[str, frozenset[str]]
) -> tuple[dict[str, bytes], dict[str, frozenset[str]]]:
    """Return the programs and their answers: of the cells together, and of files that cells write.

    A file that a cell writes is that file, unless only the notebook's own definitions have answers
    to it; these are the others, too.
    """
    whole, found = _program(facts), facts["functions"]
    files, answered = {}, {}
    for name, names in asked.items():
        options = []
        if written := facts["written"].get(name):
            answers = _answered(written.get("functions", {}), names)
            options.append((_program(written), answers))
        if not names.isdisjoint(found):
            options.append((whole, _answered(found, names)))
        if options:
            best = next((option for option in options if option[1]), options[0])
            files[name], answered[name] = best
    return files, answered


def _program(facts: dict[str, Any]) -> bytes:
    head = cells.header(facts["starts"], facts.get("future", ""))
    return (head + str(facts["body"])).encode("utf-8", "replace")


def _answered(found: dict[str, bool], names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if found.get(name) is False)


# --- sentences -----------------------------------------------------------------------------------


def _no_notebook(shown: str, data: bytes, facts: dict[str, Any], assignment: Assignment) -> str:
    """Say what a file is that is called a notebook and is none."""
    problem, line = facts["problem"], facts.get("line", 0)
    if problem == "not json" and (what := what_it_is(data[:16])):
        return f"{shown} is {what} under another name, not a notebook. Hand in the notebook itself."
    message = printable(str(facts.get("message", "")), width=80)
    sentences = {
        "empty": "is empty: it was handed in while it was being saved, or before. Save it once "
        "more, close it, and hand it in again.",
        "conflict": f"holds the mark of a git merge conflict in line {line}, so no program can "
        "open it as a notebook: decide for one of the two versions, and hand that in.",
        "page": "is a web page, not a notebook: what was saved is the page that shows it, or asks "
        "for a login. Download the notebook itself (File > Download > .ipynb), and hand that in.",
        "python": f"is Python under the name of a notebook: name it "
        f"{' or '.join(assignment.files)}, whichever it is, and hand it in again.",
        "truncated": "ends in the middle: it was not saved or not uploaded to the end. Save it "
        "once more, and hand it in again.",
        "not json": f"is damaged, so it cannot be read as a notebook: {message} in line {line}. "
        "If it still opens on your computer, save it there and hand it in again.",
        "no cells": "is no notebook: it has no cells. Hand in the .ipynb that Jupyter or Colab "
        "saves.",
        "no code": f"holds no code: {facts.get('cells', 0)} cells, and none of them is a code "
        "cell with something in it.",
        "unread": "is too large or too deeply nested to be read.",
    }
    return f"{shown} {sentences[problem]}"


def _notices(
    shown: str, facts: dict[str, Any], wanted: frozenset[str], assignment: Assignment
) -> Iterator[str]:
    for error in facts["broken"]:
        yield _broken(shown, error)
    for number, command, names in facts["skipped"]:
        lost = [name for name in names if name in wanted]
        if lost:
            yield (
                f"Cell {number} of {shown} begins with {printable(command, width=40)}, so it is "
                f"not Python of this notebook, and {_few(lost)} in it was not graded."
            )
    for fact in facts["missed"]:
        yield _missed(shown, fact, assignment)


def _broken(shown: str, error: dict[str, Any]) -> str:
    where = f" in line {error['line']}" if error["line"] else ""
    names = f" ({_few(error['names'])})" if error["names"] else ""
    words = syntax.explained(error, str(error["source"]).encode("utf-8", "replace"))
    return (
        f"Cell {error['cell']} of {shown} has a syntax error{where}, so nothing in this cell was "
        f"graded{names}: {words}"
    )


def _missed(shown: str, fact: dict[str, Any], assignment: Assignment) -> str:
    function, name = _name(fact["function"]), _name(fact["name"])
    if fact["module"]:
        return (
            f"Cell {fact['cell']} of {shown} imports {_name(fact['module'])}, which is not there "
            f"while grading, and {function} uses it."
        )
    return (
        f"{function} uses {name}, which cell {fact['cell']} of {shown} computes. Of a notebook "
        f"imports, definitions and constants are graded and nothing else runs, so {name} is not "
        "there: give it as an argument."
    )


def _few(names: Iterable[str]) -> str:
    names = [_name(name) for name in names]
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _name(name: str) -> str:
    return printable(str(name), width=60)
