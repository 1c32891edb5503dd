"""Generate the folder that students download.

    assignments/<hw>/ + strip(solutions/<hw>/*.py) + notebook + hints + student_kit/ +
        template_files/ -> [template] -> student_template/<hw>/

That sum is the whole builder. Of `solutions/<hw>/` only the files that students submit are read,
and only through `strip`; `notebook.py`, which holds no answer and is public; and the catalogue of
mistakes, only through `hints`, which seals what it writes. What was built is searched for leaks
(see `leaks`) before anything is written. The result depends on nothing but the sources: LF line
ends, no dates, sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import student_kit
from autograder import hints, leaks, student_notebook
from autograder.assignment import Assignment
from autograder.errors import AuthorError, UsageError
from autograder.strip import read_source, strip

OLDEST = {"numpy": "1.22", "torch": "2.2"}  # that students may have
FIXED_FILES = Path(__file__).parent / "template_files"
KIT = Path(student_kit.__file__).parent
_CACHES = {
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".DS_Store",
}
_TEXT = {".py", ".md", ".toml", ".txt", ".ini", ".csv", ".json"}


def generate(assignment: Assignment, out_folder: Path) -> tuple[str, ...]:
    """Write the template of an assignment and return the names of its files.

    Args:
        assignment: what to publish.
        out_folder: student_template/<hw>; files of an earlier run that are no longer part of the
            template are removed.

    Raises:
        AuthorError: a rule of `strip` is broken, two sources want the same name, or something
            private would be published. Nothing has been written then.
        UsageError: `out_folder` holds something that is no template.
    """
    files = build(assignment)
    present = _present(out_folder)
    if present and not {"check.py", "assignment.toml"} <= present.keys():
        raise UsageError(
            f"{out_folder} is not empty and holds no template\n"
            f"  found  {', '.join(sorted(present)[:5])}\n"
            "  fix    name another folder, or empty this one"
        )
    for name in present.keys() - files.keys():
        (out_folder / name).unlink()
    for name, content in files.items():
        path = out_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if present.get(name) != content:
            path.write_bytes(content)
    return tuple(files)


def differences(assignment: Assignment, out_folder: Path) -> list[str]:
    """Return one line per file of `out_folder` that is not as `generate` would write it."""
    files = build(assignment)
    present = _present(out_folder)
    found = []
    for name in sorted(files.keys() | present.keys()):
        if name not in present:
            found.append(f"missing    {name}")
        elif name not in files:
            found.append(f"extra      {name}")
        elif files[name] != present[name]:
            found.append(
                f"different  {name} (line {_first_difference(files[name], present[name])})"
            )
    return found


def build(assignment: Assignment) -> dict[str, bytes]:
    """Return the whole template, name -> content, sorted, after looking for leaks."""
    stubs = _stubs(assignment)
    parts = [
        _tree(assignment.public, "", lambda name: True),
        stubs,
        student_notebook.build(assignment, stubs),
        hints.build(assignment),
        _tree(KIT, "student_kit/", lambda name: name.endswith((".py", "py.typed"))),
        _fixed(assignment),
    ]
    files: dict[str, bytes] = {}
    for part in parts:
        for name, content in part.items():
            if name in files:
                raise AuthorError(
                    assignment.public,
                    f"two sources for the template's {name}",
                    expected="each name once among the public files, the stubs and the kit",
                    found=name,
                    fix="rename the public file",
                )
            files[name] = content
    files = dict(sorted(files.items()))
    leaks.check_stubs(files, assignment)
    leaks.check_text(files, assignment)
    return files


def _stubs(assignment: Assignment) -> dict[str, bytes]:
    """Return the stripped files: the only way from solutions/<hw>/ into the template."""
    stubs = {}
    for name in assignment.files:
        if PurePosixPath(name).name != name or not name.endswith(".py"):
            raise AuthorError(
                assignment.public / "assignment.toml",
                "a submitted file is a Python file at the top of the folder",
                expected="a name such as optim.py",
                found=repr(name),
                fix="correct `files`",
            )
        path = assignment.private / name
        _require_inside(path, assignment.private)
        stubs[name] = strip(read_source(path), path).encode("utf-8")
    return stubs


def _fixed(assignment: Assignment) -> dict[str, bytes]:
    """Return the files that every template has, with this assignment's name filled in."""
    words = {
        b"ASSIGNMENT_ID": assignment.id,
        b"ASSIGNMENT_TITLE": assignment.title,
        b"ASSIGNMENT_FILES": ", ".join(f"`{name}`" for name in assignment.files),
        b"ASSIGNMENT_QUESTION": assignment.questions[0].id,
        b"ASSIGNMENT_LIBRARIES": "\n".join(
            f"{name}>={OLDEST[name]}" if name in OLDEST else name for name in assignment.libraries
        ),
    }
    files = _tree(FIXED_FILES, "", lambda name: True)
    for name in files:
        for word, value in words.items():
            files[name] = files[name].replace(word, value.encode("utf-8"))
    return files


def _tree(folder: Path, prefix: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the files below a folder, text with LF; a link that leads out of it is refused."""
    files = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if _CACHES & set(relative.parts) or path.suffix == ".pyc" or not wanted(path.name):
            continue
        _require_inside(path, folder)
        if path.is_file():
            content = path.read_bytes()
            if path.suffix in _TEXT:
                content = content.replace(b"\r\n", b"\n")
            files[f"{prefix}{relative.as_posix()}"] = content
    return files


def _require_inside(path: Path, folder: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise AuthorError(
            path,
            "leads out of its folder",
            expected=f"a file inside {folder}",
            found=str(path.resolve()),
            fix="replace the link by a file",
        )


def _present(folder: Path) -> Mapping[str, bytes]:
    if not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not _CACHES & set(path.relative_to(folder).parts)
        and path.suffix != ".pyc"
    }


def _first_difference(expected: bytes, found: bytes) -> int:
    pairs = zip(expected.split(b"\n"), found.split(b"\n"), strict=False)
    shorter = min(expected.count(b"\n"), found.count(b"\n")) + 1
    return next((n for n, (old, new) in enumerate(pairs, start=1) if old != new), shorter)
