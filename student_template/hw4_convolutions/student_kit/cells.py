"""A notebook as a program: which cell a line came from, and a failing cell costs only itself.

    header + the cells' lines -> program;  program, line -> "cell 7 line 3"

`autograder.notebooks` makes a program of a notebook: the lines of its cells in their places, with
all that is not run blanked out. The first line of a program says where each cell begins, so
nothing has to travel beside it. A file that a student wrote is not a program, and whoever writes
that first line by hand only misnames lines of his own.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

HEADER_LINES = 2  # so that no comment of a cell stands where Python looks for an encoding
FAILED = "__failed__"  # in a program's namespace: name -> why the cell that defines it failed
_MARK = "# the {} of a notebook, and the lines where they begin:"
_HEADER = re.compile(_MARK.format("(cells|inputs)").encode() + rb"((?: \d{1,6}@\d{1,8})+)\n")


def header(starts: Sequence[tuple[int, int]], future: str = "", *, kind: str = "cells") -> str:
    """Return the first two lines of a program.

    Args:
        starts: (number of a cell, which line below this header is its first), in their order.
        future: a `from __future__ import ...`, which must stand before all else.
        kind: "cells", counted from the top; or "inputs", counted as they were run.
    """
    places = "".join(f" {cell}@{line + HEADER_LINES}" for cell, line in starts)
    return f"{_MARK.format(kind)}{places}\n{future}\n"


def is_program(source: bytes) -> bool:
    """Whether this was made of a notebook."""
    return _HEADER.match(source) is not None


def title(name: str, source: bytes) -> str:
    """Return what to call a submitted file in a sentence: "optim.py" or "your notebook"."""
    return "your notebook" if is_program(source) else name


def place(name: str, source: bytes, line: int) -> str:
    """Return "optim.py line 31"; in a notebook "cell 7 line 3", or "In[7] line 3" while it runs."""
    match = _HEADER.match(source)
    if match is None:
        return f"{name} line {line}"
    pairs = [pair.split(b"@") for pair in match[2].split()]
    starts = [int(start) for _, start in pairs]
    index = max(bisect.bisect_right(starts, line) - 1, 0)
    number = int(pairs[index][0])
    cell = f"cell {number}" if match[1] == b"cells" else f"In[{number}]"
    return f"{cell} line {max(line - starts[index] + 1, 1)}"


def guarded(source: bytes) -> ast.Module:
    """Return a program in which each statement at the top may fail without ending the others.

    What it would have defined is then found in FAILED, with the exception.
    """
    import ast  # only where programs are compiled

    tree = ast.parse(source)
    body: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            body.append(statement)
            continue
        reasons = ", ".join(f"{name!r}: __failure__" for name in sorted(_bound(statement)))
        handler = f"{FAILED}.update({{{reasons}}})"
        guard = ast.parse(f"try: pass\nexcept Exception as __failure__: {handler}").body[0]
        assert isinstance(guard, ast.Try)
        for node in ast.walk(guard):
            ast.copy_location(node, statement)
        guard.body = [statement]
        body.append(guard)
    return ast.Module(body=body, type_ignores=[])


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement at the top of a module gives a value."""
    import ast

    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
