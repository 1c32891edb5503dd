"""Read one student's submission into memory, and say in sentences what was odd about it.

    folder | .zip | .py | .ipynb -> [unpack, intake, syntax, notebooks] -> Submission -> sandbox

A required file is looked for at the root, then in the single top folder, then anywhere if its
name is unique, a zip inside the submission included. Names that a browser, a file manager or an
LMS decorated are undone when the exact name is missing; any other wrong name is named, not taken.
A missing file is an absent entry and a notice. `SubmissionError` means that there is nothing at
all to grade; its text is for the student.

The bytes that were checked are the bytes that run: nothing is read twice.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder import syntax, unpack
from autograder.assignment import Assignment
from autograder.errors import SubmissionError, UsageError
from autograder.notebooks.choice import Choice, choose
from autograder.unpack import Entry, Kind, Listing, printable, quoted

MAX_NAMED = 4  # files named in one sentence; the rest is counted
MAX_NOTICES = 20
LONGEST_NAME = 255
HANDED_IN = (".py", ".zip", ".ipynb", ".rar", ".7z", ".tar", ".gz", ".tgz")  # what students upload
OUR_OWN = frozenset({"results", "__MACOSX"})  # folders beside submissions that are none
TEMPLATE = frozenset({"tests", "student_kit", "data", "figures", "pictures"})  # its folders
TEMPLATE_FILES = re.compile(
    r"(check|submit|look|support|conftest)\.py"
    r"|(README|handout|LICENSE)\.?\w*|pytest\.ini|requirements\.txt|[\w-]+\.(toml|json)"
    r"|[\w-]+-submission\.zip",
    re.IGNORECASE,
)
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
DECORATION = re.compile(  # what stands between a file's stem and its suffix after a second download
    rf"(?: ?\(\d{{1,3}}\)|-\d{{1,3}}|-{UUID}| ?- ?copy| copy)(?: ?\(?\d{{1,3}}\)?)?$", re.IGNORECASE
)
LMS_PREFIX = re.compile(r"(?:[^/]*_)?\d+_\d+_(?=[^/]+$)")  # Canvas: lovelaceada_4711_815_optim.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What one student handed in, read into memory: the bytes that were checked are the bytes
    that run.
    """

    name: str  # the folder or file it came from, unique in a batch
    files: dict[str, bytes]  # required file name -> content; a missing file has no entry
    notices: tuple[str, ...] = ()  # sentences for the student about what was odd


def read_submission(path: Path, assignment: Assignment, *, name: str | None = None) -> Submission:
    """Read a folder, a .zip, a .py or a .ipynb; SubmissionError if it holds nothing to grade.

    Args:
        path: what the student handed in.
        assignment: says which files are required, and how large they may be.
        name: what to call the submission; by default its file or folder name without the suffix.
    """
    path = path.resolve()
    listing = unpack.list_path(path)
    if len(assignment.files) == 1 and path.suffix.lower() == ".py" and not path.is_dir():
        taken = _take_any_name(listing, assignment.files[0])
    else:
        listing = _with_nested_zips(listing, assignment.files)
        taken = _take_by_name(listing, assignment.files)
    files, notices = _read(taken.entries, assignment)
    choice = choose(files, _notebooks(listing), assignment)
    if taken.guess is not None and not (choice.notebook and choice.notebook.has_answers):
        taken = taken.with_guess(assignment.files[0])
        files, notices = _read(taken.entries, assignment)
        choice = choose(files, _notebooks(listing), assignment)
    notices = [*listing.notices, *taken.notices, *notices, *choice.notices]
    notices += _all_missing(listing, taken, choice, assignment)
    notices += (
        syntax.not_text(name, source)
        for name, source in choice.files.items()
        if source is files.get(name)
    )
    notices = list(filter(None, notices))
    if not choice.files:
        raise SubmissionError("\n".join(["There is nothing to grade.", *notices[:MAX_NOTICES]]))
    notices += _ignored(listing, taken.entries.values(), choice, assignment)
    return Submission(
        name=name or default_name(path), files=choice.files, notices=tuple(notices[:MAX_NOTICES])
    )


def default_name(path: Path) -> str:
    """Return what a submission is called after its file or folder, fit for a folder's name."""
    path = path.resolve()
    name = path.name if path.is_dir() else path.stem
    return (
        printable(name, width=100).replace("\\", "_").replace("/", "_").lstrip(".") or "submission"
    )


