"""Fixtures for the engine's tests: a toy assignment that is graded in a blink."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from homework_notebooks import HOMEWORK, ROOT

from autograder import assignment as assignments
from autograder import template
from autograder.assignment import Assignment
from autograder.batch import Failure, grade_all
from autograder.intake import Submission
from autograder.scoring import Grade

TOML = """
title = "Toy"
files = ["toy.py"]
libraries = ["numpy"]

[limits]
call_seconds = 1.0
test_seconds = 2.0
question_seconds = 1.5
run_seconds = 20.0
memory_mb = 256
output_kb = 8

[questions.add]
points = 60

[questions.walk]
points = 40
depends_on = ["add"]
"""
REFERENCE = '''"""Two small functions."""

import numpy as np


def add(a, b):
    """Return a + b."""
    # BEGIN SOLUTION
    return a + b
    # END SOLUTION


def walk(f, x, *, steps, rng):
    """Apply f and add noise, `steps` times."""
    # BEGIN SOLUTION
    for _ in range(steps):
        x = f(x) + rng.standard_normal()
    return x
    # END SOLUTION
'''
STUB = '''"""Two small functions."""

import numpy as np


def add(a, b):
    """Return a + b."""
    raise NotImplementedError("add: your code here")


def walk(f, x, *, steps, rng):
    """Apply f and add noise, `steps` times."""
    raise NotImplementedError("walk: your code here")
'''
FILES = {
    "assignments/hw0_toy/assignment.toml": TOML,
    "assignments/hw0_toy/handout.md": "# Toy\n",
    "assignments/hw0_toy/tests/test_add.py": '''
import numpy as np
import toy
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_add_small():
    """add adds two small arrays."""
    with assert_inputs_unchanged():
        total = toy.add(np.ones(3), np.arange(3.0))
    assert_close(total, np.array([1.0, 2.0, 3.0]))
''',
    "assignments/hw0_toy/tests/test_walk.py": '''
import numpy as np
import toy
from student_kit.checks import require


def test_walk_calls_f(rng):
    """walk calls f once a step."""
    calls = []

    def f(x):
        calls.append(x)
        return x

    toy.walk(f, 1.0, steps=3, rng=rng)
    require(len(calls) == 3, "f was not called once a step")
''',
    "solutions/hw0_toy/toy.py": REFERENCE,
    "solutions/hw0_toy/hidden_tests/test_add.py": '''
import toy
from reference import toy as reference
from student_kit.checks import assert_close


def test_add_random(rng):
    """add adds two random arrays."""
    a, b = rng.standard_normal((2, 5))
    expected = reference.add(a, b)
    assert_close(toy.add(a, b), expected)


def test_add_matrix(rng):
    """add adds two matrices."""
    a, b = rng.standard_normal((2, 3, 4))
    expected = reference.add(a, b)
    assert_close(toy.add(a, b), expected)
''',
    "solutions/hw0_toy/hidden_tests/test_walk.py": '''
import numpy as np
import toy
from reference import toy as reference
from student_kit.checks import assert_close


def test_walk_doubles(rng):
    """walk applies f, then adds noise from the given generator."""
    seed = int(rng.integers(2**32))

    def double(x):
        return 2 * x

    expected = reference.walk(double, 1.0, steps=3, rng=np.random.default_rng(seed))
    assert_close(toy.walk(double, 1.0, steps=3, rng=np.random.default_rng(seed)), expected)
''',
}

MakeAssignment = Callable[..., Assignment]


@pytest.fixture(scope="session")
def make_assignment(tmp_path_factory: pytest.TempPathFactory) -> MakeAssignment:
    """Return a function that writes the toy assignment, with changed or added files, and loads it.

    A file given as None is left out.
    """

    def make(changes: Mapping[str, str | None] | None = None) -> Assignment:
        root = tmp_path_factory.mktemp("root")
        for name, text in {**FILES, **(changes or {})}.items():
            if text is not None:
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return assignments.find(root, "hw0_toy")

    return make


@pytest.fixture(scope="session")
def toy(make_assignment: MakeAssignment) -> Assignment:
    """Return the toy assignment."""
    return make_assignment()


@pytest.fixture
def grade_toy(toy: Assignment) -> Callable[..., Grade]:
    """Return a function that grades one source of toy.py, with replacements in the reference."""

    def grade(*replacements: tuple[str, str], source: str | bytes = REFERENCE) -> Grade:
        for find, replace in replacements:
            assert find in str(source), find
            source = str(source).replace(find, replace)
        data = source if isinstance(source, bytes) else source.encode()
        (result,) = grade_all(toy, [Submission(name="ada", files={"toy.py": data})], seed="0" * 16)
        assert not isinstance(result, Failure), result
        return result

    return grade


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the template of each homework that has a notebook."""
    out = tmp_path_factory.mktemp("templates")
    for name in HOMEWORK:
        template.generate(assignments.find(ROOT, name), out / name)
    return out
