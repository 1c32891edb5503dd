"""Folders and zips are listed without trusting them: no link, no path out, no bomb, no crash."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from autograder import unpack
from autograder.assignment import Assignment, Limits, Question
from autograder.errors import SubmissionError
from autograder.intake import Submission, read_submission

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


# --- what is no file ----------------------------------------------------------------------------


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_bytes(b"SECRET = 1\n")
    path = folder(tmp_path, {})
    (path / "optim.py").symlink_to(tmp_path / "secret.py")

    text = refusal(path)

    assert "'optim.py' is a link to another place, and links are not followed." in text
    assert "SECRET" not in text


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "optim.py").write_bytes(GOOD)
    path = folder(tmp_path, {})
    (path / "src").symlink_to(tmp_path / "private")

    assert "optim.py is missing" in refusal(path)


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("optim.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr(link, "/autograder/source/solutions/hw1_optimizers/optim.py")

    assert "'optim.py' is a link to another place" in refusal(tmp_path / "ada.zip")


def test_a_folder_with_the_files_name_is_said(tmp_path: Path) -> None:
    text = refusal(folder(tmp_path, {"optim.py/readme.txt": b""}))

    assert "'optim.py' is a folder, not a file, so it is not optim.py." in text


def test_a_pipe_with_the_files_name_is_said_and_not_waited_for(tmp_path: Path) -> None:
    path = folder(tmp_path, {})
    os.mkfifo(path / "optim.py")

    assert "'optim.py' is a special file, not a file" in refusal(path)


def test_a_pipe_as_the_submission_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ada.py")

    with pytest.raises(SubmissionError, match=r"'ada\.py' is not a regular file"):
        read(tmp_path / "ada.py")


# --- zips ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../optim.py", "/optim.py", "C:\\work\\optim.py", "a\\..\\..\\optim.py"]
)
def test_a_path_out_of_the_zip_leads_nowhere(tmp_path: Path, name: str) -> None:
    submission = read(zipped(tmp_path, {name: OTHER, "optim.py": GOOD}))

    assert submission.files == {"optim.py": GOOD}
    assert said(submission) == f"The zip names a place outside of itself, '{name}': ignored."
    assert list(tmp_path.iterdir()) == [tmp_path / "ada.zip"]


def test_backslashes_in_a_zip_separate_folders(tmp_path: Path) -> None:
    submission = read(zipped(tmp_path, {"hw1\\optim.py": GOOD}))

    assert "optim.py was found in the folder 'hw1'" in said(submission)


def test_of_two_members_with_one_name_the_last_counts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("optim.py", OTHER)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("optim.py", GOOD)

    submission = read(tmp_path / "ada.zip")

    assert submission.files == {"optim.py": GOOD}
    assert said(submission) == "The zip holds 'optim.py' twice: the last one counts."


def test_an_encrypted_zip_is_said(tmp_path: Path) -> None:
    data = bytearray(packed({"optim.py": GOOD}))
    data[6] |= 1  # flag in the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the table of contents
    (tmp_path / "ada.zip").write_bytes(data)

    assert "'optim.py' is encrypted with a password. Make the zip without" in refusal(
        tmp_path / "ada.zip"
    )


def test_an_unusual_compression_is_said(tmp_path: Path) -> None:
    data = bytearray(packed({"optim.py": GOOD}))
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 10, 9)  # Deflate64
    (tmp_path / "ada.zip").write_bytes(data)

    assert "compressed in a way that cannot be read here (method 9)" in refusal(
        tmp_path / "ada.zip"
    )


def test_half_a_zip_is_said(tmp_path: Path) -> None:
    data = packed({"optim.py": GOOD * 20})
    (tmp_path / "ada.zip").write_bytes(data[: len(data) // 2])

    with pytest.raises(SubmissionError, match=r"'ada\.zip' cannot be opened: .* damaged"):
        read(tmp_path / "ada.zip")


def test_a_damaged_member_is_said(tmp_path: Path) -> None:
    data = bytearray(packed({"optim.py": GOOD, "b.txt": b""}))
    data[45:50] = b"\xff" * 5
    (tmp_path / "ada.zip").write_bytes(data)

    assert "'optim.py' is damaged inside the zip. Make the zip again." in refusal(
        tmp_path / "ada.zip"
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ada.zip", b"", r"'ada\.zip' is empty \(0 bytes\)"),
        ("ada.zip", b"Rar!\x1a\x07\x00", r"'ada\.zip' is a RAR archive"),
        ("ada.zip", b"<!DOCTYPE html>", r"'ada\.zip' is a web page"),
        ("ada.tar.gz", b"\x1f\x8b\x08", r"'ada\.tar\.gz' is a gzip archive"),
        ("ada.txt", b"hello", r"'ada\.txt' is neither a \.zip, a \.py nor a notebook"),
    ],
)
def test_what_is_no_zip_is_called_by_its_name(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(SubmissionError, match=f"{sentence}.*Hand in the files themselves"):
        read(tmp_path / name)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    text = refusal(zipped(tmp_path, {"optim.py": bytes(100 << 20)}))

    assert (
        "optim.py was not graded. 'optim.py' is too large: 100 MB, and a file may have 64 KB"
        in (text)
    )


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    data = bytearray(packed({"optim.py": bytes(20 << 20)}))
    for header, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(header) + offset, 100)
    (tmp_path / "ada.zip").write_bytes(data)

    assert "'optim.py' is damaged inside the zip" in refusal(tmp_path / "ada.zip")


def test_a_bomb_of_zips_is_opened_within_a_budget(tmp_path: Path) -> None:
    bombs = {f"{number}.zip": bytes(20 << 20) for number in range(3)}

    assert "'1.zip' was not opened: too much to unpack." in refusal(zipped(tmp_path, bombs))


def test_a_zip_with_too_many_members_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "MAX_ENTRIES", 10)

    with pytest.raises(SubmissionError, match="More than 10 files and folders"):
        read(zipped(tmp_path, {f"{number}.txt": b"" for number in range(11)}))


def test_a_folder_with_too_many_files_is_read_from_the_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "MAX_ENTRIES", 10)
    many = {f"data/{number}.txt": b"" for number in range(20)}

    submission = read(folder(tmp_path, {"optim.py": GOOD, **many}))

    assert submission.files == {"optim.py": GOOD}
    assert "More than 10 files and folders, and only so many are looked at." in said(submission)


def test_names_longer_than_any_file_system_has_cost_no_time(tmp_path: Path) -> None:
    name = "_" * 60_000 + "optim.py"

    submission = read(zipped(tmp_path, {"optim.py": GOOD, name: OTHER}))

    assert submission.files == {"optim.py": GOOD}
    assert len(said(submission)) < 120


def test_a_zip_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "MAX_ZIP_BYTES", 100)

    with pytest.raises(SubmissionError, match=r"'ada\.zip' is too large: .* bytes, and a zip may"):
        read(zipped(tmp_path, {"optim.py": GOOD}))
