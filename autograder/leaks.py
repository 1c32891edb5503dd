"""Look for anything private in the files that students are about to get.

    the generated template (name -> bytes) + Assignment -> [leaks] -> nothing, or AuthorError

Three layers stand between a solution and a student. The first is structural: `template` reads
from four places only, none of which is private but for the files that `strip` goes through. The
other two are here. They know nothing of how the files came about, so that they still hold when
`strip` or `template` is wrong:

* `check_text`: no line of an answer, a variant or a hidden test, and no hint of the catalogue of
  mistakes stands in any generated file, unless its author also wrote it in `assignments/<hw>/` or
  beside the markers. A whole answer or hidden test is a leak even there. The hints that the
  template carries are sealed: they are looked for in the boxes too.
* `check_stubs`: each function that has an answer is, in the stub, a docstring and one raise; and
  the stub holds no function that the reference does not have.
"""

from __future__ import annotations

import ast
import base64
import copy
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.strip import functions, read_source, regions, stub_body
from autograder.student_notebook import SOURCE, cell_sources
from student_kit.hints import FILE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_SHORT_LINE = 12  # characters: `return theta` and the like say nothing
_SHORT_BLOCK = 3  # lines


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Private lines that belong together: one answer, one hidden test, one function."""

    path: Path
    first: int  # line of the first one
    lines: tuple[str, ...]  # normalised and not empty


def check_text(generated: Mapping[str, bytes], assignment: Assignment) -> None:
    """Raise AuthorError if private text stands in a generated file.

    Args:
        generated: name in the template -> content.
        assignment: whose private text to look for.
    """
    texts = dict(_texts(generated))
    public = _public_lines(assignment)
    blocks = list(_blocks(assignment))
    secret = {
        line: block
        for block in blocks
        for line in block.lines
        if len(line) >= _SHORT_LINE and line not in public
    }
    for name, text in texts.items():
        lines = [line for line in map(_normal, text.split("\n")) if line]
        for number, raw in enumerate(text.split("\n"), start=1):
            line = _normal(raw)
            if line in secret:
                _refuse(f"{name}:{number}", secret[line], "a private line", line)
        for block in blocks:
            if len(block.lines) >= _SHORT_BLOCK and _contains(lines, block.lines):
                _refuse(name, block, "a whole private block", block.lines[0])
    flat = {name: _normal(text) for name, text in texts.items()}
    flat |= {f"{FILE}, box {n}": box for n, box in enumerate(_boxes(generated), start=1)}
    for hint, where in _hints(assignment):
        for name, text in flat.items():
            if hint in text:
                block = _Block(path=where, first=0, lines=())
                _refuse(name, block, "a hint of the catalogue of mistakes", hint)


def check_stubs(generated: Mapping[str, bytes], assignment: Assignment) -> None:
    """Raise AuthorError unless each answered function of each stub is docstring and raise."""
    for name in assignment.files:
        path = assignment.private / name
        source = read_source(path)
        answered = {region.function for region in regions(source, path)} - {""}
        reference = dict(functions(ast.parse(source)))
        stub = dict(functions(ast.parse(generated[name].decode("utf-8"))))
        for function in answered:
            expected = _as_stub(reference[function], function)
            found = stub.get(function)
            if found is None or ast.dump(found) != ast.dump(expected):
                raise AuthorError(
                    f"{name} (generated)",
                    f"{function} is not a stub",
                    expected="its docstring and one raise",
                    found="no such function" if found is None else ast.unparse(found)[-200:],
                    fix=f"look at the markers of {function} in {path}",
                )
        for function in stub.keys() - reference.keys():
            raise AuthorError(
                f"{name} (generated)",
                f"{function} is not a function of the reference",
                expected=", ".join(reference),
                found=function,
                fix="this is a fault of the stripper: report it",
            )


def _as_stub(
    function: ast.FunctionDef | ast.AsyncFunctionDef, name: str
) -> ast.FunctionDef | ast.AsyncFunctionDef:
    stub = copy.copy(function)
    stub.body = [function.body[0], *ast.parse(stub_body(name)).body]
    return stub


def _blocks(assignment: Assignment) -> Iterator[_Block]:
    """Yield the answers, and the functions of hidden tests, variants and wrong submissions."""
    for name in assignment.files:
        path = assignment.private / name
        for region in regions(read_source(path), path):
            yield _block(path, region.begin + 1, region.lines)
    private = [
        path
        for path in sorted(assignment.private.rglob("*.py"))
        if path.relative_to(assignment.private).as_posix() not in (*assignment.files, SOURCE)
        and "__pycache__" not in path.parts
    ]
    for path in private:
        lines = read_source(path).split("\n")
        yield from _functions_of(path, lines)


def _functions_of(path: Path, lines: list[str]) -> Iterator[_Block]:
    """Yield each function's body, and what stands between the functions line by line."""
    taken: set[int] = set()
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:  # a whole wrong submission may be one that does not parse
        tree = ast.Module(body=[], type_ignores=[])
    for _, function in functions(tree):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        if not body:
            continue
        span = range(body[0].lineno, (function.end_lineno or body[0].lineno) + 1)
        taken.update(span)
        yield _block(path, span.start, lines[span.start - 1 : span.stop - 1])
    for number, line in enumerate(lines, start=1):
        if number not in taken:
            yield _block(path, number, [line])


