"""At home a hint opens for the result of its mistake, and for no other."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder import assignment as assignments
from autograder import hints, leaks, mistakes
from autograder.assignment import Assignment
from autograder.errors import AuthorError, GraderError
from autograder.samples import reference_files, variant_files
from student_kit import replies
from student_kit.calls import Evidence
from student_kit.hints import FILE, Hint, seal
from student_kit.records import Diagnosis, TestRecord
from student_kit.wire import encode

ROOT = Path(__file__).resolve().parent.parent
COURSE = Path(__file__).parent / "data" / "tiny_course"
TEMPLATE = ROOT / "student_template" / "hw1_optimizers"


@pytest.fixture(scope="module")
def hw1() -> Assignment:
    """Return the first homework."""
    return assignments.find(ROOT, "hw1_optimizers")


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    """Return a copy of the tiny assignment that a test may change."""
    return assignments.find(shutil.copytree(COURSE, tmp_path / "course"), "hw0_tiny")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a student's folder."""
    return shutil.copytree(TEMPLATE, tmp_path / "hw1_optimizers")


def check(home: Path, files: dict[str, bytes], *questions: str) -> list[TestRecord]:
    """Return the records of the public checks of these questions, as `check.py` gets them."""
    for name, content in files.items():
        (home / name).write_bytes(content)
    program = (
        "import json, os, sys; sys.path.insert(0, '.'); sys.stdout = open(os.devnull, 'w')\n"
        "from pathlib import Path; from student_kit.plugin import run_local\n"
        "records = run_local(Path.cwd(), sys.argv[1:])\n"
        "print(json.dumps([record.to_json() for record in records]), file=sys.__stdout__)\n"
    )
    command = [sys.executable, "-c", program, *questions]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=True)
    return [TestRecord.from_json(fields) for fields in json.loads(done.stdout)]


def named(records: list[TestRecord]) -> dict[str, tuple[str, ...]]:
    """Return which mistakes each check was told of."""
    return {r.test: r.diagnosis.mistakes if r.diagnosis else () for r in records}


def made(hw1: Assignment, *ids: str) -> dict[str, bytes]:
    """Return the reference with these mistakes."""
    catalogue = mistakes.load(hw1)
    return mistakes.apply(hw1, *(catalogue.mistake(name) for name in ids))


def test_every_mistake_that_a_public_check_catches_is_named_at_home(
    hw1: Assignment, home: Path
) -> None:
    ids = ("momentum-rescaled", "adam-counts-from-two", "sgd-drops-the-batch-axis")
    records = check(home, made(hw1, *ids), "momentum_step", "adam_step", "sgd_epoch")

    found = {names for names in named(records).values() if names}
    assert found == {(name,) for name in ids}


def test_a_mistake_in_another_question_is_told_as_such(hw1: Assignment, home: Path) -> None:
    records = check(home, made(hw1, "samples-with-replacement"), "minibatch_sgd")

    (hint,) = {hint for r in records if r.diagnosis for hint in r.diagnosis.hints}
    assert hint.startswith("in minibatch_indices: Indices are drawn with replacement.")


def test_a_correct_solution_is_told_nothing(hw1: Assignment, home: Path) -> None:
    questions = [question.id for question in hw1.questions]

    records = check(home, reference_files(hw1) | variant_files(hw1)["optim_inplace"], *questions)

    assert {record.diagnosis for record in records} == {None}


def test_a_result_that_is_wrong_in_another_way_opens_nothing(hw1: Assignment, home: Path) -> None:
    source = reference_files(hw1)["optim.py"].replace(
        b"theta - lr * v,", b"theta - lr * v * 1.001,"
    )

    records = check(home, {"optim.py": source}, "momentum_step")

    assert set(named(records).values()) == {()}


def test_without_the_file_or_with_a_damaged_one_there_are_no_hints(
    hw1: Assignment, home: Path
) -> None:
    files = made(hw1, "momentum-rescaled")
    for text in (None, "no json", '{"checks": []}', '{"checks": {"momentum_step::x": 3}}'):
        (home / FILE).unlink(missing_ok=True)
        if text is not None:
            (home / FILE).write_text(text)
        records = check(home, files, "momentum_step")
        assert set(named(records).values()) == {()}
        assert all(record.summary for record in records)


def decided(results: dict[str, str], boxes: dict[str, list[Hint]]) -> list[Diagnosis | None]:
    """Return the diagnoses of some checks, each with the hints that it opens."""
    from student_kit.hints import Status, _decided

    records = [
        TestRecord(question="q", test=test, title="", hidden=False, status=Status(status))
        for test, status in results.items()
    ]
    found = [boxes.get(test, []) for test in results]
    return [record.diagnosis for record in _decided(records, found)]


def hint(name: str, *checks: str) -> Hint:
    """Return a hint of a mistake that these checks catch."""
    return Hint(mistake=name, text=name, checks=checks)


def test_a_mistake_that_a_passed_check_would_have_caught_is_not_named() -> None:
    one = hint("one", "a", "b")

    assert decided({"a": "failed", "b": "passed"}, {"a": [one]}) == [None, None]
    assert decided({"a": "failed"}, {"a": [one]}) != [None]  # b did not run


def test_a_mistake_that_explains_all_failures_goes_before_one_that_explains_some() -> None:
    one, both = hint("one", "a"), hint("both", "a", "b")
    found = decided({"a": "failed", "b": "failed"}, {"a": [one, both], "b": [both]})

    assert [d and d.mistakes for d in found] == [("both",), ("both",)]


def test_more_than_three_that_fit_are_none() -> None:
    many = [hint(f"m{n}", "a") for n in range(4)]

    assert decided({"a": "failed"}, {"a": many}) == [None]
    assert decided({"a": "failed"}, {"a": many[:3]}) != [None]


