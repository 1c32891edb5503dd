"""A class for the demonstration has every kind of submission, each as students hand it in."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import assignment as assignments
from autograder import oddities
from autograder.assignment import Assignment
from autograder.demo import LABELS, make_class
from autograder.errors import SubmissionError, UsageError
from autograder.intake import Submission, discover, read_submission
from autograder.samples import reference_files, stub_files

COURSE = Path(__file__).parent / "data" / "tiny_course"
UNREADABLE = {"missing file", "damaged zip"}
ODD = UNREADABLE | {
    "notebook",
    "wrong file name",
    "double ending",
    "infinite loop",
    "os._exit",
    "huge print",
    "exception",
    "NaN",
    "wrong shapes",
    "float32 results",
    "syntax error",
    "Python 2",
    "non-UTF-8 source",
    "BOM and Windows line ends",
    "empty file",
    "second download",
    "extra folder level",
    "zip in zip",
}
SOURCE = '''\
import numpy as np


def half(x, *, deep=None):
    """Return x / 2."""

    def inner(y):
        return y / 2.0

    if deep is None:
        return inner(x)
    return inner(x), {
        "half": deep,
    }


def other(x):
    return x
'''


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """An assignment of three questions."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(COURSE, root, dirs_exist_ok=True)
    return assignments.find(root, "hw0_tiny")


