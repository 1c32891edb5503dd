"""Mutants: what each rule makes, what is left alone, ids that last, and the list of excuses."""

import ast
import textwrap
from functools import cache
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder.assignment import Assignment, Limits, Question
from autograder.errors import AuthorError
from autograder.mutants import (
    MOST_EQUIVALENT,
    Mutant,
    apply,
    equivalent_path,
    load_equivalent,
    mutants,
)
from autograder.mutation import RULES
from autograder.samples import reference_files

ROOT = Path(__file__).resolve().parents[1]
IDS = assignments.assignment_ids(ROOT)


def course(folder: Path, source: str, *questions: str, **hidden_tests: str) -> Assignment:
    """Return an assignment whose reference is `source`, without anything else around it."""
    (folder / "hidden_tests").mkdir(exist_ok=True)
    (folder / "code.py").write_text(textwrap.dedent(source), encoding="utf-8")
    for question, text in hidden_tests.items():
        (folder / "hidden_tests" / f"test_{question}.py").write_text(text, encoding="utf-8")
    return Assignment(
        id="hw0",
        title="Homework 0",
        files=("code.py",),
        libraries=("numpy",),
        limits=Limits(),
        questions=tuple(
            Question(
                id=name.rpartition(".")[2],
                points=1,
                file="code.py",
                functions=(name,) if "." in name else (),
            )
            for name in questions
        ),
        public=folder,
        private=folder,
    )


def made(folder: Path, source: str, *questions: str, **hidden_tests: str) -> tuple[Mutant, ...]:
    """Return the mutants of a source."""
    return mutants(course(folder, source, *questions, **hidden_tests))


@cache
def all_of(assignment_id: str) -> tuple[Mutant, ...]:
    """Return the mutants of one of our assignments."""
    return mutants(assignments.find(ROOT, assignment_id))


# --- the rules ----------------------------------------------------------------------------------

