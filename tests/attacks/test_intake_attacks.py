"""What a student hands in is read by name, as regular files, and within limits; nothing else is."""

from __future__ import annotations

import io
import os
import stat
import time
import zipfile

import pytest

from autograder import syntax, unpack
from autograder.batch import Failure, grade_all
from autograder.errors import SubmissionError
from autograder.intake import read_submission

MARK = "import pathlib; pathlib.Path({path!r}).write_text('ran')\n"
SHADOWS = [
    *("conftest.py", "pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "sitecustomize.py"),
    *("usercustomize.py", "test_add.py", "numpy.py", "random.py", "json.py", "reference.py"),
    *("reference/__init__.py", "numpy/__init__.py", "toy/__init__.py", "tests/test_add.py"),
    *("student_kit/checks.py", "autograder/scoring.py", "hidden_tests/test_add.py"),
    *("pytest/__init__.py", "x.pth", "__pycache__/toy.cpython-311.pyc", "toy.so", "numpy.so"),
]


@pytest.fixture
def burglary(tmp_path, toy):
    """Return (folder of a submission, file that must not come to be)."""
    folder = tmp_path / "burglar"
    folder.mkdir()
    (folder / "toy.py").write_bytes((toy.private / "toy.py").read_bytes())
    return folder, tmp_path / "ran"


def packed(members):
    """Return a zip of (name, content) pairs, or of ready-made members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def link(name, target):
    """Return a zip member that is a symbolic link."""
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member, target


def read(tmp_path, members, assignment, **options):
    path = tmp_path / "burglar.zip"
    path.write_bytes(members if isinstance(members, bytes) else packed(members))
    return read_submission(path, assignment, **options)


def test_files_that_pytest_and_python_look_for_are_never_run(burglary, toy, monkeypatch):
    folder, ran = burglary
    for name in SHADOWS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(MARK.format(path=str(ran)), encoding="utf-8")
    monkeypatch.chdir(folder)
    submission = read_submission(folder, toy)
    (grade,) = grade_all(toy, [submission])
    assert not isinstance(grade, Failure)
    assert grade.points == 100
    assert list(submission.files) == ["toy.py"]
    assert not ran.exists()
    assert any("ignored" in notice for notice in submission.notices)


def test_a_wrong_answer_is_not_helped_by_them(burglary, toy, monkeypatch):
    folder, _ = burglary
    (folder / "toy.py").write_text("import numpy as np\ndef add(a, b): return np.zeros(3)\n")
    hook = "import pytest\n@pytest.hookimpl\ndef pytest_runtest_makereport(): 1 / 0\n"
    (folder / "conftest.py").write_text(hook, encoding="utf-8")
    (folder / "numpy.py").write_text("allclose = lambda *a: True\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    (grade,) = grade_all(toy, [read_submission(folder, toy)])
    assert not isinstance(grade, Failure)
    assert grade.points == 0


@pytest.mark.parametrize("target", ["/etc/passwd", "secret.txt", "../secret.txt", "loop/toy.py"])
def test_links_in_a_folder_are_not_followed(burglary, toy, target):
    folder, _ = burglary
    secret = "CANARY = 'CANARY-0123456789abcdef'\n"
    for place in (folder, folder.parent):
        (place / "secret.txt").write_text(secret, encoding="utf-8")
    (folder / "toy.py").unlink()
    (folder / "toy.py").symlink_to(target)
    with pytest.raises(SubmissionError) as caught:
        read_submission(folder, toy)
    assert "CANARY-" not in str(caught.value)
    assert "link" in str(caught.value)


def test_a_folder_that_is_a_link_is_not_entered(burglary, toy):
    folder, _ = burglary
    (folder / "toy.py").unlink()
    (folder / "hw").symlink_to(toy.private, target_is_directory=True)
    with pytest.raises(SubmissionError):
        read_submission(folder, toy)


def test_special_files_are_not_opened(burglary, toy):
    folder, _ = burglary
    (folder / "toy.py").unlink()
    os.mkfifo(folder / "toy.py")
    started = time.monotonic()
    with pytest.raises(SubmissionError, match="special file"):
        read_submission(folder, toy)
    assert time.monotonic() - started < 2


def test_a_file_that_became_a_link_after_it_was_listed_is_not_followed(burglary):
    folder, _ = burglary
    (entry,) = unpack.list_folder(folder).entries
    (folder / "toy.py").unlink()
    (folder / "toy.py").symlink_to("/etc/passwd")
    with pytest.raises(Exception, match=r"toy\.py"):
        entry.read(1 << 20)


@pytest.mark.parametrize(
    "name",
    [
        *("../toy.py", "/toy.py", "a/../../toy.py", "..\\toy.py", "C:\\toy.py", "C:toy.py"),
        *("./../toy.py", "x/../toy.py", "//host/toy.py", "\\\\host\\toy.py"),
    ],
)
def test_names_that_leave_the_zip_lead_nowhere(tmp_path, toy, name):
    inside = tmp_path / "in/side"
    inside.mkdir(parents=True)
    with pytest.raises(SubmissionError):
        read(inside, [(name, "def add(a, b): return 1\n")], toy)
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "side", "burglar.zip"]


def test_links_in_a_zip_are_not_followed(tmp_path, toy):
    with pytest.raises(SubmissionError, match="link"):
        read(tmp_path, [link("toy.py", "/etc/passwd")], toy)
    with pytest.raises(SubmissionError):
        read(tmp_path, [link("hw", str(toy.private)), ("hw/notes.txt", "x")], toy)


@pytest.mark.parametrize(
    "name",
    [
        *("toy.py\n", "toy.py ", "toy.py.", " toy.py", "-rf", "toy.py\0.txt", "toy\u200b.py"),
        *("t\u043ey.py", "toy\uff0epy", "toy.py/", "toy.py\\", "to\u202eyp.y", "\x1b[2Jtoy.py"),
    ],
)
def test_names_that_look_alike_are_shown_escaped(tmp_path, toy, name):
    try:
        submission = read(tmp_path, [(name, "def add(a, b): return a\n"), ("x.py", "1\n")], toy)
    except SubmissionError as error:
        said = str(error)
    else:
        # zipfile itself cuts names at NUL and rewrites "\"; what is taken is the exact name
        assert name.startswith(("toy.py\0", "toy.py\\")) or submission.notices
        said = "\n".join(submission.notices)
    assert all(char.isprintable() or char == "\n" for char in said)


def test_a_name_that_is_there_twice_is_read_once(tmp_path, toy):
    first, last = b"def add(a, b): return 1\n", b"def add(a, b): return 2\n"
    with pytest.warns(UserWarning, match="Duplicate"):
        data = packed([("toy.py", first), ("toy.py", last)])
    submission = read(tmp_path, data, toy)
    assert submission.files == {"toy.py": last}
    assert any("twice" in notice for notice in submission.notices)


def test_a_bomb_is_not_unpacked(tmp_path, toy):
    started = time.monotonic()
    with pytest.raises(SubmissionError, match="too large"):
        read(tmp_path, [("toy.py", bytes(64 << 20))], toy)
    assert time.monotonic() - started < 5


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_further(tmp_path, toy):
    data = bytearray(packed([("toy.py", bytes(8 << 20))]))
    small = (1_000).to_bytes(4, "little")
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = small
    data[22:26] = small
    with pytest.raises(SubmissionError):
        read(tmp_path, bytes(data), toy)


def test_zips_in_zips_in_zips_are_not_followed_down(tmp_path, toy):
    data = packed([("toy.py", b"def add(a, b): return 1\n")])
    for _ in range(50):
        data = packed([("inner.zip", data)])
    with pytest.raises(SubmissionError):
        read(tmp_path, data, toy)


def test_a_zip_of_very_many_names_is_refused_in_little_time(tmp_path, toy):
    data = packed([(f"{n}", b"") for n in range(unpack.MAX_ENTRIES + 1)])
    started = time.monotonic()
    with pytest.raises(SubmissionError, match="files and folders"):
        read(tmp_path, data, toy)
    assert time.monotonic() - started < 5


HOSTILE_SOURCES = {
    "parentheses": b"(" * 200_000,
    "one long line": b"x = " + b"1 + " * 100_000 + b"1\n",
    "deep nesting": b"".join(b" " * n + b"if 1:\n" for n in range(400)),
    "minus signs": b"x = " + b"-" * 100_000 + b"1\n",
    "huge number": b"x = " + b"9" * 400_000 + b"\n",
    "huge power": b"x = 2 ** 2 ** 2 ** 60\n",
    "many strings": b"x = 'a' * 10 ** 9 * 10 ** 9\n",
    "f-strings": b"x = " + b"f'{" * 200 + b"1" + b"}'" * 200 + b"\n",
    "encoding": b"# coding: zlib_codec\n" + bytes(1000),
    "unknown encoding": b"# coding: no_such_codec\n",
    "form feeds": b"\x0c\x1b[2J\x9b" * 10_000,
    "only newlines": b"\n" * 500_000 + b"(",
    "walrus": b"[" * 90 + b"x := 1" + b"]" * 90,
}


@pytest.mark.parametrize("what", HOSTILE_SOURCES)
def test_a_hostile_source_is_read_apart_and_in_time(what):
    started = time.monotonic()
    source = HOSTILE_SOURCES[what]
    notice = syntax.not_text("toy.py", source) or syntax.not_python("toy.py", source)
    assert time.monotonic() - started < syntax.DEADLINE + 5
    assert len(notice) < 2_000
    assert all(char.isprintable() or char == "\n" for char in notice)


def test_hostile_sources_that_reach_a_worker_cost_their_points_and_nothing_else(toy):
    from autograder.intake import Submission

    submissions = [
        Submission(name=what, files={"toy.py": source})
        for what, source in HOSTILE_SOURCES.items()
        if what in ("parentheses", "minus signs", "encoding", "only newlines", "huge power")
    ]
    for grade in grade_all(toy, submissions, jobs=2):
        assert not isinstance(grade, Failure), grade.reason
        assert grade.points == 0
