"""Break a correct submission in the ways in which real ones are broken.

    source text -> [oddities] -> source text that loops, exits, prints, returns NaN ...

Each function of the first half takes a file's source and the names of functions in it, and works
on the text alone; each of the second half takes the files of a submission and returns others, in
the form in which they are handed in. None of them knows an assignment.
"""

from __future__ import annotations

import ast
import io
import json
import zipfile
from collections.abc import Iterable, Mapping

from autograder.samples import Files, function_source, with_function

MADE = (2026, 9, 1, 12, 0, 0)  # date in the zips: the same class is made of the same bytes
LOOP = """\
    step = 0
    while step < 10:
        last_step = step  # and step stays 0
"""
EXIT = """\
    import os
    os._exit(0)
"""
PRINT = """\
    for i in range(2_000):
        print("step", i, "=" * 1_000)
"""
UNDEFINED = """\
    step_size = learning_rate
"""
NAN = "value * np.nan"
WRONG_SHAPE = "value[np.newaxis]"
FLOAT32 = "value.astype(np.float32)"
AFTERWARDS = '''

import numpy as np


def tidy(value):
    """Bring a result into the form in which I want it."""
    if isinstance(value, tuple):
        return tuple(tidy(item) for item in value)
    if isinstance(value, list):
        return [tidy(item) for item in value]
    if isinstance(value, dict):
        return {{key: tidy(item) for key, item in value.items()}}
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return {expression}
    return value
'''


def begin_with(source: str, functions: Iterable[str], lines: str) -> str:
    """Put lines at the beginning of some functions' bodies, below the docstrings."""
    for name in functions:
        text = function_source(source, name)
        nodes = ast.walk(ast.parse(text))
        definition = next(node for node in nodes if isinstance(node, ast.FunctionDef))
        first = definition.body[0]
        documented = ast.get_docstring(definition) is not None
        position = (first.end_lineno or 0) if documented else first.lineno - 1
        rows = text.split("\n")
        rows[position:position] = lines.rstrip("\n").split("\n")
        source = with_function(source, name, "\n".join(rows))
    return source


def return_as(source: str, functions: Iterable[str], expression: str) -> str:
    """Let some functions return `expression` of every float array `value` in their result."""
    for name in functions:
        source = with_function(source, name, _tidied(function_source(source, name)))
    return source + AFTERWARDS.format(expression=expression)


def _tidied(text: str) -> str:
    """Put `tidy(...)` around whatever a function returns."""
    rows = [row.encode() for row in text.split("\n")]  # `ast` counts columns in bytes
    returns = [node for node in _own_nodes(ast.parse(text).body[0]) if isinstance(node, ast.Return)]
    for node in sorted(returns, key=lambda node: node.lineno, reverse=True):
        value = node.value
        if value is None or value.end_lineno is None or value.end_col_offset is None:
            continue
        opened, closed = (b"tidy((", b"))") if isinstance(value, ast.Tuple) else (b"tidy(", b")")
        last, first = value.end_lineno - 1, value.lineno - 1
        row = rows[last]
        rows[last] = row[: value.end_col_offset] + closed + row[value.end_col_offset :]
        row = rows[first]
        rows[first] = row[: value.col_offset] + opened + row[value.col_offset :]
    return b"\n".join(rows).decode()


def _own_nodes(function: ast.AST) -> Iterable[ast.AST]:
    """Yield the nodes of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _own_nodes(child)


def with_typo(source: str, function: str) -> str:
    """Misspell the first `return` of a function: a syntax error in the whole file."""
    text = function_source(source, function)
    body = text.find("\n    return ")
    broken = text[:body] + text[body:].replace("return ", "retrun ", 1) if body >= 0 else f"{text}("
    return with_function(source, function, broken)


def in_python_2(source: str, function: str) -> str:
    """Let a function print as Python 2 did."""
    return begin_with(source, [function], '    print "in", 1\n')


def in_windows_1252(source: str) -> bytes:
    """Save with a comment in the encoding of an old Windows editor."""
    return f"# Lösung für Übung 1\n{source}".encode("cp1252", "replace")


def from_windows(source: str) -> bytes:
    """Save with a byte order mark and Windows line ends: odd, and correct."""
    return b"\xef\xbb\xbf" + source.replace("\n", "\r\n").encode()


def as_notebook(*sources: str) -> bytes:
    """Return a notebook with each source in a cell."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in sources
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook, indent=1).encode()


# --- forms in which files are handed in ----------------------------------------------------------


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, MADE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def below(folder: str, files: Files) -> Files:
    """Return files one folder further down, as a Mac zips a folder."""
    deeper = {f"{folder}/{path}": content for path, content in files.items()}
    return deeper | {f"__MACOSX/{folder}/._{path}": b"\0\5\x16\7" for path in files}


def renamed(files: Files, name: str, new_name: str) -> Files:
    """Return files with one of them under another name."""
    return {new_name if path == name else path: content for path, content in files.items()}


def truncated(content: bytes) -> bytes:
    """Return the part of a file that an interrupted upload brought."""
    return content[: len(content) * 2 // 3]
