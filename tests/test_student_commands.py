"""`python check.py` and `python submit.py` as a student runs them, in a folder of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from autograder.assignment import find
from autograder.template import generate
from student_kit import environment, runs

pytestmark = pytest.mark.portable

COURSE = Path(__file__).parent / "data" / "tiny_course"

GOOD = """\
import numpy as np


def double(x):
    return 2 * x


def shift(x, *, by=1.0):
    return x + by


def total(x):
    return float(double(x).sum())
"""
LOOP = "    while True:\n        pass\n"


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tiny assignment's template; a question has 2 * 1 seconds."""
    course = shutil.copytree(COURSE, tmp_path_factory.mktemp("course") / "course")
    toml = course / "assignments" / "hw0_tiny" / "assignment.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("question_seconds = 10", "question_seconds = 1"), encoding="utf-8")
    generate(find(course, "hw0_tiny"), course / "out")
    return course / "out"


@pytest.fixture
def folder(generated: Path, tmp_path: Path) -> Path:
    """Return a student's copy, in a folder whose name is not ASCII."""
    return Path(shutil.copytree(generated, tmp_path / "Übung 1, Ørsted 中"))


def write(folder: Path, source: str) -> None:
    """Save the student's file."""
    (folder / "tiny.py").write_text(source, encoding="utf-8")


def run(
    folder: Path, *command: str, python: tuple[str, ...] = (sys.executable,), **env: str
) -> tuple[int, str]:
    """Run a command of the student's and return its exit code and all that it printed."""
    done = subprocess.run(
        [*python, *command],
        cwd=folder,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=100,
        check=False,
    )
    text = done.stdout.decode(env.get("PYTHONIOENCODING", "utf-8"))
    assert "Traceback" not in text, text
    return done.returncode, text


def words(text: str) -> dict[str, str]:
    """Return question -> result, as the table says."""
    return dict(re.findall(r"^(double|shift|total)  +([a-z ]+?)  +\d+ of \d+ +\d+$", text, re.M))


def test_an_untouched_stub_is_not_started_and_nothing_is_said_about_failures(folder: Path):
    code, text = run(folder, "check.py")
    assert code == 1
    assert words(text) == dict.fromkeys(("double", "shift", "total"), "not started")
    assert "NotImplementedError" not in text
    assert "problem" not in text
    assert text.rstrip().splitlines()[-1] == (
        "4 public checks ran here; the hidden checks run only after you submit, "
        "so all passing here is not yet full marks."
    )


def test_a_correct_file_passes_everything(folder: Path):
    write(folder, GOOD)
    code, text = run(folder, "check.py")
    assert code == 0
    assert words(text) == dict.fromkeys(("double", "shift", "total"), "passed")
    assert re.search(r"^3 questions  3 passed +4 of 4 +100$", text, re.M)


def test_a_failure_says_what_was_called_and_where_the_first_difference_is(folder: Path):
    write(folder, GOOD.replace("return 2 * x", "print('x is', x)\n    return 3 * x"))
    code, text = run(folder, "check.py", "double")
    assert code == 1
    assert words(text) == {"double": "failed"}
    block = text[text.index("* Every entry of the result is twice the entry of x.") :]
    assert re.search(r"called +double\(x=\[ ?1\., -2\., 3\.\]\)", block)
    assert re.search(r"problem +the result has wrong values in 3 of 3 entries", block)
    assert re.search(r"where +first difference at .*\[0\]: expected 2, found 3", block)
    assert re.search(r"printed +x is \[ 1\. -2\.  3\.\]", block)
    assert "1 of 2" in text


def test_a_question_that_uses_a_failing_one_says_where_to_begin(folder: Path):
    write(folder, GOOD.replace("return 2 * x", "return 3 * x"))
    _, text = run(folder, "check.py")
    assert words(text) == {"double": "failed", "shift": "passed", "total": "failed"}
    assert "This question uses double, which does not pass yet: begin there." in text
    assert "python check.py double" in text


def test_an_exception_shows_the_students_own_line(folder: Path):
    write(folder, GOOD.replace("return x + by", "return [x][by > 0][5]"))
    _, text = run(folder, "check.py", "shift")
    assert "tiny.py line 9: return [x][by > 0][5]" in text
    assert "IndexError" in text


