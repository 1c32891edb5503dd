"""How pytest runs in our own process: nothing but what we say is read, and nothing stays behind.

test files -> [session] -> pytest's command line
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_UNUSED_PLUGINS = """
    cacheprovider terminal junitxml logging doctest nose pastebin debugging faulthandler
    setuponly setupplan stepwise unraisableexception threadexception warnings legacypath
""".split()  # noqa: SIM905 - reads better as words


def arguments(root: Path, tests: Sequence[Path]) -> list[str]:
    """Return pytest's command line for these test files: no configuration but this is read."""
    options = ["-c", os.devnull, f"--rootdir={root}", "--noconftest"]
    options += ["--import-mode=importlib", "--assert=plain", "-s"]
    options += [part for name in _UNUSED_PLUGINS for part in ("-p", f"no:{name}")]
    return [*options, *map(str, tests)]


@contextlib.contextmanager
def forgotten_modules() -> Iterator[None]:
    """Forget the test modules that pytest imports inside the block: they hold its proxies."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if name.rpartition(".")[2].startswith("test_"):
                del sys.modules[name]
