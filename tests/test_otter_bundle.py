"""The bundle for Otter: what is in it, what its plugin does, and what the real Otter says."""

from __future__ import annotations

import json
import pickle
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from real_otter import Otter, otter

from autograder import assignment as assignments
from autograder import batch, bundle, emulate, oddities, samples
from autograder.assignment import Assignment
from autograder.cli import main
from autograder.errors import GraderError, SubmissionError, UsageError
from autograder.intake import read_submission
from autograder.platforms.gradescope import to_results
from autograder.platforms.otter_plugin import NAME, PYTHON, Grader
from autograder.samples import Files
from autograder.scoring import Grade, nothing_to_grade

ROOT = Path(__file__).resolve().parent.parent
HW1, HW2 = "hw1_optimizers", "hw2_backprop"
SECRET = "0123456789abcdef" * 4
MakeAssignment = Callable[..., Assignment]

# --- without Otter -------------------------------------------------------------------------------


@pytest.fixture
def no_otter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, the only one in which `otter` is looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_without_otter_the_command_says_how_to_get_it(
    no_otter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--root", str(ROOT), "bundle", HW1, "--for", "otter", "--unproved"]

    code = main([*arguments, "--out", str(tmp_path / "dist")])

    assert code == 2
    said = capsys.readouterr().err
    assert "Otter is not installed in this environment" in said
    assert f"{no_otter}/python -m pip install 'otter-grader[grading]>=7'" in said
    assert "the extra `notebooks`" in said
    assert not (tmp_path / "dist").exists()


def test_what_the_generator_says_when_it_fails_is_shown(
    toy: Assignment, no_otter: Path, tmp_path: Path
) -> None:
    (no_otter / "otter").write_text("#!/bin/sh\necho no such option\nexit 2\n", encoding="utf-8")
    (no_otter / "otter").chmod(0o755)

    with pytest.raises(GraderError, match=r"failed \(exit code 2\)\nno such option"):
        bundle.build(toy, "otter", tmp_path, unproved=True)


def test_the_emulator_of_gradescope_does_not_run_the_setup_of_otter(tmp_path: Path) -> None:
    path = tmp_path / "toy-otter.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("setup.sh", "run_autograder", "run_otter.py"):
            archive.writestr(name, f"touch {tmp_path}/ran")

    with pytest.raises(UsageError, match="is for Otter; try it with: otter run -a"):
        emulate.emulate(path, tmp_path)

    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("homework", "files"), [(HW1, "the notebook or optim.py"), (HW2, "the notebook")]
)
def test_next_steps_say_what_students_hand_in(tmp_path: Path, homework: str, files: str) -> None:
    path = tmp_path / f"{homework}-otter.zip"
    path.write_bytes(b"")

    said = bundle.next_steps(assignments.find(ROOT, homework), path)

    assert f"Students hand in {files}, alone or in a zip.\n" in said
    assert f"otter run -a {path} -o FOLDER SUBMISSION" in said


# --- the plugin, as Otter calls it ---------------------------------------------------------------

RESULTS = {
    "score": 3.0,
    "output": "3 of 5 points.",
    "tests": [
        {"name": "walk", "score": 3.0, "max_score": 3, "status": "passed", "output": "walks"}
        | {"visibility": "visible"},
        {"name": "add", "score": 0, "max_score": 2, "status": "failed", "output": "adds not"}
        | {"visibility": "after_due_date"},
        {"name": "add: public checks", "status": "failed", "output": "1 of 2"}
        | {"visibility": "visible"},
    ],
}
GRADER = """\
import json, pathlib, sys, time


def main(arguments):
    base, handed_in = map(pathlib.Path, arguments[1::2])
    print(arguments[::2], sorted(path.name for path in handed_in.iterdir()))
    ANSWER
"""
WRITES = f'(base / "results/results.json").write_text({json.dumps(RESULTS)!r}); return 0'


def laid_out(base: Path, answer: str, **handed_in: str) -> Path:
    """Lay out what Otter has laid out when it asks a plugin; the engine in it is a fake."""
    for name, text in {
        "source/autograder/__init__.py": "",
        "source/autograder/platforms/__init__.py": "",
        "source/autograder/platforms/run.py": GRADER.replace("ANSWER", answer),
        "submission/tests/add.py": "",
        "submission/__init__.py": "",
        **{f"submission/{name}": text for name, text in handed_in.items()},
    }.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(text, encoding="utf-8")
    (base / "results").mkdir()
    return base / "submission"


def plugin(file: Path, *, seconds: float = 60) -> Grader:
    return Grader(str(file), {}, {"seconds": seconds})


