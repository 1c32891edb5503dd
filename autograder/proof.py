"""The record that an assignment is proved, and whether it still is.

    what `verify` found + all files that it rests on -> [proof] -> solutions/<hw>/proof.json

The record holds a hash of every file that a verdict follows from, so a look at the files says
whether it is current, and which one is not as it was. It holds no times and no names of machines:
the same sources give the same record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import autograder
import student_kit
from autograder.assignment import Assignment

# What decides a verdict, beside the kit. Not the sandbox: it keeps verdicts from being forged,
# and its own tests say that it changes none.
ENGINE = {
    "assignment.py": "which questions, points and tests there are",
    "grading.py": "runs the tests",
    "influence.py": "says which questions a sample is tried on",
    "inprocess.py": "where our own samples run",
    "mistakes.py": "makes the mistakes of the catalogue",
    "mutants.py": "makes the mutants",
    "mutation": "the rules by which mutants are made",
    "oracle.py": "measures how far from the second opinion a solution is",
    "samples.py": "makes stub and variants",
    "runs.py": "says what is to be run",
    "scoring.py": "turns outcomes into points",
    "second_opinions.py": "decides what the oracles are asked",
    "session.py": "tells pytest what to read",
    "strip.py": "makes the stub",
    "suite.py": "starts what runs the tests",
    "tables.py": "reads the catalogue",
    "trials.py": "decides what is run and what is remembered",
    "verify.py": "decides what is proved",
}
JUNK = {"__pycache__", ".ipynb_checkpoints"}
_ENGINE = Path(autograder.__file__).resolve().parent
_KIT = Path(student_kit.__file__).resolve().parent


def path_of(assignment: Assignment) -> Path:
    """Return where the record of an assignment is."""
    return assignment.private / "proof.json"


def digests(assignment: Assignment) -> dict[str, str]:
    """Return the hash of every file that a proof rests on, by its name from the root."""
    record = path_of(assignment)
    found = [
        *tree(assignment.public, f"assignments/{assignment.id}"),
        *tree(assignment.private, f"solutions/{assignment.id}"),
        *tree(_KIT, "student_kit", suffix=".py"),
        *(
            (name, path)
            for name, path in tree(_ENGINE, "autograder", suffix=".py")
            if path.relative_to(_ENGINE).parts[0] in ENGINE
        ),
    ]
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()[:20]
        for name, path in found
        if path != record
    }


def tree(folder: Path, prefix: str, *, suffix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield (prefix/name, path) of the files under a folder, without what tools leave."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        junk = any(part in JUNK or part.startswith(".") for part in relative.parts)
        if path.is_file() and path.name.endswith(suffix) and not junk:
            yield str(PurePosixPath(prefix, *relative.parts)), path


def write(
    assignment: Assignment,
    evidence: Mapping[str, Mapping[str, Any]],
    *,
    rests_on: Mapping[str, str],
) -> Path:
    """Write the record of an assignment of which all proofs hold, and return its path.

    Args:
        assignment: what was proved.
        evidence: the numbers of each proof.
        rests_on: what `digests` said before the proof began: files may have changed meanwhile.
    """
    record = {
        "assignment": assignment.id,
        "evidence": {name: dict(sorted(facts.items())) for name, facts in evidence.items()},
        "rests_on": dict(sorted(rests_on.items())),
    }
    path = path_of(assignment)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def differences(assignment: Assignment) -> list[str]:
    """Return why the record is not current, a line for each file; empty if it is current."""
    path = path_of(assignment)
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))["rests_on"]
        recorded = {str(name): str(digest) for name, digest in recorded.items()}
    except FileNotFoundError:
        return [f"{path.name} is missing: it was never proved"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [f"{path.name} is no record"]
    now = digests(assignment)
    changed = {
        **{name: "is not as it was" for name in now if recorded.get(name) != now[name]},
        **dict.fromkeys(now.keys() - recorded.keys(), "is new"),
        **dict.fromkeys(recorded.keys() - now.keys(), "is gone"),
    }
    return [f"{name} {how}" for name, how in sorted(changed.items())]