def test_an_endless_loop_costs_its_question_and_names_the_line(folder: Path):
    write(folder, GOOD.replace("    return x + by\n", LOOP))
    started = time.monotonic()
    code, text = run(folder, "check.py")
    assert time.monotonic() - started < 60
    assert code == 1
    assert words(text) == {"double": "passed", "shift": "timed out", "total": "passed"}
    assert "no answer within 2 seconds" in text
    assert re.search(r"it was at tiny\.py line (9|10): ", text)
    assert "* Every entry of the result is the entry of x plus `by`." in text


def test_a_process_that_gives_its_own_clock_no_turn_is_ended_from_outside(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runs, "GRACE_SECONDS", 0.5)
    # one long call into C that keeps the interpreter to itself
    write(folder, GOOD.replace("    return x + by\n", "    return sum(range(10**12))\n"))
    homework = runs_homework(folder)
    records = runs.run_questions(homework, ["shift"], runs.Progress(1))
    assert [record.status.value for record in records] == ["timed_out"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import os; os._exit(7)", r"Python itself ended \(exit code 7\)"),
        ("raise SystemExit(0)", "exit"),
        ("import ctypes; ctypes.string_at(0)", "Python itself ended"),
        ("import threading as t; t.Thread(target=t.Event().wait).start(); return x + by", ""),
    ],
)
def test_a_process_that_ends_or_stays_costs_its_question_at_most(
    folder: Path, line: str, said: str
):
    write(folder, GOOD.replace("return x + by", line))
    code, text = run(folder, "check.py")
    assert words(text) == {
        "double": "passed",
        "shift": "failed" if said else "passed",
        "total": "passed",
    }
    assert code == (1 if said else 0)
    assert re.search(said, text)


def test_processes_that_the_students_code_started_do_not_stay_behind(folder: Path):
    mark = folder / "alive"
    child = f"import time, pathlib; time.sleep(4); pathlib.Path({str(mark)!r}).touch()"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
    write(folder, GOOD.replace("    return x + by\n", f"    {start}\n{LOOP}"))
    _, text = run(folder, "check.py", "shift")
    assert words(text) == {"shift": "timed out"}
    time.sleep(3)
    assert not mark.exists()


def test_a_flood_of_printing_is_cut(folder: Path):
    flood = "for _ in range(30_000): print('flood ' * 20)\n    return x"
    write(folder, GOOD.replace("return x + by", flood))
    code, text = run(folder, "check.py")
    assert code == 1
    assert words(text)["shift"] == "failed"
    assert "flood" in text
    assert len(text) < 20_000


def test_a_syntax_error_is_said_once_with_line_and_caret(folder: Path):
    write(folder, GOOD.replace("return x + by", "return (x + by]"))
    code, text = run(folder, "check.py")
    assert code == 1
    lines = text.splitlines()
    assert lines[0] == "Nothing can be checked yet."
    assert lines[2].startswith("tiny.py, line 9: ")
    assert lines[3:5] == ["    return (x + by]", "                  ^"]
    assert text.count("line 9") == 1


def test_a_file_that_cannot_be_imported_is_said_once_for_all_questions(folder: Path):
    write(folder, GOOD.replace("import numpy as np", "import nunpy as np"))
    code, text = run(folder, "check.py")
    assert code == 1
    assert "The same in 3 questions: double, shift, total" in text
    assert text.count("No module named 'nunpy'") == 1


@pytest.mark.parametrize("command", ["check.py", "submit.py"])
def test_a_file_that_is_not_utf8_is_named_with_its_line(folder: Path, command: str):
    (folder / "tiny.py").write_bytes(GOOD.encode() + b"# \xe9\n")
    code, text = run(folder, command)
    assert code == 1
    assert "tiny.py, line 14: not UTF-8 text (byte 0xe9)." in text


@pytest.mark.parametrize(
    ("asked", "meant"), [("doubel", "double"), ("Total", "total"), ("zzz", None)]
)
def test_an_unknown_question_is_answered_with_the_nearest_one(
    folder: Path, asked: str, meant: str | None
):
    code, text = run(folder, "check.py", asked)
    assert code == 2
    assert f"there is no question '{asked}'" in text
    assert ("did you mean" in text) == bool(meant)
    assert f"did you mean '{meant}'?" in text or not meant
    assert "questions: double, shift, total" in text


@pytest.mark.parametrize("command", ["check.py", "submit.py"])
def test_help_shows_an_example(folder: Path, command: str):
    code, text = run(folder, command, "--help")
    assert code == 0
    assert re.search(rf"examples?:\n  python {command}", text)


