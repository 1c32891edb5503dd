"""The emulator: lays out, runs, kills and shows as the platform does.

Most runs here use a bundle of two small scripts in place of the engine; the last ones are real.
"""

import json
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import bundle, oddities, samples
from autograder.emulate import (
    MAX_OUTPUT,
    Stage,
    cut_middle,
    emulate,
    harvest,
    instructor_view,
    lay_out,
    report,
    student_view,
    to_text,
)
from autograder.errors import GraderError, SubmissionError, UsageError
from autograder.platforms.metadata import EXAMPLES, Metadata, read_metadata

ROOT = Path(__file__).resolve().parent.parent
HW = "hw1_optimizers"


def fake_bundle(folder, run, *, setup='mkdir -p "$AUTOGRADER_VENV"; echo set up in $PWD'):
    """A zip with the two scripts that the platform looks for."""
    path = folder / "fake-gradescope.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("setup.sh", f"#!/usr/bin/env bash\n{setup}\n")
        archive.writestr("run_autograder", f"#!/usr/bin/env bash\n{run}\n")
    return path


def run_fake(tmp_path, run, *, submission=None, **options):
    if submission is None:
        submission = tmp_path / "tiny.py"
        submission.write_text("x = 1\n")
    return emulate(fake_bundle(tmp_path, run), submission, cache=tmp_path / "cache", **options)


WRITE = 'printf "%s" \'{"score": 3, "output": "graded"}\' > results/results.json'


def test_run_finds_the_layout_of_the_platform(tmp_path):
    shown = run_fake(tmp_path, f"pwd; ls -1 . source submission; cat submission/tiny.py; {WRITE}")

    assert shown.exit_code == 0
    assert shown.problems == ()
    lines = shown.stdout.splitlines()
    assert {"results", "run_autograder", "source", "submission", "submission_metadata.json"} <= set(
        lines
    )
    assert {"setup.sh", "tiny.py", "x = 1"} <= set(lines)
    assert shown.results == {"score": 3, "output": "graded"}


def test_setup_is_promised_no_working_directory(tmp_path):
    shown = run_fake(tmp_path, WRITE)

    assert "set up in /\n" in shown.setup_log


def test_environment_of_the_run_is_made_from_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/tmp/evil")

    shown = run_fake(tmp_path, f"env; {WRITE}")

    assert "PYTHONPATH" not in shown.stdout
    assert "AUTOGRADER_VENV=" in shown.stdout


def test_failing_setup_is_our_failure_and_shows_its_output(tmp_path):
    path = fake_bundle(tmp_path, WRITE, setup="echo no network; exit 7")
    (tmp_path / "tiny.py").write_text("")

    with pytest.raises(GraderError, match=r"setup.sh failed \(exit code 7\):\nno network"):
        emulate(path, tmp_path / "tiny.py", cache=tmp_path / "cache")


def test_timeout_kills_the_whole_group_and_overwrites_the_results(tmp_path):
    mark = tmp_path / "still alive"
    started = time.monotonic()

    shown = run_fake(tmp_path, f"{WRITE}; (sleep 2; touch '{mark}') & sleep 60", timeout=0.5)

    assert time.monotonic() - started < 10
    assert shown.exit_code is None
    assert shown.results["score"] == 0
    assert "timed out. It took longer than 0.5 seconds" in shown.results["output"]
    time.sleep(2)
    assert not mark.exists()


