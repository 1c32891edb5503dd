"""Whatever a student hands in is read into memory, or the student is told in a sentence why not."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import Assignment, Limits, Question
from autograder.errors import GraderError, SubmissionError, UsageError
from autograder.intake import Submission, discover, read_submission, unique_names

pytestmark = pytest.mark.portable

GOOD = b"def gd_step(theta, grad, state, *, lr):\n    return theta - lr * grad, state\n"
OTHER = b"def mlp(x):\n    return x\n"


def assignment(*files: str) -> Assignment:
    """Return an assignment that asks for these files; nothing of it is on disk."""
    return Assignment(
        id="hw0_tiny",
        title="Homework 0",
        files=files or ("optim.py",),
        libraries=("numpy",),
        limits=Limits(file_kb=64),
        questions=(Question(id="gd_step", points=100, file=(files or ("optim.py",))[0]),),
        public=Path("/nowhere/assignments/hw0_tiny"),
        private=Path("/nowhere/solutions/hw0_tiny"),
    )


def folder(root: Path, files: dict[str, bytes]) -> Path:
    """Write a submission as a folder."""
    root = root / "ada"
    root.mkdir()
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def packed(files: dict[str, bytes]) -> bytes:
    """Return a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def zipped(root: Path, files: dict[str, bytes]) -> Path:
    """Write a submission as a zip file."""
    path = root / "ada.zip"
    path.write_bytes(packed(files))
    return path


def read(path: Path, *files: str) -> Submission:
    """Read a submission of the assignment that asks for these files."""
    return read_submission(path, assignment(*files))


def said(submission: Submission) -> str:
    """Return all notices as one text."""
    return "\n".join(submission.notices)


def refusal(path: Path, *files: str) -> str:
    """Return what is said of a submission that holds nothing to grade."""
    with pytest.raises(SubmissionError, match="There is nothing to grade") as caught:
        read(path, *files)
    return str(caught.value)


# --- as it should be -----------------------------------------------------------------------------


def test_a_folder_with_the_file_is_read_without_a_word(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"optim.py": GOOD}))

    assert submission == Submission(name="ada", files={"optim.py": GOOD}, notices=())


def test_a_zip_with_the_file_is_read_without_a_word(tmp_path: Path) -> None:
    submission = read(zipped(tmp_path, {"optim.py": GOOD}))

    assert submission == Submission(name="ada", files={"optim.py": GOOD}, notices=())


def test_a_single_file_with_the_right_name_is_read_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "optim.py").write_bytes(GOOD)

    submission = read(tmp_path / "optim.py")

    assert submission == Submission(name="optim", files={"optim.py": GOOD}, notices=())


def test_a_single_file_may_carry_the_students_name(tmp_path: Path) -> None:
    (tmp_path / "lovelace_ada.py").write_bytes(GOOD)

    submission = read(tmp_path / "lovelace_ada.py")

    assert (submission.name, submission.files) == ("lovelace_ada", {"optim.py": GOOD})
    assert said(submission) == "'lovelace_ada.py' was graded as optim.py."


def test_a_single_file_is_not_taken_for_one_of_two(tmp_path: Path) -> None:
    (tmp_path / "lovelace_ada.py").write_bytes(GOOD)

    text = refusal(tmp_path / "lovelace_ada.py", "conv.py", "mlp.py")

    assert "conv.py is missing" in text
    assert "mlp.py is missing" in text


def test_the_whole_template_may_be_handed_in(tmp_path: Path) -> None:
    template = ["check.py", "README.md", "tests/test_gd_step.py", "student_kit/checks.py"]
    template += ["look.py", "figures/one_position.svg"]
    files = {"optim.py": GOOD, ".hidden": b"", "__pycache__/optim.pyc": b""}

    submission = read(folder(tmp_path, files | dict.fromkeys(template, b"x = 1\n")))

    assert submission.notices == ()


def test_the_homeworks_own_programs_may_be_handed_in_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "look_networks.py").write_bytes(b"x = 1\n")
    found = replace(assignment(), public=tmp_path / "public")
    files = {"optim.py": GOOD, "look_networks.py": b"x = 1\n", "look_elsewhere.py": b"x = 1\n"}

    submission = read_submission(folder(tmp_path, files), found)

    assert submission.notices == ("Only optim.py is graded; ignored: 'look_elsewhere.py'.",)


