"""Every assignment: the reference and the correct variants agree with PyTorch and definitions.

And they agree far better than the hidden tests ask, which is where the tolerances come from.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder import assignment as assignments
from autograder import mistakes, oracle, samples
from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.oracle import Approximation, Comparison, Draw, Oracle, OracleResult
from student_kit.checks import ATOL, RTOL

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENTS = {name: assignments.find(ROOT, name) for name in assignments.assignment_ids(ROOT)}
QUESTIONS = [(name, q.id) for name, found in ASSIGNMENTS.items() for q in found.questions]
SOLUTIONS = [
    (name, sample)
    for name, found in ASSIGNMENTS.items()
    for sample in ["reference", *samples.variant_files(found)]
]
FEW, MANY = 20, 300  # examples


@cache
def oracles(assignment_id: str) -> dict[str, Oracle]:
    pytest.importorskip("torch")
    return oracle.load(ASSIGNMENTS[assignment_id])


@cache
def modules(assignment_id: str, sample: str) -> dict[str, ModuleType]:
    found = ASSIGNMENTS[assignment_id]
    files = {"reference": samples.reference_files(found), **samples.variant_files(found)}
    return oracle.load_modules(found, files[sample])


# --- the assignments ---


@pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.full)])
@pytest.mark.parametrize(
    ("assignment_id", "sample", "question"),
    [(name, sample, q.id) for name, sample in SOLUTIONS for q in ASSIGNMENTS[name].questions],
)
def test_a_correct_solution_agrees_with_the_oracle(
    assignment_id: str, sample: str, question: str, examples: int
) -> None:
    judge = oracles(assignment_id)[question]
    module = modules(assignment_id, sample)[judge.file]
    result = oracle.run(judge, module, sample=sample, examples=examples)
    assert result.failure == ""
    assert result.largest_error <= result.tolerance / oracle.MARGIN


@pytest.mark.parametrize(("assignment_id", "question"), QUESTIONS)
def test_an_oracle_refuses_a_mistake_of_its_question(assignment_id: str, question: str) -> None:
    judge = oracles(assignment_id)[question]
    wrong = [mistake for mistake in _mistakes(assignment_id) if mistake.question == question]
    assert any(
        oracle.run(judge, module, examples=FEW, shrink=False).failure
        for mistake in wrong
        for module in [_with(assignment_id, mistake)[judge.file]]
    )


@cache
def _mistakes(assignment_id: str) -> tuple[mistakes.Mistake, ...]:
    return mistakes.load(ASSIGNMENTS[assignment_id]).mistakes


def _with(assignment_id: str, mistake: mistakes.Mistake) -> dict[str, ModuleType]:
    found = ASSIGNMENTS[assignment_id]
    return oracle.load_modules(found, mistakes.apply(found, mistake))


@pytest.mark.parametrize("assignment_id", ASSIGNMENTS)
def test_no_test_compares_more_closely_than_the_oracles_vouch_for(assignment_id: str) -> None:
    found = ASSIGNMENTS[assignment_id]
    paths = [*found.public_tests(), *found.hidden_tests()]
    close = [
        f"{path.name}:{line}: rtol={rtol:g}, atol={atol:g}"
        for path in paths
        for line, rtol, atol in _tolerances(path.read_text(encoding="utf-8"))
        if max(rtol, atol) < RTOL or atol < ATOL
    ]
    assert close == []


def _tolerances(source: str) -> list[tuple[int, float, float]]:
    """Return (line, rtol, atol) of every call and dict that sets one of them to a number.

    The number may stand there, or in a constant of the module.
    """
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    found = []
    for node in ast.walk(tree):
        pairs: list[tuple[object, ast.expr]] = []
        if isinstance(node, ast.Call):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            keys = [getattr(key, "value", None) for key in node.keys]
            pairs = list(zip(keys, node.values, strict=True))
        given = {}
        for name, value in pairs:
            if name in ("rtol", "atol"):
                number = getattr(value, "value", constants.get(getattr(value, "id", "")))
                given[name] = number
        if given:
            found.append((node.lineno, given.get("rtol", RTOL), given.get("atol", ATOL)))
    return found


def test_tolerances_are_found_in_calls_dicts_and_constants() -> None:
    source = 'A = {"rtol": 1e-6}\nB = 1e-8\nf(x, rtol=0, atol=1e-10)\nf(x)\nf(x, rtol=B)\n'
    assert _tolerances(source) == [(1, 1e-6, ATOL), (3, 0.0, 1e-10), (5, 1e-8, ATOL)]


# --- the engine, on a function that adds two numbers ---


def toy_oracle(compare: Callable[..., object]) -> Oracle:
    return Oracle(question="add", file="toy.py", path=Path("oracles/toy.py"), compare=compare)


def ask(compare: Callable[..., object], *, examples: int = 200, seed: int = 0) -> OracleResult:
    return oracle.run(toy_oracle(compare), ModuleType("toy"), examples=examples, seed=seed)


@pytest.mark.parametrize(
    ("expected", "distance", "error"),
    [
        (1000.0, 1e-9, 1e-12),  # relative to the expected value
        (0.0, 1e-15, 1e-12),  # near zero, relative to ATOL / RTOL = 1e-3
        (-1e-3, 1e-15, 5e-13),
    ],
)
def test_the_error_is_relative_and_near_zero_absolute(
    expected: float, distance: float, error: float
) -> None:
    def compare(toy: ModuleType, draw: Draw):
        small = draw.choice("which", 0.0, 1.0)
        values = np.array([1.0, expected])
        yield Comparison("the sum", values + np.array([0.0, small * distance]), values)

    result = ask(compare)
    assert result.failure == ""
    assert result.examples == 2  # there are no more
    assert result.largest_error == pytest.approx(error, rel=1e-3)
    assert result.tolerance == RTOL


@pytest.mark.parametrize(("share", "agrees"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize("rtol", [RTOL, 1e-6])
def test_a_difference_of_one_part_in_margin_of_the_tolerance_is_a_failure(
    share: float, rtol: float, agrees: bool
) -> None:
    def compare(toy: ModuleType, draw: Draw):
        yield Comparison("the sum", 1e6 * (1 + share * rtol / oracle.MARGIN), 1e6, rtol)

    result = ask(compare)
    assert (result.failure == "") is agrees
    assert (result.tolerance == rtol) is (agrees or rtol == RTOL)


def test_what_is_only_approximate_counts_as_no_error_but_must_be_near() -> None:
    def compare(toy: ModuleType, draw: Draw):
        yield Comparison("the sum", 1.0, 1.0)
        yield Approximation("the slope", 1.0 + draw.choice("off", 0.0, 9e-5, far), 1.0, rtol=1e-4)

    far = 1e-5
    assert ask(compare) == OracleResult(
        question="add", sample="reference", examples=3, largest_error=0.0, tolerance=RTOL
    )
    far = 2e-4
    assert "the slope has the wrong value" in ask(compare).failure


def test_a_failure_is_told_with_the_smallest_inputs_that_show_it() -> None:
    def compare(toy: ModuleType, draw: Draw):
        n, x = draw.integer("n", 1, 1000), draw.array("x", 2)
        yield Comparison("the number", n + x.size if n < 17 else n, n + x.size)

    failure = ask(compare).failure
    assert failure.startswith(
        "toy.py: add: the number has the wrong value; expected 19, found 17; with n = 17, x = ["
    )
    assert "\n" not in failure


def test_an_exception_is_a_failure() -> None:
    def compare(toy: ModuleType, draw: Draw):
        yield Comparison("one", 1, 1)
        yield Comparison("the quotient", 1 / draw.integer("n", 0, 9), 1.0)

    assert ask(compare).failure == "toy.py: add: ZeroDivisionError: division by zero; with n = 0"


@pytest.mark.parametrize(
    ("found", "expected", "problem"),
    [
        (np.ones(3), np.ones((3, 1)), "wrong shape"),
        (np.ones(3, dtype=np.float32), np.ones(3), "wrong precision"),
        (np.array([np.nan]), np.array([1.0]), "NaN or infinite"),
        (np.array([1, 3]), np.array([1, 2]), "wrong values"),
        (np.array([10**12 + 1]), np.array([10**12]), "wrong value"),
        (None, 3, "wrong type"),
        ([1, 2], [2, 1], "wrong value"),
        (1, True, "wrong type"),
    ],
)
def test_what_is_not_the_same_is_a_failure(found: object, expected: object, problem: str) -> None:
    def compare(toy: ModuleType, draw: Draw):
        yield Comparison("the result", found, expected)

    assert problem in ask(compare).failure


@pytest.mark.parametrize(
    "value",
    [np.array([np.nan, np.inf, 1.0]), np.arange(3), None, 3, 0.5, [1, [2]], {"a": 1}, "text"],
)
def test_what_is_the_same_has_no_error(value: object) -> None:
    def compare(toy: ModuleType, draw: Draw):
        yield Comparison("the result", value, value)

    result = ask(compare)
    assert (result.failure, result.largest_error) == ("", 0.0)


def test_equal_seeds_draw_equal_inputs_and_other_seeds_others() -> None:
    def inputs(seed: int) -> list[str]:
        told = []

        def compare(toy: ModuleType, draw: Draw):
            draw("letter", st.sampled_from("abc"))
            draw.number("lr", 1e-4, 1.0)
            draw.array("x", 2, 3, decades=2)
            draw.rng("rng")
            told.append(str(draw))
            yield Comparison("one", 1, 1)

        ask(compare, examples=30, seed=seed)
        return told

    assert inputs(1) == inputs(1)
    assert inputs(1) != inputs(2)


def test_arrays_are_whole_or_normal_of_the_asked_decades() -> None:
    seen: dict[str, list[np.ndarray]] = {"float": [], "integer": []}

    def compare(toy: ModuleType, draw: Draw):
        seen["float"].append(draw.array("x", 4, 3, decades=2))
        seen["integer"].append(draw.array("n", 5, integer=True))
        seen["float"][-1][0] = 99.0  # as a function does that writes into its argument
        yield Comparison("what is told", bool((draw.drawn["x"] != 99.0).all()), True)

    assert ask(compare).failure == ""
    assert {array.dtype for array in seen["float"]} == {np.dtype(float)}
    assert {array.dtype for array in seen["integer"]} == {np.dtype(np.int64)}
    whole = [bool((array == array.round()).all()) for array in seen["float"]]
    assert 20 < sum(whole) < 180
    sizes = np.abs([x for x, is_whole in zip(seen["float"], whole, strict=True) if not is_whole])
    assert sizes[:, 1:].min() < 1e-3
    assert 30 < sizes[:, 1:].max() < 1000


# --- where oracles come from ---

ADD = """
from autograder.oracle import Comparison