def test_no_results_is_a_zero_with_the_message_of_the_platform(tmp_path):
    shown = run_fake(tmp_path, "echo not graded; exit 3")

    assert shown.exit_code == 3
    assert shown.results["score"] == 0
    assert "failed to execute correctly" in shown.students[0].output
    assert shown.problems == (
        "run_autograder ended with exit code 3",
        "no results.json: the platform shows that the autograder failed",
    )
    assert "not graded" in shown.instructor.stdout
    assert shown.students[-1].stdout == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not JSON"),
        ('{"score": NaN}', "NaN is not JSON"),
        ("[1]", "holds a list"),
        ("{}", "has no score"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_file_that_the_platform_would_refuse_is_a_zero(tmp_path, content, problem):
    path = tmp_path / "results.json"
    path.write_text(content)

    kept, problems = harvest(path)

    assert kept["score"] == 0
    assert problem in problems[0]


def test_long_outputs_lose_their_middle_and_nul_characters_go(tmp_path):
    path = tmp_path / "results.json"
    long = "a" * MAX_OUTPUT + "z" * MAX_OUTPUT
    path.write_text(
        json.dumps({"output": "x\0y", "tests": [{"score": 1, "output": long, "name": "n\0"}]})
    )

    kept, problems = harvest(path)

    assert problems == ()
    assert kept["output"] == "xy"
    (test,) = kept["tests"]
    assert test["name"] == "n"
    assert MAX_OUTPUT - 1 <= len(test["output"]) <= MAX_OUTPUT
    assert test["output"].startswith("aaa")
    assert test["output"].endswith("zzz")
    assert "cut here" in test["output"]


def test_text_of_just_the_limit_is_left_alone():
    assert cut_middle("a" * MAX_OUTPUT) == "a" * MAX_OUTPUT


RESULTS = {
    "score": 6,
    "output": "header",
    "stdout_visibility": "hidden",
    "tests": [
        {"name": "now", "score": 1, "max_score": 1, "output": "o1"},
        {"name": "due", "score": 2, "max_score": 4, "visibility": "after_due_date"},
        {"name": "published", "score": 3, "max_score": 5, "visibility": "after_published"},
        {"name": "note", "status": "failed", "output": "o4"},
    ],
}


@pytest.mark.parametrize(
    ("stage", "names", "total"),
    [
        (Stage.BEFORE_DUE, ["now", "note"], ""),
        (Stage.AFTER_DUE, ["now", "due", "note"], ""),
        (Stage.PUBLISHED, ["now", "due", "published", "note"], "6 / 10"),
    ],
)
def test_student_sees_more_at_each_stage_and_the_total_with_the_last(stage, names, total):
    view = student_view(RESULTS, stage, stdout="log")

    assert [entry.title.split()[1] for entry in view.entries] == names
    assert view.total == total
    assert view.stdout == ""


def test_hidden_test_is_never_seen_and_hides_the_total_for_ever():
    results = {"tests": [{"name": "h", "score": 1, "max_score": 1, "visibility": "hidden"}]}

    assert student_view(results, Stage.PUBLISHED).total == ""
    assert student_view(results, Stage.PUBLISHED).entries == ()
    assert instructor_view(results).total == "1 / 1"


def test_visibility_on_top_is_the_default_of_the_tests():
    results = {"visibility": "after_published", "tests": [{"name": "a", "score": 1}]}

    assert student_view(results, Stage.AFTER_DUE).entries == ()
    assert len(student_view(results, Stage.PUBLISHED).entries) == 1


def test_instructor_sees_everything_and_the_log():
    text = to_text(instructor_view(RESULTS, stdout="seed 5eed"))

    assert "Autograder score: 6 / 10" in text
    assert "FAILED  2) due (2/4)   [after_due_date]" in text
    assert "PASSED  1) now (1/1)\n    o1" in text
    assert "FAILED  4) note\n    o4" in text
    assert text.endswith("seed 5eed")


def test_the_leaderboard_shows_to_everybody():
    results = {"score": 1, "leaderboard": [{"name": "times as fast", "value": 1.5}]}

    for view in (student_view(results, Stage.BEFORE_DUE), instructor_view(results)):
        assert "Leaderboard: times as fast: 1.5" in to_text(view)


@pytest.mark.parametrize("board", [None, 3, {"name": "x"}, ["x"], [{"name": "x"}]])
def test_a_leaderboard_of_another_form_is_no_traceback(board):
    shown = to_text(student_view({"score": 1, "leaderboard": board}, Stage.BEFORE_DUE))

    assert ("Leaderboard: x: (no value)" in shown) is (board == [{"name": "x"}])


def test_what_everybody_sees_is_told_once(tmp_path):
    shown = run_fake(tmp_path, f"echo seed 5eed; {WRITE}")

    text = report(shown)

    assert text.count("graded") == 1
    assert text.count("the same as before") == 2
    assert "What a student after the due date sees" in text
    assert "the same as the student in the end, and the log:\n\nseed 5eed" in text


def test_zip_is_unpacked_with_its_top_folder_and_without_ways_out(tmp_path):
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hw/tiny.py", "x = 1\n")
        archive.writestr("../outside.py", "")
        archive.writestr("/tmp/absolute.py", "")
        link = zipfile.ZipInfo("hw/link.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    base = tmp_path / "base"
    base.mkdir()

    lay_out(base, path)

    found = [str(p.relative_to(base)) for p in sorted(base.rglob("*")) if not p.is_dir()]
    assert found == ["submission/hw/tiny.py", "submission_metadata.json"]
    assert not (tmp_path / "outside.py").exists()


def test_broken_zip_is_a_fault_of_the_submission(tmp_path):
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "x = 1\n" * 100)
    data = bytearray(path.read_bytes())
    data[40:60] = b"\xff" * 20
    path.write_bytes(data)
    base = tmp_path / "base"
    base.mkdir()

    with pytest.raises(SubmissionError, match=r"work\.zip cannot be unpacked"):
        lay_out(base, path)


def test_usage_errors_say_what_was_expected(tmp_path):
    path = fake_bundle(tmp_path, WRITE)
    with pytest.raises(UsageError, match="unknown metadata 'lots'\n  expected  full, minimal"):
        emulate(path, tmp_path, metadata="lots")
    with pytest.raises(UsageError, match="no submission at"):
        emulate(path, tmp_path / "nobody", cache=tmp_path / "cache")
    with pytest.raises(UsageError, match="is not a zip"):
        emulate(tmp_path, tmp_path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/setup.sh", "")
    with pytest.raises(UsageError, match=r"no setup\.sh at its root"):
        emulate(path, tmp_path)


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_every_kind_of_metadata_is_laid_out_and_read(tmp_path, name):
    (tmp_path / "tiny.py").write_text("")

    lay_out(tmp_path, tmp_path / "tiny.py", metadata=name)

    path = tmp_path / "submission_metadata.json"
    if name == "absent":
        assert not path.exists()
    elif name == "empty":
        assert path.read_bytes() == b""
    else:
        assert json.loads(path.read_text()) == EXAMPLES[name]
    metadata = read_metadata(path)
    assert (metadata == Metadata()) == (name in ("absent", "empty"))
    assert (metadata.late is not None) == (name == "late")


def test_lateness_is_counted_from_the_latest_due_date_of_a_group(tmp_path):
    path = tmp_path / "submission_metadata.json"
    users = [{"assignment": {"due_date": f"2026-09-1{day}T00:00:00+00:00"}} for day in (1, 5, 3)]
    path.write_text(json.dumps({"created_at": "2026-09-15T01:30:00Z", "users": users}))

    assert read_metadata(path).late == timedelta(hours=1, minutes=30)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"id": {}, "users": {}, "assignment": 3, "previous_submissions": null}',
        '{"users": [null, 3, {"assignment": null}], "created_at": "yesterday"}',
        '{"created_at": "2026-09-15T01:30:00", "users": []}',
    ],
)
def test_odd_metadata_says_nothing_and_breaks_nothing(tmp_path, text):
    path = tmp_path / "submission_metadata.json"
    path.write_text(text)

    assert read_metadata(path).late is None


