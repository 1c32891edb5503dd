"""Make a virtual environment out of one pinned requirements file, unless it is there already.

    python3 tools/environment.py .venv              everything that development needs
    python3 tools/environment.py .venv --no-torch   the same without PyTorch, which is large
    python3 tools/environment.py .venv-otter --otter    otter-grader, which pins much by itself

The environment remembers the hash of its pins and is made anew when they change. Nothing is
fetched but the pinned packages, by pip.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import interpreters

ROOT = Path(__file__).resolve().parent.parent
OTTER_PYTHON = "3.11"  # which its pins were resolved on


def main() -> int:
    """Make the environment that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-torch", action="store_true")
    parser.add_argument("--otter", action="store_true")
    args = parser.parse_args()
    if args.otter:
        if not make_otter(args.folder):
            step(f"no Python {OTTER_PYTHON} here: tests that need Otter are skipped")
        return 0

    python, version = choose_interpreter()
    pins = read_pins(ROOT / f"requirements/dev-{version}.txt")
    torch = [pin for pin in pins if pin.startswith("torch==")]
    base = [pin for pin in pins if pin not in torch]
    make(args.folder, python, base, project=True)
    if not args.no_torch:
        add(args.folder, torch)
    return 0


def choose_interpreter() -> tuple[Path, str]:
    """Return the interpreter that runs this, or else the newest supported one; and its version."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if version in interpreters.SUPPORTED:
        # never an activated .venv itself: it may be about to be removed
        base = Path(sys.base_prefix) / "bin" / f"python{version}"
        return (base if sys.prefix != sys.base_prefix else Path(sys.executable)), version
    found = interpreters.find()
    if not found:
        sys.exit(
            f"setup: {sys.executable} is Python {version}\n"
            f"  expected  one of {', '.join(interpreters.SUPPORTED)}\n"
            f"  fix       install one of them, or name it: make PYTHON=/path/to/python3 ..."
        )
    newest = list(found)[-1]
    return found[newest], newest


def read_pins(requirements: Path) -> list[str]:
    """Return the lines `name==version` of a requirements file."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def make(folder: Path, python: Path, pins: list[str], *, project: bool = False) -> None:
    """Make `folder` an environment with exactly these pins; do nothing if it is one already.

    Args:
        folder: where it goes; whatever is there is removed.
        python: the interpreter that it is made from.
        pins: lines of a requirements file.
        project: install this project too, editable, with its command.
    """
    stamp = folder / "pins.sha256"
    version = interpreters.version_of(python)
    wanted = hashlib.sha256("\n".join([str(version), str(project), *pins]).encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if version is None:
        sys.exit(
            f"setup: {python} cannot make a virtual environment: it lacks venv or ensurepip\n"
            f"  fix       on Debian and Ubuntu: apt-get install python3-venv\n"
            f"            or name another Python: make PYTHON=/path/to/python3 ..."
        )
    step(f"virtual environment {folder} from {python}")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([str(python), "-m", "venv", str(folder)], check=True)
    pip_install(folder, pins, f"{len(pins)} packages")
    if project:  # built with the setuptools just installed: nothing else is fetched
        editable = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
        pip_install(folder, editable, "this project, editable")
    stamp.write_text(wanted, encoding="utf-8")


def make_otter(folder: Path) -> bool:
    """Make `folder` an environment with the real Otter; False if its Python is not here."""
    python = interpreters.find().get(OTTER_PYTHON)
    if python is None:
        return False
    make(folder, python, read_pins(ROOT / f"requirements/otter-{OTTER_PYTHON}.txt"))
    return True


def add(folder: Path, pins: list[str]) -> None:
    """Install what the pins ask for beyond what the environment already has."""
    stamp = folder / "extra.txt"
    wanted = "\n".join(pins)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    pip_install(folder, pins, f"{' '.join(pins)}, which is large")
    stamp.write_text(wanted, encoding="utf-8")


def pip_install(folder: Path, what: list[str], title: str) -> None:
    """Run pip; its own lines are shown only if it fails, but for a counter on a terminal."""
    started = time.monotonic()
    step(f"installing {title} ...")
    command = [str(folder / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check"]
    log: list[str] = []
    collected = 0
    with subprocess.Popen(
        command + what, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            log.append(line)
            collected += line.startswith("Collecting ")
            if sys.stdout.isatty():
                print(f"\r\033[K  {collected} found; {line.strip()[:60]}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    if pip.returncode:
        sys.exit("".join(log) + f"setup: pip could not install {title}; its reason is above")
    step(f"  done in {time.monotonic() - started:.0f} s")


def step(text: str) -> None:
    """Say what is going on, at once, even into a pipe."""
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