@pytest.fixture(scope="module")
def course(tiny: Assignment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 44 on disk."""
    out = tmp_path_factory.mktemp("demo") / "class"
    make_class(tiny, out, seed=7)
    return out


@pytest.fixture(scope="module")
def labels(course: Path) -> dict[str, Any]:
    """What each submission really is."""
    return dict(json.loads((course / LABELS).read_text(encoding="utf-8"))["submissions"])


def of_kind(labels: dict[str, Any], kind: str) -> list[str]:
    """Return the names of the submissions of one kind."""
    return [name for name, label in labels.items() if label["kind"] == kind]


def the_one(course: Path, labels: dict[str, Any], kind: str, tiny: Assignment) -> Submission:
    """Read the only submission of a kind."""
    (name,) = of_kind(labels, kind)
    return read_submission(course / name, tiny)


def test_a_class_has_every_kind(labels: dict[str, Any]) -> None:
    kinds = {label["kind"] for label in labels.values()}

    assert len(labels) == 44
    assert kinds == ODD | {"reference", "stub", "variant tiny_loops", "unfinished", "mistakes"}


def test_the_class_is_discovered_whole_and_without_its_labels(
    course: Path, labels: dict[str, Any], tiny: Assignment
) -> None:
    found = discover([course], tiny)

    assert sorted(path.name for path in found) == sorted(labels)
    assert {path.suffix for path in found} == {"", ".zip", ".py"}
    assert not any(path.name == LABELS for path in course.rglob("*") if path.parent != course)


def test_only_those_with_nothing_in_them_cannot_be_read(
    course: Path, labels: dict[str, Any], tiny: Assignment
) -> None:
    refused = set()
    for name, label in labels.items():
        try:
            read_submission(course / name, tiny)
        except SubmissionError:
            refused.add(label["kind"])

    assert refused == UNREADABLE


def test_the_same_seed_makes_the_same_class(
    course: Path, labels: dict[str, Any], tiny: Assignment, tmp_path: Path
) -> None:
    assert make_class(tiny, tmp_path / "again", seed=7) == sorted(labels)
    for path in course.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(course)).read_bytes()


def test_another_seed_makes_another_class(
    labels: dict[str, Any], tiny: Assignment, tmp_path: Path
) -> None:
    assert make_class(tiny, tmp_path / "other", seed=8) != sorted(labels)


def test_a_class_replaces_a_class_but_nothing_else(tiny: Assignment, tmp_path: Path) -> None:
    make_class(tiny, tmp_path / "class", count=40)
    make_class(tiny, tmp_path / "class", count=42)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("")

    assert len(discover([tmp_path / "class"], tiny)) == 42
    with pytest.raises(UsageError, match="home exists and is no class that was made here"):
        make_class(tiny, tmp_path / "home")
    assert (tmp_path / "home" / "thesis.tex").exists()


def test_a_class_too_small_for_all_kinds_is_refused(tiny: Assignment, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a class of 20 has no room for all kinds: --count \d\d"):
        make_class(tiny, tmp_path / "class", count=20)


def test_mistakes_are_made_and_labelled(
    course: Path, labels: dict[str, Any], tiny: Assignment
) -> None:
    names = of_kind(labels, "mistakes")

    assert len(names) >= 12
    for name in names:
        assert labels[name]["mistakes"] == ["double-is-square"]
        assert labels[name]["questions"] == ["double"]
        source = read_submission(course / name, tiny).files["tiny.py"]
        assert b"doubled **= secret_factor" in source


def test_students_hand_in_no_marks_of_the_reference(course: Path) -> None:
    for path in course.rglob("*.py"):
        assert b"SOLUTION" not in path.read_bytes()


def test_the_reference_and_the_stub_are_what_they_say(
    course: Path, labels: dict[str, Any], tiny: Assignment
) -> None:
    reference = reference_files(tiny)["tiny.py"].decode().split("\n")
    plain = "\n".join(line for line in reference if "SOLUTION" not in line and line != "# GIVEN")

    assert the_one(course, labels, "stub", tiny).files == stub_files(tiny)
    assert the_one(course, labels, "reference", tiny).files == {"tiny.py": plain.encode()}


def test_unfinished_ones_have_stubs_where_the_label_says(
    course: Path, labels: dict[str, Any], tiny: Assignment
) -> None:
    for name in of_kind(labels, "unfinished"):
        source = read_submission(course / name, tiny).files["tiny.py"].decode()
        left = [q for q in ("double", "shift", "total") if f'"{q}: your code here"' in source]
        assert left == labels[name]["questions"]


@pytest.mark.parametrize(
    ("kind", "notice"),
    [
        ("non-UTF-8 source", "is not saved in UTF-8"),
        ("empty file", "is empty"),
        ("wrong file name", "was graded as tiny.py"),
        ("double ending", "was graded as tiny.py"),
        ("second download", "'tiny (1).py' was graded as tiny.py"),
        ("extra folder level", "was found in the folder 'hw0_tiny_final'"),
        ("zip in zip", "was found in the zip file 'hw0_tiny.zip'"),
    ],
)
def test_an_odd_one_is_odd_in_its_way(
    course: Path, labels: dict[str, Any], tiny: Assignment, kind: str, notice: str
) -> None:
    assert notice in "\n".join(the_one(course, labels, kind, tiny).notices)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("infinite loop", "while step < 10:"),
        ("os._exit", "os._exit(0)"),
        ("huge print", "range(2_000)"),
        ("exception", "step_size = learning_rate"),
    ],
)
def test_odd_code_is_put_into_one_question_that_no_other_uses(
    course: Path, labels: dict[str, Any], tiny: Assignment, kind: str, text: str
) -> None:
    (name,) = of_kind(labels, kind)

    assert the_one(course, labels, kind, tiny).files["tiny.py"].decode().count(text) == 1
    assert labels[name]["questions"] in (["shift"], ["total"])  # total uses double


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("NaN", lambda found: bool(np.isnan(found).all())),
        ("wrong shapes", lambda found: found.shape == (1, 2)),
        ("float32 results", lambda found: found.dtype == np.float32),
    ],
)
def test_odd_results_come_out_of_the_questions_of_the_label(
    course: Path,
    labels: dict[str, Any],
    tiny: Assignment,
    kind: str,
    check: Callable[[Any], bool],
) -> None:
    (name,) = of_kind(labels, kind)
    namespace: dict[str, Any] = {}
    exec(the_one(course, labels, kind, tiny).files["tiny.py"], namespace)

    for question in ("double", "shift"):
        found = namespace[question](np.ones(2))
        assert check(found) == (question in labels[name]["questions"])


def test_only_returns_of_the_function_itself_are_changed() -> None:
    source = oddities.return_as(SOURCE, ["half"], oddities.WRONG_SHAPE)

    assert "        return y / 2.0\n" in source
    assert "        return tidy(inner(x))\n" in source
    assert 'return tidy((inner(x), {\n        "half": deep,\n    }))\n' in source
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    result, state = namespace["half"](np.ones(3), deep=[np.ones(2)])
    assert (result.shape, state["half"][0].shape) == ((1, 3), (1, 2))


def test_lines_are_put_below_the_docstring_if_there_is_one() -> None:
    source = oddities.begin_with(SOURCE, ["half", "other"], "    pass\n")

    assert '    """Return x / 2."""\n    pass\n\n    def inner(y):\n' in source
    assert "def other(x):\n    pass\n    return x\n" in source


def test_a_mac_zip_has_its_junk(course: Path, labels: dict[str, Any]) -> None:
    (name,) = of_kind(labels, "extra folder level")

    with zipfile.ZipFile(course / name) as archive:
        assert archive.namelist() == ["hw0_tiny_final/tiny.py", "__MACOSX/hw0_tiny_final/._tiny.py"]
