"""Objects stay on the student's side: tests hold handles, and grade classes by them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from autograder import hints, mistakes, mutants, samples, template
from autograder.assignment import Assignment
from autograder.batch import grade_all
from autograder.errors import AuthorError
from autograder.intake import Submission
from autograder.scoring import Grade
from student_kit import calls, checks
from student_kit.plugin import LocalTransport
from student_kit.proxy import StudentFault, StudentModule
from student_kit.records import Status
from student_kit.wire import Payload, encode

TOML = """
title = "Values"
files = ["toy.py"]
libraries = ["numpy"]

[questions.arithmetic]
functions = ["Value.__add__", "Value.__radd__", "Value.__mul__"]
points = 60

[questions.backward]
functions = ["Value.backward"]
points = 40
depends_on = ["arithmetic"]
"""
REFERENCE = '''"""A tiny engine."""

from __future__ import annotations

import numpy as np


# GIVEN
def wrapped(other):
    """Return a Value."""
    return other if isinstance(other, Value) else Value(other)


class Value:
    """An array, and how it came about."""

    __array_ufunc__ = None

    # GIVEN
    def __init__(self, data, *, parents=()):
        """Hold an array."""
        self.data = np.asarray(data, dtype=float)
        self.grad = None
        self.parents = parents

    def __add__(self, other):
        """Return self + other."""
        # BEGIN SOLUTION
        other = wrapped(other)
        return Value(self.data + other.data, parents=(self, other))
        # END SOLUTION

    def __radd__(self, other):
        """Return other + self."""
        # BEGIN SOLUTION
        return wrapped(other) + self
        # END SOLUTION

    def __mul__(self, other):
        """Return self * other."""
        # BEGIN SOLUTION
        other = wrapped(other)
        return Value(self.data * other.data, parents=(self, other))
        # END SOLUTION

    def backward(self, grad):
        """Give each parent of a sum the gradient."""
        # BEGIN SOLUTION
        for parent in self.parents:
            parent.grad = grad if parent.grad is None else parent.grad + grad
        # END SOLUTION
'''
SUPPORT = '''"""Given."""


def chain(kind, x, n):
    """Return a value that n times one is added to."""
    value = kind(x)
    for _ in range(n):
        value = value + 1.0
    return value
'''
HIDDEN_ARITHMETIC = """
import numpy as np
import support
import toy
from reference import toy as reference
from student_kit.checks import assert_close, assert_equal, require


def test_sum(rng):
    \"\"\"A sum, from both sides.\"\"\"
    x, y = rng.normal(size=(2, 3))
    found = y + (toy.Value(x) + toy.Value(y))
    assert_close(found.data, x + 2 * y)


def test_product(rng):
    \"\"\"A product.\"\"\"
    x, y = rng.normal(size=(2, 3))
    assert_close((toy.Value(x) * y).data, x * y)


def test_parents():
    \"\"\"A sum knows its parents.\"\"\"
    a, b = toy.Value(1.0), toy.Value(2.0)
    parents = (a + b).parents
    require(parents == (a, b), "parents are not the operands")
    assert_close((b + a).data, np.array(3.0))


def test_chain(rng):
    \"\"\"A long sum, made on the student's side.\"\"\"
    x = rng.normal(size=2)
    assert_close(support.chain(toy.Value, x, 20).data, x + 20)
"""
HIDDEN_BACKWARD = """
import toy
from student_kit.checks import assert_close


def test_backward(rng):
    \"\"\"Both parents get the gradient, one that is there twice gets it twice.\"\"\"
    x, grad = rng.normal(size=(2, 3))
    a, b = toy.Value(x), toy.Value(x)
    (a + b).backward(grad)
    (a + a).backward(grad)
    assert_close(a.grad, 3 * grad)
    assert_close(b.grad, grad)
"""
PUBLIC = """
import numpy as np
import toy
from student_kit.checks import assert_close


def test_public():
    \"\"\"Worked numbers.\"\"\"
    a = toy.Value(2.0)
    found = {expression}
    assert_close({found}, np.array(5.0))
"""
MISTAKES = """
[[mistake]]
id = "subtracts"
number = "1"
question = "arithmetic"
edits = [{ find = "self.data + other.data", replace = "self.data - other.data" }]
caught_by = ["test_sum", "test_parents", "test_chain"]
symptom = "s"
hint = "A sum is no difference."

[[mistake]]
id = "forgets-where-from"
number = "2"
question = "arithmetic"
edits = [{ find = "+ other.data, parents=(self, other)", replace = "+ other.data" }]
caught_by = ["test_parents"]
also = ["backward"]
symptom = "s"
hint = "Who are the parents of a sum?"