# rule, a statement of a function of x: Array, y: Array, n, beta1 and beta2, and what becomes of it
CASES = [
    ("arithmetic", "return x + y", ["return x - y"]),
    ("arithmetic", "return (x - y) // n", ["return (x - y) / n", "return (x + y) // n"]),
    ("arithmetic", "return x @ y", ["return x * y"]),
    ("arithmetic", "x *= y", ["x /= y"]),
    ("operand_order", "return x - y", ["return y - x"]),
    ("operand_order", "return x + y", []),
    ("dropped_operand", "return x + n", ["return x", "return n"]),
    ("dropped_operand", "return x % n", ["return x"]),
    (
        "dropped_operand",
        "return x and y and n",
        ["return y and n", "return x and n", "return x and y"],
    ),
    ("comparison", "return x < n", ["return x <= n", "return x >= n"]),
    ("comparison", "return x is n", ["return x is not n"]),
    ("boolean", "return x and n", ["return x or n"]),
    ("unary", "return -n", ["return n"]),
    ("unary", "return not n", ["return n"]),
    ("constant", "return n * 2", ["return n * 3", "return n * 1", "return n * -2"]),
    ("constant", "return n * 0.5", ["return n * 1.0", "return n * 0.0", "return n * -0.5"]),
    ("constant", "return n[0]", ["return n[1]", "return n[-1]"]),
    ("constant", "return f(n, keepdims=True)", ["return f(n, keepdims=False)"]),
    ("swapped_name", "return beta1 * x", ["return beta2 * x", "return beta1 * y"]),
    ("swapped_name", "return n", []),
    ("swapped_name", "return np.zeros_like(beta1)", []),
    (
        "einsum",
        "return np.einsum('ij,jk->ik', x, n)",
        [
            "return np.einsum('ji,jk->ik', x, n)",
            "return np.einsum('ij,kj->ik', x, n)",
            "return np.einsum('ij,jk->ki', x, n)",
        ],
    ),
    ("axis", "return n.max(axis=0)", ["return n.max(axis=1)"]),
    ("axis", "return n.max(dim=-1)", ["return n.max(dim=0)"]),
    ("axis", "return n.max(axis=(0, 2))", ["return n.max(axis=(2,))", "return n.max(axis=(0,))"]),
    (
        "slice_bound",
        "return x[1:n]",
        ["return x[:n]", "return x[1:]", "return x[1:n + 1]", "return x[1:n - 1]"],
    ),
    ("slice_bound", "return x[::n]", ["return x[:]"]),
    ("transposition", "return n.T", ["return n"]),
    ("transposition", "return x.T @ n", ["return x.T @ n.T", "return x @ n"]),
    ("tuple_order", "return x, n, x.shape", ["return (n, x, x.shape)"]),
    ("tuple_order", "return n.transpose((0, 1))", ["return n.transpose((1, 0))"]),
    (
        "padding",
        "return np.pad(x, ((1, n), (n, n)))",
        [
            "return np.pad(x, ((0, n), (n, n)))",
            "return np.pad(x, ((1, 0), (n, n)))",
            "return np.pad(x, ((1, n), (0, n)))",
            "return np.pad(x, ((1, n), (n, 0)))",
        ],
    ),
    ("padding", "return F.pad(x, (n, n))", ["return F.pad(x, (0, n))", "return F.pad(x, (n, 0))"]),
    ("padding", "return np.zeros(x, (n, n))", []),
    ("other_function", "return n.mean()", ["return n.sum()"]),
    ("other_function", "return max(n)", ["return min(n)"]),
    ("other_function", "return n.mean", []),
    ("missing_call", "return np.sqrt(n)", ["return n"]),
    ("missing_call", "return np.linalg.norm(n, axis=1)", ["return n"]),
    ("missing_call", "return int(n)", ["return n"]),
    ("missing_call", "return n.copy()", ["return n"]),
    ("missing_call", "return n.get('v', 0)", ["return 0"]),
    ("missing_call", "return n(x)", []),
    ("missing_copy", "z = np.array(n)\n    z[0] = 1\n    return z", ["z = np.asarray(n)"]),
    ("missing_copy", "z = np.array(n)\n    return z", []),
    ("argument_order", "return f(x, n, 1)", ["return f(n, x, 1)"]),
    ("argument_order", "return np.where(n > 0, 1, n)", ["return np.where(n > 0, n, 1)"]),
    ("dropped_keyword", "return f(n, a=x, **x)", ["return f(n, **x)", "return f(n, a=x)"]),
    (
        "no_randomness",
        "return n.permutation(5)",
        ["return np.arange(5)", "return n.integers(5, size=5)"],
    ),
    ("dropped_statement", "n.append(x)", ["pass"]),
    ("dropped_statement", "n = n.sum()", ["pass"]),
    ("dropped_statement", "z = n.sum()", []),
    ("dropped_statement", "n[0] = 1", ["pass"]),
    ("dropped_statement", "raise ValueError('n')", ["pass"]),
    ("plain_assignment", "n += x", ["n = x"]),
    ("in_place", "n = n - f()", ["n -= f()"]),
    ("in_place", "n = f() - n", []),
    ("condition", "return x if n else 1", ["return x if True else 1", "return x if False else 1"]),
    ("condition", "if n:\n        pass", ["if True:", "if False:"]),
    ("condition", "while n:\n        pass", ["while False:"]),
    (
        "condition",
        "return [i for i in f if n]",
        ["return [i for i in f if True]", "return [i for i in f if False]"],
    ),
    (
        "loop_bound",
        "for i in n:\n        pass",
        ["for i in list(n)[:1]:", "for i in list(n)[1:]:", "for i in list(n)[:-1]:"],
    ),
    (
        "loop_bound",
        "for i in range(n):\n        pass",
        [
            "for i in list(range(n))[:1]:",
            "for i in range(1, n):",
            "for i in range(n + 1):",
            "for i in range(n - 1):",
        ],
    ),
    (
        "loop_bound",
        "for i in range(n, x, 2):\n        pass",
        [
            "for i in list(range(n, x, 2))[:1]:",
            "for i in range(n, x + 1, 2):",
            "for i in range(n, x - 1, 2):",
            "for i in range(n + 1, x, 2):",
            "for i in range(n - 1, x, 2):",
        ],
    ),
    ("without_context", "with torch.no_grad():\n        f()", ["if True:"]),
    ("without_context", "with f() as z:\n        f(z)", []),
    ("dropped_entry", "return {'m': n, 'v': x}", ["return {'v': x}", "return {'m': n}"]),
    ("other_exception", "raise ValueError('n')", ["raise TypeError(...)"]),
    ("other_exception", "raise KeyError('n')", ["raise ValueError(...)"]),
]


@pytest.mark.parametrize(("rule", "statement", "expected"), CASES)
def test_a_rule_makes_what_it_says_and_nothing_else(tmp_path, rule, statement, expected):
    source = f"def f(x: Array, y: Array, n, *, beta1, beta2):\n    {statement}\n"
    found = [mutant.after for mutant in made(tmp_path, source, "f") if mutant.rule == rule]
    assert found == expected


def test_every_rule_has_a_case():
    assert {rule for rule, _, expected in CASES if expected} == set(RULES)


def test_default_values_are_changed_and_shown_with_their_names(tmp_path):
    source = "def f(x, size=3, *, lr, eps=1e-08, shuffle=True):\n    return x\n"
    assert [mutant.id for mutant in made(tmp_path, source, "f")] == [
        "f: constant: size=3 -> size=4",
        "f: constant: size=3 -> size=2",
        "f: constant: size=3 -> size=-3",
        "f: constant: eps=1e-08 -> eps=2e-08",
        "f: constant: eps=1e-08 -> eps=0.0",
        "f: constant: eps=1e-08 -> eps=-1e-08",
        "f: constant: shuffle=True -> shuffle=False",
    ]


