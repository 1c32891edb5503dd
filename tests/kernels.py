"""Interpreters beside this one that have a Jupyter kernel, for tests with real notebooks."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def python_with(*packages: str) -> str:
    """Return an interpreter that has these packages: this one, or the benchmark's."""
    code = "; ".join(f"import {package}" for package in packages)
    for python in (sys.executable, str(ROOT / ".venv-otter" / "bin" / "python")):
        if (
            shutil.which(python)
            and not subprocess.run([python, "-c", code], check=False).returncode
        ):
            return python
    pytest.skip(f"needs {', '.join(packages)}: the extra `notebooks`")


def lending(folder: Path, python: str, *packages: str) -> dict[str, str]:
    """Return an environment in which an interpreter has these, from this one's if it has none.

    PyTorch is large, and not installed a second time beside the kernel.
    """
    folder.mkdir(exist_ok=True)
    lent = f"import sys\n\nsys.path += {site.getsitepackages()!r}\n"
    (folder / "sitecustomize.py").write_text(lent, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    code = "; ".join(f"import {package}" for package in packages)
    if subprocess.run([python, "-c", code], env=environment, check=False).returncode:
        pytest.skip(f"needs {', '.join(packages)} for the Python of the kernel")
    return environment
