"""A homework of four small questions with nine catalogued mistakes, and changes of its reference.

Not a file of tests: they import it by name (`pythonpath` in pyproject.toml).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder import assignment as assignments
from autograder import suite
from autograder.assignment import Assignment
from autograder.intake import Submission
from student_kit.records import TestRecord

TOML = """
title = "Toy"
files = ["toy.py"]
libraries = ["numpy"]

[questions.scale]
points = 25

[questions.chain]
points = 25
depends_on = ["scale"]

[questions.walk]
points = 25

[questions.order]
points = 25
"""
REFERENCE = '''"""Four small functions."""

from __future__ import annotations

import numpy as np


def scale(x: np.ndarray, *, by: float) -> np.ndarray:
    """Return x times the factor, plus one."""
    # BEGIN SOLUTION
    product = by * x
    return product + 1
    # END SOLUTION


def chain(x):
    """Return x, scaled by two and then by three."""
    # BEGIN SOLUTION
    twice = scale(x, by=2.0)
    return scale(twice, by=3.0)
    # END SOLUTION


def walk(f, x, *, steps):
    """Apply f to x again and again, and return all points."""
    # BEGIN SOLUTION
    points = [x]
    for _ in range(steps):
        x = f(x)
        points.append(x)
    return np.stack(points)
    # END SOLUTION


def order(n, *, rng):
    """Return a random order of 0 ... n-1."""
    # BEGIN SOLUTION
    return rng.permutation(n)
    # END SOLUTION
'''
MISTAKES = """
[[mistake]]
id = "scale-without-one"
number = "1"
question = "scale"
edits = [{ find = "return product + 1", replace = "return product" }]
caught_by = ["test_scale"]
also = ["chain"]
symptom = "All entries are too small by one."
hint = "One is missing."

[[mistake]]
id = "scale-divides"
number = "2"
question = "scale"
edits = [{ find = "by * x", replace = "x / by" }]
caught_by = ["test_scale"]
also = ["chain"]
symptom = "Small where it should be large."
hint = "Multiply."

[[mistake]]
id = "scale-adds"
number = "3"
question = "scale"
edits = [{ find = "by * x", replace = "by + x" }]
caught_by = ["test_scale"]
symptom = "The scale shifts."
hint = "A product, no sum."

[[mistake]]
id = "scale-writes"
number = "4"
question = "scale"
edits = [{ find = "product = by * x", replace = "x *= by\\n    product = x" }]
caught_by = ["test_scale_unchanged"]
symptom = "x has changed."
hint = "Leave x alone."

[[mistake]]
id = "scale-of-large-x"
number = "5"
question = "scale"
edits = [{ find = "by * x", replace = "by * np.minimum(x, 5.0)" }]
caught_by = ["test_scale"]
symptom = "Large entries stay behind."
hint = "Do not clip."

[[mistake]]
id = "scale-never-ends"
number = "6"
question = "scale"
edits = [{ find = "product = by * x", replace = "while True:\\n        pass" }]
caught_by = ["test_scale"]
symptom = "Nothing."
hint = "It must end."

[[mistake]]
id = "walk-from-the-start"
number = "7"
question = "walk"
edits = [{ find = "x = f(x)\\n        points.append(x)", replace = "points.append(f(x))" }]
caught_by = ["test_walk"]
symptom = "Every step starts at the same point."
hint = "Go on from the latest point."

[[mistake]]
id = "walk-asks-for-lists"
number = "8"
question = "walk"
edits = [{ find = "x = f(x)", replace = "x = f(list(x))" }]
caught_by = ["test_walk_gives_arrays"]
symptom = "f gets a list."
hint = "Hand f an array."

