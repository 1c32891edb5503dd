"""The real Otter, where it is installed: beside the Python that runs this, or in .venv-otter.

Not a file of tests: they import it by name (`pythonpath` in pyproject.toml).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 180  # for one submission; a hang is an answer, too


@dataclass(frozen=True)
class Graded:
    """What one `otter run` left."""

    code: int | None  # None: it did not end
    said: str
    results: dict[str, Any] | None  # results.json, if there is one

    @property
    def points(self) -> dict[str, float]:
        """Question -> score; empty where nothing was graded."""
        tests = (self.results or {}).get("tests", ())
        return {test["name"]: test["score"] for test in tests if "score" in test}


@dataclass(frozen=True)
class Otter:
    """The command, and the environment in which its Python finds this project."""

    command: str
    environment: Mapping[str, str]

    def run(
        self, archive: Path, submission: Path, out: Path, *, seconds: float = SECONDS
    ) -> Graded:
        """Grade one submission with `otter run`, in an empty folder of its own."""
        out.mkdir(parents=True)
        command = [self.command, "run", "--no-logo", "-a", str(archive), "-o", str(out)]
        temporary = out / "tmp"
        temporary.mkdir()
        with (out / "said").open("w+b") as said:
            process = subprocess.Popen(
                [*command, str(submission)],
                env={**self.environment, "TMPDIR": str(temporary)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            code: int | None = None
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
            finally:
                _end(process, str(temporary))
        path = out / "results.json"
        results = json.loads(path.read_text("utf-8")) if path.exists() else None
        return Graded(code, (out / "said").read_text("utf-8", errors="replace"), results)

    def run_all(self, archive: Path, submissions: Sequence[Path], out: Path) -> list[Graded]:
        """Grade a class, two at a time."""
        with ThreadPoolExecutor(2) as pool:
            folders = [out / str(number) for number in range(len(submissions))]
            return list(pool.map(self.run, [archive] * len(submissions), submissions, folders))

    def generate(self, folder: Path, *files: str) -> Path:
        """Run `otter generate` on a folder that holds tests/, as for a plain assignment."""
        subprocess.run(
            [self.command, "generate", "-t", "tests", "-o", "plain.zip", *files],
            cwd=folder,
            env={**self.environment},
            check=True,
            capture_output=True,
        )
        return folder / "plain.zip"


def _end(process: subprocess.Popen[bytes], temporary: str) -> None:
    """End a run that hangs, and its kernel, which has a session of its own."""
    if process.poll() is not None:
        return
    process.kill()
    process.wait()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"TMPDIR={temporary}\0".encode() in environment:
                os.kill(int(entry.name), 9)


def otter() -> Otter:
    """Return the real Otter 7, or skip the test."""
    places = [Path(sys.executable).parent, ROOT / ".venv-otter" / "bin"]
    command = shutil.which("otter", path=os.pathsep.join(map(str, places)))
    if command is None:
        pytest.skip("needs Otter: pip install '.[notebooks]', or the .venv-otter of `make bench`")
    environment = {
        **os.environ,
        "PATH": f"{Path(command).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),  # as if this project were installed there
        "OMP_NUM_THREADS": "1",
    }
    return Otter(command, environment)