def test_what_is_changed_on_disk_after_reading_changes_nothing(tmp_path: Path) -> None:
    path = folder(tmp_path, {"optim.py": GOOD})
    submission = read(path)

    (path / "optim.py").write_bytes(b"import os\n")

    assert submission.files["optim.py"] == GOOD


# --- places -------------------------------------------------------------------------------------


def test_a_file_in_the_single_top_folder_is_found_and_said(tmp_path: Path) -> None:
    submission = read(zipped(tmp_path, {"hw1_final/optim.py": GOOD, "__MACOSX/._optim.py": b""}))

    assert submission.files == {"optim.py": GOOD}
    assert said(submission) == (
        "optim.py was found in the folder 'hw1_final'; it belongs at the top of what you hand in."
    )


def test_a_file_anywhere_is_found_if_its_name_is_unique(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"week 2/code/optim.py": GOOD, "week 1/a.txt": b""}))

    assert submission.files == {"optim.py": GOOD}
    assert "found in the folder 'week 2/code'" in said(submission)


def test_the_file_at_the_root_wins_over_the_others(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"optim.py": GOOD, "old/optim.py": OTHER}))

    assert submission.files == {"optim.py": GOOD}
    assert said(submission) == (
        "optim.py is there more than once: 'optim.py' was graded, 'old/optim.py' not."
    )


def test_of_two_files_below_the_root_none_is_taken(tmp_path: Path) -> None:
    text = refusal(folder(tmp_path, {"new/optim.py": GOOD, "old/optim.py": OTHER}))

    assert "not clear which one counts: 'new/optim.py', 'old/optim.py'. Hand in one." in text


def test_a_zip_in_the_zip_is_opened(tmp_path: Path) -> None:
    inner = packed({"hw1/optim.py": GOOD})

    submission = read(zipped(tmp_path, {"hw1.zip": inner}))

    assert submission.files == {"optim.py": GOOD}
    assert "found in the folder 'hw1.zip/hw1'" in said(submission)


def test_a_zip_in_the_folder_is_opened(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"hw1.zip": packed({"optim.py": GOOD})}))

    assert submission.files == {"optim.py": GOOD}
    assert "found in the zip file 'hw1.zip'" in said(submission)


def test_a_zip_is_not_opened_when_nothing_is_missing(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"optim.py": GOOD, "backup.zip": b"PK broken"}))

    assert said(submission) == "Only optim.py is graded; ignored: 'backup.zip'."


def test_a_zip_three_deep_is_not_opened(tmp_path: Path) -> None:
    deep = packed({"c.zip": packed({"optim.py": GOOD})})

    assert "optim.py is missing" in refusal(zipped(tmp_path, {"b.zip": deep}))


def test_a_missing_file_costs_its_questions_only(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"conv.py": GOOD, "notes.txt": b""}), "conv.py", "mlp.py")

    assert submission.files == {"conv.py": GOOD}
    assert "mlp.py is missing, so its questions get no points. Found: 'notes.txt'." in said(
        submission
    )


def test_files_that_nobody_asked_for_are_named_and_ignored(tmp_path: Path) -> None:
    extra = {f"plot{number}.png": b"" for number in range(6)}

    submission = read(folder(tmp_path, {"optim.py": GOOD, **extra}))

    assert said(submission) == (
        "Only optim.py is graded; ignored: 'plot0.png', 'plot1.png', 'plot2.png', 'plot3.png' "
        "and 2 more."
    )


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "optim (1).py",
        "optim(2).py",
        "optim-1.py",
        "optim-0a1b2c3d-1111-2222-3333-444455556666.py",
        "optim copy.py",
        "optim copy 2.py",
        "optim - Copy.py",
        "optim - Copy (2).py",
        "Optim.py",
        "OPTIM.PY",
        "lovelaceada_4711_815_optim.py",
        "lovelaceada_LATE_4711_815_optim-2.py",
    ],
)
def test_a_decorated_name_is_undone_and_said(tmp_path: Path, name: str) -> None:
    submission = read(folder(tmp_path, {name: GOOD}))

    assert submission.files == {"optim.py": GOOD}
    assert said(submission) == f"'{name}' was graded as optim.py: please name it optim.py."


