r"""Import the reference, the solution and the tests.

Row: 3
Expect: reference: refused \(ModuleNotFoundError
"""

import importlib
import sys

from burglar import ROOT, show, unless


def by_path(name):
    sys.path[:0] = [f"{ROOT}/solutions/hw0_toy", f"{ROOT}/solutions/hw0_toy/hidden_tests"]
    try:
        return vars(importlib.import_module(name))["SECRET"]
    finally:
        del sys.path[:2]


def add(a, b):
    loaded = [n for n in sys.modules if n.startswith(("reference", "test_", "pytest", "_pytest"))]
    show(
        reference=lambda: importlib.import_module("reference"),
        solution=lambda: importlib.import_module("solutions.hw0_toy.toy"),
        hidden=lambda: by_path("test_add"),
        loaded=lambda: unless(loaded, []),
    )
