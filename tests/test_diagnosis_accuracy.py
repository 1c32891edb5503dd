"""How often the diagnosis is right on our own homework: the groups of benchmarks/diagnosis.py."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from autograder import assignment as assignments

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def accuracy() -> Iterator[ModuleType]:
    """Return benchmarks/diagnosis.py as a module."""
    spec = importlib.util.spec_from_file_location("accuracy", ROOT / "benchmarks/diagnosis.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["accuracy"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["accuracy"]


def test_some_mistakes_of_the_catalogue_are_named_alone_and_in_pairs(accuracy: ModuleType) -> None:
    assignment = assignments.find(ROOT, "hw1_optimizers")
    samples = accuracy.collect(assignment, ["single", "pair"], 12)
    chosen = random.Random(1).sample(samples[:-12], 12) + samples[-12:]

    tallies = accuracy.measure(assignment, chosen, jobs=2)

    assert [line for tally in tallies.values() for line in tally.examples] == []
    assert {group: tally.right for group, tally in tallies.items()} == {"single": 12, "pair": 12}


@pytest.mark.full
@pytest.mark.parametrize("assignment_id", assignments.assignment_ids(ROOT))
def test_the_diagnosis_is_as_good_as_it_must_be(accuracy: ModuleType, assignment_id: str) -> None:
    assignment = assignments.find(ROOT, assignment_id)
    samples = accuracy.collect(assignment, list(accuracy.GROUPS), 100)

    tallies = accuracy.measure(assignment, samples, jobs=2)

    assert "variant" not in tallies  # nothing was named there
    assert "single" in tallies
    missed = [group for group, tally in tallies.items() if not tally.meets(accuracy.GOALS[group])]
    assert missed == [], accuracy.table(tallies)