def test_a_name_that_ends_like_a_decoration_is_left_alone(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"conv-1.py": GOOD}), "conv-1.py")

    assert (submission.files, submission.notices) == ({"conv-1.py": GOOD}, ())


def test_the_exact_name_wins_over_a_decorated_one(tmp_path: Path) -> None:
    submission = read(folder(tmp_path, {"optim.py": GOOD, "optim (1).py": OTHER}))

    assert submission.files == {"optim.py": GOOD}
    assert said(submission) == "Only optim.py is graded; ignored: 'optim (1).py'."


def test_of_two_decorated_names_none_is_taken(tmp_path: Path) -> None:
    text = refusal(folder(tmp_path, {"optim (1).py": GOOD, "optim (2).py": OTHER}))

    assert "more than once, and it is not clear which one counts: 'optim (1).py'" in text


@pytest.mark.parametrize("name", ["optimizers.py", "my_optim_final.py", "optim.py.txt", "hw.py"])
def test_the_only_python_file_is_taken_for_the_only_one_asked_for(
    tmp_path: Path, name: str
) -> None:
    submission = read(folder(tmp_path, {name: GOOD, "check.py": OTHER, "notes.txt": b""}))

    assert submission.files == {"optim.py": GOOD}
    assert f"{name!r} was graded as optim.py: please name it optim.py." in said(submission)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("optimizers.py", "Did you mean 'optimizers.py'? Rename it to optim.py"),
        ("my_optim_final.py", "Did you mean 'my_optim_final.py'? Rename it to optim.py"),
        ("optim.py.txt", "Rename 'optim.py.txt' to optim.py: your computer may hide the ending"),
    ],
)
def test_a_wrong_name_among_others_is_not_taken_but_said(
    tmp_path: Path, name: str, sentence: str
) -> None:
    assert sentence in refusal(folder(tmp_path, {name: GOOD, "essay.py": OTHER}))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("optim", "Rename 'optim' to optim.py: it lacks the ending .py"),
        ("hw1.rar", "'hw1.rar' cannot be opened here: hand in optim.py, or a .zip of it."),
        ("thoughts.txt", "optim.py is missing, so its questions get no points. Found: 'thoughts"),
    ],
)
def test_any_other_wrong_name_is_not_taken_but_said(
    tmp_path: Path, name: str, sentence: str
) -> None:
    assert sentence in refusal(folder(tmp_path, {name: GOOD}))


def test_an_empty_folder_has_nothing_to_grade(tmp_path: Path) -> None:
    assert (
        "optim.py is missing, so its questions get no points. Found: no file by another name."
        in refusal(folder(tmp_path, {}))
    )


def test_a_hostile_name_is_shown_escaped_and_short(tmp_path: Path) -> None:
    name = "\x1b[2J\u202e\n" + "a" * 200 + ".py"

    submission = read(folder(tmp_path, {"optim.py": GOOD, name: b""}))

    assert said(submission).startswith(r"Only optim.py is graded; ignored: '\x1b[2J\u202e\naaa")
    assert len(said(submission)) < 120


def test_a_name_that_is_no_text_is_shown_escaped(tmp_path: Path) -> None:
    path = folder(tmp_path, {"optim.py": GOOD})
    (path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"")

    assert said(read(path)) == r"Only optim.py is graded; ignored: 'caf\udce9.txt'."


# --- contents -----------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_not_graded(tmp_path: Path) -> None:
    submission = read(
        folder(tmp_path, {"conv.py": GOOD, "mlp.py": b"#" * (65 << 10)}), "conv.py", "mlp.py"
    )

    assert submission.files == {"conv.py": GOOD}
    assert (
        "mlp.py was not graded. 'mlp.py' is too large: 65 KB, and a file may have 64 KB."
        in said(submission)
    )


