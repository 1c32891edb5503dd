"""The six proofs, on a toy assignment: each holds, and each notices what contradicts it."""

from collections.abc import Mapping

import pytest

from autograder import trials, verify
from autograder.errors import GraderError
from autograder.report.killmatrix import write_kill_matrix
from student_kit.records import Status

ORACLE = """
from autograder.oracle import Comparison


def add(toy, draw):
    a, b = draw.array("a", 3), draw.array("b", 3)
    yield Comparison("the sum", toy.add(a, b), a - -b)


def walk(toy, draw):
    x = draw.integer("x", 1, 5)

    class Still:
        def standard_normal(self):
            return 0.5

    yield Comparison("the end", toy.walk(lambda x: 2.0 * x, x, steps=1, rng=Still()), 2.0 * x + 0.5)
"""
MISTAKES = """
[[mistake]]
id = "add-subtracts"
number = "1"
question = "add"
edits = [{ find = "return a + b", replace = "return a - b" }]
caught_by = ["test_add_random", "test_add_matrix"]
symptom = "The difference comes back."
hint = "Which sign does the docstring have?"
"""
PROVED = {
    "solutions/hw0_toy/oracles/toy.py": ORACLE,
    "solutions/hw0_toy/mistakes.toml": MISTAKES,
    "solutions/hw0_toy/variants/toy_other.py": "def add(a, b):\n    return b + a\n",
}
HIDDEN_ADD = "solutions/hw0_toy/hidden_tests/test_add.py"


@pytest.fixture
def proofs(make_assignment, monkeypatch):
    """A function that verifies the toy with changed files; proof's name -> proof."""
    monkeypatch.setattr(verify, "SEEDS", 5)
    monkeypatch.setattr(verify, "EXAMPLES", 5)

    def prove(changes: Mapping[str, str | None] | None = None) -> dict[str, verify.Proof]:
        assignment = make_assignment({**PROVED, **(changes or {})})
        return {proof.name: proof for proof in verify.verify(assignment).proofs}

    return prove


def missing(proofs: Mapping[str, verify.Proof], name: str) -> str:
    """Return all sentences of one proof."""
    return "\n".join(proofs[name].missing)


def test_all_proofs_hold_for_an_assignment_that_is_right(proofs):
    found = proofs()
    assert {name: proof.missing for name, proof in found.items()} == dict.fromkeys(
        ["ends", "mistakes", "variants", "mutants", "oracles", "seeds"], ()
    )


def test_a_vacuous_test_is_named_and_lets_mutants_live(proofs):
    vacuous = 'import toy\n\n\ndef test_add_runs():\n    """add runs."""\n    toy.add(1, 2)\n'
    mistakes = MISTAKES.replace('"test_add_random", "test_add_matrix"', '"test_add_runs"')
    found = proofs({HIDDEN_ADD: vacuous, "solutions/hw0_toy/mistakes.toml": mistakes})

    assert "add: test_add_runs is passed by null none" in missing(found, "ends")
    assert "mistake add-subtracts: passes test_add_runs, which it names" in missing(
        found, "mistakes"
    )
    assert "mutant add: arithmetic: a + b -> a - b (toy.py line " in missing(found, "mutants")
    assert "passes add: test_add_runs with 5 of 5 seeds" in missing(found, "seeds")


def test_a_test_that_catches_a_mistake_and_is_not_named_is_missing(proofs):
    mistakes = MISTAKES.replace(', "test_add_matrix"', "")
    found = proofs({"solutions/hw0_toy/mistakes.toml": mistakes})
    assert missing(found, "mistakes") == (
        "mistake add-subtracts: fails test_add_matrix, which it does not name"
    )


def test_a_variant_that_is_wrong_is_named_by_tests_seeds_and_oracle(proofs):
    wrong = {"solutions/hw0_toy/variants/toy_other.py": "def add(a, b):\n    return b + 2 * a\n"}
    found = proofs(wrong)
    assert "add: test_add_random does not pass variant toy_other" in missing(found, "variants")
    assert "toy_other: toy.py: add: " in missing(found, "oracles")
    assert "variant toy_other does not pass add: test_add_matrix with 5 of 5" in missing(
        found, "seeds"
    )


def test_results_are_remembered_for_the_questions_whose_tests_are_as_they_were(
    make_assignment, tmp_path, monkeypatch
):
    assignment = make_assignment(PROVED)
    wanted = [
        trials.Trial(
            sample="a", files={"toy.py": (assignment.private / "toy.py").read_bytes()}, question=q
        )
        for q in ("add", "walk")
    ]
    first = trials.run(assignment, wanted, jobs=1, cache=tmp_path)
    ran = []
    real = trials.suite.run
    monkeypatch.setattr(
        trials.suite, "run", lambda a, runs, **k: (ran.extend(runs), real(a, runs, **k))[1]
    )
    assert trials.run(assignment, wanted, jobs=1, cache=tmp_path) == first
    assert ran == []
    hidden = assignment.private / "hidden_tests" / "test_walk.py"
    hidden.write_text(hidden.read_text() + "\n")

    assert trials.run(assignment, wanted, jobs=1, cache=tmp_path) == first
    assert [run.questions for run in ran] == [frozenset({"walk"})]

    for path in tmp_path.rglob("*.json"):
        path.write_text('[{"seed": 0}]')  # what somebody has broken
    assert trials.run(assignment, wanted, jobs=1, cache=tmp_path) == first


