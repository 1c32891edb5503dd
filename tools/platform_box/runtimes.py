"""Ways to enter a root file system, the most like the platform's first; and its layers.

    root file system + layers -> [overlay] -> root -> [enter] -> what the first process did

All mounts are made in a mount namespace of this process's own, so none survives it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platform_box import oci

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers").is_file()
ALWAYS = (  # what no runtime here does as Docker does it
    "no AppArmor profile",
    "set-up runs in the network of this machine, grading with a loopback device alone",
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Runtime:
    """One way to enter."""

    name: str
    differs: tuple[str, ...]  # from Docker, beyond ALWAYS
    profile: Mapping[str, Any] | None
    limits: bool
    with_runc: bool

    def without_landlock(self) -> Runtime | None:
        """Return the same on a host without Landlock; None if that cannot be had here."""
        if self.profile is None:
            return None
        return replace(self, profile=oci.without_landlock(self.profile))

    def enter(
        self,
        root: Path,
        args: Sequence[str],
        *,
        work: Path,
        env: Mapping[str, str],
        binds: Sequence[tuple[Path, str]] = (),
        network: bool = False,
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the first process of a new container, and wait for its end."""
        if not self.with_runc:
            return self._enter_by_chroot(root, args, env, binds, network, timeout)
        name = f"box-{os.getpid()}-{next(_numbers)}"
        bundle = work / name
        bundle.mkdir(parents=True)
        content = oci.config(
            args=args,
            env=env,
            root=root,
            profile=self.profile,
            machine=oci.Machine.read(platform.machine(), platform.release()),
            binds=binds,
            network=network,
            limits=self.limits,
            unified=UNIFIED,
        )
        (bundle / "config.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
        runc = ["runc", "--root", str(work / "runc")]
        try:
            return _run([*runc, "run", "--bundle", str(bundle), name], timeout)
        finally:
            # gone already unless something went wrong; then it must not stay
            subprocess.run([*runc, "delete", "--force", name], capture_output=True, check=False)
            shutil.rmtree(bundle)

    def _enter_by_chroot(
        self,
        root: Path,
        args: Sequence[str],
        env: Mapping[str, str],
        binds: Sequence[tuple[Path, str]],
        network: bool,
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        kept = ",".join(f"+{name.removeprefix('CAP_').lower()}" for name in oci.CAPABILITIES)
        command = [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts"),
            *(() if network else ("--net",)),
            f"--mount-proc={root}/proc",
            *("prlimit", f"--as={oci.MEMORY_BYTES}", "taskset", "--cpu-list", "0"),
            *("setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all"),
            *("env", "-i", *(f"{name}={value}" for name, value in env.items())),
            *("chroot", str(root), *args),
        ]
        with contextlib.ExitStack() as stack:
            for path, inside in binds:
                target = root / inside[1:]
                if path.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.touch()
                stack.enter_context(_mounted("--bind", "-o", "ro", str(path), str(target)))
            return _run(command, timeout)


def candidates(profile: Mapping[str, Any]) -> list[Runtime]:
    """Return all ways to enter, best first; none is known to work yet."""
    no_groups = (
        f"no control groups: {oci.MEMORY_BYTES >> 20} MB are a limit on each process's address "
        "space, CPU is not limited, no peak of the whole box",
    )
    return [
        Runtime(name="runc", differs=(), profile=profile, limits=True, with_runc=True),
        Runtime(
            name="runc, no limits", differs=no_groups, profile=profile, limits=False, with_runc=True
        ),
        Runtime(
            name="chroot",
            differs=(
                *no_groups,
                "no seccomp profile of Docker's, /proc and /sys not masked",
                "one whole CPU (taskset) and no device in grading's network",
            ),
            profile=None,
            limits=False,
            with_runc=False,
        ),
    ]


def choose(wanted: Sequence[Runtime], root: Path, work: Path) -> tuple[Runtime | None, list[str]]:
    """Return the first runtime in which /bin/true runs, and why those before it do not do."""
    reasons = []
    for runtime in wanted:
        try:
            done = runtime.enter(root, ["/bin/true"], work=work, env={"PATH": PATH}, timeout=60)
        except (OSError, subprocess.TimeoutExpired) as error:
            reasons.append(f"{runtime.name}: {error}")
            continue
        if done.returncode == 0:
            return runtime, reasons
        said = (done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
        reasons.append(f"{runtime.name}: {said}")
    return None, reasons


@contextlib.contextmanager
def overlay(lower: Sequence[Path], upper: Path) -> Iterator[Path]:
    """Yield the root that shows `upper` above `lower`, first one on top; writes go to `upper`."""
    merged, scratch = upper.with_name(f"{upper.name}.root"), upper.with_name(f"{upper.name}.work")
    for folder in (upper, merged, scratch):
        folder.mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={':'.join(map(str, lower))},upperdir={upper},workdir={scratch}"
    try:
        with _mounted("-t", "overlay", "overlay", "-o", options, str(merged)):
            yield merged
    finally:
        merged.rmdir()
        shutil.rmtree(scratch)


@contextlib.contextmanager
def _mounted(*arguments: str) -> Iterator[None]:
    subprocess.run(["mount", *arguments], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", arguments[-1]], check=True)


def _run(command: Sequence[str], timeout: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )
