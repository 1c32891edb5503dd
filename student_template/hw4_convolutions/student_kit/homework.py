"""What the student's commands know of the homework, and what they say of the student's files.

    assignment.toml -> [homework] -> Homework

Reads facts; never runs or imports what a student wrote.
"""

from __future__ import annotations

import difflib
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUESTION_SECONDS = 15.0  # unless assignment.toml says otherwise; twice that on students' machines
FILE_KB = 512


class HomeworkError(Exception):
    """Something about the folder or its files stops the command; the text is for the student."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One row of the table."""

    id: str
    points: float
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Homework:
    """A template's folder and the facts of its assignment.toml."""

    id: str
    title: str
    folder: Path
    files: tuple[str, ...]  # what is handed in
    libraries: tuple[str, ...]  # what the homework is written with
    questions: tuple[Question, ...]
    seconds: float  # deadline of one question
    file_kb: float


def read(folder: Path, homework_id: str) -> Homework:
    """Read the homework in `folder`; HomeworkError if the folder is not complete."""
    path = folder / "assignment.toml"
    try:
        table = _toml(path.read_text(encoding="utf-8"))
        limits = table.get("limits", {})
        return Homework(
            id=homework_id,
            title=table["title"],
            folder=folder,
            files=tuple(table["files"]),
            libraries=tuple(table["libraries"]),
            questions=tuple(
                Question(
                    id=name,
                    points=facts["points"],
                    depends_on=tuple(facts.get("depends_on", ())),
                )
                for name, facts in table["questions"].items()
            ),
            seconds=2 * float(limits.get("question_seconds", QUESTION_SECONDS)),
            file_kb=float(limits.get("file_kb", FILE_KB)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HomeworkError(
            f"assignment.toml is missing or damaged ({type(error).__name__}: {error}).\n"
            "Download the homework again, and copy your own files over: keep everything else of "
            f"the folder together.\n  folder: {folder}"
        ) from None


def read_files(homework: Homework) -> dict[str, bytes]:
    """Return the files that are handed in; HomeworkError if one is missing or not Python."""
    contents = {}
    problems = []
    for name in homework.files:
        path = homework.folder / name
        if not path.is_file():
            problems.append(_missing(homework, name))
            continue
        contents[name] = path.read_bytes()
        too_long = _too_long(contents[name], name, homework)
        problems.append(too_long or _not_python(contents[name], name))
    if any(problems):
        raise HomeworkError("\n\n".join(filter(None, problems)))
    return contents


def look_alikes(homework: Homework, name: str) -> list[str]:
    """Return files beside `name` that may be meant for it: `optim (1).py`, `Optim.py.txt`."""
    wanted = _plain(name)
    others = sorted(
        path.name
        for path in homework.folder.iterdir()
        if path.is_file() and path.name not in homework.files
    )
    return [
        other
        for other in others
        if _plain(other) == wanted
        or (other.endswith(".py") and difflib.SequenceMatcher(None, other, name).ratio() > 0.8)
    ]


def question_names(homework: Homework, asked: list[str]) -> list[str]:
    """Return the questions asked for, in the homework's order, all of them if none is named.

    Raises:
        HomeworkError: a name is no question.
    """
    known = [question.id for question in homework.questions]
    for name in asked:
        if name not in known:
            close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise HomeworkError(
                f"there is no question {name!r}{hint}\n  questions: {', '.join(known)}"
            )
    return [name for name in known if name in asked or not asked]


def _missing(homework: Homework, name: str) -> str:
    found = look_alikes(homework, name)
    if found:
        return (
            f"{name} is missing. Found instead: {', '.join(repr(other) for other in found)}.\n"
            f"Rename your file to exactly {name}, and try again."
        )
    others = sorted(
        path.name
        for path in homework.folder.glob("*.py")
        if path.name not in ("check.py", "submit.py", "conftest.py", "look.py")
    )
    return (
        f"{name} is missing in {homework.folder}\n"
        f"Python files found there: {', '.join(others) or 'none of yours'}."
    )


def _too_long(content: bytes, name: str, homework: Homework) -> str:
    if len(content) <= homework.file_kb * 1024:
        return ""
    return f"{name} has {len(content) // 1024} KB; at most {homework.file_kb:g} KB are accepted."


def _not_python(content: bytes, name: str) -> str:
    """Return what is wrong with a file's encoding or syntax, with line and caret, else ""."""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (
            f"{name}, line {line}: not UTF-8 text (byte 0x{content[error.start]:02x}).\n"
            "Save the file as UTF-8: most editors offer it under `Save with encoding`."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(content, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        return _describe(error, name)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return f"{name} is not valid Python: {error}"
    return ""


def _describe(error: SyntaxError, name: str) -> str:
    lines = [f"{name}, line {error.lineno}: {error.msg}. Python cannot read the file."]
    text = (error.text or "").rstrip("\n")
    if text.strip():
        indent = len(text) - len(text.lstrip())
        lines.append(f"    {text.strip()}")
        column = (error.offset or 0) - 1 - indent
        if column >= 0:
            lines.append(f"    {' ' * column}^")
    return "\n".join(lines)


def _plain(name: str) -> str:
    """Return a file's name without what browsers, editors and systems add to it."""
    plain = name.lower().removesuffix(".txt")
    plain = re.sub(r"\s*\(\d+\)|[-_ ]*(copy|kopie|copie)(\s*\d*)?|[-_ ]\d+(?=\.)", "", plain)
    return re.sub(r"[-_\s]", "", plain)


def _toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib  # comes with pytest
        except ImportError:
            raise HomeworkError(
                f"tomli is missing. Type this, then try again:\n"
                f"  {sys.executable} -m pip install tomli"
            ) from None
    return tomllib.loads(text)
