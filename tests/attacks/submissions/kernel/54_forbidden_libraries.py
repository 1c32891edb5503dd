"""Import what is installed but not allowed, by five routes.

Row: 54
Expect: imported: refused
"""

import ctypes
import glob
import importlib
import importlib.util
import sys

from burglar import ENGINE, SITE, show, unless


def from_path(name):
    sys.path.append(SITE)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop()


def from_file():
    spec = importlib.util.spec_from_file_location("pytest", f"{SITE}/pytest/__init__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shared_library():
    found = glob.glob(f"{SITE}/torch/lib/libtorch*.so") or [f"{SITE}/torch/lib/libtorch_cpu.so"]
    return ctypes.CDLL(found[0])


def add(a, b):
    loaded = [n for n in sys.modules if n.split(".")[0] in ("torch", "scipy", "pytest", "jax")]
    show(
        imported=lambda: __import__("pytest"),
        torch=lambda: importlib.import_module("torch"),
        from_path=lambda: from_path("pytest"),
        torch_from_path=lambda: from_path("torch"),
        from_file=from_file,
        shared_library=shared_library,
        loaded=lambda: unless(loaded, []),
        read=lambda: open(f"{SITE}/pytest/__init__.py").read(),
        engine=lambda: open(f"{ENGINE}/autograder/scoring.py").read(),
    )
