"""Say what is wrong with a Python source before it runs: encoding, syntax, not Python at all.

    name, bytes -> [syntax] -> a sentence for the student, or ""

The source is hostile: it is compiled in a child process with a deadline (`compile_worker`), never
here. Nothing of it runs. The file is graded all the same: each of its questions fails with
Python's own words, and this module finds more helpful ones.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.unpack import printable, what_it_is
from student_kit import cells

DEADLINE = 15.0  # seconds of wall time; CPU time is limited to less in the child
WORKER = Path(__file__).with_name("compile_worker.py")
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263, in lines 1 and 2
UTF16 = (b"\xff\xfe", b"\xfe\xff")
HINTS = (  # the line in question -> what it is likely to be; the first that fits
    (r"<{7} |={7}\s*$|>{7} ", "This is the mark of a git merge conflict: decide, and remove it."),
    (r"\s*print\s+[^(=\s]", "This is Python 2: in Python 3, print is a function, print(...)."),
    (r"\s*except\s+[\w.]+\s*,", "This is Python 2: in Python 3, write `except Error as name`."),
    (r"\s*raise\s+\w+\s*,", "This is Python 2: in Python 3, write `raise Error(text)`."),
    (r"\s*exec\s+['\"\w]", "This is Python 2: in Python 3, exec is a function."),
    (r"\s*[%!]\w", "This is a notebook command: it works in a notebook only, remove it."),
    (r"\s*```", "This is Markdown, not Python: remove the line."),
    (r"\s*>>> ", "This was copied from an interactive session: remove the >>>."),
)


def not_text(name: str, source: bytes) -> str:
    """Return why these bytes are no Python text, or "": empty, another format, another encoding."""
    if not source.strip():
        return f"{name} is empty. Did you save it before you handed it in?"
    return _other_format(name, source) or _not_utf8(name, source)


def not_python(name: str, source: bytes) -> str:
    """Return why this text does not compile, with line, caret and a hint, or ""."""
    found = read_apart(source)
    if found is None:
        return f"{name} cannot be read by Python: it crashed, or was not done after {DEADLINE:g} s."
    found = found.get("error")
    if not isinstance(found, dict):
        return ""
    line = int(found.get("line", 0))
    where = cells.place("", source, line).strip()
    return (
        f"{name} has a syntax error{f' in {where}' if line else ''}, so Python cannot read the "
        f"file and none of its questions can pass: {explained(found, source)}"
    )


def explained(error: dict[str, Any], source: bytes) -> str:
    """Return Python's words for a syntax error, the line with a caret, and a hint.

    Args:
        error: message, line, column and text, as `compile_worker.examine` reports them.
        source: what its line counts in.
    """
    message = printable(str(error.get("message", "")), width=200).rstrip(".") + "."
    return f"{message.replace('?.', '?')}{_picture(error)}{_hint(error, source)}"


def read_apart(source: bytes) -> dict[str, Any] | None:
    """Compile and read in a child process; see `compile_worker.examine`. None: it had no answer."""
    return run_apart(WORKER, source)


def run_apart(worker: Path, data: bytes) -> dict[str, Any] | None:
    """Give a program of ours some hostile bytes in a child process; return what it reports.

    None: it crashed, or was not done in time.
    """
    keep = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-W", "ignore", str(worker)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=DEADLINE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        raise GraderError(f"cannot start Python to check the syntax: {error}") from error
    if done.returncode < 0:  # ended by a signal: the compiler crashed, or its time was up
        return None
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = None
    if done.returncode or not isinstance(found, dict):
        raise GraderError(f"the syntax check failed with exit code {done.returncode}")
    return found


def declares_other_encoding(source: bytes) -> bool:
    """Whether a comment at the top says that this text is not in UTF-8."""
    cookies = [COOKIE.match(line) for line in source.splitlines()[:2]]
    declared = next((match[1].lower() for match in cookies if match), b"utf-8")
    return declared.replace(b"_", b"-") not in (b"utf-8", b"utf8")


def _other_format(name: str, source: bytes) -> str:
    if source.startswith(UTF16):
        return (
            f"{name} is saved as UTF-16 (Windows calls it Unicode), which Python cannot read. "
            "Choose the encoding UTF-8 when you save it."
        )
    what = what_it_is(source[:16])
    if what:
        return f"{name} is {what} under another name, not Python. Hand in the .py itself."
    if source.lstrip()[:1] == b"{" and b'"cells"' in source and b'"nbformat"' in source:
        return (
            f"{name} is a notebook under another name, not Python. Copy your functions from the "
            f"notebook into {name}."
        )
    if b"\0" in source:
        return (
            f"{name} holds a NUL byte in line {_line_of(source, source.index(0))}, so Python "
            "cannot read it. Save it as plain text in UTF-8."
        )
    return ""


def _not_utf8(name: str, source: bytes) -> str:
    if declares_other_encoding(source):
        return ""  # Python's own rules for the declared encoding are applied by the child
    try:
        source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (3 if source.startswith(b"\xef\xbb\xbf") else 0)
        line = _line_of(source, start)
        likely = bytes(source[start : start + 1]).decode("cp1252", "replace")
        return (
            f"{name} is not saved in UTF-8, so Python cannot read it: line {line} holds the byte "
            f"0x{source[start]:02x} (perhaps {printable(likely)!r} in a comment or a text). In "
            "your editor choose Save with encoding, UTF-8, and hand it in again."
        )
    return ""


def _picture(found: dict[str, Any]) -> str:
    """Show the line, and a caret under the place."""
    text = str(found.get("text", "")).split("\n")[0].rstrip()
    column = max(int(found.get("column", 0)) - 1, 0)
    if not text.strip():
        return ""
    before = printable(text[:column].expandtabs(4).lstrip(), width=120)
    shown = printable(text.expandtabs(4).strip(), width=160)
    caret = f"\n    {' ' * len(before)}^" if found.get("column") and len(before) < 120 else ""
    return f"\n    {shown}{caret}"


def _hint(found: dict[str, Any], source: bytes) -> str:
    line = int(found.get("line", 0))
    lines = source.split(b"\n")
    written = lines[line - 1].decode("utf-8", "replace") if 0 < line <= len(lines) else ""
    for pattern, hint in HINTS:
        if any(re.match(pattern, text[:200]) for text in (written, str(found.get("text", "")))):
            return f"\n{hint}"
    return ""


def _line_of(source: bytes, position: int) -> int:
    return source.count(b"\n", 0, position) + 1