# --- what is mutated, and what is left alone ----------------------------------------------------


def test_texts_annotations_decorators_and_given_functions_are_left_alone(tmp_path):
    source = '''
        """Version 1 + 1."""
        import numpy as np

        Pair = tuple[int, str]


        @cached(size=1 + 1)
        def f(x: Literal[1, 2]) -> Literal[3]:
            """Return 2 * x."""
            y: Literal[4] = x
            "a text, 1 + 1"
            if y:
                raise ValueError(f"{1 + 1}: {2 * x}", 3)
            print(f"{1 + 1}", "sum")


        # GIVEN
        def g(x):
            """Return x + 1."""
            return x + 1
    '''
    assert {(mutant.rule, mutant.after) for mutant in made(tmp_path, source, "f")} == {
        ("condition", "if True:"),
        ("condition", "if False:"),
        ("dropped_statement", "pass"),
        ("other_exception", "raise TypeError(...)"),
    }


def test_a_mutant_is_the_source_with_one_statement_changed(tmp_path):
    source = '''
        SCALE = 2


        def f(x):  # the first
            """Return x, scaled."""
            return x * SCALE


        def g(x):
            return -x  # the second
    '''
    assignment = course(tmp_path, source, "f", "g")
    mutant = next(mutant for mutant in mutants(assignment) if mutant.rule == "unary")
    assert (mutant.before, mutant.after, mutant.line) == ("return -x", "return x", 11)
    text = apply(assignment, mutant)["code.py"].decode()
    assert text == textwrap.dedent(source).replace("return -x  # the second", "return x")


def test_a_method_is_changed_where_it_stands(tmp_path):
    source = """
        class Tensor:
            \"\"\"A node.\"\"\"

            def __init__(self, data):
                self.data = data

            @property
            def double(self):
                if self.data is None:
                    return 0.0
                return 2 * self.data

            def total(self):
                return self.data.sum()
    """
    assignment = course(tmp_path, source, "Tensor")
    found = mutants(assignment)
    wanted = "Tensor.double: constant: 2 * self.data -> 3 * self.data"
    mutant = next(mutant for mutant in found if mutant.id == wanted)
    assert mutant.questions == ("Tensor",)
    text = apply(assignment, mutant)["code.py"].decode()
    assert text == textwrap.dedent(source).replace("2 * self.data", "3 * self.data")


def test_two_ways_to_the_same_code_are_one_mutant(tmp_path):
    source = "def f(x):\n    x = np.sqrt(x)\n    return x + 1 - 1\n"
    found = made(tmp_path, source, "f")
    assert [m.after for m in found if m.before == "x = np.sqrt(x)"] == ["pass"]
    trees = [ast.dump(ast.parse(mutant.source)) for mutant in found]
    assert len({*trees, ast.dump(ast.parse(source))}) == len(trees) + 1


# --- to which question a mutant belongs ---------------------------------------------------------


def test_a_helper_belongs_to_all_questions_that_use_it_directly_or_not(tmp_path):
    source = """
        EPS = 1e-08

        def scale(x):
            return x / EPS

        def shift(x):
            return scale(-x)

        def f(x):
            return shift(x)

        def g(x):
            return scale(x)

        def h(x):
            return not x

        def unused(x):
            return not x
    """
    found = made(tmp_path, source, "f", "g", "h")
    questions = {mutant.id.partition(":")[0]: mutant.questions for mutant in found}
    assert questions == {
        "EPS": ("f", "g"),
        "scale": ("f", "g"),
        "shift": ("f",),
        "h": ("h",),
        "unused": ("f", "g", "h"),
    }


def test_a_question_that_is_a_group_of_methods_uses_what_its_hidden_test_names(tmp_path):
    source = """
        class Tensor:
            def __add__(self, other):
                return Tensor(self.data + other.data)

            def backward(self):
                return -self.grad
    """
    test = "import code\n\ndef test_add():\n    code.Tensor(1) + code.Tensor(2)\n"
    found = made(
        tmp_path,
        source,
        *("tensor_add", "Tensor.backward", "other"),
        tensor_add=test,
        other="import code",
    )
    assert {mutant.id.partition(":")[0]: mutant.questions for mutant in found} == {
        "Tensor.__add__": ("tensor_add",),
        "Tensor.backward": ("backward",),
    }


# --- ids ----------------------------------------------------------------------------------------


def test_ids_say_what_is_changed_and_count_what_is_there_twice(tmp_path):
    source = "def f(x):\n    y = x + 1\n    z = [x + 1]\n    return -y\n"
    found = [m.id for m in made(tmp_path, source, "f") if m.rule in ("arithmetic", "unary")]
    assert found == [
        "f: arithmetic: x + 1 -> x - 1",
        "f: arithmetic: x + 1 -> x - 1 #2",
        "f: unary: return -y -> return y",
    ]


