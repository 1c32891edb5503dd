"""Say before the run which library is not there, and what an instructor may want to look at.

    name, bytes, Assignment -> [lint: syntax, compile_worker] -> Findings

Two kinds of findings, which never mix. A `notice` is for the student, and kind: a library that
the assignment does not list, a relative import. A `review` is suspicion, for the instructor only,
and never worth a point: much of it is innocent, and whoever wants to get around a reading of the
source can. What code may do is decided by the sandbox, which does not depend on this module.

The source is hostile, so it is parsed in a child process (`syntax.read_apart`). An ordinary
submission costs none: see `_is_ordinary`.
"""

from __future__ import annotations

import difflib
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import compile_worker, syntax
from autograder.assignment import Assignment, Question
from autograder.unpack import printable
from student_kit import cells

MAX_NAMED = 4  # modules in one sentence
MAX_REVIEW = 20  # sentences about one file
WRITTEN = {"numpy": "NumPy", "scipy": "SciPy", "torch": "PyTorch", "matplotlib": "Matplotlib"}
OURS = frozenset({"autograder", "student_kit", "reference", "solutions", "conftest", "tests"})

_WORDS = re.compile(r"[^\W\d]\w*")
_IMPORT = re.compile(r"\bimport\b")
# target, assignment, and whether it is a comparison after all; each run of letters is read once
_ASSIGNED = re.compile(r"([\w.]+)[ \t]*([-+*/%&|^@]{0,2}=)?(=)?")
_SUSPICIOUS = (
    compile_worker.WATCHED_CALLS
    | compile_worker.WATCHED_ATTRIBUTES
    | {name.rpartition(".")[2] for name in compile_worker.WATCHED_FUNCTIONS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a reading of one file says."""

    notices: tuple[str, ...] = ()  # for the student
    review: tuple[str, ...] = ()  # for the instructor only


def read(name: str, source: bytes, assignment: Assignment) -> Findings:
    """Read one submitted file. A file that is no Python text has no findings: `syntax` says why.

    Args:
        name: the required file's name, such as "optim.py".
        source: its bytes.
        assignment: says which libraries may be imported, and which files are its own.
    """
    if syntax.not_text(name, source) or _is_ordinary(source, assignment):
        return Findings()
    facts = syntax.read_apart(source)
    if facts is None or "unread" in facts:
        return Findings(review=(f"{name} could not be read before the run: too deep or too large",))
    if "error" in facts:
        return Findings()
    notices = [
        *_unlisted(name, source, facts, assignment),
        *_unlisted_in_questions(name, source, facts, assignment),
        *_relative(name, source, facts),
    ]
    review = _review(name, source, facts, assignment)
    return Findings(notices=tuple(notices), review=tuple(review))


def _is_ordinary(source: bytes, assignment: Assignment) -> bool:
    """Whether a look at the words alone shows that there is nothing to be found.

    A class has hundreds of submissions and nearly all import NumPy and nothing of interest. A child
    process costs each of them more than all of this module, and on a small container more than a
    test. So a file is parsed only if it has a word or a line that a finding could come from; it may
    turn out to stand in a comment. Takes time in proportion to the bytes.
    """
    if any(question.libraries is not None for question in assignment.questions):
        return False  # who uses what takes a parser
    if syntax.declares_other_encoding(source):
        return False
    text = source.decode("utf-8-sig")
    if any(_stands_for_ascii(char) for char in set(text)):
        return False
    words = set(_WORDS.findall(text))
    if not words.isdisjoint(_SUSPICIOUS) or any(
        compile_worker.is_dunder(word) or word.lstrip("_") in _SUSPICIOUS
        for word in words
        if word[0] == "_"
    ):
        return False
    if any(place in text for place in compile_worker.WATCHED_TEXTS):
        return False
    watched = OURS | compile_worker.WATCHED_MODULES | compile_worker.FILE_MODULES
    fine = importable(assignment) - watched
    lines = re.split(r"\r\n?|\n", text)
    if not all(_is_plain_import(line, fine) for line in lines if "import" in line):
        return False
    return not any(
        "." in target and assigned and not compared and target.partition(".")[0] != "self"
        for target, assigned, compared in _ASSIGNED.findall(text)
    )


def _stands_for_ascii(char: str) -> bool:
    """Whether Python reads this as a letter of ASCII in a name: it normalizes names by NFKC.

    Asked of single characters: normalizing a whole text can take the square of its length.
    """
    plain = "" if char.isascii() else unicodedata.normalize("NFKC", char)
    return any(part.isascii() and (part.isalpha() or part == "_") for part in plain)


def _is_plain_import(line: str, fine: Collection[str]) -> bool:
    """Whether the line imports one module that is fine, or nothing at all."""
    count = len(_IMPORT.findall(line))
    words = line.partition("#")[0].split()
    match words:
        case ["import", module] | ["import", module, "as", _] | ["from", module, "import", _, *_]:
            return count == 1 and ";" not in line and module.partition(".")[0] in fine
        case _:
            return count == 0


def importable(assignment: Assignment) -> frozenset[str]:
    """Return the top-level names that a submission may import."""
    own = {Path(file).stem for file in assignment.files}
    return sys.stdlib_module_names | own | {*assignment.libraries, *assignment.given}


# --- for the student ---------------------------------------------------------------------------


def _unlisted(name: str, source: bytes, facts: dict[str, Any], assignment: Assignment) -> list[str]:
    """Say which imported libraries are not there."""
    fine = importable(assignment)
    first: dict[str, int] = {}
    for line, module in facts["imports"]:
        if module not in fine:
            first.setdefault(module, line)
    if not first:
        return []
    parts = [
        f"{_place(name, source, line, assignment)} imports {_module(module)}"
        for module, line in list(first.items())[:MAX_NAMED]
    ]
    more = len(first) - len(parts)
    parts += [f"{more} more are imported"] if more else []
    verb = "is" if len(first) == 1 else "are"
    sentence = (
        f"{assignment.id} is to be written in {_written(assignment.libraries)}: {_and(parts)}, "
        f"which {verb} not there while grading."
    )
    for module in first:
        if close := difflib.get_close_matches(module[:40], assignment.libraries, n=1, cutoff=0.8):
            sentence += f" Did you mean {close[0]}?"
    return [sentence]


def _unlisted_in_questions(
    name: str, source: bytes, facts: dict[str, Any], assignment: Assignment
) -> list[str]:
    """Say which functions use a library that their question does without."""
    notices = []
    for line, question, module in _uses(name, facts, assignment):
        written = _written(question.libraries or ())
        notices.append(
            f"{question.id} is to be written in {written}: "
            f"{_place(name, source, line, assignment)} uses {_module(module)}."
        )
    return notices


def _uses(
    name: str, facts: dict[str, Any], assignment: Assignment
) -> list[tuple[int, Question, str]]:
    """Return (line, question, module) where a question's function uses what only others may."""
    questions = {question.id: question for question in assignment.questions}
    found = []
    for line, function, module in facts["uses"]:
        question = questions.get(function)
        if question is None or question.libraries is None or question.file != name:
            continue
        if module in assignment.libraries and module not in question.libraries:
            found.append((line, question, module))
    return found


def _relative(name: str, source: bytes, facts: dict[str, Any]) -> list[str]:
    if not facts["relative"]:
        return []
    line, what = facts["relative"][0]
    target = printable(what.lstrip("."), width=60) or "support"
    where = f"Line {line} of {name}"
    if cells.is_program(source):
        where = cells.place(name, source, line).capitalize()
    return [
        f"{where} has a relative import (from {printable(what, width=60)} import "
        "...): files are graded side by side, not as parts of a package. Write "
        f"`from {target} import ...`."
    ]


# --- for the instructor ------------------------------------------------------------------------


def _review(name: str, source: bytes, facts: dict[str, Any], assignment: Assignment) -> list[str]:
    odd = [(line, what) for line, what in facts["odd"]]
    odd += [
        (line, f"imports {module}")
        for line, module in facts["imports"]
        if module in OURS or module.startswith("test_")
    ]
    odd += [
        (line, f"{question.id} uses {module}, which only other questions may")
        for line, question, module in _uses(name, facts, assignment)
    ]
    shown = [
        f"{cells.place(name, source, line)} {printable(what, width=120)}"
        for line, what in sorted(odd)
    ]
    more = len(shown) - MAX_REVIEW
    return shown[:MAX_REVIEW] + ([f"{name}: {more} more like these"] if more > 0 else [])


def _place(name: str, source: bytes, line: int, assignment: Assignment) -> str:
    if cells.is_program(source):
        return cells.place(name, source, line)
    return f"line {line} of {name}" if len(assignment.files) > 1 else f"line {line}"


def _module(name: str) -> str:
    return printable(name, width=60)


def _written(libraries: Iterable[str]) -> str:
    """Return "NumPy and SciPy"; without libraries, "plain Python"."""
    return _and([WRITTEN.get(library, library) for library in libraries]) or "plain Python"


def _and(parts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
