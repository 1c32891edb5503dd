"""Make submissions out of an assignment: reference, stub, variants, wrong ones, parts of them.

    Assignment -> [samples] -> {file name: bytes}, as `Submission.files` has them

Sources are cut at the functions that `ast` finds and put together as text; nothing is imported or
run. These are the submissions by which a grader is proved.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.strip import read_source, strip

Files = dict[str, bytes]
NULLS = {  # values that a function can return without having done anything
    "none": "None",
    "list": "[]",
    "dict": "{}",
    "tuple": "()",
    "text": "''",
    "empty": "np.empty(0)",
    "zero": "0.0",
    "zeros": "np.zeros(3)",
    "pair": "(np.zeros(3), {})",
    "echo": "args[0] if args else None",
    "echo_pair": "(args[0], args[2]) if len(args) > 2 else None",
    "iterator": "iter(())",
}
BETWEEN = "\n\f\n"  # stands in no source
FUTURE = "from __future__ import annotations\n"


def reference_files(assignment: Assignment) -> Files:
    """Return the reference solution as a submission."""
    return {name: source.encode() for name, source in _references(assignment).items()}


def stub_files(assignment: Assignment) -> Files:
    """Return what students are handed out as a submission: nothing done."""
    return {name: source.encode() for name, source in _stubs(assignment).items()}


def null_files(assignment: Assignment) -> dict[str, Files]:
    """Return, for each of NULLS, a submission in which every function returns just that."""
    submissions = {}
    for name, value in NULLS.items():
        text = "import numpy as np\n"
        for question in assignment.questions:
            text += "".join(_null(function, value) for function in question.functions)
        submissions[name] = {file: text.encode() for file in assignment.files}
    return submissions


def _null(function: str, value: str) -> str:
    """Return a function, or a class with a method, that returns just this."""
    owner, _, name = function.rpartition(".")
    body = f"def {name}(*args, **kwargs):\n    return {value}\n"
    if not owner:
        return body
    # the class as it is so far, with one method more
    before = f"class {owner}(globals().get('{owner}', object)):\n"
    init = "    def __init__(self, *args, **kwargs):\n        pass\n"
    return before + init + textwrap.indent(body, "    ")


def variant_files(assignment: Assignment) -> dict[str, Files]:
    """Return each correct variant as a submission, by the stem of its file: `optim_loops`.

    A variant's file holds only what it writes differently. It is put behind the reference that
    it is named after, and so replaces the definitions of the same name.

    Raises:
        AuthorError: a variant's name does not begin with the name of a submitted file.
    """
    references = _references(assignment)
    variants = {}
    for path in sorted((assignment.private / "variants").glob("*.py")):
        names = [name for name in references if path.stem.startswith(f"{name[:-3]}_")]
        if not names:
            raise AuthorError(
                path,
                "is a variant of no submitted file",
                expected=" or ".join(f"{name[:-3]}_<how>.py" for name in references),
                found=path.name,
                fix="rename the file",
            )
        variants[path.stem] = _behind(references, max(names, key=len), path)
    return variants


def wrong_files(assignment: Assignment, *, folder: Path | None = None) -> dict[str, Files]:
    """Return each wrong submission, by the stem of its file: `w01_plain_loops`.

    It holds what a student has written, and is put behind the reference as a variant is, in the
    submitted file that has most of its functions. What is wrong in it, `wrong` knows.

    Args:
        assignment: whose functions they write.
        folder: where they are, if not in the assignment's own.

    Raises:
        AuthorError: it has no function of the reference.
    """
    references = _references(assignment)
    submissions = {}
    for path in sorted((folder or assignment.private / "wrong").glob("*.py")):
        written = _spans(read_source(path)).keys()
        shared = {name: len(written & _spans(references[name]).keys()) for name in references}
        submissions[path.stem] = _behind(references, max(shared, key=shared.__getitem__), path)
    return submissions


def partial_files(assignment: Assignment, done: Collection[str]) -> Files:
    """Return the reference with every question stubbed again but those in `done`."""
    references, stubs = _references(assignment), _stubs(assignment)
    for question in assignment.questions:
        if question.id not in done:
            stub = functions_source(stubs[question.file], question.functions)
            source = references[question.file]
            references[question.file] = with_functions(source, question.functions, stub)
    return {name: source.encode() for name, source in references.items()}


def function_source(source: str, name: str) -> str:
    """Return the text of a function, method or class; LookupError if there is none.

    Methods have qualified names: "Tensor.backward". From the line of its `def` (decorators are
    not part of it) to the last line of its body.
    """
    first, last = _span(source, name)
    return "\n".join(source.split("\n")[first:last])


def with_function(source: str, name: str, text: str) -> str:
    """Return `source` with the text of one function replaced."""
    first, last = _span(source, name)
    lines = source.split("\n")
    return "\n".join([*lines[:first], text, *lines[last:]])


def functions_source(source: str, names: Sequence[str]) -> str:
    """Return the texts of several functions as one; `with_functions` takes it apart again."""
    return BETWEEN.join(function_source(source, name) for name in names)


def with_functions(source: str, names: Sequence[str], text: str) -> str:
    """Return `source` with the texts of several functions replaced."""
    for name, part in zip(names, text.split(BETWEEN), strict=True):
        source = with_function(source, name, part)
    return source


def _span(source: str, name: str) -> tuple[int, int]:
    spans = _qualified_spans(source)
    if name not in spans:
        raise LookupError(f"no function {name}")
    return spans[name]


@lru_cache(maxsize=32)
def _qualified_spans(source: str) -> dict[str, tuple[int, int]]:
    """Return `_spans` and those of methods."""
    methods = {
        f"{owner.name}.{node.name}": (node.lineno - 1, _last_line(source, node))
        for owner in ast.parse(source).body
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.FunctionDef)
    }
    return {**_spans(source), **methods}


@lru_cache(maxsize=32)  # a catalogue asks for the same source some hundred times
def _spans(source: str) -> dict[str, tuple[int, int]]:
    return {
        node.name: (node.lineno - 1, _last_line(source, node))
        for node in ast.parse(source).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }


def _last_line(source: str, node: ast.stmt) -> int:
    """Return a statement's last line, comments that belong to its body included."""
    lines = source.split("\n")
    last = node.end_lineno or node.lineno
    deeper = " " * (node.col_offset + 1)
    while last < len(lines) and lines[last].startswith(deeper) and lines[last].strip():
        last += 1
    return last


def _behind(references: Mapping[str, str], name: str, path: Path) -> Files:
    """Return the references, those functions of `name` replaced that `path` writes too."""
    written = read_source(path).replace(FUTURE, "")  # allowed at the top of a file only
    if _spans(written).keys().isdisjoint(_spans(references[name])):
        raise AuthorError(
            path,
            "writes nothing of the reference differently",
            expected=f"at least one of {', '.join(_spans(references[name]))}",
            found=", ".join(_spans(written)) or "no function",
            fix="correct the functions' names",
        )
    sources = {**references, name: f"{references[name]}\n\n{written}"}
    return {name: source.encode() for name, source in sources.items()}


def _references(assignment: Assignment) -> dict[str, str]:
    return {name: read_source(assignment.private / name) for name in assignment.files}


def _stubs(assignment: Assignment) -> dict[str, str]:
    return {
        name: strip(source, assignment.private / name)
        for name, source in _references(assignment).items()
    }