# --- the file -----------------------------------------------------------------------------------


def test_the_file_is_small_and_the_same_each_time(hw1: Assignment) -> None:
    first = hints.build(hw1)[FILE]
    hints._build.cache_clear()

    assert hints.build(hw1)[FILE] == first
    assert len(first) < 200_000


def test_the_file_holds_places_and_sealed_boxes_and_nothing_else(hw1: Assignment) -> None:
    text = hints.build(hw1)[FILE].decode()
    table = json.loads(text)
    assert set(table) == {"about", "checks"}
    boxes = [pair for boxes in table["checks"].values() for pair in boxes.items()]
    assert len(boxes) > 100
    for place, box in boxes:
        assert len(bytes.fromhex(place)) == 8
        sealed = base64.b64decode(box, validate=True)
        assert not sealed.isascii()
    for mistake in mistakes.load(hw1).mistakes:
        assert mistake.id not in text
        assert mistake.hint not in text


def test_boxes_that_are_not_sealed_are_a_leak(
    tiny: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("student_kit.hints._crypt", lambda data, key: data)
    hints._build.cache_clear()
    files = hints.build(tiny)
    hints._build.cache_clear()

    with pytest.raises(AuthorError, match=r"box 1 \(generated\): a hint of the catalogue"):
        leaks.check_text(files, tiny)


def test_the_right_results_open_no_box(hw1: Assignment, home: Path) -> None:
    """Whoever knows all right replies can read nothing: no place is made from them."""
    table = json.loads((home / FILE).read_text())["checks"]
    for name, content in reference_files(hw1).items():
        (home / name).write_bytes(content)
    runner = hints._run(hw1, ())[0]
    for (question, test), taken in runner.items():
        for signed in (taken.signed.replies, taken.signed.replies_and_asks) if taken.signed else ():
            place, _ = seal(question, test, signed, ())
            assert place not in table.get(f"{question}::{test}", {})


def test_a_course_without_catalogue_has_no_file(tiny: Assignment) -> None:
    (tiny.private / "mistakes.toml").unlink()

    assert hints.build(tiny) == {}


def test_public_tests_that_the_reference_fails_stop_the_author(tiny: Assignment) -> None:
    path = tiny.public / "tests" / "test_double.py"
    path.write_text(path.read_text() + '\n\ndef test_no():\n    """No."""\n    assert False\n')

    with pytest.raises(
        GraderError, match=r"cannot be run on the reference\n  found  double::test_no"
    ):
        hints.build(tiny)


# --- signatures ---------------------------------------------------------------------------------


def signed(value: object, **reply: object) -> str:
    """Return the signature of one call that gave this value."""
    payload = encode({"value": value, "changed": [], "rngs": [], "warnings": [], **reply})
    found = replies.signature([Evidence(encode(()), payload)])
    assert found is not None
    return found.replies


def test_rounding_does_not_change_a_signature() -> None:
    rng = np.random.default_rng(0)
    for scale in (1e-9, 1e-3, 1.0, 1e6):
        for value in rng.normal(size=(200, 4)) * scale:
            assert signed(value * (1 + 1e-15)) == signed(value)
    # numbers that people choose lie far from where rounding turns
    chosen = [1.0, 0.1, 0.5, 0.25, 0.125, 2**-8, 2**-9, 1e-5, 10.0, 1 / 3, 0.0]
    for number in chosen:
        for nearby in (number * (1 + 3e-16), number * (1 - 3e-16)):
            assert signed(np.array([nearby, 1.0])) == signed(np.array([number, 1.0]))
            assert signed(nearby) == signed(number)
    assert signed(np.array([1e-17, -1e-17])) == signed(np.zeros(2))  # noise around 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.array([1.0, 2.0]), np.array([1.0, 2.000001])),
        (np.array([1.0, 2.0]), np.array([[1.0, 2.0]])),
        (np.array([1.0]), np.array([1.0], dtype=np.float32)),
        (np.array([1.0]), np.array([1])),
        (np.array([np.nan]), np.array([np.inf])),
        (np.array([np.inf]), np.array([-np.inf])),
        ((1.0, 2.0), [1.0, 2.0]),
        ({"m": 1.0}, {"v": 1.0}),
        (None, 0),
        (True, 1),
        (3, 3.0),
    ],
)
def test_values_that_differ_have_other_signatures_and_are_not_alike(
    one: object, other: object
) -> None:
    assert signed(one) != signed(other)
    assert not replies.values_alike(one, other)
    assert replies.values_alike(one, one)


def test_integers_of_another_size_are_alike() -> None:
    """Windows and older NumPy have other default integers."""
    one, other = np.arange(3, dtype=np.int32), np.arange(3, dtype=np.int64)

    assert signed(one) == signed(other)
    assert replies.values_alike(one, other)


def test_what_else_a_call_did_is_part_of_the_reply() -> None:
    ways: list[dict[str, object]] = [
        {"changed": [0]},
        {"rngs": [{"state": 5}]},
        {"error": {"kind": "exception", "builtin": "ValueError"}},
    ]
    plain = replies.read(encode({"value": 1.0}))
    assert plain is not None
    for way in ways:
        other = replies.read(encode({"value": 1.0, **way}))
        assert other is not None
        assert not replies.alike(plain, other)
        assert signed(1.0, **way) != signed(1.0)


@pytest.mark.parametrize(
    "fields",
    [None, 3, {"error": 3}, {"error": {"kind": "import"}}, {"error": {"kind": "missing"}}],
)
def test_a_reply_that_says_nothing_of_the_function_is_none(fields: object) -> None:
    assert replies.read(encode(fields)) is None
    assert replies.read(None) is None