[[mistake]]
id = "order-from-a-hidden-generator"
number = "9"
question = "order"
edits = [{ find = "rng.permutation", replace = "np.random.permutation" }]
caught_by = ["test_order_comes_from_rng"]
symptom = "Never the same."
hint = "Draw from rng."
"""
TESTS = {
    "scale": '''
import numpy as np
import toy
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_scale(rng):
    """scale is right."""
    x = rng.normal(size=5)
    assert_close(toy.scale(x, by=2.5), 2.5 * x + 1)


def test_scale_unchanged(rng):
    """scale leaves x alone."""
    x = rng.normal(size=5)
    with assert_inputs_unchanged():
        toy.scale(x, by=1.5)


def test_scale_large(rng):
    """scale is right for large entries."""
    x = rng.uniform(10, 20, size=4)
    assert_close(toy.scale(x, by=1.0), x + 1)
''',
    "chain": '''
import toy
from student_kit.checks import assert_close


def test_chain(rng):
    """chain is right."""
    x = rng.normal(size=5)
    assert_close(toy.chain(x), 6 * x + 4)
''',
    "walk": '''
import numpy as np
import toy
from student_kit.checks import assert_close, require


def test_walk(rng):
    """walk visits the right points."""
    x, calls = rng.normal(size=3), []

    def f(x):
        calls.append(x)  # another function each time
        return 2 * np.asarray(x) + len(calls)

    points = [x, 2 * x + 1, 4 * x + 4]
    assert_close(toy.walk(f, x, steps=2), np.stack(points))
    require(len(calls) == 2, "f was not called once a step")


def test_walk_gives_arrays(rng):
    """walk hands f an array."""
    seen = []

    def f(x):
        seen.append(type(x))
        return np.asarray(x) / 2

    toy.walk(f, rng.normal(size=3), steps=2)
    require(set(seen) == {np.ndarray}, "f was not given an array")
''',
    "order": '''
import numpy as np
import toy
from student_kit.checks import require


def test_order(rng):
    """order holds every number once."""
    require(sorted(toy.order(30, rng=rng)) == list(range(30)), "not an order")


def test_order_comes_from_rng(rng):
    """Equal generators give equal orders."""
    one, other = (toy.order(30, rng=np.random.default_rng(5)) for _ in range(2))
    require((one == other).all(), "two equal generators gave different orders")
''',
}
PUBLIC = '''
import toy
from student_kit.checks import require


def test_is_there():
    """The function exists."""
    require(callable(toy.{name}), "not a function")
'''
FILES = {
    "assignments/hw0_toy/assignment.toml": TOML,
    **{f"assignments/hw0_toy/tests/test_{name}.py": PUBLIC.format(name=name) for name in TESTS},
    **{f"assignments/hw0_toy/tests/test_{name}.py": text for name, text in TESTS.items()},
    "solutions/hw0_toy/toy.py": REFERENCE,
    "solutions/hw0_toy/mistakes.toml": MISTAKES,
    **{f"solutions/hw0_toy/hidden_tests/test_{name}.py": text for name, text in TESTS.items()},
}
Replacement = tuple[str, str]


def write(root: Path, changes: Mapping[str, str]) -> Assignment:
    """Write the assignment, with other files in it."""
    for name, text in {**FILES, **changes}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return assignments.find(root, "hw0_toy")


def run(
    assignment: Assignment, wrong: Mapping[str, list[Replacement]], *, diagnosed: bool = True
) -> dict[str, tuple[TestRecord, ...]]:
    """Grade some changes of the reference; return their records by name."""
    runs = []
    for name, replacements in wrong.items():
        source = REFERENCE
        for find, replace in replacements:
            assert find in source, find
            source = source.replace(find, replace)
        submission = Submission(name=name, files={"toy.py": source.encode()})
        runs.append(suite.Run(submission=submission, seed=b"seed"))
    found: dict[str, tuple[TestRecord, ...]] = {}

    def take(result: suite.RunResult) -> None:
        assert result.failure == ""
        found[result.run.submission.name] = result.records

    suite.run(assignment, runs, jobs=1, on_result=take, isolated=False, diagnosed=diagnosed)
    return found
