"""What a worker may do: in force before student code, most of it before the worker is forked.

    limits -> [plan] -> Plan -> [prepare, in the zygote] -> [apply, in a nest] -> Confined
                                                         -> [finish, in each of its workers]

The grader plans, the zygote prepares what all submissions share, a nest applies the layers and
says of each what is in force or why it is not, and a worker takes away what a nest needs: other
workers' folders, new processes, signals to them. Order matters: limits first, ids next (a change
of uid resets the parent-death signal and what others may see), no_new_privs before the two kernel
filters that need it, the system-call filter last, because it forbids what went before.
"""

from __future__ import annotations

import itertools
import os
import platform
import resource
import signal
import stat
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.sandbox import kernel, landlock, reach, seccomp
from autograder.sandbox.landlock import Rule, Ruleset
from autograder.sandbox.layers import Fact, Layer
from autograder.sandbox.seccomp import Filter, Part

if TYPE_CHECKING:
    from autograder.assignment import Limits  # the zygote needs nothing of it

FIRST_UID = 61_000  # private uids: in no distribution's range for people or services
UID_COUNT = 4_000
_STACK_BYTES = 8 << 20
_CAPABILITIES = {0: "CHOWN", 6: "SETGID", 7: "SETUID"}  # what a change of uid takes
_FOLDER_VARIABLES = ("HOME", "TMPDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR")
_OWN_FOLDER = "/proc/self/cwd" if sys.platform == "linux" else "."  # that of whoever asks
_UID_MAP = Path("/proc/self/uid_map")
OFF = "switched off by a test"
_NEST_FILES = 128  # that a nest itself may have open: two for each worker on its way, and rules
_NEST_PROCESSES = 16  # of the same uid: the nest, and workers that are on their way or dying
_sandboxes = itertools.count()
_slots = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The confinement of one sandbox's workers, decided by the grader."""

    uid: int | None  # private uid, or None: the grader's own
    memory_bytes: int  # address space beyond what the zygote has
    cpu_seconds: int
    file_bytes: int = 8 << 20
    scratch_bytes: int = 64 << 20  # of all files in a worker's own folder together
    scratch_files: int = 1_000
    open_files: int = 64
    threads: int = 64  # only with a private uid: the kernel counts per uid
    packages: tuple[str, ...] = ("numpy",)  # what may be imported beside the standard library
    namespaces: bool = False  # bubblewrap around the zygote
    notes: tuple[str, ...] = ()  # for the instructor: what is in force, and why not more
    without: frozenset[Layer] = frozenset()  # only tests leave a layer out

    @property
    def surrounded(self) -> bool:
        """Whether the zygote, with all its workers, is in namespaces of its own."""
        return self.namespaces and Layer.NAMESPACES not in self.without

    @property
    def private_uid(self) -> int | None:
        """The uid that workers change to, if they do."""
        return None if Layer.UID in self.without else self.uid

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON types."""
        return {**asdict(self), "without": sorted(layer.value for layer in self.without)}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        tuples = {key: tuple(fields[key]) for key in ("packages", "notes")}
        without = frozenset(Layer(name) for name in fields["without"])
        return cls(**{**fields, **tuples, "without": without})


def plan(limits: Limits, packages: Collection[str] = ("numpy",)) -> Plan:
    """Decide what to ask of this machine; `apply` will tell what of it is in force."""
    from autograder.sandbox import namespaces  # in the grader only: a zygote carries no more

    reason = _no_private_uid()
    uid = None
    if reason:
        note = f"uid: the grader's own ({reason})"
    else:
        uid = _next_uid()
        note = f"uid: private ({uid})"
    return Plan(
        uid=uid,
        memory_bytes=limits.memory_mb << 20,
        cpu_seconds=int(limits.test_seconds) + 2,
        scratch_bytes=limits.scratch_mb << 20,
        scratch_files=limits.scratch_files,
        open_files=limits.open_files,
        threads=limits.threads,
        packages=tuple(packages),
        namespaces=namespaces.missing() is None,
        notes=("process: own worker per test, by value, no pickle", note),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What all nests of a zygote share: built once, put in force in each."""

    plan: Plan
    address_space: int  # bytes that the zygote has mapped: what a worker starts with
    files: Ruleset | None
    coarse: tuple[Rule, ...]  # for a second ruleset, which opens one worker's scratch folder
    no_landlock: str  # why `files` is None
    filters: Filters | None
    no_seccomp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The two halves of the system-call filter."""

    nest: Filter
    worker: Filter
    read_only_worker: Filter  # where no other layer keeps files from being written
    size: int  # instructions that a worker is under


def prepare(plan: Plan, *, scratch: Path, closed: Iterable[Path] = ()) -> Prepared:
    """Build what the plan needs. In the zygote, before its first fork.

    Args:
        scratch: the folder in which the workers' own folders will be.
        closed: folders of ours that no worker may read.
    """
    files, coarse, no_landlock = None, [], OFF
    if Layer.LANDLOCK not in plan.without:
        try:
            landlock.abi()  # first: collecting rules for nothing takes long
            rules = reach.rules(plan.packages, closed=closed)
            coarse = reach.coarse_rules(plan.packages)
            files = Ruleset([*rules, Rule(str(scratch), landlock.WRITE)])
        except OSError as error:
            no_landlock = _reason(error)
    filters = None
    no_seccomp = OFF
    if Layer.SECCOMP not in plan.without:
        try:
            nest, worker = seccomp.build(Part.NEST), seccomp.build(Part.WORKER)
            filters = Filters(
                nest=Filter(nest),
                worker=Filter(worker),
                read_only_worker=Filter(seccomp.build(Part.WORKER, read_only=True)),
                size=len(nest) + len(worker),
            )
        except OSError as error:
            no_seccomp = _reason(error)
    return Prepared(
        plan=plan,
        address_space=_address_space() if sys.platform == "linux" else 0,
        files=files,
        coarse=tuple(coarse),
        no_landlock=no_landlock,
        filters=filters,
        no_seccomp=no_seccomp,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A folder that one worker at a time may write to, and what keeps it from the others'."""

    folder: str
    files: Ruleset | None

    def close(self) -> None:
        """Forget the rules of a folder that is not used again."""
        if self.files is not None:
            self.files.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confined:
    """A nest after `apply`, and what its workers do in `finish`."""

    prepared: Prepared
    facts: tuple[Fact, ...]
    pid: int  # the nest's own: its workers' parent
    limits: tuple[tuple[int, tuple[int, int]], ...]  # of a worker beyond the nest's own
    filter: Filter | None

    @property
    def plan(self) -> Plan:
        """What the grader decided."""
        return self.prepared.plan

    def holds(self, layer: Layer) -> bool:
        """Whether a layer is in force."""
        return any(fact.held for fact in self.facts if fact.layer is layer)

    def slot(self, folder: str) -> Slot:
        """Make an empty folder for a worker, inside of `folder`."""
        own = f"{folder}/worker-{next(_slots)}"
        os.mkdir(own, 0o700)  # noqa: PTH102 - a string, as in the rules
        rules = [*self.prepared.coarse, Rule(own, landlock.WRITE)]
        return Slot(folder=own, files=Ruleset(rules) if self.holds(Layer.LANDLOCK) else None)