def test_ids_outlive_edits_elsewhere(tmp_path):
    source = "def f(x):\n    y = x + 1\n    return x[2 * y]\n"
    before = {mutant.id for mutant in made(tmp_path, source, "f")}
    edited = (
        '"""A docstring."""\n\n\ndef g(x):\n    return x + 1\n\n\n'
        'def f(x):\n    """Another."""\n    # a comment\n    y = (x + 1)\n    print(x - 3)\n'
        "    return x[2*y]\n"
    )
    after = {mutant.id for mutant in made(tmp_path, edited, "f")}
    assert before < after


# --- our assignments ----------------------------------------------------------------------------


@pytest.mark.parametrize("assignment_id", IDS)
def test_an_assignment_has_many_mutants_and_few_excuses(assignment_id):
    found = all_of(assignment_id)
    assert len(found) >= 300
    assert len({mutant.id for mutant in found}) == len(found)
    assignment = assignments.find(ROOT, assignment_id)
    excused = load_equivalent(assignment, found)
    assert len(excused) <= MOST_EQUIVALENT * len(found)
    questions = {question.id for question in assignment.questions}
    assert {question for mutant in found for question in mutant.questions} == questions


@pytest.mark.parametrize("assignment_id", IDS)
def test_every_mutant_compiles_and_no_two_are_the_same(assignment_id):
    references = reference_files(assignments.find(ROOT, assignment_id))
    texts = {data.decode() for data in references.values()}
    for mutant in all_of(assignment_id):
        compile(mutant.source, mutant.id, "exec", dont_inherit=True)
        assert mutant.source not in texts
        texts.add(mutant.source)


# --- the list of equivalent mutants -------------------------------------------------------------

HUNDRED = "def f(x):\n" + "".join(f"    x = g{k}(x) + x\n" for k in range(20)) + "    return x\n"
KNOWN = "f: arithmetic: g0(x) + x -> g0(x) - x"


def listed(folder: Path, text: str) -> Assignment:
    """Return an assignment with at least a hundred mutants and this list of equivalent ones."""
    assignment = course(folder, HUNDRED, "f")
    equivalent_path(assignment).write_text(textwrap.dedent(text), encoding="utf-8")
    return assignment


def test_listed_mutants_are_returned_with_their_reasons(tmp_path):
    assignment = listed(tmp_path, f'[[equivalent]]\nmutant = "{KNOWN}"\nreason = "g0 is 0"')
    assert load_equivalent(assignment) == {KNOWN: "g0 is 0"}


def test_without_the_file_nothing_is_excused(tmp_path):
    assert load_equivalent(course(tmp_path, HUNDRED, "f")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[equivalent]", "not valid TOML"),
        ("[equivalent]\nmutant = 'a'", "equivalent is missing or no list of tables"),
        ("title = 'a'", r"unknown key 'title'\n  expected  equivalent\n"),
        (f'[[equivalent]]\nmutant = "{KNOWN}"', r"\[equivalent 1\]: reason is missing or empty"),
        ("[[equivalent]]\nreason = 'so'", "mutant is missing or empty"),
        (f'[[equivalent]]\nmutant = "{KNOWN}"\nreason = " "', "reason is missing or empty"),
        (f'[[equivalent]]\nmutant = "{KNOWN}"\nreason = "so"\nwhy = "so"', "unknown key"),
        (
            f'[[equivalent]]\nmutant = "{KNOWN} #2"\nreason = "so"',
            f"names no mutant\n(.*\n)*  fix       did you mean {KNOWN!r}".replace(
                "+", r"\+"
            ).replace("(x)", r"\(x\)"),
        ),
        (f'[[equivalent]]\nmutant = "{KNOWN}"\nreason = "so"\n' * 2, r"\[equivalent 2\]: names a"),
    ],
)
def test_a_wrong_entry_stops_the_author(tmp_path, text, message):
    with pytest.raises(AuthorError, match=message):
        load_equivalent(listed(tmp_path, text))


def test_too_many_excuses_stop_the_author(tmp_path):
    known = [mutant.id for mutant in mutants(course(tmp_path, HUNDRED, "f"))]
    most = int(MOST_EQUIVALENT * len(known))
    entries = [f'[[equivalent]]\nmutant = "{mutant}"\nreason = "so"\n' for mutant in known]
    assert len(load_equivalent(listed(tmp_path, "".join(entries[:most])))) == most
    with pytest.raises(AuthorError, match=f"at most 5% of {len(known)}\n  found     {most + 1}"):
        load_equivalent(listed(tmp_path, "".join(entries[: most + 1])))
