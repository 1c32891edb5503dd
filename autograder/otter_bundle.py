"""Have Otter's own generator write what `otter run` and Gradescope's image of Otter start from.

    Assignment + plugin -> [otter_bundle: otter generate] -> files of the zip

To these, `bundle` adds the engine and the assignment, as for Gradescope. The plugin
(platforms/otter_plugin.py) has them grade; Otter's tests say nothing but the questions' names and
points.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import autograder
from autograder import otter_command
from autograder.assignment import Assignment, Question
from autograder.errors import GraderError
from autograder.platforms import otter_plugin

PYTHON_VERSION = "3.13"  # that Otter's setup.sh builds on
GRACE = 120.0  # seconds beyond the run's own budget: to read, to compile, to start and to end

_ARGUMENTS = """
    -t tests -c otter_config.json -r requirements.txt --no-environment -o otter.zip --python-version
""".split()  # noqa: SIM905 - reads better as words
_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False

name = {name!r}
points = {points!r}


@test_case(name={case!r}, hidden={hidden!r})
def test_graded_by_the_plugin():
    raise RuntimeError("not graded: the plugin of this bundle did not run")
"""
# to Otter's setup.sh: it installs below /root, which no other user may enter
_SETUP = """
# student code runs as a user of its own, and imports from the environment that was made here
chmod o+x /root
"""


def generate(assignment: Assignment, requirements: Sequence[str]) -> dict[str, bytes]:
    """Return the files that Otter's generator writes for an assignment, by name in the zip.

    Args:
        assignment: its questions become Otter's test files.
        requirements: lines for pip, what grading needs besides Otter.

    Raises:
        UsageError: Otter is not installed.
        GraderError: its generator failed.
    """
    command = otter_command.find()
    with tempfile.TemporaryDirectory(prefix="autograder-otter-") as name:
        folder = Path(name)
        _write_sources(assignment, requirements, folder)
        done = subprocess.run(
            [command, "generate", *_ARGUMENTS, PYTHON_VERSION],
            cwd=folder,
            # the generator imports the plugin
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode or not (folder / "otter.zip").is_file():
            said = done.stdout.decode("utf-8", errors="replace")[-4000:]
            raise GraderError(f"`otter generate` failed (exit code {done.returncode})\n{said}")
        with zipfile.ZipFile(folder / "otter.zip") as archive:
            files = {info.filename: archive.read(info) for info in archive.infolist()}
    files["setup.sh"] += _SETUP.encode()
    return files


def _write_sources(assignment: Assignment, requirements: Sequence[str], folder: Path) -> None:
    """Write what the generator reads: tests, configuration, requirements, the plugin."""
    (folder / "tests").mkdir()
    for question in assignment.questions:
        (folder / "tests" / f"{question.id}.py").write_text(_test_file(question), "utf-8")
    seconds = assignment.limits.run_seconds + GRACE
    config = {"plugins": [{otter_plugin.NAME: {"seconds": seconds}}]}
    (folder / "otter_config.json").write_text(json.dumps(config), "utf-8")
    (folder / "requirements.txt").write_text("\n".join([*requirements, ""]), "utf-8")
    engine = Path(autograder.__file__).resolve().parent
    for name in ("__init__.py", "platforms/__init__.py", "platforms/otter_plugin.py"):
        target = folder / "autograder" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(engine / name, target)


def _test_file(question: Question) -> str:
    """Return a question as Otter's test file: one case, which the plugin fills in."""
    hidden = question.feedback != "visible"
    return _TEST.format(
        name=question.id, points=question.points, case=f"{question.id} - checks", hidden=hidden
    )