def apply(prepared: Prepared, folder: str, *, required: Collection[Layer] = ()) -> Confined:
    """Confine this process, a nest: it has been forked for one submission and runs none of it.

    Args:
        folder: where its workers' own folders will be.
        required: layers that held in an earlier nest, and so must hold in this one.

    Raises:
        RuntimeError: a required layer does not hold: nothing must be forked from it.
    """
    plan = prepared.plan
    os.chdir(folder)
    os.environ.update(dict.fromkeys(_FOLDER_VARIABLES, _OWN_FOLDER))
    if "tempfile" in sys.modules:  # what a library has asked for in the zygote is remembered
        setattr(sys.modules["tempfile"], "tempdir", None)  # noqa: B010 - not imported for this
    os.umask(0o077)
    facts = (
        _attempt(Layer.LIMITS, plan, lambda: _apply_limits(plan, prepared.address_space)),
        _attempt(Layer.UID, plan, lambda: _apply_uid(plan)),
        _attempt(Layer.PRIVILEGES, plan, _apply_privileges),
        _attempt(Layer.LANDLOCK, plan, lambda: _apply_landlock(prepared)),
        _attempt(Layer.SECCOMP, plan, lambda: _apply_seccomp(prepared)),
    )
    held = {fact.layer for fact in facts if fact.held}
    if lost := set(required) - held:
        reasons = "; ".join(str(fact) for fact in facts if fact.layer in lost)
        raise RuntimeError(f"a layer that held before does not hold now: {reasons}")
    own_filter = None
    if prepared.filters is not None and Layer.SECCOMP in held:
        writable = plan.surrounded or Layer.LANDLOCK in held
        filters = prepared.filters
        own_filter = filters.worker if writable else filters.read_only_worker
    return Confined(
        prepared=prepared,
        facts=facts,
        pid=os.getpid(),
        limits=_worker_limits(plan) if Layer.LIMITS in held else (),
        filter=own_filter,
    )


