"""What is wrong with the wrong submissions of an assignment, which people wrote by hand.

    solutions/<hw>/wrong/labels.toml -> [wrong] -> Wrong...

The catalogue of mistakes is proved with mistakes that its own author thought of. These submissions
were written without it, in many styles and with several faults each; they measure how often
grading finds and names a fault in code that nobody prepared it for. A label names the catalogue's
entries of which the fault is an instance: none, where the catalogue does not have it.

Reads the labels only; `samples.wrong_files` makes the submissions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import mistakes, tables
from autograder.assignment import Assignment
from autograder.tables import entries, refuse


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
    table = tables.read(toml, "a label for each file")
    tables.check_keys(toml, table, ("wrong",))
    ids: dict[str, list[str]] = {question.id: [] for question in assignment.questions}
    for mistake in mistakes.load(assignment).mistakes:
        ids[mistake.question].append(mistake.id)
    found: dict[str, Wrong] = {}
    for entry in entries(toml, table, "wrong", at_least=1):
        file, wrong = _wrong(toml, entry, files, ids)
        if file in found:
            refuse(f"{toml} [{file}]", "has two labels", "one [[wrong]]", "two", "join them")
        found[file] = wrong
    for file in files:
        if file not in found:
            refuse(str(toml), f"{file} has no label", "one [[wrong]]", "none", "write what it is")
    return tuple(found.values())


def _wrong(
    toml: Path, entry: dict[str, Any], files: Collection[str], ids: dict[str, list[str]]
) -> tuple[str, Wrong]:
    file = tables.text(f"{toml} [wrong]", entry, "file")
    where = f"{toml} [{file}]"
    tables.check_keys(where, entry, ("file", "fault"))
    tables.check_name(where, f"unknown file {file!r}", file, files)
    faults = tuple(
        _fault(where, fault, ids) for fault in entries(where, entry, "fault", at_least=1)
    )
    return file, Wrong(name=file.removesuffix(".py"), faults=faults)


def _fault(where: str, entry: dict[str, Any], ids: dict[str, list[str]]) -> Fault:
    tables.check_keys(where, entry, ("question", "what", "mistakes"))
    question = tables.text(where, entry, "question")
    tables.check_name(where, f"unknown question {question!r}", question, ids)
    named = entry.get("mistakes")
    if not isinstance(named, list):
        refuse(
            where,
            f"mistakes of {question} is no list",
            "ids of the catalogue, or [] if it has none",
            repr(named),
            "set mistakes",
        )
    for name in named:
        tables.check_name(where, f"unknown mistake of {question} {name!r}", name, ids[question])
    return Fault(question=question, what=tables.text(where, entry, "what"), mistakes=tuple(named))
