"""results.json: valid, complete, and without anything that only an instructor may see."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from autograder.assignment import Assignment, Limits, Question
from autograder.platforms.gradescope import to_results, write_json, write_results
from autograder.scoring import Grade, QuestionGrade, nothing_to_grade
from student_kit import records
from student_kit.records import Status

SCHEMA = json.loads((Path(__file__).parent / "data/gradescope_results.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

# what must not reach a student: of a hidden test, and of the run
SECRETS = ("5eed", "uid 61234", "Traceback of ours", "x = [3.25]", "expected 6.5", "debug print")


def record(question, name, status, *, hidden=True):
    return records.TestRecord(
        question=question,
        test=f"test_{name}",
        title=f"{question} does {name}.",
        hidden=hidden,
        status=status,
        summary="" if status is Status.PASSED else "the values differ",
        detail="expected 6.5, found 3.25",
        call=f"{question}(x (1,))",
        values="x = [3.25]",
        printed="debug print",
        log="Traceback of ours",
    )


def graded(question, *statuses, feedback="visible", max_points=10.0, advice=""):
    """A question with one public test and hidden tests that end as told."""
    hidden = [record(question, f"hidden_{i}", status) for i, status in enumerate(statuses)]
    passed = sum(status is Status.PASSED for status in statuses)
    return QuestionGrade(
        id=question,
        points=round(max_points * passed / len(statuses), 4),
        max_points=max_points,
        feedback=feedback,
        tests=(record(question, "public", Status.PASSED, hidden=False), *hidden),
        advice=advice,
    )


def grade(*questions, notices=("optim.py was in a folder of its own.",)):
    return Grade(
        assignment="hw0_tiny",
        title="Tiny",
        submission="submission",
        questions=questions,
        notices=notices,
        seed="5eed",
        isolation=("uid 61234",),
        seconds=0.5,
    )


FULL = graded("double", Status.PASSED, Status.PASSED)
HALF = graded("triple", Status.PASSED, Status.FAILED)
DELAYED = graded("quadruple", Status.PASSED, Status.FAILED, feedback="after_due_date")


def test_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.BROKEN])
@pytest.mark.parametrize("feedback", ["visible", "after_due_date", "after_published"])
def test_every_status_and_feedback_gives_a_valid_file(status, feedback):
    results = to_results(grade(FULL, graded("triple", status, feedback=feedback), notices=()))

    VALIDATOR.validate(results)
    assert {test["status"] for test in results["tests"]} <= {"passed", "failed"}


def test_one_scored_entry_per_question_in_order():
    results = to_results(grade(FULL, HALF))

    assert [
        (test["number"], test["name"], test["score"], test["max_score"], test["status"])
        for test in results["tests"]
    ] == [("1", "double", 10.0, 10.0, "passed"), ("2", "triple", 5.0, 10.0, "failed")]
    assert results["score"] == 15.0
    assert {test["visibility"] for test in results["tests"]} == {"visible"}
    assert "optim.py was in a folder of its own." in results["output"]
    assert results["execution_time"] == 0.5


@pytest.mark.parametrize("question", [HALF, DELAYED])
def test_nothing_that_only_an_instructor_may_see_gets_in(question):
    """The public check passed, so the file has no reason to show its values either."""
    text = json.dumps(to_results(grade(FULL, question)))

    for secret in SECRETS:
        assert secret not in text


def test_delayed_question_keeps_its_points_back_and_shows_its_public_checks():
    results = to_results(grade(DELAYED))

    VALIDATOR.validate(results)
    scored, public = results["tests"]
    assert (scored["visibility"], scored["score"]) == ("after_due_date", 5.0)
    assert public["visibility"] == "visible"
    assert "score" not in public
    assert "max_score" not in public
    assert public["status"] == "passed"
    assert "after the due date" in public["output"]
    assert "quadruple does public." in public["output"]
    assert "hidden" not in public["output"].replace("hidden checks are shown", "")


def test_header_does_not_tell_the_total_while_a_question_is_delayed():
    header = to_results(grade(FULL, DELAYED))["output"]

    assert "15" not in header
    assert "To mend" not in header
    assert "Shown after the due date: the points of quadruple" in header


def test_advice_about_a_delayed_question_is_not_given_in_a_visible_one():
    advised = graded("triple", Status.FAILED, advice="triple uses quadruple, which is not right.")

    assert "not right" not in json.dumps(to_results(grade(advised, DELAYED)))
    assert "not right" in json.dumps(to_results(grade(advised)))


def test_refusal_scores_zero_and_says_why(tmp_path):
    assignment = Assignment(
        id="hw0_tiny",
        title="Tiny",
        files=("tiny.py",),
        libraries=("numpy",),
        limits=Limits(),
        questions=(
            Question(id="double", points=60, file="tiny.py"),
            Question(id="triple", points=40, file="tiny.py"),
        ),
        public=tmp_path,
        private=tmp_path,
    )

    results = to_results(nothing_to_grade(assignment, "ada", "There is nothing to grade."))

    VALIDATOR.validate(results)
    assert results["score"] == 0
    assert "There is nothing to grade." in results["output"]
    assert [test["max_score"] for test in results["tests"]] == [60, 40]


def test_written_file_is_valid_json_for_everyone_to_read(tmp_path):
    path = tmp_path / "results.json"

    write_results(path, grade(FULL, HALF, notices=("caf\u00e9 \udcff\x00\x1b[31m",)))

    content = path.read_bytes()
    VALIDATOR.validate(json.loads(content.decode("utf-8")))
    assert b"\0" not in content
    assert b"\\u0000" not in content
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]


def test_link_in_place_of_the_file_is_replaced_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    path = tmp_path / "results.json"
    path.symlink_to(victim)

    write_results(path, grade(FULL))

    assert victim.read_text() == "as it was"
    assert not path.is_symlink()


def test_file_stays_as_it_was_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    path.write_text("as it was")

    def full_disk(_handle):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write_results(path, grade(FULL))

    assert path.read_text() == "as it was"
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]


def test_number_that_is_not_finite_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "results.json", {"score": float("nan")})

    assert not any(tmp_path.iterdir())