def add(toy, draw):
    a, b = draw.array("a", 3), draw.array("b", 3)
    yield Comparison("the sum", toy.add(a, b), b + a)

def walk(toy, draw):
    start = draw.number("x", 0.0, 9.0)
    found = toy.walk(lambda x: 2 * x, start, steps=0, rng=draw.rng("rng"))
    yield Comparison("the end", found, start)
"""
ORACLES = "solutions/hw0_toy/oracles/toy.py"
VARIANT = "solutions/hw0_toy/variants/toy_swapped.py"


def test_the_reference_and_every_variant_are_judged(
    make_assignment: Callable[..., Assignment],
) -> None:
    wrong = "def add(a, b):\n    return a + b + 1e-9\n"
    toy = make_assignment({ORACLES: ADD, VARIANT: wrong})
    results = list(oracle.check(toy, examples=10))
    assert [(result.sample, result.question, bool(result.failure)) for result in results] == [
        ("reference", "add", False),
        ("reference", "walk", False),
        ("toy_swapped", "add", True),
        ("toy_swapped", "walk", False),
    ]
    assert {result.examples for result in results[:2]} == {10}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"toy\.py: there is nothing to compare the reference with"),
        (ADD.replace("def walk", "def wlak"), r"(?s)'walk' has no oracle.*found +wlak"),
        ("walk = 3\n" + ADD.replace("def walk", "def _"), "'walk' has no oracle"),
        (ADD.replace("def walk", "from os import walk\n\ndef _"), "'walk' has no oracle"),
    ],
)
def test_a_question_without_an_oracle_stops_the_author(
    make_assignment: Callable[..., Assignment], text: str | None, message: str
) -> None:
    with pytest.raises(AuthorError, match=message):
        oracle.load(make_assignment({ORACLES: text}))


def test_an_oracle_that_compares_nothing_stops_the_author() -> None:
    def compare(toy: ModuleType, draw: Draw):
        if draw.integer("n", 0, 3) > 5:
            yield Comparison("never", 1, 1)

    with pytest.raises(AuthorError, match=r"(?s)the oracle of add compares nothing.*4 examples"):
        ask(compare)


def test_modules_find_each_other_and_public_ones_and_leave_nothing(
    toy: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ModuleType("toy")
    monkeypatch.setitem(sys.modules, "toy", other)
    path = list(sys.path)
    (toy.public / "support.py").write_text("THREE = 3\n", encoding="utf-8")
    files = {
        "front.py": b"import toy\nimport support\nvalue = toy.four() - support.THREE\n",
        "toy.py": b"def four():\n    return 4\n",
    }
    try:
        loaded = oracle.load_modules(toy, files)
    finally:
        (toy.public / "support.py").unlink()
    assert loaded["front.py"].value == 1
    assert loaded["front.py"].toy is loaded["toy.py"]
    assert sys.modules["toy"] is other
    assert not {"front", "support"} & sys.modules.keys()
    assert sys.path == path
