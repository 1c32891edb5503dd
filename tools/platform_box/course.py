"""What is graded in the box: the homework's reference and stub, and ten attacks on a toy.

    assignments/ + solutions/ + tests/attacks/ -> [course] -> cases, each a bundle and a submission

The attacks, their assignment and what proves that one took place belong to the attack suite.
"""

from __future__ import annotations

import importlib.util
import re
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from autograder import assignment as assignments
from autograder import bundle, samples
from platform_box import harness

ROOT = Path(__file__).resolve().parents[2]
HOMEWORK, TOY = "hw1_optimizers", "hw0_toy"
ATTACKS = (
    "verdict/18_lying_array",
    "verdict/64_empty_arrays",
    "process/04_memory_of_the_parent",
    "process/12_forged_replies",
    "kernel/05_reads_hidden_files",
    "kernel/06_reads_other_processes",
    "kernel/10_overwrites_results",
    "kernel/30_forks",
    "kernel/43_network",
    "resources/29_memory",
)
TOKEN = "burglar0b0c5e"  # marks what an attack leaves behind
SOURCE = "/autograder/source"
HIDDEN_INPUT = re.compile(r"\b(?:99999\d|100000\d)(?:\.\d+)?\b")  # as the attack suite draws them


@dataclass(frozen=True)
class Case:
    """One submission, and what has to become of it."""

    name: str
    bundle: Path
    files: dict[str, bytes]
    score: float
    expect: str = ""  # pattern in what public tests say: proof that an attack took place
    canaries: dict[str, str] = field(default_factory=dict)  # where -> what nobody may read


def homework_cases(out: Path) -> list[Case]:
    """Return the reference and the stub of the homework."""
    homework = assignments.find(ROOT, HOMEWORK)
    path = bundle.build(homework, "gradescope", out, unproved=True)
    return [
        Case("reference", path, samples.reference_files(homework), homework.max_points),
        Case("stub", path, samples.stub_files(homework), 0),
    ]


def toy_cases(out: Path, *, site_packages: str) -> list[Case]:
    """Return the toy's reference and the ten attacks, with a canary wherever a secret is.

    Args:
        out: an empty folder for the toy and its bundle.
        site_packages: the grader's, in the box; attackers are told.
    """
    suite, toy = _module("attacks/conftest.py"), _module("conftest.py")
    places = ("hidden", "reference", "environment")
    canaries = {place: f"CANARY-{secrets.token_hex(8)}" for place in places}
    files = {
        **toy.FILES,
        f"assignments/{TOY}/assignment.toml": suite.TOML,
        f"solutions/{TOY}/toy.py": suite.REFERENCE.replace("@REFERENCE@", canaries["reference"]),
        f"solutions/{TOY}/burglar.py": '"""Nothing."""\n',
        f"solutions/{TOY}/hidden_tests/test_add.py": suite.HIDDEN_ADD.replace(
            "@HIDDEN@", canaries["hidden"]
        ),
        f"solutions/{TOY}/hidden_tests/test_walk.py": suite.HIDDEN_WALK,
    }
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    secret = secrets.token_hex(32)
    canaries["seed"] = secret
    assignment = assignments.find(out, TOY)
    zipped = bundle.build(assignment, "gradescope", out / "dist", secret=secret, unproved=True)
    tools = told((suite.SUBMISSIONS / "burglar.py").read_text(encoding="utf-8"), site_packages)
    honest = Case("toy reference", zipped, samples.reference_files(assignment), 100)
    return [honest] + [
        Case(
            name,
            zipped,
            {"toy.py": suite.ATTACKS[name].source, "burglar.py": tools.encode()},
            0,
            suite.ATTACKS[name].expect,
            canaries,
        )
        for name in ATTACKS
    ]


def told(tools: str, site_packages: str) -> str:
    """Return the attackers' tools with all that a well-informed attacker would know of the box."""
    knowledge = {
        "ROOT": SOURCE,
        "SECRET": f"{SOURCE}/{bundle.SECRET}",
        "RESULTS": "/autograder/results/results.json",
        "ENGINE": SOURCE,
        "SITE": site_packages,
        "PORT": str(harness.PORT),
        "ABSTRACT": f"{TOKEN}-listener",
        "TOKEN": TOKEN,
    }
    for key, value in knowledge.items():
        tools = tools.replace(f"@{key}@", value)
    left = set(re.findall(r"@[A-Z]+@", tools)) - {harness.ASKS_PID}  # only the harness knows it
    if left:
        asked = ", ".join(sorted(left))
        raise ValueError(f"the attackers' tools ask for {asked}, which is not known here")
    return tools


def _module(name: str) -> ModuleType:
    """Return a file of the tests as a module."""
    path = ROOT / "tests" / name
    spec = importlib.util.spec_from_file_location(f"of_the_tests_{len(name)}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up while it is being made
    sys.path.insert(0, str(ROOT / "tests"))  # where what they share is, as pytest has it
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module