def _block(path: Path, first: int, lines: list[str] | tuple[str, ...]) -> _Block:
    kept = tuple(line for line in map(_normal, lines) if line)
    return _Block(path=path, first=first, lines=kept)


def _public_lines(assignment: Assignment) -> set[str]:
    """Return the lines that the author has published by hand."""
    public: set[str] = set()
    for path in sorted(assignment.public.rglob("*")):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            public.update(map(_normal, text.split("\n")))
    notebook = assignment.private / SOURCE
    if notebook.is_file():
        public.update(map(_normal, read_source(notebook).split("\n")))
    for name in assignment.files:
        path = assignment.private / name
        source = read_source(path)
        lines = source.split("\n")
        for region in regions(source, path):
            lines[region.begin - 1 : region.end] = [""] * (region.end - region.begin + 1)
        public.update(map(_normal, lines))
    return public


def _hints(assignment: Assignment) -> Iterator[tuple[str, Path]]:
    """Yield every long text of mistakes.toml that tells what is wrong with a mistake."""
    path = assignment.private / "mistakes.toml"
    if not path.is_file():
        return
    try:
        table: dict[str, Any] = tomllib.loads(read_source(path))
    except tomllib.TOMLDecodeError as error:
        raise AuthorError(
            path, "not valid TOML", expected="TOML 1.0", found=str(error), fix="mend it"
        ) from None
    for mistake in table.get("mistake", []):
        for key in ("hint", "symptom"):
            text = _normal(str(mistake.get(key, "")))
            if len(text) > 2 * _SHORT_LINE:
                yield text, path


def _boxes(generated: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what stands in each box of sealed hints for somebody without the key."""
    for boxes in json.loads(generated.get(FILE, b'{"checks": {}}'))["checks"].values():
        for box in boxes.values():
            yield _normal(base64.b64decode(box).decode("utf-8", "replace"))


def _texts(generated: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for name, content in generated.items():
        if name.endswith(".ipynb"):
            yield name, cell_sources(content)
        else:
            yield name, content.decode("utf-8", "replace")


def _contains(lines: list[str], block: tuple[str, ...]) -> bool:
    """Whether all of `block` stands in `lines`, one line after the other."""
    first = block[0]
    return any(
        line == first and tuple(lines[start : start + len(block)]) == block
        for start, line in enumerate(lines)
    )


def _normal(line: str) -> str:
    return " ".join(line.split())


def _refuse(where: str, block: _Block, what: str, found: str) -> None:
    origin = f"{block.path}:{block.first}" if block.first else str(block.path)
    raise AuthorError(
        f"{where} (generated)",
        f"{what} would be published",
        expected=f"nothing of {origin}",
        found=found,
        fix="take it out of the public file, or write one of the two differently",
    )
