"""Make submissions out of an assignment: reference, stub, variants, wrong ones, parts of them.

    Assignment -> [samples] -> {file name: bytes}, as `Submission.files` has them

Sources are cut at the functions that `ast` finds and put together as text; nothing is imported or
run. These are the submissions by which a grader is proved.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
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
            text += f"def {question.id}(*args, **kwargs):\n    return {value}\n"
        submissions[name] = {file: text.encode() for file in assignment.files}
    return submissions


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
            stub = function_source(stubs[question.file], question.id)
            source = references[question.file]
            references[question.file] = with_function(source, question.id, stub)
    return {name: source.encode() for name, source in references.items()}


def function_source(source: str, name: str) -> str:
    """Return the text of a function or class at module level; LookupError if there is none.

    From the line of its `def` (decorators are not part of it) to the last line of its body.
    """
    first, last = _span(source, name)
    return "\n".join(source.split("\n")[first:last])


def with_function(source: str, name: str, text: str) -> str:
    """Return `source` with the text of one function replaced."""
    first, last = _span(source, name)
    lines = source.split("\n")
    return "\n".join([*lines[:first], text, *lines[last:]])


def _span(source: str, name: str) -> tuple[int, int]:
    spans = _spans(source)
    if name not in spans:
        raise LookupError(f"no function {name}")
    return spans[name]


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
    while last < len(lines) and lines[last].startswith((" ", "\t")) and lines[last].strip():
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
