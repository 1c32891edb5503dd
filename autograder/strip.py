"""Turn a reference solution into the stub that students get, or refuse.

    solutions/<hw>/optim.py -> [strip] -> student_template/<hw>/optim.py

    # BEGIN SOLUTION
    return theta - lr * grad, state             raise NotImplementedError("gd_step: your code here")
    # END SOLUTION

Nothing ships by default: every function has its region, or the line `# GIVEN` directly above it.
Whatever looks like a marker and is none stops the author, because a marker that is overlooked
publishes an answer. The rules, each with its own message:

* A region in a function covers all of its body but the docstring. So a function has one region
  only: code between two regions, or beside one, would be half an answer.
* A region at the level of the module or of a class (helpers and imports of the answer) covers
  whole statements and leaves nothing behind.
* Markers are exactly `# BEGIN SOLUTION` and `# END SOLUTION`, alone on their lines.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.errors import AuthorError

BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"
GIVEN = "# GIVEN"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One answer between its markers. Lines count from 1."""

    begin: int  # line of the BEGIN marker
    end: int  # line of the END marker
    function: str  # "adam_step" or "Tensor.backward"; empty at module or class level
    indent: str
    lines: tuple[str, ...]  # of the answer, without the markers


def read_source(path: Path) -> str:
    """Return a source file's text with LF line ends; AuthorError unless it is UTF-8."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AuthorError(
            path, "not UTF-8", expected="UTF-8 text", found=str(error), fix="save it as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def strip(source: str, path: Path) -> str:
    """Return the stub of a reference solution.

    Args:
        source: the reference solution's text, LF line ends.
        path: where it is from; for messages only.

    Raises:
        AuthorError: a rule of the module docstring is broken, or the stub would not parse.
    """
    lines = source.split("\n")
    kept: list[str] = []
    position = 0  # lines of the source that are dealt with
    for region in regions(source, path):
        kept += lines[position : region.begin - 1]
        position = region.end
        if region.function:
            kept.append(f"{region.indent}{stub_body(region.function)}")
        else:
            above = _trailing_blanks(kept)
            below = _trailing_blanks(lines[position:][::-1])
            position += min(above, below)  # the larger gap of the two stays
    stub = "\n".join(kept + lines[position:]).rstrip("\n") + "\n"
    try:
        ast.parse(stub)
    except SyntaxError as error:
        _refuse(
            path,
            error.lineno or 0,
            "the stub would not be valid Python (line of the stub)",
            expected="code that stands without its regions",
            found=str(error.msg),
            fix="move the markers",
        )
    return stub


def stub_body(function: str) -> str:
    """Return the one line that stands for a function's answer."""
    return f'raise NotImplementedError("{function}: your code here")'


def regions(source: str, path: Path) -> tuple[Region, ...]:
    """Return the solution regions of a reference, in order, after checking every rule."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        _refuse(path, line, "not valid Python", "Python", str(error), "mend the syntax")
    lines = source.split("\n")
    found: list[Region] = []
    for begin, end in _marked_spans(source, path):
        owner, name, first = _place(tree, begin, end, path)
        is_function = isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef))
        indent = lines[begin - 1].removesuffix(BEGIN)
        for marker, marker_indent in ((begin, indent), (end, lines[end - 1].removesuffix(END))):
            if marker_indent != " " * first.col_offset:
                _refuse(
                    path,
                    marker,
                    "marker is not indented as its region",
                    f"{first.col_offset} spaces",
                    repr(marker_indent),
                    "indent the marker like the statements that it marks",
                )
        found.append(
            Region(
                begin=begin,
                end=end,
                function=name if is_function else "",
                indent=indent,
                lines=tuple(lines[begin : end - 1]),
            )
        )
    _check_functions(tree, found, lines, path)
    return tuple(found)


def functions(
    node: ast.Module | Definition, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function of a module and of its classes with its qualified name.

    Functions inside functions belong to their function and are not listed.
    """
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{prefix}{statement.name}", statement
        elif isinstance(statement, ast.ClassDef):
            yield from functions(statement, f"{prefix}{statement.name}.")
        else:  # a function inside `if` or `try` is a function all the same
            for inner in ast.walk(statement):
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield f"{prefix}{inner.name}", inner


def _marked_spans(source: str, path: Path) -> Iterator[tuple[int, int]]:
    """Yield (line of BEGIN, line of END), refusing whatever resembles a marker."""
    opened = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        line = token.start[0]
        kind = tokenize.tok_name[token.type]
        if kind in ("STRING", "FSTRING_MIDDLE") and _names_marker(token.string):
            _refuse(
                path,
                line,
                "solution marker inside a string",
                "markers as comments on lines of their own",
                _shown(token.string),
                "close the string before the marker, or reword the text",
            )
        if kind != "COMMENT":
            continue
        exact = token.string in (BEGIN, END)
        if not exact and _resembles_marker(token.string):
            _refuse(
                path,
                line,
                "comment looks like a solution marker and is none",
                f"exactly {BEGIN!r} or {END!r}",
                _shown(token.string),
                f"write {_closest(token.string)!r}, or reword the comment",
            )
        if exact and token.line.strip() != token.string:
            _refuse(
                path,
                line,
                "solution marker shares its line with code",
                f"{token.string!r} on a line of its own",
                _shown(token.line),
                "break the line before the marker",
            )
        if token.string == BEGIN:
            if opened:
                _refuse(
                    path,
                    line,
                    "solution region inside a solution region",
                    f"{END!r} for the region begun in line {opened}",
                    BEGIN,
                    "end the first region, or remove one of the markers",
                )
            opened = line
        elif token.string == END:
            if not opened:
                _refuse(path, line, "end of no region", f"{BEGIN!r} above", END, "add or remove it")
            yield opened, line
            opened = 0
    if opened:
        _refuse(path, opened, "region is never ended", f"{END!r} below", BEGIN, "add the marker")


