"""Find the real Otter, whose own programs write what it reads.

this Python, PATH -> [otter_command] -> path of `otter`
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from autograder.errors import UsageError

REQUIREMENT = "otter-grader[grading]>=7"  # for pip


def find(*, otherwise: str = "") -> str:
    """Return the command `otter`: of this environment, else the first on PATH.

    Args:
        otherwise: what can be done without it, as the last line of the message.

    Raises:
        UsageError: it is not there.
    """
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = shutil.which("otter", path=places)
    if command is None:
        raise UsageError(
            "Otter is not installed in this environment, and this takes a program of its own\n"
            "  expected  the command `otter`, of otter-grader 7\n"
            f"  found     none beside {sys.executable}, none on PATH\n"
            f"  fix       {sys.executable} -m pip install '{REQUIREMENT}'\n"
            "            (it is in the extra `notebooks` of this project)"
            + (f"\n            {otherwise}" if otherwise else "")
        )
    return command
