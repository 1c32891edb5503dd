"""What Docker would ask of runc by default, as the config.json of a bundle.

    profile of Docker's sources + limits + mounts -> [oci] -> config.json

Nothing is run or read here. Sources: the defaults of Docker Engine (moby, `oci/defaults.go`,
`oci/caps/defaults.go`, `profiles/seccomp/seccomp_linux.go`) and the OCI runtime specification 1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY_BYTES = 768 << 20  # the platform's default size of a container
CPU_SHARE = 0.5
CPU_PERIOD_US = 100_000
CAPABILITIES = (  # Docker's default list
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FSETID",
    "CAP_FOWNER",
    "CAP_MKNOD",
    "CAP_NET_RAW",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETFCAP",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
    "CAP_KILL",
    "CAP_AUDIT_WRITE",
)
CAPABILITY_MASK = 0xA80425FB  # the same, as the kernel shows it
MASKED = (
    *("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats"),
    *("/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi"),
    *("/sys/firmware", "/sys/devices/virtual/powercap"),
)
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
ARCHITECTURES = {"x86_64": ("amd64", "SCMP_ARCH_X86_64"), "aarch64": ("arm64", "SCMP_ARCH_AARCH64")}


@dataclass(frozen=True)
class Machine:
    """What a profile's conditions ask about."""

    architecture: str  # as `uname -m` says it
    kernel: tuple[int, int]  # (6, 1)

    @classmethod
    def read(cls, architecture: str, release: str) -> Machine:
        """Return the machine of `uname -m` and `uname -r`."""
        major, minor = release.split("-")[0].split(".")[:2]
        return cls(architecture=architecture, kernel=(int(major), int(minor)))


def seccomp(
    profile: Mapping[str, Any], machine: Machine, capabilities: Iterable[str] = CAPABILITIES
) -> dict[str, Any]:
    """Return a filter as runc takes it, out of a profile as Docker writes it.

    A rule of the profile counts if all that it includes is given and nothing that it excludes.

    Raises:
        KeyError: an architecture of which the profile's names are not known here.
    """
    name, constant = ARCHITECTURES[machine.architecture]
    held = set(capabilities)
    secondary = [
        other
        for entry in profile["archMap"]
        if entry["architecture"] == constant
        for other in entry["subArchitectures"] or ()
    ]
    rules = []
    for rule in profile["syscalls"]:
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        least = tuple(map(int, includes.get("minKernel", "0.0").split(".")))
        if (
            name not in includes.get("arches", (name,))
            or not held.issuperset(includes.get("caps", ()))
            or machine.kernel < least
            or name in excludes.get("arches", ())
            or not held.isdisjoint(excludes.get("caps", ()))
        ):
            continue
        kept = {key: rule[key] for key in ("action", "args", "errnoRet") if rule.get(key)}
        rules.append({"names": list(rule["names"]), **kept})
    return {
        "defaultAction": profile["defaultAction"],
        "defaultErrnoRet": profile.get("defaultErrnoRet", 1),  # EPERM
        "architectures": [constant, *secondary],
        "syscalls": rules,
    }


def without_landlock(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile that refuses Landlock, as Docker's did before 20.10.18."""
    rules = [
        {**rule, "names": [name for name in rule["names"] if not name.startswith("landlock_")]}
        for rule in profile["syscalls"]
    ]
    return {**profile, "syscalls": [rule for rule in rules if rule["names"]]}


def mounts(
    binds: Sequence[tuple[Path, str]] = (), *, unified: bool = False
) -> list[dict[str, Any]]:
    """Return Docker's own mounts, and read-only ones for (path here, path in the box)."""
    safe = ["nosuid", "noexec", "nodev"]
    rows: list[tuple[str, str, str, list[str]]] = [
        ("/proc", "proc", "proc", safe),
        ("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        (
            "/dev/pts",
            "devpts",
            "devpts",
            ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        ),
        ("/sys", "sysfs", "sysfs", [*safe, "ro"]),
        ("/sys/fs/cgroup", "cgroup2" if unified else "cgroup", "cgroup", [*safe, "ro"]),
        ("/dev/mqueue", "mqueue", "mqueue", safe),
        ("/dev/shm", "tmpfs", "shm", [*safe, "mode=1777", "size=65536k"]),
        *((inside, "bind", str(path), ["rbind", "ro", "rprivate"]) for path, inside in binds),
    ]
    return [
        {"destination": place, "type": kind, "source": source, "options": options}
        for place, kind, source, options in rows
    ]


def config(
    *,
    args: Sequence[str],
    env: Mapping[str, str],
    root: Path,
    profile: Mapping[str, Any] | None,
    machine: Machine,
    binds: Sequence[tuple[Path, str]] = (),
    network: bool,
    limits: bool,
    unified: bool = False,
    cgroup: str = "",
) -> dict[str, Any]:
    """Return the content of config.json.

    Args:
        args: the first process of the container, which runs as root.
        env: all of its environment.
        root: the root file system.
        profile: Docker's seccomp profile; None for no filter.
        machine: what the profile's conditions ask about.
        binds: files and folders of this machine to show read-only, and where.
        network: share this machine's network; else there is the loopback device alone.
        limits: limit memory and CPU by control groups; else memory by RLIMIT_AS.
        unified: this machine has version 2 of control groups.
        cgroup: path of the container's control group; runc chooses by default.
    """
    namespaces = ["mount", "uts", "ipc", "pid"]
    namespaces += [] if network else ["network"]
    namespaces += ["cgroup"] if unified else []
    rlimits = []  # Docker sets none: they are inherited
    resources: dict[str, Any] = {"devices": [{"allow": False, "access": "rwm"}]}
    if limits:
        resources["memory"] = {"limit": MEMORY_BYTES}
        quota = int(CPU_SHARE * CPU_PERIOD_US)
        resources["cpu"] = {"quota": quota, "period": CPU_PERIOD_US}
    else:
        rlimits.append({"type": "RLIMIT_AS", "soft": MEMORY_BYTES, "hard": MEMORY_BYTES})
    linux: dict[str, Any] = {
        "namespaces": [{"type": kind} for kind in namespaces],
        "resources": resources,
        "maskedPaths": list(MASKED),
        "readonlyPaths": list(READ_ONLY),
    }
    if cgroup:
        linux["cgroupsPath"] = cgroup
    if profile is not None:
        linux["seccomp"] = seccomp(profile, machine)
    kinds = ("bounding", "effective", "permitted")
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": list(args),
            "env": [f"{name}={value}" for name, value in env.items()],
            "cwd": "/",
            "capabilities": {kind: list(CAPABILITIES) for kind in kinds},
            "rlimits": rlimits,
            "oomScoreAdj": 0,
            "noNewPrivileges": False,
        },
        "root": {"path": str(root), "readonly": False},
        "hostname": "box",
        "mounts": mounts(binds, unified=unified),
        "linux": linux,
    }
