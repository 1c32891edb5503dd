"""Which statements of a notebook are graded, and the program that they make.

    (number, text) of each code cell -> [keeping] -> lines of a program, and what was left out

Kept are definitions and imports, and the assignments that are constants or that a definition
needs, as long as they call nothing that the notebook defines. All else is work at the top level:
training, pictures, checks, mounting a drive. It is blanked out, so that every line stays where it
was. A cell that is not Python costs only what is in it.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable
from typing import Any

from autograder.notebooks.reading import without_magics

MAX_FACTS = 20
TIMED = frozenset({"time", "timeit", "capture", "prun", "memit"})  # %%time: the cell's code runs
NOT_CALLED = frozenset({"open", "input", "print", "exec", "eval", "compile", "exit", "quit"})
_WAITS = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
_LITERAL = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.BinOp)
_WRITTEN = re.compile(r"%%(?:writefile|file)\s+(?P<append>(?:-a|--append)\s+)?['\"]?(?P<path>.+)")
_DEFINED = re.compile(r"^\s*(?:def|class)\s+(\w+)", re.MULTILINE)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


def functions(nodes: Iterable[ast.stmt]) -> dict[str, bool]:
    """Return all functions, "f" or "Tensor.f" -> whether it is as it was handed out."""
    found: dict[str, bool] = {}
    for node in nodes:
        if isinstance(node, _FUNCTIONS):
            found[node.name] = _is_stub(node)
        elif isinstance(node, ast.ClassDef):
            inner = functions(node.body)
            found |= {f"{node.name}.{name}": stub for name, stub in inner.items()}
    return found


def look(source: bytes) -> dict[str, Any]:
    """Return the functions of a Python file, or {"unread": True}."""
    try:
        compile(source, "file", "exec", dont_inherit=True)
        return {"functions": functions(ast.parse(source).body)}
    except (SyntaxError, ValueError):
        return {"unread": True}


def _is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


class _Cell:
    """One code cell whose text is Python."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text
        self.statements = ast.parse(text).body
        self.kept: list[ast.stmt] = []
        self.taken = _taken_from_outside(text)  # function or class -> the names

    def lines(self) -> list[str]:
        """Return its lines, with blanks for the statements that are not kept."""
        data = self.text.encode()
        begins = [0]  # of each line, in bytes, as `ast` counts columns
        for line in data.split(b"\n"):
            begins.append(begins[-1] + len(line) + 1)
        kept = set(map(id, self.kept))
        for node in reversed(self.statements):  # what comes before stays where it is
            if id(node) not in kept:
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
                begin = begins[first - 1] + (node.col_offset if first == node.lineno else 0)
                end = begins[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
                data = _blanked(data, begin, end)
        return data.decode().split("\n")


def _blanked(data: bytes, begin: int, end: int) -> bytes:
    rest = data[end:].partition(b"\n")[0].strip()
    alone = data[begin - 1 : begin] in (b"", b"\n") and (not rest or rest.startswith(b"#"))
    blank = b"\n" * data.count(b"\n", begin, end) + (b"" if alone else b"pass")
    return data[:begin] + blank + data[end:]


class Notebook:
    """What stands in the code cells of one notebook.

    Args:
        code: (number, text) of the code cells.
        files: the Python files that are asked for: a cell may write them.
        wanted: the functions and classes that are asked for.
        importable: the modules that are there while grading.
    """

    def __init__(
        self,
        code: Iterable[tuple[int, str]],
        *,
        files: Iterable[str],
        wanted: Iterable[str],
        importable: Iterable[str],
    ) -> None:
        self._files, self._wanted = frozenset(files), frozenset(wanted)
        self._importable = frozenset(importable)
        self._cells: list[_Cell] = []
        self._written: dict[str, list[tuple[int, str]]] = {}
        self._broken: list[dict[str, Any]] = []
        self._skipped: list[tuple[int, str, list[str]]] = []
        for number, text in code:
            self._read(number, text)
        self._defined = {
            node.name
            for cell in self._cells
            for node in cell.statements
            if isinstance(node, _DEFINITIONS)
        }
        self._keep()

    def facts(self) -> dict[str, Any]:
        """Return the program, and what `submitted` has something to say about."""
        kept = [node for cell in self._cells for node in cell.kept]
        named = {name for node in kept if isinstance(node, ast.Assign) for name in _bound(node)}
        return {
            **_joined([(cell.number, cell.lines()) for cell in self._cells if cell.kept]),
            "future": self._future(),
            "functions": {**dict.fromkeys(named & self._wanted, False), **functions(kept)},
            "written": {name: _file(parts) for name, parts in self._written.items()},
            "broken": self._broken[:MAX_FACTS],
            "skipped": self._skipped[:MAX_FACTS],
            "missed": self._missed()[:MAX_FACTS],
        }

    def _read(self, number: int, text: str) -> None:
        """Read one cell: a file that it writes, a cell for another program, or Python."""
        lines = text.split("\n")
        first = next(n for n, line in enumerate(lines) if line.strip())
        command = lines[first].strip()
        if written := _WRITTEN.match(command):
            name = re.split(r"[/\\]", written["path"].strip().strip("'\""))[-1]
            if name in self._files:
                before = self._written.get(name, []) if written["append"] else []
                lines[: first + 1] = [""] * (first + 1)
                self._written[name] = [*before, (number, "\n".join(lines))]
                return
        if command.startswith("%%"):
            if command[2:].partition(" ")[0] not in TIMED:
                self._skipped.append((number, command[:60], _DEFINED.findall(text)[:MAX_FACTS]))
                return
            lines[first] = ""
        try:
            self._cells.append(_Cell(number, without_magics("\n".join(lines))))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._note(number, text, error)

    def _note(self, number: int, text: str, error: Exception) -> None:
        message = getattr(error, "msg", None) or f"{type(error).__name__}: {error}"
        self._broken.append(
            {
                "cell": number,
                "names": _DEFINED.findall(text)[:MAX_FACTS],
                "source": text[:20_000],
                "message": str(message)[:500],
                "line": getattr(error, "lineno", None) or 0,
                "column": getattr(error, "offset", None) or 0,
                "text": str(getattr(error, "text", None) or "")[:2000],
            }
        )

    def _future(self) -> str:
        names = {
            alias.name
            for cell in self._cells
            for node in cell.statements
            if isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for alias in node.names
        }
        return f"from __future__ import {', '.join(sorted(names))}" if names else ""

    def _keep(self) -> None:
        """Decide what is kept, until no assignment is needed that was not."""
        every = [(cell, node) for cell in self._cells for node in cell.statements]
        kept = {id(node) for _, node in every if self._is_definition(node)}
        needed: set[str] = set(self._wanted)
        while True:
            needed.update(*(_needs(cell, node) for cell, node in every if id(node) in kept))
            more = {id(node) for _, node in every if self._is_constant(node, needed)}
            if more <= kept:
                break
            kept |= more
        for cell in self._cells:
            cell.kept = [node for node in cell.statements if id(node) in kept]

    def _is_definition(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Import):  # of `import numpy, torch` the first is there
            return any(self._is_there(alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            return not node.level and node.module != "__future__" and self._is_there(node.module)
        if isinstance(node, (ast.If, ast.Try)):
            return all(map(self._may_stand_inside, _inner(node)))
        return isinstance(node, _DEFINITIONS)

    def _may_stand_inside(self, node: ast.stmt | ast.expr) -> bool:
        """Whether an `if` or `try` may be kept that holds this."""
        if isinstance(node, ast.expr):
            return self._is_light(node)
        plain = isinstance(node, (ast.Pass, ast.Assign, ast.AnnAssign))
        light = plain and all(map(self._is_light, _values(node)))
        return light or self._is_definition(node)

    def _is_there(self, module: str | None) -> bool:
        return str(module).partition(".")[0] in self._importable

    def _is_constant(self, node: ast.stmt, needed: set[str]) -> bool:
        """Whether an assignment is to be kept: a literal, or light and needed."""
        if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            return False
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        roots = {_root(part) for target in targets for part in _parts(target)}
        plain = all(isinstance(target, ast.Name) for target in targets)
        if plain and isinstance(node, ast.Assign) and _is_literal(node.value):
            return True
        if plain and roots <= self._wanted:  # an answer, whatever it calls
            return True
        return not roots.isdisjoint(needed) and all(map(self._is_light, _values(node)))

    def _is_light(self, value: ast.expr) -> bool:
        """Whether an expression does no work that the notebook itself defines."""
        working = self._defined | NOT_CALLED
        return not any(
            isinstance(node, _WAITS) or (isinstance(node, ast.Call) and _root(node.func) in working)
            for node in _evaluated(value)
        )

    def _missed(self) -> list[dict[str, Any]]:
        """Return the names that functions use and that only what was not kept would give them."""
        every = [(cell, node) for cell in self._cells for node in cell.statements]
        kept = {id(node) for cell in self._cells for node in cell.kept}
        bound = {name for _, node in every if id(node) in kept for name in _bound(node)}
        where = {
            name: (cell.number, node)
            for cell, node in every
            if id(node) not in kept
            for name in _bound(node) - bound - set(dir(builtins))
        }
        found = []
        for cell in self._cells:
            for function in sorted(cell.taken.keys() & self._defined):
                for name in sorted(cell.taken[function] & where.keys()):
                    number, node = where[name]
                    fact = {"function": function, "name": name, "cell": number}
                    found.append({**fact, "module": _module(node)})
        return found


def _file(parts: list[tuple[int, str]]) -> dict[str, Any]:
    joined = _joined([(number, body.split("\n")) for number, body in parts])
    return {**joined, **look(joined["body"].encode("utf-8", "replace"))}


def _joined(parts: list[tuple[int, list[str]]]) -> dict[str, Any]:
    """Return the cells' lines one below the other, and where each cell begins."""
    starts: list[tuple[int, int]] = []
    lines: list[str] = []
    for number, cell in parts:
        starts.append((number, len(lines) + 1))
        lines += cell
    return {"starts": starts, "body": "\n".join(lines) + "\n"}


# --- names ---------------------------------------------------------------------------------------


def _taken_from_outside(text: str) -> dict[str, set[str]]:
    """Return the names that each function or class of a cell takes from outside of it."""
    taken: dict[str, set[str]] = {}
    for table in symtable.symtable(text, "cell", "exec").get_children():
        waiting = [table]
        names = taken.setdefault(table.get_name(), set())
        while waiting:
            part = waiting.pop()
            waiting += part.get_children()
            names |= {s.get_name() for s in part.get_symbols() if s.is_global()}
    return taken


def _needs(cell: _Cell, node: ast.stmt) -> set[str]:
    """Return the names that must be there for a kept statement to work."""
    if isinstance(node, ast.ClassDef):
        outside: list[ast.AST] = [*node.decorator_list, *node.bases, *node.keywords]
    elif isinstance(node, _FUNCTIONS):
        outside = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    else:
        names = (part for part in _evaluated(node) if isinstance(part, ast.Name))
        return {name.id for name in names if isinstance(name.ctx, ast.Load)}
    around = {part.id for o in outside for part in ast.walk(o) if isinstance(part, ast.Name)}
    return around | cell.taken.get(node.name, set())


def _evaluated(node: ast.AST) -> list[ast.AST]:
    """Return the nodes of a statement or expression, what lambdas do when they are called not."""
    found, waiting = [], [node]
    while waiting:
        part = waiting.pop()
        found.append(part)
        if isinstance(part, ast.Lambda):
            own = {arg.arg for arg in ast.walk(part.args) if isinstance(arg, ast.arg)}
            names = [n for n in ast.walk(part.body) if isinstance(n, ast.Name)]
            found += [name for name in names if name.id not in own]
        else:
            waiting += ast.iter_child_nodes(part)
    return found


def _bound(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines, imports or assigns."""
    if isinstance(node, _DEFINITIONS):
        return {node.name}
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        elif isinstance(part, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in part.names}
    return found


def _module(node: ast.stmt) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name
    return (node.module or ".") if isinstance(node, ast.ImportFrom) else ""


def _inner(node: ast.If | ast.Try) -> list[ast.stmt | ast.expr]:
    if isinstance(node, ast.If):
        return [node.test, *node.body, *node.orelse]
    handled = [statement for handler in node.handlers for statement in handler.body]
    return [*node.body, *handled, *node.orelse, *node.finalbody]


def _values(node: ast.stmt) -> list[ast.expr]:
    value = getattr(node, "value", None)
    return [value] if isinstance(value, ast.expr) else []


def _is_literal(value: ast.expr) -> bool:
    parts = (*_LITERAL, ast.expr_context, ast.operator, ast.unaryop)
    return all(isinstance(part, parts) for part in ast.walk(value))


def _parts(target: ast.expr) -> list[ast.expr]:
    return list(target.elts) if isinstance(target, (ast.Tuple, ast.List)) else [target]


def _root(node: ast.expr) -> str:
    """Return "np" for `np.random.default_rng(0).normal`, or "" if it does not begin with a name."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