def unique_names(paths: Sequence[Path]) -> list[str]:
    """Return a name for each submission of a batch, no two alike (nor alike but for case)."""
    taken: set[str] = set()
    names = []
    for path in paths:
        resolved = path.resolve()
        plain = default_name(path)
        longer = (resolved.name.replace(".", "_"), f"{resolved.parent.name}_{plain}")
        numbered = (f"{plain}_{number}" for number in range(2, len(paths) + 2))
        options = (plain, *(printable(option, width=100) for option in longer), *numbered)
        name = next(option for option in options if option.casefold() not in taken)
        taken.add(name.casefold())
        names.append(name)
    return names


# --- which submissions there are ---------------------------------------------------------------


def discover(paths: Sequence[Path], assignment: Assignment) -> list[Path]:
    """Return the submissions that these paths hold: themselves, or each child of a folder.

    A folder is one submission if it holds a required file at its root or in its single top
    folder, and also if nothing in it looks like a submission; else each of its children is one.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(f"no submission {str(path)!r}: there is no such file or folder")
        for submission in _submissions_in(path, (*assignment.files, f"{assignment.id}.ipynb")):
            found.setdefault(submission.resolve(), submission)
    return list(found.values())


def _submissions_in(path: Path, required: Sequence[str]) -> list[Path]:
    if not path.is_dir() or _is_submission(path, required):
        return [path]
    children = _children(path)
    if len(children) == 1 and children[0].is_dir():
        below = _children(children[0])  # an export that was unpacked into a folder of its own
        if len(below) > 1 and all(child.is_dir() or child.suffix == ".zip" for child in below):
            return below
    return children or [path]


def _children(folder: Path) -> list[Path]:
    return [
        child
        for child in sorted(folder.iterdir(), key=lambda child: (child.name.casefold(), child.name))
        if not unpack.is_junk(child.name)
        and child.name not in OUR_OWN
        and not (child / "grades.csv").exists()
        and (child.is_dir() or child.suffix.lower() in HANDED_IN)
    ]


def _is_submission(folder: Path, required: Sequence[str]) -> bool:
    names = [child.name for child in folder.iterdir() if not unpack.is_junk(child.name)]
    if any(name.casefold() in {r.casefold() for r in required} for name in names):
        return True
    plain = [undecorated(name) for name in names if not LMS_PREFIX.match(name)]
    if any(plain.count(r.casefold()) == 1 for r in required):
        return True
    if _is_one_notebook(folder, names):
        return True
    folders = [name for name in names if (folder / name).is_dir()]
    return len(folders) == 1 and any((folder / folders[0] / r).exists() for r in required)


def _is_one_notebook(folder: Path, names: Sequence[str]) -> bool:
    """Whether a folder holds one notebook, and beside it nothing else that one hands in."""
    handed_in = [
        name
        for name in names
        if name not in TEMPLATE
        and not TEMPLATE_FILES.fullmatch(name)
        and ((folder / name).is_dir() or name.lower().endswith(HANDED_IN))
    ]
    return len(handed_in) == 1 and handed_in[0].lower().endswith(".ipynb")


def undecorated(name: str) -> str:
    """Return a file's name without what a second download or an LMS adds to it, in lower case."""
    if len(name) > LONGEST_NAME:  # no file system has it, and patterns take their time on it
        return ""
    prefix = LMS_PREFIX.match(name)
    path = PurePosixPath(name[prefix.end() :] if prefix else name)
    return f"{DECORATION.sub('', path.stem)}{path.suffix}".casefold()


# --- which entry is which required file --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """Which entry is which required Python file."""

    entries: dict[str, Entry]
    notices: tuple[str, ...] = ()
    unclear: frozenset[str] = frozenset()  # files that have had their sentence
    guess: Entry | None = None  # may be the only required file, if no notebook is

    def with_guess(self, name: str) -> _Taken:
        """Return this with the guess taken for the file."""
        assert self.guess is not None
        notices = _say_place(name, self.guess, [self.guess])
        return _Taken(entries={name: self.guess}, notices=(*self.notices, *notices))


