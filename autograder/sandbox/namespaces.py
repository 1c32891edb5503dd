"""Bubblewrap around the zygote, for an ordinary user on Linux: what is not shown is not there.

    command -> [wrap] -> the same command in its own mount, process, network and IPC namespaces

Inside there are the interpreter, shared libraries, the listed packages and the two packages of
ours, all read-only, a private /tmp, and no network. Root needs none of this (workers get a uid of
their own), and in a container it does not work: an ordinary container may not make namespaces.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox import reach

IN_FORCE = "own mounts, processes, network and IPC (bubblewrap)"
_ENGINE = Path(__file__).resolve().parents[2]
_PATIENCE = 10.0  # seconds for the trial
_SYSTEM = """
    /usr /lib /lib64 /lib32 /bin /sbin /etc/ld.so.cache /etc/alternatives /etc/localtime
""".split()  # noqa: SIM905 - reads better as words
_TMP_BYTES = 64 << 20


@functools.cache
def missing() -> str | None:
    """Return why bubblewrap is not used here, or None if it works. Tried once per process."""
    if sys.platform != "linux":
        return f"{sys.platform} is not Linux"
    if os.geteuid() == 0:
        return "not for root, whose workers need no namespace of a user"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
    command = wrap([sys.executable, "-I", "-c", "import numpy"], ("numpy",))
    try:
        trial = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    if trial.returncode != 0:
        said = trial.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
        return f"bubblewrap does not work here: {said[-1]}"
    return None


def wrap(command: Sequence[str], packages: Sequence[str]) -> list[str]:
    """Return the command line that runs `command` in namespaces of its own."""
    bwrap = shutil.which("bwrap") or "bwrap"
    options = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--hostname", "grader"]
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]  # noqa: PTH115 - as it is
        else:
            options += ["--ro-bind-try", str(path), str(path)]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += ["--size", str(_TMP_BYTES), "--tmpfs", "/tmp"]
    prefixes = [Path(sys.base_prefix), Path(sys.prefix)]
    for prefix in dict.fromkeys(prefixes):
        if not prefix.is_relative_to("/usr"):
            options += _read_only(prefix)
    for folder in sorted(reach.package_folders(reach.library_folders())):
        options += ["--tmpfs", str(folder)]  # covers it
    shown = [*reach.package_paths(packages), _ENGINE / "autograder", _ENGINE / "student_kit"]
    for path in shown:
        options += _read_only(path)
    return [*options, "--chdir", "/", "--", *command]


def _read_only(path: Path) -> list[str]:
    return ["--ro-bind", str(path), str(path)]
