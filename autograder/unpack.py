"""List what a submission holds, without trusting any of it: a folder, a zip file or one file.

    folder | .zip | file -> [unpack] -> Listing -> intake

Nothing is extracted to disk and no link is followed. A listing holds names and sizes; a content
is read only when somebody asks for it, and never more bytes than they allow. So a zip bomb costs
what a small file costs, and a path such as `../../x` leads nowhere. What cannot be used is left
out and said, in a sentence for the student.

Knows nothing of assignments. A `SubmissionError` is theirs; a file that the operating system does
not let us read is ours (`GraderError`).
"""

from __future__ import annotations

import io
import itertools
import os
import re
import stat
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

from autograder.errors import GraderError, SubmissionError

MAX_ENTRIES = 20_000  # files and folders in one submission; a stray virtual environment has fewer
MAX_DEPTH = 20  # folders inside folders
MAX_ZIP_BYTES = 32 << 20  # of a zip file itself; of all zips inside it together, unpacked
MAX_SHOWN_NAME = 60  # characters of a student's file name in a message
JUNK = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})  # and all that begin "."
READABLE_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
OTHER_FORMATS = {  # how other files begin, and what to call them
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"<!": "a web page",
    b"<html": "a web page",
    b"PK": "a zip file",
}
# what `zipfile` raises for archives that are damaged on purpose or by accident
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Kind(str, Enum):
    """What an entry is. Only a FILE is ever read."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "special file"  # a pipe, a socket, a device


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name in a submission."""

    path: str  # relative, parts separated by "/": "hw1/optim.py"
    kind: Kind
    size: int = 0  # bytes, as declared; the reader does not rely on it
    reader: Callable[[int], bytes] | None = None  # returns at most so many bytes

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """All but the last part of the path; empty at the root."""
        return self.path.rpartition("/")[0]

    def read(self, limit: int) -> bytes:
        """Return the content; SubmissionError if it is larger than `limit` bytes or damaged."""
        if self.reader is None:
            raise SubmissionError(f"{quoted(self.path)} is a {self.kind.value}, not a file.")
        data = self.reader(limit + 1) if self.size <= limit else b""
        size = max(self.size, len(data))
        if size > limit:
            raise SubmissionError(
                f"{quoted(self.path)} is too large: {_readable_size(size)}, and a file may have "
                f"{_readable_size(limit)}. It was not read."
            )
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a submission holds, junk left out; the entries nearest to the root come first."""

    entries: tuple[Entry, ...]
    notices: tuple[str, ...] = ()  # sentences for the student: what was left out, and why


def quoted(name: str) -> str:
    """Return a student's file name in quotes, fit for a message: no control characters, short."""
    return f"'{printable(name)}'"