[[mistake]]
id = "overwrites"
number = "3"
question = "backward"
edits = [{ find = "grad if parent.grad is None else parent.grad + grad", replace = "grad" }]
caught_by = ["test_backward"]
symptom = "s"
hint = "What of the gradient that is there?"
"""
CHANGES = {
    "assignments/hw0_toy/assignment.toml": TOML,
    "assignments/hw0_toy/support.py": SUPPORT,
    "assignments/hw0_toy/tests/test_add.py": None,
    "assignments/hw0_toy/tests/test_walk.py": None,
    "assignments/hw0_toy/tests/test_arithmetic.py": PUBLIC.format(
        expression="a + toy.Value(3.0)", found="found.data"
    ),
    "assignments/hw0_toy/tests/test_backward.py": PUBLIC.format(
        expression="a + 1.0; found.backward(np.array(5.0))", found="a.grad"
    ),
    "solutions/hw0_toy/toy.py": REFERENCE,
    "solutions/hw0_toy/mistakes.toml": MISTAKES,
    "solutions/hw0_toy/hidden_tests/test_add.py": None,
    "solutions/hw0_toy/hidden_tests/test_walk.py": None,
    "solutions/hw0_toy/hidden_tests/test_arithmetic.py": HIDDEN_ARITHMETIC,
    "solutions/hw0_toy/hidden_tests/test_backward.py": HIDDEN_BACKWARD,
}


@pytest.fixture(scope="module")
def values(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(CHANGES)


@pytest.fixture(scope="module")
def grade(values: Assignment) -> Callable[[str], Grade]:
    """Return a function that gives the grade of one of the submissions, all graded at once."""
    right = samples.reference_files(values)
    submissions = {
        "right": right,
        "stub": samples.stub_files(values),
        "arithmetic only": samples.partial_files(values, {"arithmetic"}),
        **samples.null_files(values),
        **{m.id: mistakes.apply(values, m) for m in mistakes.load(values).mistakes},
    }

    @cache
    def all_grades() -> dict[str, Grade]:
        handed_in = [Submission(name=name, files=files) for name, files in submissions.items()]
        return dict(zip(submissions, grade_all(values, handed_in), strict=True))

    return lambda name: all_grades()[name]


def points(grade: Grade) -> dict[str, float]:
    return {question.id: question.points for question in grade.questions}


# --- grading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arithmetic", "backward"),
    [
        ("right", 60, 40),
        ("stub", 0, 0),
        ("arithmetic only", 60, 0),
        ("subtracts", 15, 40),
        ("forgets-where-from", 45, 0),
        ("overwrites", 60, 0),
        *((name, 0, 0) for name in samples.NULLS),
    ],
)
def test_a_class_is_graded_question_by_question(grade, name, arithmetic, backward):
    assert points(grade(name)) == {"arithmetic": arithmetic, "backward": backward}


def test_a_method_that_is_a_stub_is_not_started(grade):
    for name, question in (("stub", 0), ("arithmetic only", 1)):
        records = grade(name).questions[question].tests
        assert {record.status for record in records} == {Status.NOT_STARTED}


@pytest.mark.parametrize("name", ["subtracts", "forgets-where-from", "overwrites"])
def test_the_mistake_is_named_from_what_was_done_with_the_objects(grade, values, name):
    found = [
        record.diagnosis.mistakes
        for question in grade(name).questions
        for record in question.tests
        if record.hidden and record.diagnosis
    ]
    assert found
    assert set(found) == {(name,)}


def test_a_failed_test_tells_what_was_done(grade):
    record = next(r for r in grade("subtracts").questions[0].tests if r.test == "test_public")
    assert record.values == "Value(data=2.0); Value(data=3.0); Value + Value; Value.data"


# --- the author's side --------------------------------------------------------------------------


def test_mutants_of_methods_are_their_questions(values):
    found = {mutant.questions for mutant in mutants.mutants(values)}
    assert found == {("arithmetic",), ("backward",)}


def test_hints_for_home_are_made_of_objects_too(values):
    (content,) = hints.build(values).values()
    assert b"arithmetic::test_public" in content
    assert template.build(values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('functions = ["Value.backward"]', "functions = []"), "functions is no list of functions"),
        (
            ('functions = ["Value.backward"]', 'functions = ["Value.backward()"]'),
            "functions is no list of functions",
        ),
        (
            ('functions = ["Value.backward"]', 'functions = ["Value.forward"]'),
            r"toy.py has no function Value.forward",
        ),
    ],
)
def test_a_wrong_list_of_functions_stops_the_author(make_assignment, change, message):
    changes = {**CHANGES, "assignments/hw0_toy/assignment.toml": TOML.replace(*change)}
    with pytest.raises(AuthorError, match=message):
        mistakes.load(make_assignment(changes))


# --- handles ------------------------------------------------------------------------------------

SOURCE = b"""
import numpy as np
class Box:
    __array_ufunc__ = None
    def __init__(self, x): self.x = x
    def __add__(self, o): return ("add", o)
    def __radd__(self, o): return ("radd", o)
    def __sub__(self, o): return ("sub", o)
    def __rsub__(self, o): return ("rsub", o)
    def __mul__(self, o): return ("mul", o)
    def __rmul__(self, o): return ("rmul", o)
    def __truediv__(self, o): return ("truediv", o)
    def __rtruediv__(self, o): return ("rtruediv", o)
    def __pow__(self, o): return ("pow", o)
    def __rpow__(self, o): return ("rpow", o)
    def __matmul__(self, o): return ("matmul", o)
    def __rmatmul__(self, o): return ("rmatmul", o)
    def __neg__(self): return "neg"
    def __len__(self): return 3
    def __iter__(self): return iter([1, 2, 3])
    def __getitem__(self, key): return ("item", key)
    def itself(self): return self
    def pair(self): return [self, {"a": self}]
    def fill(self, x): x[:] = 0
    @staticmethod
    def half(x): return x / 2