def _take_any_name(listing: Listing, required: str) -> _Taken:
    """Take the one file as the one required file: in a class, it carries the student's name."""
    entry = listing.entries[0]
    notices = []
    if entry.name != required:
        notices.append(f"{quoted(entry.name)} was graded as {required}.")
    return _Taken(entries={required: entry}, notices=tuple(notices))


def _notebooks(listing: Listing) -> list[Entry]:
    return [
        entry
        for entry in listing.entries
        if entry.kind is Kind.FILE
        and entry.name.casefold().endswith(".ipynb")
        and not _from_template(entry)
    ]


def _with_nested_zips(listing: Listing, required: Sequence[str]) -> Listing:
    """Add what zips inside the submission hold, if a required file is missing without them."""
    have = {undecorated(e.name) for e in listing.entries if e.kind is Kind.FILE}
    if all(name.casefold() in have for name in required):
        return listing
    entries, notices = list(listing.entries), list(listing.notices)
    room = unpack.MAX_ZIP_BYTES  # for all of them together: they stay in memory
    for entry in listing.entries:
        if entry.kind is not Kind.FILE or not entry.name.lower().endswith(".zip"):
            continue
        room -= entry.size
        if room < 0:
            notices.append(f"{quoted(entry.path)} was not opened: too much to unpack.")
            break
        try:
            inner = unpack.open_nested(entry)
        except SubmissionError as error:
            notices.append(str(error))
            continue
        entries += inner.entries
        notices += inner.notices
    return Listing(entries=tuple(entries), notices=tuple(notices))


def _take_by_name(listing: Listing, required: Sequence[str]) -> _Taken:
    chosen: dict[str, Entry] = {}
    notices: list[str] = []
    unclear: set[str] = set()
    guess = None
    for name in required:
        same = [e for e in listing.entries if e.name == name]
        notices += [_not_a_file(name, e) for e in same if e.kind is not Kind.FILE]
        candidates = [e for e in same if e.kind is Kind.FILE] or [
            e
            for e in listing.entries
            if e.kind is Kind.FILE and e.name != name and undecorated(e.name) == name.casefold()
        ]
        if not candidates and len(required) == 1:
            guess = _only_source(listing)
        entry = _best_place(candidates, listing)
        if entry is not None:
            chosen[name] = entry
            notices += _say_place(name, entry, candidates)
        elif candidates:
            notices.append(
                f"{name} was not graded: it is there more than once, and it is not clear which "
                f"one counts: {_names(e.path for e in candidates)}. Hand in one."
            )
            unclear.add(name)
    return _Taken(entries=chosen, notices=tuple(notices), unclear=frozenset(unclear), guess=guess)


def _only_source(listing: Listing) -> Entry | None:
    """Return the only Python file that is not the template's, whatever its name, or nothing."""
    sources = [
        entry
        for entry in listing.entries
        if entry.kind is Kind.FILE
        and entry.name.casefold().endswith((".py", ".py.txt"))
        and not _from_template(entry)
    ]
    return sources[0] if len(sources) == 1 else None


def _best_place(candidates: list[Entry], listing: Listing) -> Entry | None:
    """Return the entry at the root, else the one in the single top folder, else the only one."""
    tops = {e.path.partition("/")[0] for e in listing.entries if "/" in e.path}
    tops |= {e.path for e in listing.entries if e.kind is Kind.FOLDER and not e.folder}
    places = [""] + (list(tops) if len(tops) == 1 else [])
    for place in places:
        here = [entry for entry in candidates if entry.folder == place]
        if here:
            return here[0] if len(here) == 1 else None
    return candidates[0] if len(candidates) == 1 else None


def _say_place(name: str, entry: Entry, candidates: list[Entry]) -> list[str]:
    notices = []
    if entry.name != name:
        notices.append(f"{quoted(entry.name)} was graded as {name}: please name it {name}.")
    if entry.folder:
        inside = "zip file" if entry.folder.lower().endswith(".zip") else "folder"
        notices.append(
            f"{name} was found in the {inside} {quoted(entry.folder)}; it belongs at the top of "
            "what you hand in."
        )
    others = [other.path for other in candidates if other is not entry]
    if others:
        notices.append(
            f"{name} is there more than once: {quoted(entry.path)} was graded, "
            f"{_names(others)} not."
        )
    return notices