def printable(text: str, *, width: int = MAX_SHOWN_NAME) -> str:
    """Return text with whatever is not printable escaped, and cut to `width` characters."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text[:width]
    )
    return shown if len(text) <= width and len(shown) <= width else f"{shown[: width - 1]}…"


def is_junk(name: str) -> bool:
    """Say whether a file or folder of this name comes from a computer, not from a student."""
    return name in JUNK or name.startswith(".")


def list_path(path: Path) -> Listing:
    """List a folder, a zip file, or a single file; SubmissionError if it can be none of these."""
    if path.is_dir():
        return list_folder(path)
    if path.exists() and not path.is_file():  # a pipe would make us wait
        raise SubmissionError(f"{quoted(path.name)} is not a regular file.")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise GraderError(f"cannot read the submission {path}: {error}") from error
    if path.suffix.lower() in (".py", ".ipynb"):
        reader = partial(_read_file, path.resolve())
        return Listing(entries=(Entry(path=path.name, kind=Kind.FILE, size=size, reader=reader),))
    if start.startswith(b"PK"):
        return list_zip(_read_zip_file(path, size), path.name)
    found = "empty (0 bytes)" if not size else what_it_is(start)
    found = found or "neither a .zip, a .py nor a notebook"
    raise SubmissionError(
        f"{quoted(path.name)} is {found}, so there is nothing to grade. Hand in the files "
        "themselves, or a .zip of them."
    )


def what_it_is(start: bytes) -> str:
    """Name the format that a file with these first bytes has; empty if it is not known."""
    return next((what for magic, what in OTHER_FORMATS.items() if start.startswith(magic)), "")


def list_folder(folder: Path) -> Listing:
    """List a folder, level by level, never through a link."""
    entries: list[Entry] = []
    notices: list[str] = []
    queue: deque[tuple[str, ...]] = deque([()])
    while queue:
        parts = queue.popleft()
        try:
            with os.scandir(folder.joinpath(*parts)) as found:
                children = list(itertools.islice(found, MAX_ENTRIES + 1))
        except OSError as error:
            if not parts:
                raise GraderError(f"cannot read the submission {folder}: {error}") from error
            notices.append(f"The folder {quoted('/'.join(parts))} cannot be opened: ignored.")
            continue
        for child in sorted(children, key=lambda child: child.name):
            if is_junk(child.name):
                continue
            if len(entries) >= MAX_ENTRIES:
                notices.append(_too_many())
                return Listing(entries=tuple(entries), notices=tuple(notices))
            entry = _folder_entry(child, parts)
            entries.append(entry)
            if entry.kind is Kind.FOLDER and len(parts) < MAX_DEPTH:
                queue.append((*parts, child.name))
    return Listing(entries=tuple(entries), notices=tuple(notices))


def _folder_entry(child: os.DirEntry[str], parts: tuple[str, ...]) -> Entry:
    path = "/".join((*parts, child.name))
    if child.is_symlink():
        return Entry(path=path, kind=Kind.LINK)
    if child.is_dir(follow_symlinks=False):
        return Entry(path=path, kind=Kind.FOLDER)
    if not child.is_file(follow_symlinks=False):
        return Entry(path=path, kind=Kind.OTHER)
    reader = partial(_read_file, Path(child.path))
    size = child.stat(follow_symlinks=False).st_size
    return Entry(path=path, kind=Kind.FILE, size=size, reader=reader)


def _read_file(path: Path, limit: int) -> bytes:
    try:
        # not through a link, and without waiting for the other end of a pipe
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise SubmissionError(f"{quoted(path.name)} is not a regular file.")
            return file.read(limit)
    except OSError as error:
        raise GraderError(f"cannot read the submission's file {path}: {error}") from error


def _read_zip_file(path: Path, size: int) -> bytes:
    if size > MAX_ZIP_BYTES:
        raise SubmissionError(_too_large_zip(path.name, size))
    return _read_file(path.resolve(), MAX_ZIP_BYTES)


def list_zip(data: bytes, name: str) -> Listing:
    """List the members of a zip file in memory; SubmissionError if it is not one, or too full."""
    # each member has one such header in the table of contents: count before anything is built
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise SubmissionError(f"{quoted(name)}: {_too_many()} Hand in only the files asked for.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGED:
        raise SubmissionError(
            f"{quoted(name)} cannot be opened: the zip file is damaged or incomplete. "
            "Make it again and hand it in again."
        ) from None
    entries: dict[str, Entry] = {}
    notices: list[str] = []
    for member in archive.infolist():
        path = _path_inside(member.filename)
        if path is None:
            notices.append(
                f"The zip names a place outside of itself, {quoted(member.filename)}: ignored."
            )
        elif path and not any(is_junk(part) for part in path.split("/")):
            if path in entries and not member.is_dir():
                notices.append(f"The zip holds {quoted(path)} twice: the last one counts.")
            entries[path] = _zip_entry(archive, member, path)
    ordered = sorted(entries.values(), key=lambda entry: (entry.path.count("/"), entry.path))
    return Listing(entries=tuple(ordered), notices=tuple(notices))


def _path_inside(name: str) -> str | None:
    """Return a member's path with "/" between its parts; None if it leads out of the zip."""
    path = name.replace("\\", "/")  # as some zips made on Windows have it
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
        return None
    return "/".join(parts)


def _zip_entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: str) -> Entry:
    kind = stat.S_IFMT(member.external_attr >> 16)  # 0 unless made on Unix
    if stat.S_ISLNK(kind):
        return Entry(path=path, kind=Kind.LINK)
    if member.is_dir() or member.filename.endswith("\\"):
        return Entry(path=path, kind=Kind.FOLDER)
    if kind and not stat.S_ISREG(kind):
        return Entry(path=path, kind=Kind.OTHER)
    reader = partial(_read_member, archive, member)
    return Entry(path=path, kind=Kind.FILE, size=member.file_size, reader=reader)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    shown = quoted(member.filename)
    if member.flag_bits & 0x1:
        raise SubmissionError(
            f"{shown} is encrypted with a password. Make the zip without a password."
        )
    if member.compress_type not in READABLE_METHODS:
        raise SubmissionError(
            f"{shown} is compressed in a way that cannot be read here (method "
            f"{member.compress_type}). Make the zip with your computer's own tool."
        )
    try:
        with archive.open(member) as file:
            return file.read(limit)
    except DAMAGED:
        raise SubmissionError(f"{shown} is damaged inside the zip. Make the zip again.") from None


def open_nested(entry: Entry) -> Listing:
    """List a zip file that lies inside a submission; its paths begin with its own."""
    if entry.size > MAX_ZIP_BYTES:
        raise SubmissionError(_too_large_zip(entry.path, entry.size))
    inner = list_zip(entry.read(MAX_ZIP_BYTES), entry.path)
    entries = tuple(
        Entry(path=f"{entry.path}/{e.path}", kind=e.kind, size=e.size, reader=e.reader)
        for e in inner.entries
    )
    return Listing(entries=entries, notices=inner.notices)


def _too_many() -> str:
    return f"More than {MAX_ENTRIES:,} files and folders, and only so many are looked at."


def _too_large_zip(name: str, size: int) -> str:
    return (
        f"{quoted(name)} is too large: {_readable_size(size)}, and a zip may have "
        f"{_readable_size(MAX_ZIP_BYTES)}. Hand in only the files asked for."
    )


def _readable_size(size: int) -> str:
    if size >= 10 << 20:
        return f"{size / (1 << 20):,.0f} MB"
    return f"{size / 1024:,.0f} KB" if size >= 1024 else f"{size} bytes"
