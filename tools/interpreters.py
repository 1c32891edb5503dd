"""Find the Python interpreters of this machine that the project supports.

They are looked for as `python3` and `python3.N` on PATH, in pyenv's folder, and in /usr/bin.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")
PROBE = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2])"


def candidates() -> list[Path]:
    """Return every path that may be an interpreter; what it is, only running it tells."""
    names = ["python3", *(f"python{version}" for version in SUPPORTED)]
    found = [Path(path) for name in names if (path := shutil.which(name))]
    for root in pyenv_roots():
        for version in SUPPORTED:
            # the newest patch release first: 3.10.13 before 3.10.9
            patches = root.glob(f"versions/{version}.*/bin/python{version}")
            found += sorted(patches, key=lambda path: (len(str(path)), str(path)), reverse=True)
    found += [Path("/usr/bin") / name for name in names]
    return list(dict.fromkeys(path for path in found if path.exists()))


def pyenv_roots() -> list[Path]:
    """Return pyenv's folder, if there is one."""
    roots = [os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv")]
    if shutil.which("pyenv"):
        answer = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False)
        roots.insert(0, answer.stdout.strip())
    return [Path(root) for root in dict.fromkeys(roots) if root and Path(root).is_dir()]


def version_of(python: Path) -> str | None:
    """Return "3.11" if this interpreter starts and can make virtual environments."""
    try:
        answer = subprocess.run(
            [str(python), "-c", PROBE], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def find() -> dict[str, Path]:
    """Return version -> interpreter, for the supported versions that this machine has."""
    found: dict[str, Path] = {}
    for python in candidates():
        version = version_of(python)
        if version in SUPPORTED and version not in found:
            found[version] = python
    return {version: found[version] for version in SUPPORTED if version in found}