def opened(box): return box.x
def endless():
    class Endless(Box):
        def __iter__(self):
            while True: yield 1
    return Endless(1)
def word(): return type("S3cret", (), {})()
def spelled(x): return type("x%d" % x, (), {})()
def is_set(): return {1}
"""


@pytest.fixture
def toy_module() -> Iterator[StudentModule]:
    transport = LocalTransport({"toy": SOURCE})
    yield StudentModule("toy", transport)
    transport._dispatcher.close()


def test_what_is_done_with_a_handle_python_does_with_the_object(toy_module):
    box = toy_module.Box(7)
    assert (box.x, toy_module.opened(box), len(box), list(box), -box) == (7, 7, 3, [1, 2, 3], "neg")
    assert (box + 1, 1 + box, box - 1, 1 - box) == (
        ("add", 1),
        ("radd", 1),
        ("sub", 1),
        ("rsub", 1),
    )
    assert (box * 2, 2 * box, box / 2, 2 / box) == (
        ("mul", 2),
        ("rmul", 2),
        ("truediv", 2),
        ("rtruediv", 2),
    )
    assert (box**2, 2**box, box[4]) == (("pow", 2), ("rpow", 2), ("item", 4))
    name, array = np.ones(2) @ box
    assert (name, array.tolist()) == ("rmatmul", [1.0, 1.0])
    name, array = np.ones(2) * box
    assert (name, array.tolist()) == ("rmul", [1.0, 1.0])
    box.x = 8
    assert toy_module.opened(box) == 8
    assert toy_module.Box.half(3.0) == 1.5


def test_handles_of_one_object_are_equal_and_others_are_not(toy_module):
    box, other = toy_module.Box(1), toy_module.Box(1)
    assert box.itself() == box
    assert box.pair() == [box, {"a": box}]
    assert box != other
    assert len({box, box.itself(), other}) == 2


def test_a_handle_is_inert(toy_module):
    """No check, no message and no `if` calls the student's code."""
    with calls.recorded_calls() as made:
        box = toy_module.Box(1)
        assert box
        assert repr(box) == "<Box of yours>"
        with pytest.raises(checks.CheckFailure, match="expected a NumPy array of shape"):
            checks.assert_close(box, np.ones(3))
        with pytest.raises(checks.CheckFailure, match="found an object of the class Box"):
            checks.assert_close(box, 1.0)
        with pytest.raises(checks.CheckFailure, match="wrong type"):
            checks.assert_equal(box, [1, 2, 3])
    assert [call.function for call in made] == ["Box"]


def test_a_loop_without_end_is_not_followed(toy_module):
    with pytest.raises(ValueError, match="a loop of more than 50000 items"):
        list(toy_module.endless())


def test_a_class_is_named_by_words_of_the_submission_alone(toy_module):
    """A name made of what was received would tell it."""
    assert repr(toy_module.word()) == "<S3cret of yours>"
    assert repr(toy_module.spelled(31)) == "<object of yours>"


def test_a_set_is_no_answer(toy_module):
    with pytest.raises(StudentFault, match="cannot be compared"):
        toy_module.is_set()


def test_a_method_that_writes_into_its_argument_is_heard_of(toy_module):
    box, x = toy_module.Box(1), np.ones(3)
    with (
        pytest.raises(checks.CheckFailure, match=r"Box\.fill wrote into its argument `x`"),
        checks.assert_inputs_unchanged(),
    ):
        box.fill(x)
    assert x.tolist() == [1, 1, 1]


@pytest.mark.parametrize("number", [-1, 10**6, 1.5, "0", None, True])
def test_a_forged_handle_is_the_submissions_fault(number):
    tree = encode({"value": "X"}).tree
    node = {"t": "special", "v": {"k": "object", "id": number, "type": "Box"}}

    class Canned:
        def __init__(self):
            self.sources = {"toy": SOURCE}

        def exchange(self, request, answer):
            return Payload(tree.replace(b'"X"', json.dumps(node).encode()), b"")

    with pytest.raises(StudentFault, match="malformed reply"):
        StudentModule("toy", Canned()).f()