@pytest.fixture(scope="module")
def real_bundle(tmp_path_factory):
    """The bundle of the real homework; its environment is cached between test runs."""
    return bundle.build(
        assignments.find(ROOT, HW),
        "gradescope",
        tmp_path_factory.mktemp("dist"),
        secret="5e" * 32,
        unproved=True,
    )


def test_reference_gets_all_points_from_the_real_bundle(real_bundle):
    """setup.sh, run_autograder and the engine together, as on the platform."""
    shown = emulate(real_bundle, ROOT / "solutions" / HW / "optim.py", metadata="minimal")

    assert shown.problems == ()
    assert shown.exit_code == 0
    assert shown.students[0].total == "100 / 100"
    assert all(entry.passed for entry in shown.students[0].entries)
    assert "seed " in shown.instructor.stdout


def test_notebook_gets_its_points_from_the_real_bundle(real_bundle, tmp_path):
    """The bundle reads notebooks with what it has: no nbformat."""
    source = (ROOT / "solutions" / HW / "optim.py").read_text(encoding="utf-8")
    broken = "def gd_step(theta, grad, state, *, lr):\n    return theta / nothing, state\n"
    (tmp_path / "hw1.ipynb").write_bytes(oddities.as_notebook(source, "%matplotlib inline", broken))

    shown = emulate(real_bundle, tmp_path)

    assert shown.problems == ()
    assert shown.students[0].total not in ("0 / 100", "100 / 100")
    assert "gd_step raised NameError at cell 3 line 2: return theta / nothing, state" in to_text(
        shown.students[0]
    )


def test_stub_gets_nothing_from_the_real_bundle(real_bundle, tmp_path):
    for name, content in samples.stub_files(assignments.find(ROOT, HW)).items():
        (tmp_path / name).write_bytes(content)

    shown = emulate(real_bundle, tmp_path, metadata="empty")

    assert shown.problems == ()
    assert shown.students[0].total == "0 / 100"
    assert "not started" in to_text(shown.students[0])
    assert "Traceback" not in to_text(shown.students[0])


def test_submission_without_anything_gradable_gets_a_zero_and_the_reason(real_bundle, tmp_path):
    (tmp_path / "essay.txt").write_text("I could not do it")

    shown = emulate(real_bundle, tmp_path, metadata="absent")

    assert shown.exit_code == 0
    assert shown.students[0].total == "0 / 100"
    assert "There is nothing to grade" in shown.students[0].output
    assert "optim.py" in shown.students[0].output


def test_broken_grader_leaves_no_results(real_bundle, tmp_path):
    """A failure of ours is never a zero of ours: exit code 3, and what happened is kept."""
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(real_bundle) as old, zipfile.ZipFile(broken, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename.endswith("hidden_tests/test_gd_step.py"):
                content = b"raise RuntimeError('disk on fire')\n" + content
            new.writestr(info, content)

    shown = emulate(broken, ROOT / "solutions" / HW / "optim.py")

    assert shown.exit_code == 3
    assert "no results.json" in shown.problems[1]
    assert "not graded: the grader itself failed" in shown.stdout
