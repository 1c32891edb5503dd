"""Read the tables that authors write in TOML, and stop them where something is not as it must be.

    solutions/<hw>/*.toml -> [tables] -> tables, lists and texts as promised, or AuthorError

Every message says where, expected, found and fix, and a name that is nearly right is guessed.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NoReturn

from autograder.errors import AuthorError
from autograder.strip import read_source

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Table = dict[str, Any]


def read(path: Path, what: str) -> Table:
    """Return a whole file; `what` says what it should have been: "a catalogue of mistakes"."""
    try:
        return tomllib.loads(read_source(path))
    except FileNotFoundError:
        refuse(str(path), "file is missing", what, "nothing", "write it")
    except tomllib.TOMLDecodeError as error:
        refuse(str(path), "not valid TOML", "TOML 1.0", str(error), "mend it")


def entries(where: Path | str, table: Table, key: str, *, at_least: int = 0) -> list[Table]:
    """Return the tables [[key]]."""
    found = table.get(key, [])
    if (
        not isinstance(found, list)
        or len(found) < at_least
        or not all(isinstance(entry, dict) for entry in found)
    ):
        problem = f"{key} is missing or no list of tables"
        refuse(str(where), problem, f"[[{key}]]", repr(table.get(key)), "use double brackets")
    return found


def text(where: str, entry: Table, key: str) -> str:
    """Return a text that is not empty."""
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        refuse(where, f"{key} is missing or empty", "a text", repr(value), f"write {key}")
    return value


def texts(where: str, entry: Table, key: str, *, at_least: int = 0) -> tuple[str, ...]:
    """Return a list of texts; without the key, none."""
    value = entry.get(key, [])
    if (
        not isinstance(value, list)
        or len(value) < at_least
        or not all(isinstance(item, str) for item in value)
    ):
        problem = f"{key} is missing or not a list of names"
        refuse(where, problem, '["..."]', repr(value), f"set {key}")
    return tuple(value)


def check_keys(where: Path | str, table: Table, known: Iterable[str]) -> None:
    """Refuse a key that is not known."""
    known = list(known)
    for key in table:
        check_name(str(where), f"unknown key {key!r}", key, known)


def check_name(where: str, problem: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that is not known, and guess which one was meant."""
    if name not in known:
        close = difflib.get_close_matches(str(name), known, n=1)
        fix = f"did you mean {close[0]!r}?" if close else "correct it, or remove it"
        refuse(where, problem, ", ".join(known) or "none", name, fix)


def refuse(where: str, problem: str, expected: str, found: str, fix: str) -> NoReturn:
    """Raise AuthorError."""
    raise AuthorError(where, problem, expected=expected, found=found, fix=fix)
