"""What is wrong with the wrong submissions of an assignment, which people wrote by hand.

    solutions/<hw>/wrong/labels.toml -> [wrong] -> Wrong...

The catalogue of mistakes is proved with mistakes that its own author thought of. These submissions
were written without it, in many styles and with several faults each; they measure how often
grading finds and names a fault in code that nobody prepared it for. A label names the catalogue's
entries of which the fault is an instance: none, where the catalogue does not have it.

Reads the labels only; `samples.wrong_files` makes the submissions.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder import mistakes
from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.strip import read_source

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in one function."""

    question: str
    what: str  # one sentence, for us
    mistakes: tuple[str, ...]  # ids in the catalogue: the same fault with the same effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """All that is wrong in one submission."""

    name: str  # the stem of its file, as `samples.wrong_files` has it
    faults: tuple[Fault, ...]  # at least one


def labels_path(assignment: Assignment) -> Path:
    """Return where the labels of an assignment are."""
    return assignment.private / "wrong" / "labels.toml"


def load(assignment: Assignment) -> tuple[Wrong, ...]:
    """Return the labels in the order of their file; nothing if there are no wrong submissions.

    Raises:
        AuthorError: a submission has no label or two; or a label names a file, a question or a
            mistake that does not exist.
    """
    toml = labels_path(assignment)
    files = sorted(path.name for path in toml.parent.glob("*.py"))
    if not files and not toml.is_file():
        return ()
    table = _read_toml(toml)
    _check_keys(str(toml), table, ("wrong",))
    ids: dict[str, list[str]] = {question.id: [] for question in assignment.questions}
    for mistake in mistakes.load(assignment).mistakes:
        ids[mistake.question].append(mistake.id)
    found: dict[str, Wrong] = {}
    for entry in _tables(str(toml), table, "wrong"):
        file, wrong = _wrong(toml, entry, files, ids)
        if file in found:
            _refuse(f"{toml} [{file}]", "has two labels", "one [[wrong]]", "two", "join them")
        found[file] = wrong
    for file in files:
        if file not in found:
            _refuse(str(toml), f"{file} has no label", "one [[wrong]]", "none", "write what it is")
    return tuple(found.values())


def _wrong(
    toml: Path, entry: dict[str, Any], files: Collection[str], ids: dict[str, list[str]]
) -> tuple[str, Wrong]:
    file = _text(f"{toml} [wrong]", entry, "file")
    where = f"{toml} [{file}]"
    _check_keys(where, entry, ("file", "fault"))
    _check_name(where, "file", file, files)
    faults = tuple(_fault(where, fault, ids) for fault in _tables(where, entry, "fault"))
    return file, Wrong(name=file.removesuffix(".py"), faults=faults)


def _fault(where: str, entry: dict[str, Any], ids: dict[str, list[str]]) -> Fault:
    _check_keys(where, entry, ("question", "what", "mistakes"))
    question = _text(where, entry, "question")
    _check_name(where, "question", question, ids)
    named = entry.get("mistakes")
    if not isinstance(named, list):
        _refuse(
            where,
            f"mistakes of {question} is no list",
            "ids of the catalogue, or [] if it has none",
            repr(named),
            "set mistakes",
        )
    for name in named:
        _check_name(where, f"mistake of {question}", name, ids[question])
    return Fault(question=question, what=_text(where, entry, "what"), mistakes=tuple(named))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_source(path))
    except FileNotFoundError:
        _refuse(str(path), "file is missing", "a label for each file", "nothing", "write it")
    except tomllib.TOMLDecodeError as error:
        _refuse(str(path), "not valid TOML", "TOML 1.0", str(error), "mend it")


def _tables(where: str, table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = table.get(key)
    if not isinstance(entries, list) or not entries or not all(type(e) is dict for e in entries):
        _refuse(where, f"{key} is missing or no list", f"[[{key}]]", repr(entries), "write it")
    return entries


def _text(where: str, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        _refuse(where, f"{key} is missing or empty", "a text", repr(value), f"write {key}")
    return value


def _check_keys(where: str, table: dict[str, Any], known: Collection[str]) -> None:
    for key in table:
        _check_name(where, "key", key, known)


def _check_name(where: str, what: str, name: object, known: Collection[str]) -> None:
    if name not in known:
        close = difflib.get_close_matches(str(name), known, n=1)
        _refuse(
            where,
            f"unknown {what} {name!r}",
            ", ".join(known) or "none",
            str(name),
            f"did you mean {close[0]!r}?" if close else "correct it, or remove it",
        )


def _refuse(where: str, problem: str, expected: str, found: str, fix: str) -> NoReturn:
    raise AuthorError(where, problem, expected=expected, found=found, fix=fix)
