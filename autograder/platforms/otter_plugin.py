"""Grade in `otter run` with our own grader: the plugin that Otter finds in our bundle.

    BASE/submission -> [otter_plugin: BASE/handed_in, run] -> BASE/results/results.json -> Otter

Otter executes a submission in the kernel in which its tests run, and believes what that kernel
says. So before the kernel starts, all that was handed in is taken out of the folder in which it
starts: no cell runs there, no file or folder can stand for a module of Otter's, and no log is left
that Otter would unpickle. A grader in a process of its own reads what was taken away. The kernel
runs tests that say nothing, and their results get our points and texts.

A failure of ours leaves as an exception that Otter has no score for, so it is never a zero.

It is imported by Otter's process, from where this package is installed or from the bundle's root,
but never from the submission's folder. Needs the standard library only.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NAME = "autograder.platforms.otter_plugin.Grader"  # as in otter_config.json
PYTHON = "AUTOGRADER_PYTHON"  # names the interpreter to grade with, if Otter's lacks a library

_TESTS = "tests"  # Otter's own folder in the submission's, made anew before any plugin is asked
_START = """\
import sys
sys.path.insert(0, sys.argv.pop(1))
from autograder.platforms.run import main
sys.exit(main(sys.argv[1:]))
"""
# one thread: grading forks, and a container has half a core
_SETTINGS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Grader:
    """The plugin. Otter calls these methods in this order, once for each submission.

    Args:
        submission_path: the file that Otter would execute; None while a bundle is made.
        submission_metadata: what the platform says; the grader reads it itself.
        plugin_config: {"seconds": until a grader that hangs is killed}.
    """

    def __init__(
        self,
        submission_path: str | None,
        submission_metadata: dict[str, Any],
        plugin_config: dict[str, Any],
    ) -> None:
        self._file = Path(submission_path or "")
        self._config = plugin_config
        self._log = ""
        self._results: dict[str, Any] = {}

    def before_grading(self, config: object) -> None:
        """Take away what was handed in, and grade it.

        Raises:
            RuntimeError: the grader failed; Otter ends without a score.
        """
        base = self._file.parent.parent
        for folder in (base / "source", base / "results"):
            folder.chmod(folder.stat().st_mode & ~0o007)  # hidden tests and grades
        handed_in = base / "handed_in"
        _take_away(self._file.parent, handed_in)
        # Otter has chosen this file and still reads it
        empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        self._file.write_text(json.dumps(empty) if self._file.suffix == ".ipynb" else "", "utf-8")
        self._log = _grade(base, handed_in, float(self._config["seconds"]))
        self._results = json.loads((base / "results" / "results.json").read_text("utf-8"))

    def before_execution(self, submission: Any) -> Any:
        """Return the notebook for the kernel, without a cell; its file goes too.

        The kernel starts in this folder, where the file's name could stand for a module.
        """
        self._file.unlink()
        submission["cells"], submission["metadata"] = [], {}
        return submission

    def after_grading(self, results: Any) -> None:
        """Give each question in Otter's results our points and our text.

        What platforms and students see is our results.json itself: when hidden checks are shown
        is a matter of each question there, and Otter has one answer for all.

        Raises:
            RuntimeError: the kernel did not say what a kernel without student code says.
        """
        scored = [test for test in self._results["tests"] if "score" in test]
        if {test["name"] for test in scored} != set(results.results):
            raise RuntimeError(
                "not graded: Otter's kernel did not run the bundle's tests\n"
                f"  expected  {', '.join(test['name'] for test in scored)}\n"
                f"  found     {', '.join(results.results) or results.catastrophic_error}"
            )
        results.results = {test["name"]: results.results[test["name"]] for test in scored}
        for test in scored:
            file = results.results[test["name"]]
            file.update_score(test["score"])
            for case in file.test_case_results:
                case.passed, case.message = test["status"] == "passed", test["output"]
        results.set_output(self._results["output"])
        results.to_gradescope_dict = functools.partial(_shown, self._results)

    def generate_report(self) -> str:
        """Return what the grader logged, for the instructor."""
        return self._log


def _shown(content: dict[str, Any], config: object) -> dict[str, Any]:
    """Stand for a method of Otter's results; by this name, since they are pickled."""
    return content


def _take_away(submission: Path, handed_in: Path) -> None:
    """Move all that was handed in out of the folder in which Otter's kernel starts."""
    handed_in.mkdir(mode=0o700)
    own = submission / "__init__.py"  # Otter makes one, if there is none
    if own.is_file() and own.stat().st_size == 0:
        own.unlink()
    for path in list(submission.iterdir()):
        if path.name != _TESTS:
            path.rename(handed_in / path.name)


def _grade(base: Path, handed_in: Path, seconds: float) -> str:
    """Run the bundle's grader, and return its log; there is a results.json then."""
    command = [os.environ.get(PYTHON) or sys.executable, "-I", "-B", "-X", "utf8", "-c", _START]
    command += [str(base / "source"), "--base", str(base), "--submission", str(handed_in)]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **_SETTINGS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"not graded: the grader took more than {seconds:g} s") from error
    log = done.stdout.decode("utf-8", errors="replace")
    if done.returncode:
        raise RuntimeError(
            f"not graded: the grader itself failed (exit code {done.returncode})\n{log[-8000:]}"
        )
    return log
