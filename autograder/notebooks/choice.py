"""Which notebook counts, and where it counts instead of a Python file.

    Python files + notebooks of one submission -> [choice: submitted] -> Choice

The template has both, so both are often handed in, and one of them is as it was handed out. What
has answers counts before what has none; of two that have answers, the file that was asked for by
name. Nobody's work is dropped without a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.assignment import Assignment
from autograder.errors import SubmissionError
from autograder.notebooks import submitted
from autograder.notebooks.submitted import Notebook
from autograder.unpack import Entry, quoted

MAX_READ = 4  # notebooks of one submission


@dataclass(slots=True, kw_only=True)
class Choice:
    """The files of a submission, and what became of its notebooks."""

    files: dict[str, bytes]  # required file name -> what is graded as it
    notices: list[str] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)  # paths that need no other sentence
    notebook: Notebook | None = None  # the one that counts, where it counts
    shown: str = ""  # its name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    path: str
    notebook: Notebook

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def choose(files: Mapping[str, bytes], entries: Sequence[Entry], assignment: Assignment) -> Choice:
    """Decide for each file whether a Python file or a notebook is graded as it.

    Args:
        files: the Python files that were found, by the names that are asked for. One may turn out
            to be a notebook.
        entries: the files that are called notebooks, the nearest to the root first.
        assignment: says what is asked for.
    """
    renamed = {name: data for name, data in files.items() if submitted.looks_like_one(data)}
    choice = Choice(files={name: files[name] for name in files if name not in renamed})
    found, refused = _read_all(renamed, entries, assignment)
    without_answers = {each.path for each in found if not each.notebook.has_answers}
    with_answers = [each for each in found if each.path not in without_answers]
    choice.settled |= without_answers
    best = _best(with_answers or found, assignment)
    missing = [name for name in assignment.files if name not in choice.files]
    if best is not None:
        choice.notebook, choice.shown = best.notebook, quoted(best.name)
        if best.path in renamed:
            choice.notices.append(f"{choice.shown} is a notebook, and was graded as one.")
        choice.settled.add(best.path)
        _take(best, choice, assignment)
    elif found and missing:
        names = ", ".join(quoted(each.path) for each in found)
        choice.notices.append(
            f"No notebook was graded: there are {len(found)} that could count, {names}. "
            "Hand in one."
        )
        choice.settled |= {each.path for each in found}
    elif missing:
        choice.notices += refused.values()
        choice.settled |= refused.keys()
    return choice


def _read_all(
    renamed: Mapping[str, bytes], entries: Sequence[Entry], assignment: Assignment
) -> tuple[list[_Candidate], dict[str, str]]:
    """Return the notebooks that can be read, and for the others the sentence that says why not."""
    found, refused = [], {}
    ordered = sorted(entries, key=lambda entry: entry.name != _own_name(assignment))
    for path, entry in [
        *((name, None) for name in renamed),
        *((entry.path, entry) for entry in ordered[:MAX_READ]),
    ]:
        try:
            data = renamed[path] if entry is None else entry.read(submitted.MAX_BYTES)
            notebook = submitted.read(path, data, assignment)
            found.append(_Candidate(path=path, notebook=_fitting(notebook, assignment)))
        except SubmissionError as error:
            refused[path] = str(error)
    return found, refused


def _fitting(notebook: Notebook, assignment: Assignment) -> Notebook:
    """Return the notebook; SubmissionError if its code is larger than a file may be."""
    largest = max(map(len, notebook.files.values()))
    if largest > assignment.limits.file_kb * 1024:
        raise SubmissionError(
            f"The code of the notebook is too large: {largest // 1024} KB, and a file may have "
            f"{assignment.limits.file_kb} KB."
        )
    return notebook


def _own_name(assignment: Assignment) -> str:
    return f"{assignment.id}.ipynb"


def _best(found: list[_Candidate], assignment: Assignment) -> _Candidate | None:
    """Return the only one, else the one with the template's name, else the only one on top."""
    named = [each for each in found if each.name == _own_name(assignment)]
    depth = min((each.path.count("/") for each in found), default=0)
    nearest = [each for each in found if each.path.count("/") == depth]
    return next((some[0] for some in (found, named, nearest) if len(some) == 1), None)


def _take(best: _Candidate, choice: Choice, assignment: Assignment) -> None:
    """Put the notebook in the place of the files that it is graded as, and say so if need be."""
    taken = False
    for name, program in best.notebook.files.items():
        own = choice.files.get(name)
        if own is None:
            choice.files[name] = program
            taken = True
        elif best.notebook.answered[name] and not _is_copy(own, program):
            if submitted.answers(name, own, assignment):
                choice.notices.append(
                    f"Both {name} and the notebook {choice.shown} hold answers: {name} was "
                    "graded, the notebook not. Hand in one of them."
                )
            else:
                choice.notices.append(
                    f"{name} holds no answers, so those in the notebook {choice.shown} were graded."
                )
                choice.files[name] = program
                taken = True
    if taken:
        choice.notices += best.notebook.notices


def _is_copy(own: bytes, program: bytes) -> bool:
    """Whether a file is what a cell of the notebook has written."""
    return program.replace(b"\r", b"").strip().endswith(own.replace(b"\r", b"").strip())