def _place(
    tree: ast.Module, begin: int, end: int, path: Path
) -> tuple[ast.Module | Definition, str, ast.stmt]:
    """Return what a region lies in, that one's qualified name, and the first statement marked."""
    owner: ast.Module | Definition = tree
    names: list[str] = []
    while True:
        inside = [s for s in owner.body if begin < _start(s) and _stop(s) < end]
        touched = [
            s for s in owner.body if s not in inside and _start(s) < end and _stop(s) > begin
        ]
        if not inside and len(touched) == 1 and _start(touched[0]) < begin:
            only = touched[0]
            if isinstance(only, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                owner = only
                names.append(only.name)
                continue
        if touched:
            _refuse(
                path,
                begin,
                "region is not aligned with statements",
                "whole statements directly in a function, a class or the module",
                f"a region (to line {end}) that cuts into the statement of line "
                f"{_start(touched[0])}",
                "move the markers around whole statements, outside of any if, loop or bracket",
            )
        if not inside:
            _refuse(path, begin, "region is empty", "an answer", "no statement", "move the markers")
        _check_covers(owner, ".".join(names), inside, begin, path)
        return owner, ".".join(names), inside[0]


def _check_covers(
    owner: ast.Module | Definition, name: str, inside: list[ast.stmt], begin: int, path: Path
) -> None:
    """Refuse a function's region unless it is all of the body but the docstring."""
    if not isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    if ast.get_docstring(owner) is None or owner.body[0] in inside:
        _refuse(
            path,
            begin,
            f"{name} has no docstring above its region",
            "a docstring that states what the function promises; it is all that students see",
            "none",
            "write the docstring between `def` and the marker",
        )
    outside = [s for s in owner.body[1:] if s not in inside]
    if outside:
        _refuse(
            path,
            _start(outside[0]),
            f"{name} has code outside of its solution region, or a second region",
            "a docstring and one region that covers the rest of the function",
            f"a statement of {name} outside of the region begun in line {begin}",
            "widen the region; code that students get goes into a function of its own "
            f"under {GIVEN!r}, or into the assignment's support.py",
        )


def _check_functions(tree: ast.Module, found: list[Region], lines: list[str], path: Path) -> None:
    """Refuse a function, or a lambda, that would ship as it stands without a word that it may."""
    answered = {region.function for region in found}
    free: list[tuple[int, int]] = [(region.begin, region.end) for region in found]
    for name, function in functions(tree):
        start = _start(function)
        if lines[start - 2].strip() == GIVEN and start > 1:
            free.append((start - 1, _stop(function) + 1))
        elif name not in answered and not _within(start, free):
            _refuse(
                path,
                start,
                f"{name} has no solution region: its code would be published",
                f"{BEGIN!r} and {END!r} around the answer",
                "neither",
                f"add the markers, or {GIVEN!r} on the line above if students get this code",
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and not _within(node.lineno, free):
            _refuse(
                path,
                node.lineno,
                "lambda outside of a solution region: its code would be published",
                "a function with a docstring and a region",
                "lambda",
                "write it as a function, or move it into a region",
            )


def _trailing_blanks(lines: list[str]) -> int:
    return next((n for n, line in enumerate(reversed(lines)) if line.strip()), len(lines))


def _within(line: int, spans: list[tuple[int, int]]) -> bool:
    return any(begin < line < end for begin, end in spans)


def _start(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _stop(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _letters(text: str) -> str:
    """Return the letters alone: no case, no spaces of any kind; foreign letters become `?`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c if c.isascii() else "?" for c in folded if c.isalpha())


def _names_marker(text: str) -> bool:
    return "beginsolution" in _letters(text) or "endsolution" in _letters(text)


def _resembles_marker(comment: str) -> bool:
    letters = _letters(comment)
    return (
        _names_marker(comment)
        or letters.startswith("solution")
        or bool(re.search("(begin|start|end|stop)(of)?(the|your)?(solution|answer)", letters))
        or any(
            difflib.SequenceMatcher(None, letters, marker).ratio() >= 0.8
            for marker in (_letters(BEGIN), _letters(END))
        )
    )


def _closest(comment: str) -> str:
    letters = _letters(comment)

    def likeness(marker: str) -> float:
        return difflib.SequenceMatcher(None, letters, _letters(marker)).ratio()

    return max((BEGIN, END), key=likeness)


def _shown(text: str) -> str:
    """Return text so that a no-break space and a look-alike letter can be seen."""
    line = next((line for line in text.splitlines() if _names_marker(line)), text.strip())
    return ascii(line)


def _refuse(path: Path, line: int, problem: str, expected: str, found: str, fix: str) -> NoReturn:
    raise AuthorError(f"{path}:{line}", problem, expected=expected, found=found, fix=fix)
