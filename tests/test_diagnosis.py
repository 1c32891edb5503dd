"""A failed check names the mistake that was made, and never one that was not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pytest
from four_questions import MISTAKES, TOML, Replacement, run, write

from autograder import diagnose, replay, variants
from autograder import mistakes as catalogues
from autograder.assignment import Assignment
from student_kit.calls import Evidence
from student_kit.records import Status, TestRecord
from student_kit.wire import Payload, encode

ROOT = Path(__file__).resolve().parent.parent

WITHOUT_ONE = ("return product + 1", "return product - 0")
# (what is written differently in the reference), by a name
WRONG: dict[str, list[Replacement]] = {
    "right": [("by * x", "x * by")],
    "single": [WITHOUT_ONE],
    "pair": [("by * x", "x / by"), WITHOUT_ONE],
    "unlike": [("by * x", "by * abs(x)")],
    "clipped": [("by * x", "by * np.minimum(x, 5.0)")],
    "clipped but for whole scales": [("by * x", "by * (x if by == 1 else np.minimum(x, 0.1))")],
    "in part": [("product = by * x", "x *= by\n    product = x + (by == 2.5)")],
    "raises": [("by * x", "by @ x")],
    "chain blamed": [WITHOUT_ONE, ("twice = scale(x, by=2.0)", "twice = scale(x, by=2)")],
    "chain unknown": [("by * x", "by * abs(x)")],
    "chain does it alone": [WITHOUT_ONE, ("scale(twice, by=3.0)", "6 * x + 4")],
    "walk": [("x = f(x)\n        points.append(x)", "new = f(x)\n        points.append(new)")],
    "lists": [("x = f(x)", "x = f([*x])")],
    "tuples": [("x = f(x)", "x = f(tuple(x))")],
    "hidden generator": [("rng.permutation(n)", "np.argsort(np.random.uniform(size=n))")],
    "seeded generator": [("rng.permutation(n)", "np.random.default_rng(7).permutation(n)")],
}


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """Four questions with nine catalogued mistakes."""
    assignment = write(tmp_path_factory.mktemp("toy"), {})
    assert len(catalogues.load(assignment).mistakes) == 9  # all of them can be made
    return assignment


@pytest.fixture(scope="module")
def graded(toy: Assignment) -> dict[str, tuple[TestRecord, ...]]:
    """Return the records of all that is in WRONG."""
    return run(toy, WRONG)


Said = Callable[..., dict[str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def said(graded: dict[str, tuple[TestRecord, ...]]) -> Said:
    """Return a function: what was named for each failed hidden test of a question."""

    def said(name: str, question: str) -> dict[str, tuple[str, ...]]:
        records = [r for r in graded[name] if r.question == question and r.hidden]
        return {
            record.test: record.diagnosis.mistakes if record.diagnosis else ()
            for record in records
            if record.status in (Status.FAILED, Status.ERRORED)
        }

    return said


def test_a_mistake_is_named_in_every_check_that_it_fails(said: Said) -> None:
    named = ("scale-without-one",)

    assert said("single", "scale") == {"test_scale": named, "test_scale_large": named}


def test_public_and_hidden_checks_are_both_diagnosed(
    graded: dict[str, tuple[TestRecord, ...]],
) -> None:
    hints = [(r.hidden, r.diagnosis.hints) for r in graded["single"] if r.diagnosis]

    assert (True, ("One is missing.",)) in hints
    assert (False, ("One is missing.",)) in hints


def test_nothing_is_named_where_nothing_fails(graded: dict[str, tuple[TestRecord, ...]]) -> None:
    assert {record.status for record in graded["right"]} == {Status.PASSED}
    assert {record.diagnosis for record in graded["right"]} == {None}


def test_two_mistakes_in_one_function_are_recognised(
    graded: dict[str, tuple[TestRecord, ...]],
) -> None:
    for found in [r.diagnosis for r in graded["pair"] if r.test == "test_scale"]:
        assert found is not None
        assert found.mistakes == ("scale-without-one", "scale-divides")
        assert found.hints == ("One is missing.", "Multiply.")
        assert found.together


def test_what_is_not_in_the_catalogue_gets_no_name(said: Said) -> None:
    assert said("unlike", "scale") == {"test_scale": ()}


def test_a_passed_check_refutes_a_mistake_that_would_have_failed_it(said: Said) -> None:
    assert said("clipped", "scale") == {"test_scale_large": ("scale-of-large-x",)}
    assert said("clipped but for whole scales", "scale") == {"test_scale": ()}


def test_a_mistake_that_explains_most_failures_is_named_for_these_alone(said: Said) -> None:
    assert said("in part", "scale") == {
        "test_scale": (),
        "test_scale_unchanged": ("scale-writes",),
    }


def test_an_exception_of_another_origin_gets_no_name(said: Said) -> None:
    assert set(said("raises", "scale").values()) == {()}


def test_the_blame_falls_where_the_mistake_is(graded: dict[str, tuple[TestRecord, ...]]) -> None:
    found = [r.diagnosis for r in graded["chain blamed"] if r.question == "chain"]

    assert len(found) == 2
    for diagnosis in found:
        assert diagnosis is not None
        assert diagnosis.mistakes == ("scale-without-one",)
        assert diagnosis.hints == ("in scale: One is missing.",)


def test_nothing_is_said_where_something_unknown_takes_part(said: Said) -> None:
    assert said("chain unknown", "chain") == {"test_chain": ()}


def test_a_question_that_does_not_use_what_it_may_use_is_not_blamed_for_it(said: Said) -> None:
    assert said("chain does it alone", "scale")["test_scale"] == ("scale-without-one",)
    assert said("chain does it alone", "chain") == {}


def test_given_functions_are_answered_from_what_they_answered_then(said: Said) -> None:
    # f of test_walk gives something else at each call: running it again would not tell
    assert said("walk", "walk") == {"test_walk": ("walk-from-the-start",)}


def test_what_was_asked_of_a_given_function_counts(said: Said) -> None:
    # all values are right, but f was given a list, or a tuple
    assert said("lists", "walk") == {"test_walk_gives_arrays": ("walk-asks-for-lists",)}
    assert said("tuples", "walk") == {"test_walk_gives_arrays": ()}


def test_a_hidden_generator_is_recognised_though_its_numbers_are_not(said: Said) -> None:
    named = ("order-from-a-hidden-generator",)

    assert said("hidden generator", "order") == {"test_order_comes_from_rng": named}


def test_a_generator_of_ones_own_with_a_seed_is_no_hidden_one(said: Said) -> None:
    assert said("seeded generator", "order") == {}


@pytest.mark.parametrize(("count", "named"), [(2, 3), (3, 0)])
def test_equal_effects_are_named_together_up_to_three(
    tmp_path: Path, count: int, named: int
) -> None:
    entry = MISTAKES.split("[[mistake]]")[1]
    more = "".join(
        f"[[mistake]]{entry}".replace("without-one", f"like-{n}").replace(
            '"return product"', f'"return product + {n} * 0"'
        )
        for n in range(1, count + 1)
    )
    toy = write(tmp_path, {"solutions/hw0_toy/mistakes.toml": MISTAKES + more})

    records = run(toy, {"single": WRONG["single"]})["single"]

    (found,) = {r.diagnosis for r in records if r.test == "test_scale"}
    assert len(found.mistakes if found else ()) == named
    assert not (found and found.together)


def test_a_diagnosis_changes_no_verdict(
    toy: Assignment, graded: dict[str, tuple[TestRecord, ...]]
) -> None:
    plain = run(toy, WRONG, diagnosed=False)

    def verdicts(records: tuple[TestRecord, ...]) -> list[tuple[str, Status, str, str]]:
        return [(r.test, r.status, r.summary, r.detail) for r in records]

    assert {n: verdicts(r) for n, r in plain.items()} == {n: verdicts(r) for n, r in graded.items()}
    assert not any(r.diagnosis and r.diagnosis.mistakes for rs in plain.values() for r in rs)


def test_a_mistake_that_never_ends_is_stopped(
    toy: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "CALL_SECONDS", 0.02)
    (mistake,) = [m for m in catalogues.read(toy).mistakes if m.id == "scale-never-ends"]
    codes = variants.Reference(toy).with_mistakes([mistake])
    assert codes is not None
    variant = variants.Variant(codes)
    try:
        with pytest.raises(variants.OutOfTime), variants.time_limit(0.02):
            variant.exchange(scale_request(), lambda ask: ask)
    finally:
        variant.close()


def test_a_mistake_that_never_ends_is_tried_once(
    toy: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # six mistakes make five pairs with it, which would use up all the time
    tries = []
    limit = replay.time_limit

    def counted(seconds: float) -> AbstractContextManager[None]:
        tries.append(seconds)
        return limit(seconds)

    monkeypatch.setattr(replay, "time_limit", counted)
    (mistake,) = [m for m in catalogues.read(toy).mistakes if m.id == "scale-never-ends"]
    call = replay.Call(Evidence(scale_request(), scale_request()))
    record = TestRecord(question="scale", test="t", title="", hidden=False, status=Status.FAILED)
    test = replay.Test(0, record, [call])
    replayer = replay.Replayer(variants.Reference(toy), time.process_time() + 10)
    monkeypatch.setattr(replay, "CALL_SECONDS", 0.02)
    for _ in range(3):
        assert replayer.verdict(replay.Base(), (mistake,), test) is replay.Verdict.OTHER

    assert len(tries) == 1


def scale_request() -> Payload:
    """Return a call of scale, encoded."""
    fields = {"module": "toy", "function": "scale", "args": (1.0,), "kwargs": {"by": 2.0}}
    return encode(fields)


def test_without_time_there_is_a_note_for_the_instructor_instead(tmp_path: Path) -> None:
    toml = TOML.replace(
        "[questions.scale]", "[limits]\ndiagnosis_seconds = 1e-9\n[questions.scale]"
    )
    toy = write(tmp_path, {"assignments/hw0_toy/assignment.toml": toml})

    records = run(toy, {"single": WRONG["single"]})["single"]

    assert not any(record.diagnosis and record.diagnosis.mistakes for record in records)
    assert "no time left for the diagnosis" in "".join(record.log for record in records)


def test_a_diagnosis_that_breaks_is_told_to_the_instructor_only(
    toy: Assignment,
    graded: dict[str, tuple[TestRecord, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(self: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(diagnose._Search, "run", breaks)
    records = run(toy, {"single": WRONG["single"]})["single"]

    assert [r.status for r in records] == [r.status for r in graded["single"]]
    (log,) = [record.log for record in records if "oops" in record.log]
    assert "the diagnosis broke" in log
    shown = [r.summary + r.detail + r.values + r.printed for r in records]
    assert "oops" not in "".join(shown)


def test_a_broken_catalogue_costs_the_hints_and_nothing_else(tmp_path: Path) -> None:
    toy = write(tmp_path, {"solutions/hw0_toy/mistakes.toml": "[[mistake]\n"})

    records = run(toy, {"single": WRONG["single"]})["single"]

    assert {r.status for r in records if r.test == "test_scale"} == {Status.FAILED}
    assert "no diagnosis: AuthorError" in "".join(record.log for record in records)


def test_without_a_catalogue_nothing_is_named(tmp_path: Path) -> None:
    toy = write(tmp_path, {})
    (toy.private / "mistakes.toml").unlink()

    records = run(toy, {"single": WRONG["single"]})["single"]

    assert not any(record.diagnosis and record.diagnosis.mistakes for record in records)
    assert "diagnosis" not in "".join(record.log for record in records)


def test_evidence_without_bound_is_not_kept(
    toy: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnose, "KEPT_BYTES", 100)

    records = run(toy, {"single": WRONG["single"]})["single"]

    assert not any(record.diagnosis and record.diagnosis.mistakes for record in records)


def test_a_variant_brings_back_the_module_whose_name_it_took(toy: Assignment) -> None:
    codes = variants.Reference(toy).with_mistakes(())
    assert codes is not None
    mine = ModuleType("toy")
    sys.modules["toy"] = mine
    try:
        variant = variants.Variant(codes)
        variant.load(["toy"])
        assert sys.modules["toy"] is not mine
        variant.close()
        assert sys.modules["toy"] is mine
    finally:
        del sys.modules["toy"]
