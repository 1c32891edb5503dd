"""Make a class: submissions as students hand them in, on disk, and what each of them really is.

    Assignment, seed -> [demo] -> out/<student>/, <student>.zip, <student>.py, labels.json

Part of the class is right, part is wrong in ways that the assignment's catalogue knows, part is
unfinished, and part is odd in each of the ways that a grader has to survive. `labels.json` says
which is which; it lies beside the submissions, never inside one. The same seed makes the same
class, byte for byte.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from autograder import mistakes, oddities, samples
from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.samples import Files
from autograder.strip import BEGIN, END, GIVEN

_T = TypeVar("_T")

LABELS = "labels.json"
MOST_MISTAKES = 4  # in one submission
UNFINISHED = 4  # submissions with some questions left as handed out
FIRST = (
    "amelia anna ben boris carla chidi daria dmitri elif emil fatima felix greta hana hugo ines "
    "ivan jonas kaito lara leon maya mila noah olga omar paula quentin rosa samir tariq zoë"
)
LAST = (
    "adeyemi bauer bianchi castillo chen dubois eriksen fischer garcia haddad ivanova jansen "
    "kowalski larsen lindqvist marino müller nakamura novak okafor petrov quispe rossi zhang"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One submission before it is on disk."""

    kind: str  # "mistakes", "infinite loop": what a label says
    files: Files  # path -> content; a single ".zip" or ".py" path is handed in as it is
    form: str = ""  # "folder", "zip" or "py"; chosen at random if empty
    mistakes: tuple[str, ...] = ()  # ids
    questions: tuple[str, ...] = ()  # which the oddity strikes, or which are unfinished


def make_class(assignment: Assignment, out: Path, *, count: int = 44, seed: int = 0) -> list[str]:
    """Write a class of submissions under `out`, and return their names there.

    Args:
        assignment: with reference, variants and catalogue of mistakes.
        out: made if it is not there; a class that was made there before is replaced.
        count: how many submissions, at least one of each kind.
        seed: decides everything that is random.

    Raises:
        UsageError: `out` holds something else, or `count` is too small for all kinds.
    """
    rng = np.random.default_rng(seed)
    handed = [*_right(assignment), *_unfinished(assignment, rng), *_odd(assignment, rng)]
    if count <= len(handed):
        raise UsageError(f"a class of {count} has no room for all kinds: --count {len(handed) + 1}")
    handed += _wrong(assignment, rng, count - len(handed))
    _make_room(out)
    students = _students(count, rng)
    labels = {}
    for student, index in zip(students, rng.permutation(count), strict=True):
        name = _write(out, student, handed[index], rng)
        labels[name] = {
            "kind": handed[index].kind,
            "mistakes": handed[index].mistakes,
            "questions": handed[index].questions,
        }
    content = {"assignment": assignment.id, "seed": seed, "submissions": labels}
    (out / LABELS).write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    return sorted(labels)


def _right(assignment: Assignment) -> list[Handed]:
    """Return the reference and each variant; and the stub, which is right in its own way."""
    return [
        Handed(kind="reference", files=_as_written(samples.reference_files(assignment))),
        Handed(kind="stub", files=samples.stub_files(assignment)),
        *(
            Handed(kind=f"variant {name}", files=_as_written(files))
            for name, files in samples.variant_files(assignment).items()
        ),
    ]


def _unfinished(assignment: Assignment, rng: np.random.Generator) -> list[Handed]:
    ids = [question.id for question in assignment.questions]
    found = []
    for _ in range(UNFINISHED):
        done = ids[: int(rng.integers(1, max(len(ids), 2)))]  # students begin at the beginning
        files = _as_written(samples.partial_files(assignment, done))
        left = tuple(question for question in ids if question not in done)
        found.append(Handed(kind="unfinished", files=files, questions=left))
    return found


def _wrong(assignment: Assignment, rng: np.random.Generator, count: int) -> list[Handed]:
    """Return submissions with one to four catalogued mistakes, each in another question."""
    by_question: dict[str, list[mistakes.Mistake]] = {}
    for mistake in mistakes.load(assignment).mistakes:
        by_question.setdefault(mistake.question, []).append(mistake)
    if not by_question:
        raise UsageError(f"{mistakes.catalogue_path(assignment)} holds no mistake to make")
    found = []
    for _ in range(count):
        many = int(rng.integers(1, min(MOST_MISTAKES, len(by_question)) + 1))
        questions = rng.permutation(sorted(by_question))[:many]
        made = [_pick(rng, by_question[question]) for question in questions]
        found.append(
            Handed(
                kind="mistakes",
                files=_as_written(mistakes.apply(assignment, *made)),
                mistakes=tuple(mistake.id for mistake in made),
                questions=tuple(mistake.question for mistake in made),
            )
        )
    return found