@pytest.mark.parametrize("command", ["check.py", "submit.py"])
@pytest.mark.parametrize("package", ["numpy", "pytest"])
def test_a_missing_package_is_named_with_the_command_to_type(
    folder: Path, command: str, package: str
):
    hide = f"import sys; sys.modules[{package!r}] = None"
    start = f"{hide}; sys.argv = [{command!r}]; import runpy; runpy.run_path({command!r})"
    code, text = run(folder, "-c", start)
    assert code == 1
    assert text.startswith(f"{package} is missing.\nThis is Python ")
    assert re.search(rf"pip install .*{package}", text)
    assert sys.executable in text


def test_both_packages_missing_are_one_message(folder: Path):
    code, text = run(folder, "check.py", python=(sys.executable, "-S", "-E", "-s"))
    assert code == 1
    assert text.startswith("numpy and pytest are missing.")


def test_a_broken_numpy_is_said_plainly(folder: Path, tmp_path: Path):
    broken = tmp_path / "site" / "numpy"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('DLL load failed')", encoding="utf-8")
    code, text = run(folder, "check.py", PYTHONPATH=str(broken.parent))
    assert code == 1
    assert "numpy is installed, but does not work: ImportError: DLL load failed" in text
    assert re.search(r"pip install --upgrade --force-reinstall .*numpy|-m venv", text)


def test_an_old_pytest_is_said_plainly(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pytest, "__version__", "6.2.5")
    assert "pytest 7 or newer is needed, and this is pytest 6.2" in environment.missing_packages()


@pytest.mark.parametrize("name", ["random.py", "numpy.py"])
def test_a_file_that_hides_a_module_is_named(folder: Path, name: str):
    (folder / name).write_text("", encoding="utf-8")
    code, text = run(folder, "check.py")
    assert code == 1
    assert text.startswith(f"{name} in this folder hides the module '{name[:-3]}'")


@pytest.mark.parametrize("command", ["check.py", "submit.py"])
def test_an_old_python_is_told_which_one_is_needed(folder: Path, command: str):
    start = (
        "import sys; sys.hexversion = 0x030902F0; sys.version_info = (3, 9, 2)\n"
        f"exec(compile(open({command!r}).read(), {command!r}, 'exec'))"
    )
    code, text = run(folder, "-c", start)
    assert code == 1
    assert text.startswith("Python 3.10 or newer is needed, and this is Python 3.9:")


@pytest.mark.parametrize("command", ["check.py", "submit.py"])
def test_a_launcher_is_readable_for_any_python(folder: Path, command: str):
    source = (folder / command).read_text(encoding="ascii")
    # no f-string, annotation, walrus or keyword-only argument before the version is checked
    head = source[: source.index("from student_kit")]
    assert not re.search(r"\bf[\"']|->|:=|: str", head)


def test_letters_that_a_pipe_cannot_take_become_question_marks(folder: Path):
    write(folder, GOOD.replace("return x + by", "print('∇f → 中')\n    return x"))
    code, text = run(folder, "check.py", "shift", PYTHONIOENCODING="cp1252")
    assert code == 1
    assert re.search(r"printed +\?f \? \?", text)
    code, text = run(folder, "submit.py", PYTHONIOENCODING="cp1252")
    assert code == 0


def test_all_of_our_own_words_are_ascii(folder: Path):
    write(folder, GOOD.replace("return x + by", "return x"))
    for command in ("check.py", "submit.py"):
        _, text = run(folder, command, PYTHONIOENCODING="utf-8")
        assert text.replace(str(folder), "").isascii()


def test_no_progress_is_drawn_where_there_is_no_terminal(folder: Path):
    _, text = run(folder, "check.py")
    assert "\r" not in text.replace("\r\n", "\n")
    assert "questions, 0 s" not in text


def test_progress_is_one_line_that_is_cleared_at_the_end():
    class Terminal:
        """Remembers what is written."""

        def __init__(self) -> None:
            self.written = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.written += text

        def flush(self) -> None:
            pass

    terminal = Terminal()
    progress = runs.Progress(4, terminal)  # type: ignore[arg-type]
    progress.show(1, ["double", "shift"])
    progress.show(2, ["shift"])
    progress.clear()
    assert "[#####...............] 1 of 4 questions, 0 s: double, shift" in terminal.written
    assert "\n" not in terminal.written
    assert not terminal.written.rsplit("\r", 2)[1].strip()