def test_a_file_that_is_empty_or_no_python_stays_so_that_each_question_says_so(
    tmp_path: Path,
) -> None:
    broken, binary = b"def f(x:\n", b"# Gr\xf6\xdfe\n"

    submission = read(
        folder(tmp_path, {"a.py": b"", "b.py": broken, "c.py": binary}), "a.py", "b.py", "c.py"
    )

    assert submission.files == {"a.py": b"", "b.py": broken, "c.py": binary}
    empty, encoding = submission.notices
    assert "a.py is empty" in empty
    assert "c.py is not saved in UTF-8" in encoding


def test_nothing_of_a_submission_runs_while_it_is_read(tmp_path: Path) -> None:
    source = f"open({str(tmp_path / 'ran')!r}, 'w')\nimport optim\n".encode()

    read(folder(tmp_path, {"optim.py": source, "sitecustomize.py": source, "json.py": source}))

    assert not (tmp_path / "ran").exists()


def test_a_submission_that_is_not_there_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="cannot read the submission"):
        read(tmp_path / "nobody")


# --- which submissions there are ----------------------------------------------------------------


def names(*paths: Path) -> list[str]:
    """Return the names of the submissions discovered at these paths."""
    return [path.name for path in discover(paths, assignment())]


def test_a_folder_of_submissions_is_told_from_a_submission(tmp_path: Path) -> None:
    for student in ("ada", "bob"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "optim.py").write_bytes(GOOD)
    (tmp_path / "Carl.zip").write_bytes(packed({"optim.py": GOOD}))
    (tmp_path / "dora.py").write_bytes(GOOD)
    (tmp_path / "emil.ipynb").write_bytes(b"{}")
    for other in ("__MACOSX", ".git", "results"):
        (tmp_path / other).mkdir()
    for other in (".DS_Store", "._dora.py", "labels.json", "grades.csv"):
        (tmp_path / other).write_bytes(b"")

    assert names(tmp_path) == ["ada", "bob", "Carl.zip", "dora.py", "emil.ipynb"]
    assert names(tmp_path / "ada") == ["ada"]
    assert names(tmp_path / "bob", tmp_path) == ["bob", "ada", "Carl.zip", "dora.py", "emil.ipynb"]


def test_results_under_another_name_are_no_submission(tmp_path: Path) -> None:
    for child in ("ada", "bob", "graded"):
        (tmp_path / child).mkdir()
    (tmp_path / "graded" / "grades.csv").write_bytes(b"")

    assert names(tmp_path) == ["ada", "bob"]


@pytest.mark.parametrize("path", ["optim.py", "Optim.py", "optim (1).py", "hw1/optim.py"])
def test_a_folder_with_a_required_file_is_one_submission(tmp_path: Path, path: str) -> None:
    assert names(folder(tmp_path, {path: GOOD, "notes.txt": b""})) == ["ada"]


def test_a_folder_of_files_from_canvas_is_a_class(tmp_path: Path) -> None:
    path = folder(tmp_path, {"lovelace_1_2_optim.py": GOOD, "noether_3_4_hw1.py": GOOD})

    assert names(path) == ["lovelace_1_2_optim.py", "noether_3_4_hw1.py"]


def test_an_export_in_a_folder_of_its_own_is_a_class(tmp_path: Path) -> None:
    path = folder(tmp_path, {f"export/submission_{n}/optim.py": GOOD for n in range(3)})

    assert names(path) == ["submission_0", "submission_1", "submission_2"]


def test_a_folder_in_which_nothing_looks_like_a_submission_is_one(tmp_path: Path) -> None:
    assert names(folder(tmp_path, {"notes.txt": b""})) == ["ada"]


def test_a_path_that_does_not_exist_is_said_to_the_instructor(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no submission '.*nobody': there is no such file"):
        names(tmp_path / "nobody")


def test_names_in_a_batch_differ_in_more_than_case(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("ada.py", "ada.zip", "Ada.py", "a/ada.py")]

    assert unique_names(paths) == ["ada", "ada_zip", "Ada_py", "a_ada"]
    assert len(set(unique_names([tmp_path / "ada.py"] * 5))) == 5