def _odd(assignment: Assignment, rng: np.random.Generator) -> list[Handed]:
    """Return one submission for each way of being odd."""
    reference = _as_written(samples.reference_files(assignment))
    file = assignment.files[0]
    stem = file.removesuffix(".py")
    ids = [question.id for question in assignment.questions if question.file == file]
    used = {other for question in assignment.questions for other in question.depends_on}
    ends = [question for question in ids if question not in used] or ids  # nothing is built on them
    some = [ids[i] for i in sorted(rng.permutation(len(ids))[: (len(ids) + 1) // 2])]

    def change(kind: str, questions: list[str], edit: Callable[[str], str | bytes]) -> Handed:
        changed = edit(reference[file].decode())
        content = changed if isinstance(changed, bytes) else changed.encode()
        return Handed(kind=kind, files={**reference, file: content}, questions=tuple(questions))

    def code(kind: str, lines: str) -> Handed:
        one = [_pick(rng, ends)]
        return change(kind, one, lambda source: oddities.begin_with(source, one, lines))

    def result(kind: str, questions: list[str], expression: str) -> Handed:
        return change(
            kind, questions, lambda source: oddities.return_as(source, questions, expression)
        )

    others = {name: content for name, content in reference.items() if name != file}
    folder = f"{assignment.id}_final"
    archive = oddities.zipped(reference)
    typo = _pick(rng, ids)
    return [
        code("infinite loop", oddities.LOOP),
        code("os._exit", oddities.EXIT),
        code("huge print", oddities.PRINT),
        code("exception", oddities.UNDEFINED),
        result("NaN", some, oddities.NAN),
        result("wrong shapes", some, oddities.WRONG_SHAPE),
        result("float32 results", ids, oddities.FLOAT32),
        change("syntax error", [], lambda source: oddities.with_typo(source, typo)),
        change("Python 2", [], lambda source: oddities.in_python_2(source, typo)),
        change("non-UTF-8 source", [], oddities.in_windows_1252),
        change("BOM and Windows line ends", [], oddities.from_windows),
        change("empty file", [], lambda _: b""),
        Handed(
            kind="missing file",
            files={**others, "notes.txt": b"I will hand in the rest tomorrow.\n"},
            form="folder",
        ),
        Handed(
            kind="second download",
            files=oddities.renamed(reference, file, f"{stem} (1).py"),
            form="zip",
        ),
        Handed(
            kind="wrong file name",
            files=oddities.renamed(reference, file, f"my_{stem}.py"),
            form="folder",
        ),
        Handed(
            kind="double ending",
            files=oddities.renamed(reference, file, f"{file}.txt"),
            form="folder",
        ),
        Handed(
            kind="notebook",
            files={**others, f"{stem}.ipynb": oddities.as_notebook(reference[file].decode())},
            form="folder",
        ),
        Handed(kind="extra folder level", files=oddities.below(folder, reference), form="zip"),
        Handed(kind="zip in zip", files={f"{assignment.id}.zip": archive}, form="zip"),
        Handed(kind="damaged zip", files={"": oddities.truncated(archive)}, form="raw zip"),
    ]


def _pick(rng: np.random.Generator, options: list[_T]) -> _T:
    return options[int(rng.integers(len(options)))]


def _as_written(files: Files) -> Files:
    """Return files without the marks that only a reference has."""
    marks = (BEGIN, END, GIVEN)
    return {
        name: "\n".join(
            line for line in source.decode().split("\n") if line.strip() not in marks
        ).encode()
        for name, source in files.items()
    }


# --- on disk ------------------------------------------------------------------------------------


def _make_room(out: Path) -> None:
    """Make the folder, or empty it if it holds a class that was made here before."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not (out / LABELS).is_file():
            raise UsageError(f"{out} exists and is no class that was made here: name another")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)


def _students(count: int, rng: np.random.Generator) -> list[str]:
    """Return names that nobody has, all different: `okafor_amelia`."""
    pairs = [f"{last}_{first}" for last in LAST.split() for first in FIRST.split()]
    if count > len(pairs):
        raise UsageError(f"a class has at most {len(pairs)} students")
    return [pairs[i] for i in rng.permutation(len(pairs))[:count]]


def _write(out: Path, student: str, handed: Handed, rng: np.random.Generator) -> str:
    """Write one submission and return its name in `out`."""
    forms = ["folder", "zip", "py"] if len(handed.files) == 1 else ["folder", "zip"]
    form = handed.form or _pick(rng, forms)
    if form == "folder":
        for path, content in handed.files.items():
            target = out / student / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return student
    content = next(iter(handed.files.values()))
    name = f"{student}.{'py' if form == 'py' else 'zip'}"
    (out / name).write_bytes(oddities.zipped(handed.files) if form == "zip" else content)
    return name
