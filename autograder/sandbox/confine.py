"""What a worker may do: applied in the worker itself, after the fork and before student code.

Each layer returns nothing and either holds or raises; which layers a machine has is decided by
the grader beforehand (`plan`), in words that the instructor reads. Order matters: limits first,
ids next (a change of uid resets the parent-death signal), kernel filters last.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import stat
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

FIRST_UID = 61_000  # private uids: in no distribution's range for people or services
UID_COUNT = 4_000
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The confinement of one sandbox's workers, decided by the grader."""

    uid: int | None  # private uid, or None: the grader's own
    memory_bytes: int  # address space beyond what the zygote has
    cpu_seconds: int
    file_bytes: int = 8 << 20
    open_files: int = 64
    threads: int = 64  # only with a private uid: the kernel counts per uid
    notes: tuple[str, ...] = ()  # for the instructor: what is in force, and why not more

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        return cls(**{**fields, "notes": tuple(fields["notes"])})


def plan(*, memory_mb: int, cpu_seconds: int) -> Plan:
    """Decide what this machine allows."""
    uid: int | None = None
    if os.geteuid() != 0:
        note = "uid: the grader's own (a private uid needs root)"
    elif (closed := _closed_to_others(_interpreter_paths())) is not None:
        note = f"uid: the grader's own ({closed} is not readable by other users)"
    else:
        uid = FIRST_UID + os.getpid() % UID_COUNT
        note = f"uid: private ({uid} and up)"
    return Plan(
        uid=uid,
        memory_bytes=memory_mb << 20,
        cpu_seconds=cpu_seconds,
        notes=(
            "process: own worker per test, by value, no pickle",
            f"limits: {memory_mb} MB memory, {cpu_seconds} s CPU, no core files",
            note,
        ),
    )


def become_subreaper() -> None:
    """Adopt the orphans of this process's children, so that they can be killed."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def apply(plan: Plan, scratch: str) -> None:
    """Confine this process; it has been forked and runs no student code yet."""
    os.chdir(scratch)
    os.environ.update(HOME=scratch, TMPDIR=scratch)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, plan.cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, plan.file_bytes)
    _limit(resource.RLIMIT_NOFILE, plan.open_files)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, _address_space() + plan.memory_bytes)
    if plan.uid is not None:
        _limit(resource.RLIMIT_NPROC, plan.threads)
        os.setgroups([])
        os.setresgid(plan.uid, plan.uid, plan.uid)
        os.setresuid(plan.uid, plan.uid, plan.uid)
    os.umask(0o077)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def _address_space() -> int:
    """Return the size of this process's address space, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _prctl(option: int, value: int) -> None:
    """Call prctl where there is one; macOS has none."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _interpreter_paths() -> list[Path]:
    """Return what a worker must be able to read to import anything."""
    return [
        Path(sys.executable).resolve(),
        Path(sys.prefix),
        Path(sysconfig.get_paths()["stdlib"]),
        Path(np.__file__).parent,
    ]


def _closed_to_others(paths: Iterable[Path]) -> Path | None:
    """Return the first folder on the way to `paths` that another user cannot pass, or None."""
    for path in paths:
        for step in (*reversed(path.resolve().parents), path.resolve()):
            mode = step.stat().st_mode
            need = stat.S_IXOTH if step != path.resolve() else stat.S_IROTH
            if not mode & need:
                return step
    return None