def _not_a_file(name: str, entry: Entry) -> str:
    if entry.kind is Kind.LINK:
        return (
            f"{quoted(entry.path)} is a link to another place, and links are not followed. "
            f"Hand in the file {name} itself."
        )
    return f"{quoted(entry.path)} is a {entry.kind.value}, not a file, so it is not {name}."


def _all_missing(
    listing: Listing, taken: _Taken, choice: Choice, assignment: Assignment
) -> list[str]:
    """Say which files are not there; a notebook that was refused has had its sentence."""
    names = [
        name
        for name in assignment.files
        if name not in choice.files and name not in taken.entries and name not in taken.unclear
    ]
    if choice.notebook is not None:
        return [
            f"{name} is missing, so its questions get no points: the notebook {choice.shown} has "
            "none of its functions."
            for name in names
        ]
    if choice.notices and not choice.files:
        return []
    return [_missing(name, listing, assignment.files) for name in names]


def _missing(name: str, listing: Listing, required: Sequence[str]) -> str:
    files = [e for e in listing.entries if e.kind is Kind.FILE and e.name not in required]
    found = _names(e.path for e in files if not _from_template(e))
    return (
        f"{name} is missing, so its questions get no points. "
        f"Found: {found or 'no file by another name'}.{_did_you_mean(name, files)}"
    )


def _did_you_mean(name: str, files: Sequence[Entry]) -> str:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    names = list({e.name: None for e in files if len(e.name) <= 100 and not _from_template(e)})
    for other in names[:200]:
        lower = other.casefold()
        if lower.startswith(f"{name.casefold()}."):
            return (
                f" Rename {quoted(other)} to {name}: your computer may hide the ending "
                f"{quoted(other[len(name) :])}, so switch on file name extensions."
            )
        if lower == stem.casefold():
            return f" Rename {quoted(other)} to {name}: it lacks the ending {suffix}."
    sources = [other for other in names[:200] if other.casefold().endswith(suffix)]
    close = difflib.get_close_matches(name, sources, n=1, cutoff=0.5)
    near = close or [other for other in sources if stem.casefold() in other.casefold()]
    if near:
        return f" Did you mean {quoted(near[0])}? Rename it to {name} and hand it in again."
    archives = [other for other in names if other.casefold().endswith(HANDED_IN[3:])]
    if archives:
        return f" {quoted(archives[0])} cannot be opened here: hand in {name}, or a .zip of it."
    return ""


# --- what is in them ----------------------------------------------------------------------------


def _read(chosen: dict[str, Entry], assignment: Assignment) -> tuple[dict[str, bytes], list[str]]:
    files: dict[str, bytes] = {}
    notices: list[str] = []
    for name, entry in chosen.items():
        try:
            source = entry.read(assignment.limits.file_kb * 1024)
        except SubmissionError as error:
            notices.append(f"{name} was not graded. {error}")
            continue
        files[name] = source
    return files, notices


def _ignored(
    listing: Listing, chosen: Iterable[Entry], choice: Choice, assignment: Assignment
) -> list[str]:
    """Say which files were not looked at, without those that every student has."""
    taken = {entry.path for entry in chosen} | choice.settled
    opened = {part for path in taken for part in _parents(path)}
    ours = {path.name for path in assignment.public.glob("*.py")}  # look.py, and what it needs
    extra = [
        entry.path
        for entry in listing.entries
        if entry.path not in taken | opened
        and entry.kind is not Kind.FOLDER
        and entry.name not in assignment.files  # these have a sentence of their own
        and entry.name not in ours
        and not _from_template(entry)
    ]
    if not extra:
        return []
    only = " and ".join(assignment.files)
    return [
        f"Only {only} {'is' if len(assignment.files) == 1 else 'are'} graded; ignored: "
        f"{_names(extra)}."
    ]


def _parents(path: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(path).parents]


def _from_template(entry: Entry) -> bool:
    folders = entry.folder.split("/")
    return not TEMPLATE.isdisjoint(folders[:2]) or bool(TEMPLATE_FILES.fullmatch(entry.name))


def _names(paths: Iterable[str]) -> str:
    """Name a few files: `'a.py', 'b.py' and 3 more`."""
    paths = list(paths)
    shown = ", ".join(quoted(path) for path in paths[:MAX_NAMED])
    return shown + (f" and {len(paths) - MAX_NAMED} more" if len(paths) > MAX_NAMED else "")
