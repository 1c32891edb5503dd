"""The record of a proof: what it rests on, when it is current, and what asks for it."""

from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import bundle, cli, proof
from autograder.errors import AuthorError

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def proved(make_assignment):
    """A toy assignment with a current record."""
    assignment = make_assignment()
    proof.write(assignment, {"ends": {"hidden tests": 3}}, rests_on=proof.digests(assignment))
    return assignment


@pytest.mark.parametrize("assignment_id", assignments.assignment_ids(ROOT))
def test_the_committed_proof_of_every_assignment_is_current(assignment_id):
    """If this fails: autograder verify, and commit solutions/<hw>/proof.json."""
    assert proof.differences(assignments.find(ROOT, assignment_id)) == []


def test_every_engine_module_that_decides_a_verdict_exists():
    known = {path.name.removesuffix(".py") for path in (ROOT / "autograder").iterdir()}
    assert [name for name in proof.ENGINE if name.removesuffix(".py") not in known] == []


def test_what_was_never_proved_is_not_current(toy):
    assert proof.differences(toy) == ["proof.json is missing: it was never proved"]


def test_a_record_is_current_until_a_file_changes_appears_or_goes(proved):
    assert proof.differences(proved) == []
    hidden = proved.private / "hidden_tests" / "test_add.py"
    hidden.write_text(hidden.read_text() + "\n")
    (proved.public / "tests" / "test_walk.py").unlink()
    (proved.private / "variants").mkdir()
    (proved.private / "variants" / "toy_sum.py").write_text("")

    assert proof.differences(proved) == [
        "assignments/hw0_toy/tests/test_walk.py is gone",
        "solutions/hw0_toy/hidden_tests/test_add.py is not as it was",
        "solutions/hw0_toy/variants/toy_sum.py is new",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rests_on": 3}', "\0"])
def test_what_is_no_record_is_not_current(proved, text):
    proof.path_of(proved).write_text(text)
    assert proof.differences(proved) == ["proof.json is no record"]


def test_equal_sources_give_equal_records(proved):
    first = proof.path_of(proved).read_bytes()
    proof.write(proved, {"ends": {"hidden tests": 3}}, rests_on=proof.digests(proved))
    assert proof.path_of(proved).read_bytes() == first


def test_bundle_refuses_what_is_not_proved_and_says_what_changed(proved, tmp_path):
    assert bundle.build(proved, "gradescope", tmp_path / "dist").is_file()
    (proved.private / "toy.py").write_text((proved.private / "toy.py").read_text() + "\n")

    with pytest.raises(AuthorError, match=r"(?s)toy\.py is not as it was.*autograder verify hw0"):
        bundle.build(proved, "gradescope", tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
    assert bundle.build(proved, "gradescope", tmp_path / "dist", unproved=True).is_file()


def test_check_says_whether_the_proof_is_current(proved, capsys):
    root = str(proved.public.parents[1])
    assert cli.main(["--root", root, "verify", "--check"]) == 0
    (proved.public / "handout.md").write_text("# Another\n")
    assert cli.main(["--root", root, "verify", "hw0_toy", "--check"]) == 1
    assert "assignments/hw0_toy/handout.md is not as it was" in capsys.readouterr().out
