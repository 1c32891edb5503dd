"""Pin the development environment: write requirements/dev-3.N.txt for every Python found.

Each interpreter resolves what pyproject.toml asks for (the project, its `dev` extra, and PyTorch)
for itself, because the newest NumPy for 3.10 is not the newest for 3.13. What a bundle installs
(requirements/bundle-3.N.txt) is taken as it is: we test with what the platform gets. PyTorch is
pinned here by hand and kept out of the resolution: its builds differ in what they bring along (a
CUDA build brings several gigabytes), while what all of them need is pure Python and listed below.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import environment
import interpreters

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = environment.ROOT
TORCH = "torch==2.13.0"
NEEDED_BY_TORCH = [
    "filelock",
    "fsspec>=0.8.5",
    "jinja2",
    "networkx>=2.5.1",
    "setuptools>=77.0.3",
    "sympy>=1.13.3",
    "typing-extensions>=4.10.0",
]
HEADER = "# Made by `make lock` with Python {version} out of pyproject.toml; do not edit.\n"


def main() -> int:
    """Write one file per interpreter; files of versions not found here stay as they are."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"], *NEEDED_BY_TORCH]
    found = interpreters.find()
    for version in interpreters.SUPPORTED:
        path = ROOT / f"requirements/dev-{version}.txt"
        if version not in found:
            print(f"lock: Python {version} not found; {path.relative_to(ROOT)} stays as it is")
            continue
        print(f"lock: resolving for Python {version} ({found[version]}) ...", flush=True)
        bundled = environment.read_pins(ROOT / f"requirements/bundle-{version}.txt")
        pins = sorted([*resolve(found[version], [*asked, *bundled]), TORCH])
        path.write_text(HEADER.format(version=version) + "\n".join(pins) + "\n", encoding="utf-8")
        print(f"lock:   {path.relative_to(ROOT)}: {len(pins)} packages")
    return 0


def resolve(python: Path, asked: list[str]) -> list[str]:
    """Return `name==version` of everything that pip would install into an empty environment."""
    command = [str(python), "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    answer = subprocess.run(
        [*command, "--report", "-", *asked], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        sys.exit(f"{answer.stderr}lock: pip found no answer for {python}; its reason is above")
    packages = [install["metadata"] for install in json.loads(answer.stdout)["install"]]
    return [pin(package["name"], package["version"]) for package in packages]


def pin(name: str, version: str) -> str:
    """Return a requirement in normal form: lower case, one dash, no local build label."""
    return f"{re.sub(r'[-_.]+', '-', name).lower()}=={version.split('+')[0]}"


if __name__ == "__main__":
    sys.exit(main())