def test_each_seed_draws_other_inputs(make_assignment):
    """A sample that is right for one draw only passes with some seeds and not with others."""
    assignment = make_assignment(PROVED)
    source = "def add(a, b):\n    return a + b if a.ravel()[0] > 0 else a - b\n"
    trial = trials.Trial(
        sample="half", files={"toy.py": source.encode()}, question="add", seeds=tuple(range(20))
    )
    (outcomes,) = trials.run(assignment, [trial], jobs=1)
    passed = {o.seed: o.passed for o in outcomes if o.test == "test_add_random"}
    assert len(passed) == 20
    assert 2 <= sum(passed.values()) <= 18


COUNTING = """
import pytest
import toy
from student_kit.checks import require

fixed, drawn, made = [], [], []


def test_add_fixed(rng):
    \"\"\"Passes when it runs for the first time.\"\"\"
    require(toy.add(1.0, 2.0) == 3.0, "wrong")
    fixed.append(1)
    require(len(fixed) == 1, "ran again")


def test_add_drawn(rng):
    \"\"\"Passes with every new number.\"\"\"
    drawn.append(rng.random())
    require(toy.add(drawn[-1], 0.0) == drawn[-1], "wrong")
    require(len(set(drawn)) == len(drawn), "ran with the same number")


@pytest.fixture
def one(rng):
    return rng.random()


@pytest.mark.parametrize("other", [1.0, 2.0])
def test_add_made(one, other):
    \"\"\"Passes with fixtures that are made anew.\"\"\"
    made.append(one)
    require(toy.add(one, other) == one + other, "wrong")
    require(len(set(made)) == len(made), "a fixture was kept")


@pytest.mark.skip
def test_add_skipped(rng):
    \"\"\"Is never run.\"\"\"
    raise AssertionError
"""


def test_a_test_that_draws_nothing_runs_once_for_all_seeds(make_assignment):
    assignment = make_assignment({"solutions/hw0_toy/hidden_tests/test_add.py": COUNTING})
    source = (assignment.private / "toy.py").read_bytes()
    trial = trials.Trial(
        sample="reference", files={"toy.py": source}, question="add", seeds=(3, 5, 8), public=False
    )
    (outcomes,) = trials.run(assignment, [trial], jobs=1)
    ends = {(o.test, o.seed): o.status for o in outcomes}
    passing = ("test_add_fixed", "test_add_drawn", "test_add_made[1.0]", "test_add_made[2.0]")
    for seed in trial.seeds:
        assert {test: ends[test, seed] for test in passing} == dict.fromkeys(passing, Status.PASSED)
        assert ends["test_add_skipped", seed] is Status.BROKEN


SAMPLES = {
    "right": "return a + b",
    "wrong": "return a - b",
    "raises": "raise KeyError(a)",
    "marks": "import toy; toy.seen = True; return a + b",
    "looks": "import toy; return a - b if hasattr(toy, 'seen') else a + b",
}


def add_trial(sample, body):
    source = f"def add(a, b):\n    {body}\n".encode()
    return trials.Trial(sample=sample, files={"toy.py": source}, question="add", public=False)


def test_samples_that_share_a_process_end_as_if_alone(make_assignment):
    assignment = make_assignment(PROVED)
    wanted = [add_trial(name, body) for name, body in SAMPLES.items()] * 4
    together = trials.run(assignment, wanted, jobs=2)
    alone = [trials.run(assignment, [trial], jobs=1)[0] for trial in wanted[: len(SAMPLES)]]
    assert together == alone * 4
    assert [outcomes[0].passed for outcomes in alone] == [True, False, False, True, True]


def test_a_sample_that_ends_the_process_is_named(make_assignment):
    wanted = [add_trial("right", "return a + b"), add_trial("ends", "import os; os._exit(1)")]
    with pytest.raises(GraderError, match="ends: the grader's process died"):
        trials.run(make_assignment(PROVED), [*wanted, wanted[0]], jobs=1)


def test_a_sample_that_does_not_end_is_waited_for_once(make_assignment):
    source = b"def add(a, b):\n    while True:\n        pass\n"
    trial = trials.Trial(sample="endless", files={"toy.py": source}, question="add")
    (outcomes,) = trials.run(make_assignment(PROVED), [trial], jobs=1)
    assert {outcome.status for outcome in outcomes} == {Status.TIMED_OUT}
    first, *others = [outcome.summary for outcome in outcomes]
    assert first == "not done within 1 s"
    assert set(others) == {"not done within 0.25 s"}


def test_the_kill_matrix_names_every_test_and_all_wrong_code(
    make_assignment, tmp_path, monkeypatch
):
    monkeypatch.setattr(verify, "SEEDS", 1)
    monkeypatch.setattr(verify, "EXAMPLES", 1)
    found = verify.verify(make_assignment(PROVED))
    write_kill_matrix(tmp_path / "x" / "kill_matrix.html", found)
    page = (tmp_path / "x" / "kill_matrix.html").read_text(encoding="utf-8")

    assert "test_add_matrix" in page
    assert "add-subtracts" in page
    assert "arithmetic: a + b -&gt; a - b" in page
    assert "http" not in page
    assert "<script" not in page
    assert found.idle_tests("add") == ("test_add_random", "test_add_matrix")  # either would do