def test_the_commands_work_from_another_folder(folder: Path, tmp_path: Path):
    write(folder, GOOD)
    code, text = run(tmp_path, str(folder / "check.py"), "double")
    assert (code, words(text)) == (0, {"double": "passed"})
    code, _ = run(tmp_path, str(folder / "submit.py"), "--no-check")
    assert code == 0
    assert (folder / "hw0_tiny-submission.zip").is_file()


def test_plain_pytest_runs_the_same_checks(folder: Path):
    write(folder, GOOD.replace("return x + by", "return x"))
    code, text = run(folder, "-m", "pytest", "-p", "no:cacheprovider", "--color=no")
    assert code == 1
    assert re.search(r"1 failed, 3 passed", text)
    assert "wrong values in 2 of 2 entries" in text


def test_a_damaged_folder_is_explained(folder: Path):
    (folder / "assignment.toml").write_text("title = ", encoding="utf-8")
    code, text = run(folder, "check.py")
    assert code == 1
    assert text.startswith("assignment.toml is missing or damaged")


def test_submit_writes_the_files_and_a_manifest(folder: Path):
    write(folder, GOOD.replace("return x + by", "return x"))
    code, text = run(folder, "submit.py")
    assert code == 0
    assert words(text)["shift"] == "failed"
    assert "Unfinished: shift (failed)." in text
    assert "upload hw0_tiny-submission.zip" in text
    path = folder / "hw0_tiny-submission.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["tiny.py", "MANIFEST.json"]
        assert archive.read("tiny.py") == (folder / "tiny.py").read_bytes()
        text = archive.read("MANIFEST.json").decode()
    manifest = json.loads(text)
    assert manifest["assignment"] == "hw0_tiny"
    assert manifest["files"]["tiny.py"]["size"] == (folder / "tiny.py").stat().st_size
    assert re.fullmatch("[0-9a-f]{64}", manifest["files"]["tiny.py"]["sha256"])
    assert manifest["public_checks"]["shift"] == {"result": "failed", "passed": 0, "checks": 1}
    assert set(manifest) == {"assignment", "files", "public_checks", "python", "numpy"}
    assert str(Path.home()) not in text


def test_submitting_the_same_file_again_gives_the_same_bytes(folder: Path):
    write(folder, GOOD)
    path = folder / "hw0_tiny-submission.zip"
    assert run(folder, "submit.py")[0] == 0
    first = path.read_bytes()
    path.unlink()
    assert run(folder, "submit.py")[0] == 0
    assert path.read_bytes() == first


def test_submit_without_checks_says_nothing_of_results(folder: Path):
    write(folder, GOOD)
    code, text = run(folder, "submit.py", "--no-check")
    assert code == 0
    assert words(text) == {}
    with zipfile.ZipFile(folder / "hw0_tiny-submission.zip") as archive:
        assert json.loads(archive.read("MANIFEST.json"))["public_checks"] == {}


@pytest.mark.parametrize(
    "name", ["tiny (1).py", "Tiny.py", "tiny.py.txt", "tiny - Copy.py", "tiny-2.py", "tinyy.py"]
)
def test_a_missing_file_is_named_with_what_was_found_instead(folder: Path, name: str):
    (folder / "tiny.py").rename(folder / "moved")
    (folder / "moved").rename(folder / name)
    if (folder / "tiny.py").is_file():
        pytest.skip("this file system does not tell upper from lower case")
    code, text = run(folder, "submit.py")
    assert code == 1
    assert text.startswith("Nothing was written.")
    assert f"tiny.py is missing. Found instead: '{name}'." in text
    assert not list(folder.glob("*.zip"))


def test_a_file_that_is_nowhere_is_said_to_be_missing(folder: Path):
    (folder / "tiny.py").unlink()
    code, text = run(folder, "submit.py")
    assert code == 1
    assert "tiny.py is missing in " in text
    assert "none of yours" in text


def test_submit_refuses_what_is_not_python(folder: Path):
    write(folder, "def double(x:\n    return x\n")
    code, text = run(folder, "submit.py")
    assert code == 1
    assert "tiny.py, line 1: " in text
    assert not list(folder.glob("*.zip"))


def test_a_second_copy_of_a_file_is_mentioned(folder: Path):
    write(folder, GOOD)
    shutil.copy(folder / "tiny.py", folder / "tiny (1).py")
    code, text = run(folder, "submit.py", "--no-check")
    assert code == 0
    assert "Note: tiny.py was packed, and not tiny (1).py." in text


def runs_homework(folder: Path) -> runs.Homework:
    """Return the facts of a student's folder."""
    from student_kit import homework

    return homework.read(folder, "hw0_tiny")
