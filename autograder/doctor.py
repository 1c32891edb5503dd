"""Say how well student code is confined on this machine, and what to do where it is not.

    this machine -> [doctor: sandbox] -> Diagnosis -> text

Nothing is believed: each layer is reported by a worker that applied it, and ten attacks are run
as a student's code would run them. One attack that gets through makes the level weak, whatever
the layers say.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GraderError
from autograder.sandbox import attempts, layers
from autograder.sandbox.attempts import Attempt
from autograder.sandbox.client import Sandbox
from autograder.sandbox.layers import Fact, Layer, Level

_CGROUP = Path("/sys/fs/cgroup")
_NO_LIMIT = 1 << 60  # bytes; version 1 of cgroups writes a huge number for "none"
_LEAST_MEMORY = 512 << 20  # bytes: a worker of 512 MB and the grader need more

_WANTED = {
    Layer.NAMESPACES: "own mounts, processes and network",
    Layer.LIMITS: "memory, processor time, file sizes",
    Layer.UID: "a user of its own",
    Layer.PRIVILEGES: "no capabilities, hidden memory",
    Layer.LANDLOCK: "files by an allow-list",
    Layer.SECCOMP: "no network, no processes, no signals",
}
_ADVICE = {
    Layer.NAMESPACES: "install bubblewrap (apt install bubblewrap); Ubuntu 23.10 and newer also "
    "need an AppArmor profile for it that allows user namespaces",
    Layer.LIMITS: "grade on Linux, or in a container",
    Layer.UID: "have Python, its virtual environment and NumPy where every user can read them, "
    "such as in /usr or /opt, not below a private home",
    Layer.PRIVILEGES: "grade on Linux, or in a container",
    Layer.LANDLOCK: "use Linux 5.13 or newer with lsm=landlock; in Docker, 20.10.18 or newer. "
    "Until then: chmod -R o= what students must not read",
    Layer.SECCOMP: "use Linux on x86-64 or 64-bit ARM",
}
_MEANING = {
    Level.STRONG: "hidden tests, results and other processes are out of reach, several times over",
    Level.GOOD: "hidden tests, results and other processes are out of reach",
    Level.WEAK: "points cannot be forged by values, but hidden tests may be read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One layer: what it is for, whether it is in force, and what to do if not."""

    layer: Layer
    wanted: str
    needed: bool  # no if another layer does the same here
    held: bool
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that is known about how student code is confined on this machine."""

    level: Level
    findings: tuple[Finding, ...]
    attempts: tuple[Attempt, ...]
    machine: Mapping[str, str]  # "kernel" -> "Linux 6.1", ...
    problems: tuple[str, ...] = ()  # what else is wrong, with a remedy
    seconds: float = 0.0


def examine(*, hidden: Sequence[Path] = ()) -> Diagnosis:
    """Start a sandbox, look at its layers and attack it.

    Args:
        hidden: folders that student code must not be able to read, such as solutions/.
    """
    started = time.monotonic()
    problems = _machine_problems()
    facts: tuple[Fact, ...] = ()
    tried: list[Attempt] = []
    try:
        sandbox = Sandbox(attempts.LIMITS)
        try:
            facts = sandbox.layers
            tried = attempts.run(sandbox, hidden=hidden)
        finally:
            sandbox.close()
    except GraderError as error:
        problems.append(f"nothing can be graded here: {error}")
    level = layers.level(facts)
    if not tried or not all(attempt.stopped for attempt in tried):
        level = Level.WEAK
    return Diagnosis(
        level=level,
        findings=tuple(map(_finding, facts)),
        attempts=tuple(tried),
        machine=_machine(),
        problems=tuple(problems),
        seconds=time.monotonic() - started,
    )


def to_text(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as a person reads it in a terminal."""
    lines = [f"isolation: {diagnosis.level.value} ({_MEANING[diagnosis.level]})", ""]
    for finding in diagnosis.findings:
        state = "yes" if finding.held else "NO" if finding.needed else "-"
        lines.append(f"  {state:4}{finding.layer.value:12}{finding.wanted}")
        lines.append(f"  {'':16}{finding.detail}")
        if finding.advice:
            lines.append(f"  {'':16}fix: {finding.advice}")
    lines += ["", "tried as student code:"]
    for attempt in diagnosis.attempts:
        state = "stopped" if attempt.stopped else "OPEN"
        lines.append(f"  {state:9}{attempt.name:26}{attempt.evidence}")
    lines += ["", "machine:"]
    lines += [f"  {name:12}{value}" for name, value in diagnosis.machine.items()]
    lines += [f"\nproblem: {problem}" for problem in diagnosis.problems]
    return "\n".join(lines)


def _finding(fact: Fact) -> Finding:
    # root's workers get a uid of their own, a user's are put into namespaces
    needless = Layer.NAMESPACES if os.geteuid() == 0 else Layer.UID
    needed = fact.layer is not needless
    return Finding(
        layer=fact.layer,
        wanted=_WANTED[fact.layer],
        needed=needed,
        held=fact.held,
        detail=fact.detail,
        advice=_ADVICE[fact.layer] if needed and not fact.held else "",
    )


def _machine() -> dict[str, str]:
    memory, processors = memory_bytes(), processor_share()
    return {
        "system": f"{platform.system()} {platform.release()} on {platform.machine()}",
        "python": f"{platform.python_version()} in {sys.prefix}",
        "user": f"uid {os.geteuid()}",
        "memory": f"{memory >> 20} MB" if memory else "unknown",
        "processors": f"{processors:g}",
    }


def _machine_problems() -> list[str]:
    problems = []
    memory = memory_bytes()
    if memory and memory < _LEAST_MEMORY:
        problems.append(
            f"only {memory >> 20} MB of memory: lower memory_mb in assignment.toml, "
            "or choose a larger container"
        )
    return problems


def memory_bytes() -> int:
    """Return the memory that this machine or its container has; 0 if nobody says."""
    found = [
        _number(_CGROUP / "memory.max"),
        _number(_CGROUP / "memory/memory.limit_in_bytes"),
        os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    ]
    return min((number for number in found if 0 < number < _NO_LIMIT), default=0)


def processor_share() -> float:
    """Return how many processors this machine or its container may use at a time."""
    count = float(os.cpu_count() or 1)
    if hasattr(os, "sched_getaffinity"):
        count = float(len(os.sched_getaffinity(0)))
    quota, period = _pair(_CGROUP / "cpu.max")
    if not quota:
        quota = _number(_CGROUP / "cpu/cpu.cfs_quota_us")
        period = _number(_CGROUP / "cpu/cpu.cfs_period_us")
    return min(count, round(quota / period, 2)) if quota > 0 and period > 0 else count


def _number(path: Path) -> int:
    return _pair(path)[0]


def _pair(path: Path) -> tuple[int, int]:
    """Return the first two numbers of a control group's file; 0 for what is not a number."""
    try:
        words = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        words = []
    numbers = [int(word) if word.lstrip("-").isdigit() else 0 for word in words[:2]]
    first, second, *_ = [*numbers, 0, 0]
    return first, second