def otters_results(*names: str) -> Any:
    """Return results as Otter has them: every case of its kernel's tests failed."""
    files = {}
    for name in names:
        case = SimpleNamespace(passed=False, message="not graded")
        files[name] = SimpleNamespace(test_case_results=[case], score=0)
        files[name].update_score = lambda score, file=files[name]: setattr(file, "score", score)
    found = SimpleNamespace(results=files, catastrophic_error="the kernel died")
    found.set_output = lambda text: setattr(found, "output", text)
    return found


def test_nothing_that_was_handed_in_stays_where_the_kernel_starts(tmp_path: Path) -> None:
    handed_in = {"mine.py": "1/0", ".OTTER_LOG": "", "otter/__init__.py": "", "json.py": ""}
    folder = laid_out(tmp_path, WRITES, **handed_in)
    asked = plugin(folder / "mine.py")

    asked.before_grading(None)
    while_read = {path.name: path.is_file() and path.read_text() for path in folder.iterdir()}
    cells = asked.before_execution({"cells": ["1/0"], "metadata": {"kernelspec": {"name": "r"}}})

    assert while_read == {"tests": False, "mine.py": ""}
    assert [path.name for path in folder.iterdir()] == ["tests"]
    assert cells == {"cells": [], "metadata": {}}
    assert "['.OTTER_LOG', 'json.py', 'mine.py', 'otter']" in asked.generate_report()
    for name in ("source", "results", "handed_in"):
        assert not stat.S_IMODE((tmp_path / name).stat().st_mode) & 0o007


def test_a_notebook_that_otter_still_reads_is_an_empty_one(tmp_path: Path) -> None:
    folder = laid_out(tmp_path, WRITES, **{"mine.ipynb": '{"cells": [1, 2]}'})

    plugin(folder / "mine.ipynb").before_grading(None)

    assert json.loads((folder / "mine.ipynb").read_text("utf-8"))["cells"] == []
    assert (tmp_path / "handed_in/mine.ipynb").read_text("utf-8") == '{"cells": [1, 2]}'


def test_results_get_our_points_texts_and_visibility(tmp_path: Path) -> None:
    folder = laid_out(tmp_path, WRITES, **{"mine.py": ""})
    asked, results = plugin(folder / "mine.py"), otters_results("add", "walk")

    asked.before_grading(None)
    asked.after_grading(results)

    assert [(name, file.score) for name, file in results.results.items()] == [
        ("walk", 3.0),
        ("add", 0),
    ]
    cases = [file.test_case_results[0] for file in results.results.values()]
    assert [(case.passed, case.message) for case in cases] == [(True, "walks"), (False, "adds not")]
    assert results.output == "3 of 5 points."
    shown = pickle.loads(pickle.dumps(results.to_gradescope_dict))
    assert shown(object()) == RESULTS


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('print("no disk"); return 3', r"failed \(exit code 3\)\n(.*\n)*no disk"),
        ('raise OSError("no disk")', r"failed \(exit code 1\)\n(.*\n)*OSError: no disk"),
        ("time.sleep(60)", "took more than 1 s"),
    ],
)
def test_a_grader_that_fails_is_an_error_without_a_score(
    tmp_path: Path, answer: str, reason: str
) -> None:
    folder = laid_out(tmp_path, answer, **{"mine.py": ""})

    with pytest.raises(RuntimeError, match=reason) as caught:
        plugin(folder / "mine.py", seconds=1).before_grading(None)

    assert type(caught.value) is RuntimeError, "Otter writes a score of 0 for an error of its own"


