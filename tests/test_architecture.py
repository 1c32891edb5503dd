"""The engine's shape: imports point left only, no cycles, small modules, a light bundle."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("student_kit", "autograder")

# Left to right along the dataflow. A name stands for a module, or for a package and all in it
# that is not named itself; each imports from its own layer or from layers further left.
LAYERS = [
    "student_kit.records",
    "student_kit.tensors",
    "student_kit.wire",
    "student_kit.cells",
    "student_kit.objects",
    "student_kit.calls",
    "student_kit.proxy",
    "student_kit.checks",
    "student_kit.dispatch",
    "student_kit.replies",
    "student_kit.hints",
    "student_kit.relations",
    "student_kit.plugin",
    "student_kit",
    "autograder.errors",
    "autograder.assignment",
    "autograder.new",
    "autograder.strip",
    "autograder.tables",
    "autograder.student_notebook",
    "autograder.leaks",
    "autograder.samples",
    "autograder.influence",
    "autograder.mistakes",
    "autograder.wrong",
    "autograder.oracle",
    "autograder.mutation",
    "autograder.mutants",
    "autograder.session",
    "autograder.variants",
    "autograder.hints",
    "autograder.template",
    "autograder.otter_command",
    "autograder.otter_assign",
    "autograder.oddities",
    "autograder.unpack",
    "autograder.syntax",
    "autograder.compile_worker",
    "autograder.lint",
    "autograder.notebooks",
    "autograder.intake",
    "autograder.sandbox",
    "autograder.shelter",
    "autograder.doctor",
    "autograder.inprocess",
    "autograder.replay",
    "autograder.diagnose",
    "autograder.runs",
    "autograder.leaderboard",
    "autograder.grading",
    "autograder.suite",
    "autograder.proof",
    "autograder.trials",
    "autograder.second_opinions",
    "autograder.verify",
    "autograder.scoring",
    "autograder.report.overview",
    "autograder.report.feedback",
    "autograder.platforms.metadata",
    "autograder.platforms.gradescope",
    "autograder.batch",
    "autograder.platforms.run",
    "autograder.platforms.otter_plugin",
    "autograder.report",
    "autograder.gradebook",
    "autograder.otter_bundle",
    "autograder.bundle",
    "autograder.emulate",
    "autograder.demo",
    "autograder.cli",
]

# What runs on the platform: the entry, what is started as a program of its own, and the kit.
BUNDLE = [
    "autograder.platforms.run",
    "autograder.platforms.otter_plugin",
    "autograder.sandbox.zygote",
    "autograder.compile_worker",
    "autograder.notebooks.worker",
    "student_kit",
]
LIGHT = {*sys.stdlib_module_names, "numpy", "pytest", "_pytest", "tomli", *PACKAGES}
LONGEST = 500  # lines


def modules(root: Path) -> dict[str, Path]:
    """Return every module of the two packages: name -> file."""
    found = {}
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        if not (path.parent / "__init__.py").exists():
            continue  # files to be copied, such as the template's check.py
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: Iterable[str]) -> set[str]:
    """Return what a file imports anywhere in it; `from a import b` is a.b if that is a module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            full = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            names |= {full[name] if full[name] in known else node.module for name in full}
    return names


def layer(module: str, layers: list[str]) -> int | None:
    """Return the position of the longest name in `layers` that covers this module."""
    while module and module not in layers:
        module = module.rpartition(".")[0]
    return layers.index(module) if module else None


def problems(root: Path, layers: list[str]) -> list[str]:
    """Return every breach of the rules, one line each."""
    known = modules(root)
    graph = {module: imports(path, known) for module, path in known.items()}
    found = []
    for module, targets in graph.items():
        here = layer(module, layers)
        if here is None and targets & known.keys():
            found.append(f"{module}: has no place in LAYERS")
        for target in sorted(targets & known.keys()):
            there = layer(target, layers)
            if None not in (here, there) and there > here:
                found.append(f"{module}: imports {target}, which is further right")
        if known[module].stem in {"utils", "helpers", "common"}:
            found.append(f"{module}: the name says nothing")
        lines = len(known[module].read_text(encoding="utf-8").splitlines())
        if lines > LONGEST:
            found.append(f"{module}: {lines} lines, more than {LONGEST}")
    found += [f"{module}: is part of an import cycle" for module in graph if cyclic(module, graph)]
    in_bundle = {module for module in graph if layer(module, BUNDLE) is not None}
    in_bundle |= {target for module in in_bundle for target in reachable(module, graph)}
    for module in sorted(in_bundle):
        heavy = {target.partition(".")[0] for target in graph[module]} - LIGHT
        found += [f"{module}: imports {name}, which the bundle lacks" for name in sorted(heavy)]
        if module.startswith("student_kit"):
            engine = [target for target in graph[module] if target.startswith("autograder")]
            found += [f"{module}: imports {target}, which students lack" for target in engine]
    return found


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """Return the modules of ours that `start` imports, directly or not."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), set()) & graph.keys() - seen:
            seen.add(target)
            waiting.append(target)
    return seen


def cyclic(module: str, graph: dict[str, set[str]]) -> bool:
    """Return whether importing this module leads back to it."""
    return module in reachable(module, graph)


def test_the_engine_keeps_its_shape() -> None:
    assert problems(ROOT, LAYERS) == []


def test_every_layer_exists() -> None:
    known = modules(ROOT)
    assert [name for name in LAYERS if name not in known] == []


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"autograder/a.py": "import autograder.b"}, "autograder.a: imports autograder.b, which"),
        ({"autograder/a.py": "from autograder import b"}, "autograder.a: imports autograder.b,"),
        ({"autograder/a.py": "def f():\n  from autograder.b import x"}, "which is further right"),
        (
            {
                "autograder/b/c.py": "import autograder.b.d",
                "autograder/b/d.py": "import autograder.b.c",
            },
            "autograder.b.c: is part of an import cycle",
        ),
        ({"autograder/new.py": "import autograder.a"}, "autograder.new: has no place in LAYERS"),
        ({"autograder/b/utils.py": ""}, "autograder.b.utils: the name says nothing"),
        ({"autograder/a.py": "\n" * 501}, "autograder.a: 501 lines, more than 500"),
        (
            {
                "autograder/platforms/run.py": "import autograder.b",
                "autograder/b/__init__.py": "import rich",
            },
            "autograder.b: imports rich, which the bundle lacks",
        ),
        ({"student_kit/checks.py": "import torch"}, "imports torch, which the bundle lacks"),
        ({"student_kit/checks.py": "import autograder.a"}, "imports autograder.a, which students"),
    ],
)
def test_each_breach_is_found(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    clean = {
        "student_kit/__init__.py": "import numpy",
        "autograder/__init__.py": "",
        "autograder/a.py": "import os\nimport student_kit",
        "autograder/b/__init__.py": "from autograder import a",
        "autograder/platforms/__init__.py": "",
        "autograder/platforms/run.py": "import pytest\nimport autograder",
        "autograder/cli.py": "import rich",  # heavy, but not reached from the bundle's entry
    }
    layers = ["student_kit", "autograder.a", "autograder.b", "autograder.platforms.run"]
    for name, text in clean.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert problems(tmp_path, layers) == []

    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert any(problem in line for line in problems(tmp_path, layers))