def finish(confined: Confined, slot: Slot) -> None:
    """Take from this process, a worker, what its nest may still do; student code comes next.

    Short: whatever a fork touches is copied for it, and there is one for every test.

    Raises:
        OSError: a layer that holds in the nest cannot be completed: the worker must not run.
    """
    os.chdir(slot.folder)
    for which, values in confined.limits:
        resource.setrlimit(which, values)
    _die_with_parent(confined.pid)
    if slot.files is not None:
        slot.files.enforce()
    if confined.filter is not None:
        confined.filter.load()


def become_subreaper() -> None:
    """Adopt the orphans of this process's children, so that they can be killed."""
    _where_there_is_one(kernel.PR_SET_CHILD_SUBREAPER, 1)


def hide() -> None:
    """Keep processes of the same user out of this one's memory, environment and descriptors."""
    _where_there_is_one(kernel.PR_SET_DUMPABLE, 0)


def die_with_parent(number: int) -> None:
    """Have the kernel send this signal when the thread that started this process is gone."""
    _where_there_is_one(kernel.PR_SET_PDEATHSIG, number)


def _attempt(layer: Layer, plan: Plan, act: Callable[[], str]) -> Fact:
    if layer in plan.without:
        return Fact(layer=layer, held=False, detail=OFF)
    try:
        return Fact(layer=layer, held=True, detail=act())
    except (OSError, ValueError) as error:  # ValueError: a limit above the hard one
        return Fact(layer=layer, held=False, detail=_reason(error))


def _apply_limits(plan: Plan, address_space: int) -> str:
    words = [f"{plan.cpu_seconds} s CPU", f"{plan.file_bytes >> 20} MB a file", "no core files"]
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, plan.file_bytes)
    _limit(resource.RLIMIT_NOFILE, max(plan.open_files, _NEST_FILES))
    if sys.platform == "linux":
        _limit(resource.RLIMIT_STACK, _STACK_BYTES, resource.RLIM_INFINITY)
        _limit(resource.RLIMIT_AS, address_space + plan.memory_bytes)
        words.insert(0, f"{plan.memory_bytes >> 20} MB memory")
        _be_killed_first()
    if plan.private_uid is not None:
        _limit(resource.RLIMIT_NPROC, plan.threads + _NEST_PROCESSES)
        words.append(f"{plan.threads} threads")
    return ", ".join(words)


def _worker_limits(plan: Plan) -> tuple[tuple[int, tuple[int, int]], ...]:
    """Return the limits that a nest does not share: processor time counts for each process."""
    seconds = (plan.cpu_seconds, plan.cpu_seconds + 1)  # SIGXCPU, then SIGKILL
    wanted = {resource.RLIMIT_CPU: seconds, resource.RLIMIT_NOFILE: (plan.open_files,) * 2}
    return tuple((which, _lowered(which, *values)) for which, values in wanted.items())