@pytest.mark.parametrize("names", [(), ("add",), ("add", "walk", "swim")])
def test_a_kernel_that_says_something_else_is_an_error_without_a_score(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    folder = laid_out(tmp_path, WRITES, **{"mine.py": ""})
    asked = plugin(folder / "mine.py")
    asked.before_grading(None)

    with pytest.raises(RuntimeError, match="Otter's kernel did not run the bundle's tests"):
        asked.after_grading(otters_results(*names))


# --- the real Otter ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Otter:
    """Return the real Otter, or skip."""
    return otter()


@pytest.fixture(scope="module")
def packed(real: Otter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bundle of homework 1."""
    return pack(assignments.find(ROOT, HW1), real, tmp_path_factory.mktemp("dist"))


def pack(assignment: Assignment, real: Otter, out: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", real.environment["PATH"])
        return bundle.build(assignment, "otter", out, secret=SECRET, unproved=True, allow_weak=True)


def as_handed_in(files: Files, form: str, path: Path) -> Path:
    """Write a submission as one .py, as a notebook, or as a zip of its files."""
    sources = [
        content if isinstance(content, str) else content.decode() for content in files.values()
    ]
    path = path.with_suffix(form)
    path.parent.mkdir(exist_ok=True)
    if form == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for (name, _), source in zip(files.items(), sources, strict=True):
                archive.writestr(name, source)
    else:
        is_notebook = form == ".ipynb"
        path.write_bytes(oddities.as_notebook(*sources) if is_notebook else sources[0].encode())
    return path


def ours(assignment: Assignment, paths: list[Path]) -> list[dict[str, Any]]:
    """Return what our own grader makes of these submissions, as results.json."""
    grades: list[Grade | batch.Failure] = []
    for path in paths:
        try:
            submission = read_submission(path, assignment)
        except SubmissionError as error:
            grades.append(nothing_to_grade(assignment, path.stem, str(error)))
        else:
            grades += batch.grade_all(assignment, [submission], secret=SECRET, allow_weak=True)
    assert all(isinstance(grade, Grade) for grade in grades)
    return [to_results(grade) for grade in grades if isinstance(grade, Grade)]


def comparable(results: dict[str, Any] | None) -> dict[str, Any]:
    """Return results without what two gradings of the same files may differ in.

    That is times, addresses in texts, and what a diagnosis finds out in its share of time; texts
    of a submission and of a diagnosis are indented.
    """
    assert results is not None
    tests = [
        {**test, "output": [line for line in test["output"].split("\n") if line[:1] != " "]}
        for test in results["tests"]
    ]
    return {**results, "tests": tests, "execution_time": 0}


def assert_otter_says_what_we_say(
    assignment: Assignment, archive: Path, real: Otter, paths: list[Path], out: Path
) -> list[float]:
    """Grade the submissions with `otter run` and with our grader; return the points."""
    totals = []
    here = ours(assignment, paths)
    for path, graded, expected in zip(paths, real.run_all(archive, paths, out), here, strict=True):
        assert graded.code == 0, f"{path.name}\n{graded.said}"
        assert comparable(graded.results) == comparable(expected), path.name
        totals.append(sum(graded.points.values()))
        assert f"Total Score: {totals[-1]:.3f} / 100.000" in graded.said
    return totals


def test_the_real_otter_gives_what_we_give(packed: Path, real: Otter, tmp_path: Path) -> None:
    hw1 = assignments.find(ROOT, HW1)
    wrong = samples.wrong_files(hw1)
    samples_of = {
        ".py": samples.reference_files(hw1),
        ".ipynb": samples.stub_files(hw1),
        ".zip": wrong[sorted(wrong)[0]],
    }
    paths = [as_handed_in(files, form, tmp_path / "optim") for form, files in samples_of.items()]

    totals = assert_otter_says_what_we_say(hw1, packed, real, paths, tmp_path / "out")

    assert totals[:2] == [pytest.approx(100), 0]
    assert 0 < totals[2] < 100
    shown = (tmp_path / "out" / "2" / "results.json").read_text(encoding="utf-8")
    assert all(f"\\n    {label}" in shown for label in ("called", "problem", "likely"))


def test_the_zip_is_otters_own_with_the_engine_beside_it(
    packed: Path, real: Otter, tmp_path: Path
) -> None:
    hw1 = assignments.find(ROOT, HW1)
    again = pack(hw1, real, tmp_path)

    assert again.read_bytes() == packed.read_bytes()
    with zipfile.ZipFile(packed) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    tests = {name for name in files if name.startswith("tests/")}
    assert tests == {f"tests/{question.id}.py" for question in hw1.questions}
    assert json.loads(files["otter_config.json"]) == {"plugins": [{NAME: {"seconds": 360.0}}]}
    assert not any(name.startswith("files/") for name in files), "they go to the student's folder"
    assert "otter-grader[grading" in files["environment.yml"]
    assert "numpy==" in files["environment.yml"]
    assert "pytest==" in files["environment.yml"]
    assert files["setup.sh"].endswith("chmod o+x /root\n")
    assert "run_otter.py" in files["run_autograder"]
    assert {"secret", "BUNDLE.json", f"solutions/{HW1}/optim.py"} <= files.keys()


@pytest.mark.full
def test_a_class_of_30_gets_from_otter_what_it_gets_here(
    packed: Path, real: Otter, tmp_path: Path
) -> None:
    hw1 = assignments.find(ROOT, HW1)
    stub = samples.stub_files(hw1)
    handed_in = [*samples.variant_files(hw1).values(), *samples.wrong_files(hw1).values()][:27]
    handed_in += [
        {"optim.py": f"{stub['optim.py']}\n{line}\n"}
        for line in ("def gd_step(theta", "import os; os._exit(0)", "while True: pass")
    ]
    forms = (".py", ".ipynb", ".zip")
    paths = [
        as_handed_in(files, forms[number % 3], tmp_path / f"student{number}" / "optim")
        for number, files in enumerate(handed_in)
    ]

    totals = assert_otter_says_what_we_say(hw1, packed, real, paths, tmp_path / "out")

    assert len(totals) == 30
    assert len(set(totals)) > 10


@pytest.mark.full
@pytest.mark.parametrize("homework", [HW1, HW2, "hw3_autograd"])
def test_every_homework_is_graded_from_its_notebook(
    real: Otter, tmp_path: Path, homework: str
) -> None:
    found = assignments.find(ROOT, homework)
    archive = pack(found, real, tmp_path / "dist")
    files = {"reference": samples.reference_files(found), "stub": samples.stub_files(found)}
    paths = [as_handed_in(each, ".ipynb", tmp_path / name) for name, each in files.items()]
    # its libraries are installed here, and perhaps not beside Otter
    otter_here = replace(real, environment={**real.environment, PYTHON: sys.executable})

    with zipfile.ZipFile(archive) as opened:
        environment = opened.read("environment.yml").decode()
    assert ("torch==" in environment) == ("torch" in found.libraries)
    totals = assert_otter_says_what_we_say(found, archive, otter_here, paths, tmp_path / "out")

    assert totals == [pytest.approx(100), 0]


@pytest.mark.full
def test_hidden_checks_are_shown_when_our_assignment_says(
    toy: Assignment, make_assignment: MakeAssignment, real: Otter, tmp_path: Path
) -> None:
    toml = (toy.public / "assignment.toml").read_text(encoding="utf-8")
    delayed = toml.replace("points = 60", 'points = 60\nfeedback = "after_due_date"')
    changed = make_assignment({"assignments/hw0_toy/assignment.toml": delayed})
    path = as_handed_in(samples.stub_files(changed), ".py", tmp_path / "toy")
    archive = pack(changed, real, tmp_path / "dist")

    assert_otter_says_what_we_say(changed, archive, real, [path], tmp_path / "out")

    results = json.loads((tmp_path / "out/0/results.json").read_text("utf-8"))
    assert [(test["name"], test["visibility"]) for test in results["tests"]] == [
        ("add", "after_due_date"),
        ("add: public checks", "visible"),
        ("walk", "visible"),
    ]


@pytest.mark.full
@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"layers.py": "", "mlp.py": ""}, "More than one Python file found in submission"),
        ({"a.ipynb": "{}", "b.ipynb": "{}"}, "More than one .ipynb file found in submission"),
        ({"my homework/optim.py": ""}, "No gradable files found in submission"),
        ({"optim.ipynb": "<html>"}, "NotJSONError"),
    ],
)
def test_what_otter_refuses_before_it_asks_a_plugin_has_no_score(
    packed: Path, real: Otter, tmp_path: Path, files: Files, reason: str
) -> None:
    graded = real.run(packed, as_handed_in(files, ".zip", tmp_path / "x"), tmp_path / "out")

    assert (graded.code, graded.results) == (1, None)
    assert reason in graded.said


@pytest.mark.full
def test_a_bundle_that_cannot_grade_leaves_no_score(
    packed: Path, real: Otter, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(packed) as archive, zipfile.ZipFile(broken, "w") as without:
        for name in archive.namelist():
            if not name.endswith("hidden_tests/test_adam_step.py"):
                without.writestr(name, archive.read(name))
    path = as_handed_in(samples.stub_files(assignments.find(ROOT, HW1)), ".py", tmp_path / "optim")

    graded = real.run(broken, path, tmp_path / "out")

    assert (graded.code, graded.results) == (1, None)
    assert "not graded: the grader itself failed (exit code 3)" in graded.said


@pytest.mark.full
def test_otters_image_finds_the_plugin_in_the_bundle(
    packed: Path, real: Otter, tmp_path: Path
) -> None:
    """On Gradescope nothing is installed but Otter; run_otter.py lies at the bundle's root."""
    hw1 = assignments.find(ROOT, HW1)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "source")
    run_otter = tmp_path / "source" / "run_otter.py"
    script = run_otter.read_text(encoding="utf-8")
    run_otter.write_text(script.replace('"/autograder"', repr(str(tmp_path))), encoding="utf-8")
    (tmp_path / "submission").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "submission_metadata.json").write_text("{}", encoding="utf-8")
    path = as_handed_in(samples.reference_files(hw1), ".py", tmp_path / "submission" / "optim")
    (expected,) = ours(hw1, [path])
    (tmp_path / "submission" / "autograder").mkdir()
    (tmp_path / "submission" / "autograder" / "__init__.py").write_text("1/0", encoding="utf-8")

    done = subprocess.run(
        [Path(real.command).with_name("python"), run_otter],
        env={key: value for key, value in real.environment.items() if key != "PYTHONPATH"},
        cwd=tmp_path / "submission",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))
    assert results["tests"] == expected["tests"]
    assert results["score"] == 100
