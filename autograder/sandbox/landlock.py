"""Landlock: from here on, this process reaches only the files that are named.

    rules -> [Ruleset] -> files by allow-list; no TCP, no signal and no abstract socket to others

Unprivileged and irrevocable; Linux 5.13 and newer. Each ABI level adds rights that can be taken
away. Whatever level a kernel has is used, and a kernel that claims a level but lacks a part of it
(RHEL 9 claims 6 and cannot scope signals) is asked for less.

Landlock does not mediate stat, chdir, chmod and other metadata calls: `seccomp` refuses the ones
that change something.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_ASK_VERSION = 1
_PATH_BENEATH = 1
_LOG_NOTHING = 1  # since ABI 7: refusals are the students' affair, not the audit log's

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_MAKE_SYM, _REFER, _TRUNCATE = 1 << 12, 1 << 13, 1 << 14
_FS_RIGHTS = {1: (1 << 13) - 1, 2: _REFER, 3: _TRUNCATE, 5: 1 << 15, 9: 1 << 16}  # new at each ABI
_NET_RIGHTS = {4: 0b11}  # bind and connect TCP
_SCOPES = {6: 0b11}  # abstract sockets, signals
_ABSTRACT_SOCKETS_ONLY = 0b01
_SCOPE_WORDS = {
    0b11: "no signals or abstract sockets to others",
    0b01: "no abstract sockets to others",
}

READ = READ_FILE | READ_DIR
WRITE = (
    READ
    | (WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG)
    | (_MAKE_SYM | _REFER | _TRUNCATE)
)
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE  # rights that a rule on a file may have


@dataclass(frozen=True, slots=True)
class Rule:
    """A file or folder, with all below it, and the rights that stay."""

    path: str
    access: int


def rule(path: str | Path, access: int) -> Rule | None:
    """Return a rule for an existing file or folder, else None."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - strings: there are hundreds
    except OSError:
        return None
    return Rule(os.fspath(path), access if stat.S_ISDIR(mode) else access & _OF_FILES)


def abi() -> int:
    """Return the level that this kernel has, >= 1; OSError says why there is none."""
    try:
        return kernel.call(_CREATE_RULESET, 0, 0, _ASK_VERSION)
    except OSError as error:
        reasons = {
            errno.ENOSYS: "the kernel has no Landlock (Linux 5.13 and newer have it)",
            errno.EOPNOTSUPP: "Landlock is not enabled at boot (kernel parameter lsm=landlock,...)",
            errno.EPERM: "the container's seccomp profile forbids Landlock",
        }
        raise OSError(error.errno, reasons.get(error.errno or 0, str(error))) from None


class Ruleset:
    """Rules that can be put in force in this process, or in any that is forked from it."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Build it; a rule whose path has vanished or cannot be reached is left out.

        Raises:
            OSError: Landlock is not there, or refuses.
        """
        self._abi = abi()
        self._fd, (self._files, self._network, self._scopes) = _create(_wanted(self._abi))
        self._count = 0
        for item in rules:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                _add(self._fd, item, self._files)
                self._count += 1

    def enforce(self) -> None:
        """Confine this thread and all that it starts.

        Needs no_new_privs. What an earlier ruleset took away stays away.

        Raises:
            OSError: the kernel refuses; nothing is confined then.
        """
        try:
            kernel.call(_RESTRICT_SELF, self._fd, _LOG_NOTHING if self._abi >= 7 else 0)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            kernel.call(_RESTRICT_SELF, self._fd, 0)

    def __str__(self) -> str:
        """What is in force where it is enforced."""
        parts = [f"ABI {self._abi}", f"files by an allow-list of {self._count}"]
        parts += ["no TCP"] if self._network else []
        parts += [_SCOPE_WORDS[self._scopes]] if self._scopes else []
        return ", ".join(parts)

    def close(self) -> None:
        """Forget the rules; what is in force stays."""
        os.close(self._fd)


def _wanted(version: int) -> list[tuple[int, int, int]]:
    """Return (files, network, scopes) to ask for, all there is at this level first."""
    files, network, scopes = (
        sum(bits for level, bits in table.items() if level <= version)
        for table in (_FS_RIGHTS, _NET_RIGHTS, _SCOPES)
    )
    wanted = [(files, network, scopes), (files, network, scopes & _ABSTRACT_SOCKETS_ONLY)]
    wanted += [(files, network, 0), (files, 0, 0)]
    wanted += [(_FS_RIGHTS[1] | (_REFER if version >= 2 else 0), 0, 0), (_FS_RIGHTS[1], 0, 0)]
    return list(dict.fromkeys(wanted))


def _create(wanted: Sequence[tuple[int, int, int]]) -> tuple[int, tuple[int, int, int]]:
    for attributes in wanted:
        # older kernels accept a longer struct if the fields that they do not know are zero
        packed = ctypes.create_string_buffer(struct.pack("=QQQ", *attributes), 24)
        try:
            return kernel.call(_CREATE_RULESET, ctypes.addressof(packed), 24, 0), attributes
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.E2BIG) or attributes == wanted[-1]:
                raise
    raise AssertionError("the last attempt returns or raises")


def _add(ruleset: int, item: Rule, handled: int) -> None:
    if not item.access & handled:
        return
    fd = os.open(item.path, os.O_PATH | os.O_CLOEXEC)
    try:
        packed = ctypes.create_string_buffer(struct.pack("=Qi", item.access & handled, fd), 12)
        kernel.call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.addressof(packed), 0)
    finally:
        os.close(fd)