def _apply_uid(plan: Plan) -> str:
    if plan.uid is None:
        raise OSError(0, plan.notes[-1].partition(": ")[2])
    os.setgroups([])
    os.setresgid(plan.uid, plan.uid, plan.uid)
    os.setresuid(plan.uid, plan.uid, plan.uid)
    return f"private ({plan.uid})"


def _apply_privileges() -> str:
    kernel.drop_capabilities()
    _die_with_parent(os.getppid())
    hide()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    return "no capabilities, none to gain, memory hidden, dies with its parent"


def _die_with_parent(parent: int) -> None:
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # the parent went before the kernel could tell


def _apply_landlock(prepared: Prepared) -> str:
    if prepared.files is None:
        raise OSError(0, prepared.no_landlock)
    prepared.files.enforce()
    return str(prepared.files)


def _apply_seccomp(prepared: Prepared) -> str:
    if prepared.filters is None:
        raise OSError(0, prepared.no_seccomp)
    prepared.filters.nest.load()
    return f"{prepared.filters.size} instructions for {platform.machine()}"


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    resource.setrlimit(which, _lowered(which, soft, soft if hard is None else hard))


def _lowered(which: int, soft: int, hard: int) -> tuple[int, int]:
    """Return these limits, or the present hard one where that is lower."""
    before = resource.getrlimit(which)[1]
    if before != resource.RLIM_INFINITY:
        soft = min(soft, before)
        hard = before if hard == resource.RLIM_INFINITY else min(hard, before)
    return soft, hard


def _address_space() -> int:
    """Return the size of this process's address space, in bytes."""
    pages = int(Path("/proc/self/statm").read_bytes().split()[0])  # bytes: no codec to import
    return pages * os.sysconf("SC_PAGE_SIZE")


def _be_killed_first() -> None:
    """Have the kernel, when memory runs out, take this process before the grader."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # a hidden process of a user cannot write this file
    file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(file, b"1000")
    os.close(file)


def _where_there_is_one(option: int, value: int) -> None:
    """Call prctl where there is one; macOS has none."""
    if sys.platform == "linux":
        kernel.prctl(option, value)


def _no_private_uid() -> str:
    """Return why workers cannot have a uid of their own, or "" if they can."""
    if os.geteuid() != 0:
        return "a private uid needs root"
    if not hasattr(os, "setresuid"):
        return f"{sys.platform} has no setresuid"
    if (closed := _closed_to_others(_interpreter_paths())) is not None:
        return f"{closed} is not readable by other users"
    return _no_capability() or _no_mapping() if _UID_MAP.exists() else ""


def _no_capability() -> str:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    line = next((row for row in status.splitlines() if row.startswith("CapEff:")), "CapEff: 0")
    held = int(line.split()[1], 16)
    lacking = [name for bit, name in _CAPABILITIES.items() if not held >> bit & 1]
    return f"root without CAP_{' and CAP_'.join(lacking)}" if lacking else ""


def _no_mapping() -> str:
    rows = _UID_MAP.read_text(encoding="ascii").splitlines()
    ranges = [(int(first), int(count)) for first, _, count in map(str.split, rows)]
    last = FIRST_UID + UID_COUNT
    if any(first <= FIRST_UID and last <= first + count for first, count in ranges):
        return ""
    return f"this user namespace has no uids from {FIRST_UID} to {last}"


def _next_uid() -> int:
    """Return another uid for each sandbox of this process, and of others that run beside it."""
    return FIRST_UID + (os.getpid() * 31 + next(_sandboxes)) % UID_COUNT


def _interpreter_paths() -> list[Path]:
    """Return what a worker must be able to read to import anything."""
    return [
        Path(sys.executable).resolve(),
        Path(sys.prefix),
        Path(os.__file__).parent,
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


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
