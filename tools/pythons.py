"""Run the portable tests on every supported Python that this machine has.

Each interpreter gets its own environment with what the bundle pins for it (NumPy, pytest, and what
they need) and with Hypothesis, which some tests draw their values from; nothing else. A test file
takes part if it holds tests marked `portable`; such a file imports nothing beyond that at its top.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import environment
import interpreters

ROOT = environment.ROOT
FOR_TESTS = ("hypothesis==", "sortedcontainers==")  # taken from the pins for development


def main() -> int:
    """Return 0 if the portable tests pass on every interpreter found."""
    found = interpreters.find()
    for version in interpreters.SUPPORTED:
        print(f"Python {version}: {found.get(version, 'not found, not tested')}", flush=True)
    files = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if "mark.portable" in path.read_text(encoding="utf-8")
    ]
    if not found or not files:
        sys.exit(f"{len(found)} interpreters found, {len(files)} files with portable tests")

    failed = [version for version, python in found.items() if not passes(version, python, files)]
    print(f"portable tests: {len(found) - len(failed)} Pythons passed, {len(failed)} failed")
    for version in failed:
        print(f"  failed on Python {version}")
    return 1 if failed else 0


def passes(version: str, python: Path, files: list[str]) -> bool:
    """Return whether the portable tests in `files` pass on this interpreter."""
    folder = ROOT / ".cache/pythons" / version
    pins = environment.read_pins(ROOT / f"requirements/bundle-{version}.txt")
    more = environment.read_pins(ROOT / f"requirements/dev-{version}.txt")
    pins += [pin for pin in more if pin.startswith(FOR_TESTS)]
    environment.make(folder, python, pins)
    print(f"\n== Python {version} ==", flush=True)
    command = [str(folder / "bin/python"), "-m", "pytest", "-q", "-m", "portable"]
    # its own cache folder: the interpreters must not overwrite each other's
    cache = ["-o", f"cache_dir={folder / 'pytest-cache'}"]
    return subprocess.run([*command, *cache, *files], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
