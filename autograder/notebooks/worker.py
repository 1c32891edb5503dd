"""The program of a short-lived child process: read one notebook, say what stands in it.

    options in JSON, newline, a file's bytes -> [worker: reading, keeping] -> one line of JSON

`submitted` runs this file by its path, in an isolated interpreter. A hostile notebook can stall a
parser or fill the memory; here that ends this process only.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 2 << 30  # pictures make a notebook large, and JSON makes it larger in memory


def examine(options: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Return the facts about a notebook, or a Python file where `options["kind"]` says so."""
    from autograder.notebooks import keeping, reading

    if options.pop("kind") == "python":
        return keeping.look(content)
    try:
        return keeping.Notebook(reading.code_cells(content), **options).facts()
    except reading.NoNotebook as what:
        return what.facts


def answer(line: bytes, content: bytes) -> str:
    """Return the facts in JSON, also of what is too deep or too large to be looked at."""
    try:
        return json.dumps(examine(json.loads(line), content))
    except (RecursionError, MemoryError, ValueError):
        return json.dumps({"problem": "unread"})


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    importlib.import_module("autograder.compile_worker").limit(MEMORY_BYTES)
    sys.stdout.write(answer(sys.stdin.buffer.readline(), sys.stdin.buffer.read()))
