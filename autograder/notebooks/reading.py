"""From a notebook's bytes to cells, and from a cell's text to Python.

    bytes -> [reading] -> (number, text) of each code cell, or why there is none

Tolerant: what Jupyter, Colab, an editor or an older version of the format leaves out, adds or
writes differently is not looked at. Cells are numbered from 1, text cells included, as they are
counted on the page.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

MAX_CELLS = 5_000
MAX_MAGICS = 200  # lines of one cell
_CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
_PAGE = re.compile(r"\s*<(?:!doctype|!--|html|head|body|\?xml)", re.IGNORECASE)
_PYTHON = re.compile(r"^(?:def|class|import|from|@)\b", re.MULTILINE)
_MAGIC = re.compile(r"(?P<indent>\s*)(?:[%!?]|(?P<target>[\w., ]+=)\s*[%!]|[\w.]+\?{1,2}\s*$)")


class NoNotebook(Exception):  # noqa: N818 - what the file is, not what went wrong
    """The bytes are no notebook with code in it; `facts` says what they are."""

    def __init__(self, problem: str, **more: Any) -> None:
        super().__init__(problem)
        self.facts = {"problem": problem, **more}


def code_cells(data: bytes) -> list[tuple[int, str]]:
    """Return (number, text) of the code cells that are not empty, or raise NoNotebook."""
    text = data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff")
    if not text.strip():
        raise NoNotebook("empty")
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise _no_json(text, error) from None
    cells = _cells(notebook)
    code = [(number, text) for number, kind, text in cells if kind == "code" and text.strip()]
    if not code:
        raise NoNotebook("no code", cells=len(cells))
    return code


def _no_json(text: str, error: json.JSONDecodeError) -> NoNotebook:
    conflict = _CONFLICT.search(text)
    start = text.lstrip()[:1]
    if conflict and start in ("{", "<", "="):
        return NoNotebook("conflict", line=text.count("\n", 0, conflict.start()) + 1)
    if _PAGE.match(text):
        return NoNotebook("page")
    if start not in ("{", "[") and _PYTHON.search(text):
        return NoNotebook("python")
    unfinished = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    if start == "{" and unfinished:
        return NoNotebook("truncated")
    return NoNotebook("not json", line=error.lineno, message=error.msg)


def _cells(notebook: Any) -> list[tuple[int, str, str]]:
    """Return (number, kind, text) of all cells, whatever the version of the format."""
    facts = notebook if isinstance(notebook, dict) else {}
    found = facts.get("cells")
    if not isinstance(found, list):  # version 3 has sheets of cells
        sheets = facts.get("worksheets")
        if not isinstance(sheets, list):
            raise NoNotebook("no cells")
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        found = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    cells = [cell if isinstance(cell, dict) else {} for cell in found[:MAX_CELLS]]
    return [
        (number, str(cell.get("cell_type")), _text(cell.get("source", cell.get("input"))))
        for number, cell in enumerate(cells, start=1)
    ]


def _text(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- a cell's text -------------------------------------------------------------------------------


def without_magics(text: str) -> str:
    """Return a cell as Python, lines in their places: what IPython adds to Python is taken out.

    Only a line at which Python stumbles is looked at, so `%` and `!` in texts and sums stay.

    Raises:
        SyntaxError: it is not Python even so; positions are those of the cell.
    """
    lines = _dedented(text.split("\n"))
    for _ in range(MAX_MAGICS):
        try:
            _compile(lines)
            break
        except SyntaxError as error:
            line = (error.lineno or 0) - 1
            magic = _MAGIC.match(lines[line]) if 0 <= line < len(lines) else None
            if magic is None:
                raise
            _take_out(lines, line, magic)
    return "\n".join(lines)


def _compile(lines: list[str]) -> None:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    compile("\n".join(lines), "cell", "exec", flags=flags, dont_inherit=True)


def _take_out(lines: list[str], line: int, magic: re.Match[str]) -> None:
    last = line
    while lines[last].endswith("\\") and last + 1 < len(lines):
        last += 1
    instead = f"{magic['target']} None" if magic["target"] else "pass"
    lines[line : last + 1] = [""] * (last - line) + [f"{magic['indent']}{instead}"]


def _dedented(lines: list[str]) -> list[str]:
    """Take the first line's indentation from all lines, as IPython does."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines] if indent else lines
