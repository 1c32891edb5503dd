"""Submissions are made out of an assignment as text: nothing is imported, nothing is left over."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.samples import (
    function_source,
    partial_files,
    reference_files,
    stub_files,
    variant_files,
    with_function,
    wrong_files,
)

COURSE = Path(__file__).parent / "data" / "tiny_course"
SOURCE = '''\
import math


@cached
def first(x):
    """Say x."""
    return x
    # the end of first


def second(x): return -x

class Third:
    y = 1
'''


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    """An assignment of three questions that a test may change."""
    shutil.copytree(COURSE, tmp_path, dirs_exist_ok=True)
    return assignments.find(tmp_path, "hw0_tiny")


def run(files: dict[str, bytes]) -> dict[str, object]:
    """Run a submission and return its names."""
    names: dict[str, object] = {}
    exec(compile(files["tiny.py"], "tiny.py", "exec"), names)
    return names


def test_the_reference_is_a_submission_as_it_stands(tiny: Assignment) -> None:
    assert reference_files(tiny) == {"tiny.py": (tiny.private / "tiny.py").read_bytes()}


def test_the_stub_has_every_function_and_no_answer(tiny: Assignment) -> None:
    source = stub_files(tiny)["tiny.py"].decode()

    assert 'raise NotImplementedError("double: your code here")' in source
    assert "secret" not in source


def test_a_variant_replaces_what_it_defines_and_keeps_the_rest(tiny: Assignment) -> None:
    variants = variant_files(tiny)

    assert list(variants) == ["tiny_loops"]
    names = run(variants["tiny_loops"])
    assert names["total"].__code__.co_varnames == ("x", "variant_sum", "variant_entry")
    assert names["double"].__code__.co_varnames == ("x", "secret_factor", "doubled")


def test_a_variant_may_begin_with_an_import_from_the_future(tiny: Assignment) -> None:
    path = tiny.private / "variants" / "tiny_future.py"
    path.write_text(
        "from __future__ import annotations\n\n\ndef total(x):\n    return 2 * x.sum()\n"
    )

    assert "total" in run(variant_files(tiny)["tiny_future"])


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("other_loops.py", "def total(x): ...\n", r"no submitted file\n  expected  tiny_<how>.py"),
        ("tiny_typo.py", "def totall(x): ...\n", r"nothing .* differently\n.*\n  found     totall"),
    ],
)
def test_a_variant_that_would_prove_nothing_stops_the_author(
    tiny: Assignment, name: str, source: str, message: str
) -> None:
    (tiny.private / "variants" / name).write_text(source)

    with pytest.raises(AuthorError, match=message):
        variant_files(tiny)


def test_a_wrong_submission_replaces_what_it_defines_and_keeps_the_rest(tiny: Assignment) -> None:
    submissions = wrong_files(tiny)

    assert list(submissions) == ["copies_the_first_entry"]
    names = run(submissions["copies_the_first_entry"])
    assert names["double"].__code__.co_varnames == ("x", "wrong_answer")
    assert names["total"].__code__.co_varnames == ("x",)


def test_a_wrong_submission_stands_for_the_file_that_has_most_of_its_functions(
    tiny: Assignment,
) -> None:
    (tiny.private / "other.py").write_text("def total(x): ...\ndef triple(x): ...\n")
    path = tiny.private / "wrong" / "both.py"
    path.write_text("def total(x): return 1\ndef triple(x): return 3\n")

    files = wrong_files(replace(tiny, files=("tiny.py", "other.py")))["both"]

    assert files["other.py"].endswith(path.read_bytes())
    assert files["tiny.py"] == reference_files(tiny)["tiny.py"]


def test_a_wrong_submission_that_writes_no_function_stops_the_author(tiny: Assignment) -> None:
    (tiny.private / "wrong" / "typo.py").write_text("def totall(x): ...\n")

    with pytest.raises(AuthorError, match=r"typo\.py: writes nothing .*\n.*\n  found     totall"):
        wrong_files(tiny)


def test_a_partly_done_submission_has_stubs_for_the_rest(tiny: Assignment) -> None:
    names = run(partial_files(tiny, {"shift"}))

    assert names["shift"](1.0, by=2.0) == 3.0
    for unfinished in ("double", "total"):
        with pytest.raises(NotImplementedError, match=f"{unfinished}: your code here"):
            names[unfinished](1.0)


def test_a_submission_with_every_question_done_is_the_reference(tiny: Assignment) -> None:
    assert partial_files(tiny, {"double", "shift", "total"}) == reference_files(tiny)


def test_a_function_is_cut_from_its_def_to_the_last_comment_of_its_body() -> None:
    assert function_source(SOURCE, "first") == (
        'def first(x):\n    """Say x."""\n    return x\n    # the end of first'
    )
    assert function_source(SOURCE, "second") == "def second(x): return -x"
    assert function_source(SOURCE, "Third") == "class Third:\n    y = 1"


def test_a_function_is_replaced_and_nothing_else() -> None:
    changed = with_function(SOURCE, "second", "def second(x):\n    return x")

    assert changed == SOURCE.replace("def second(x): return -x", "def second(x):\n    return x")


def test_a_function_that_is_not_there_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="no function third"):
        function_source(SOURCE, "third")
