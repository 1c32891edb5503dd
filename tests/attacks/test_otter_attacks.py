"""Attacks that gain something on a plain Otter assignment, and nothing on our bundle for Otter.

Both run under the real `otter run`. Each submission answers wrongly, so any point is a hole.
"""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from real_otter import Graded, Otter, otter

from autograder import bundle
from autograder.assignment import Assignment

pytestmark = pytest.mark.full

CANARY = "CANARY-of-the-hidden-tests"
ANSWERS = "def add(a, b):\n    return a + b\n\n\ndef walk(x):\n    return x + 1\n"
# a plain assignment, written as Otter's documentation writes one
PLAIN = {
    "answers/__init__.py": ANSWERS,
    "tests/add.py": f"""\
import numpy as np
from otter.test_files import test_case

OK_FORMAT = False

name = "add"


@test_case(points=0, hidden=False)
def test_public(env):
    assert np.allclose(env["add"](np.ones(3), np.arange(3.0)), [1.0, 2.0, 3.0])


@test_case(points=30, hidden=True)
def test_numbers(env):
    import answers

    a, b = np.random.default_rng().standard_normal((2, 5))  # {CANARY}
    expected = answers.add(a, b)
    assert np.allclose(env["add"](a, b), expected)


@test_case(points=30, hidden=True)
def test_more_numbers(env):
    import answers

    a, b = np.random.default_rng().standard_normal((2, 5))
    found = env["add"](a, b)
    assert np.allclose(found, answers.add(a, b))
""",
    "tests/walk.py": """\
from otter.test_files import test_case

OK_FORMAT = False

name = "walk"


@test_case(points=40, hidden=True)
def test_walk(env):
    assert env["walk"](1.0) == 2.0
""",
}
LEAVES = """\
import sys, tempfile
from pathlib import Path
with Path(tempfile.gettempdir(), "marker").open("a") as marker:
    print(*sys.argv[:2], file=marker)
"""


class Runs:
    """Unpickled, it runs code in whoever unpickles it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (LEAVES,)


@dataclass(frozen=True)
class Attack:
    """What is handed in, and what it gains on the plain assignment."""

    files: Mapping[str, str | bytes]
    gains: str  # "points", "leak", "code" run where it must not, or "nothing graded"


def alone(source: str, gains: str) -> Attack:
    return Attack({"toy.py": source}, gains)


ATTACKS = {
    "01 shows the hidden tests in an error of the public one": alone(
        """\
import os, tempfile
from pathlib import Path

def add(a, b):
    for folder in (".", "..", tempfile.gettempdir(), os.environ.get("TMPDIR", "/tmp")):
        for path in sorted(Path(folder).rglob("*add*.py")):
            text = path.read_text()
            if "@" + "test_case" in text or "hidden_tests" in str(path):
                raise ValueError(text[text.find("CANARY") :][:80])
""",
        "leak",
    ),
    "02 imports the reference": alone(
        """\
try:
    from answers import add
except ImportError:
    from reference.toy import add
""",
        "points",
    ),
    "03 reads the expected value in the caller's frame": alone(
        """\
import sys

def add(a, b):
    return sys._getframe(1).f_locals["expected"]
""",
        "points",
    ),
    "04 replaces the comparison": alone(
        """\
import numpy as np
np.allclose = np.testing.assert_allclose = np.array_equal = lambda *args, **kwargs: True

def add(a, b):
    return a
""",
        "points",
    ),
    "05 returns an array that says yes": alone(
        """\
import numpy as np

class Yes(np.ndarray):
    def __array_function__(self, *args):
        return True
    def __array_ufunc__(self, *args, **kwargs):
        return True

def add(a, b):
    return a.view(Yes)
""",
        "points",
    ),
    "06 changes the inputs before the answer is computed from them": alone(
        """\
def add(a, b):
    a[...] = b[...] = 0
    return a
""",
        "points",
    ),
    "07 ends the process in a call": alone(
        """\
import os

def add(a, b):
    os._exit(0)
""",
        "nothing graded",
    ),
    "08 replaces what calls the tests": alone(
        """\
try:
    from otter.test_files.exception_test import test_case
    test_case.call_func = lambda *args: None
except ImportError:
    pass
""",
        "points",
    ),
    "09 overwrites a hidden test": alone(
        """\
from pathlib import Path
try:
    path = Path("tests/walk.py")
    path.write_text(path.read_text().replace('env["walk"](1.0) ==', "2.0 =="))
except OSError:
    pass
""",
        "points",
    ),
    "10 has the results unpickled as it likes": alone(
        f"""\
import pickle
real = pickle.dump

class Runs:
    def __reduce__(self):
        return exec, ({LEAVES!r},)

pickle.dump = lambda thing, *args: real(Runs(), *args)
""",
        "code",
    ),
    "12 never returns": alone(
        """\
def add(a, b):
    while True:
        pass

def walk(x):
    return x + 1
""",
        "nothing graded",
    ),
    "14 brings the tests' own support": Attack(
        {
            "toy.py": "def add(a, b):\n    return a\n",
            **{
                f"{package}/{name}.py": "def add(a, b):\n    return a\n"
                for package in ("answers", "reference", "solutions/hw0_toy", "student_kit")
                for name in ("__init__", "toy", "checks")
            },
        },
        "points",
    ),
    "15 has its log unpickled": Attack(
        {"toy.py": "", ".OTTER_LOG": pickle.dumps(Runs(), protocol=4)}, "code"
    ),
    "16 brings an Otter of its own": Attack(
        {
            "toy.py": "",
            **{
                f"{package}/__init__.py": LEAVES
                for package in ("otter", "autograder", "autograder/platforms", "numpy")
            },
            "autograder/platforms/otter_plugin.py": LEAVES,
        },
        "code",
    ),
}
SECONDS = 60  # until a run hangs; our own question_seconds are 1.5


@pytest.fixture(scope="module")
def real() -> Otter:
    """Return the real Otter, or skip."""
    return otter()


@pytest.fixture(scope="module")
def plain(real: Otter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the zip of the plain assignment."""
    folder = tmp_path_factory.mktemp("plain")
    for name, text in PLAIN.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return real.generate(folder, "answers/")


@pytest.fixture(scope="module")
def packed(
    toy: Assignment,
    make_assignment: Callable[..., Assignment],
    real: Otter,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return our bundle of the toy assignment, with the canary in its hidden tests."""
    name = "solutions/hw0_toy/hidden_tests/test_add.py"
    text = (toy.public.parent.parent / name).read_text(encoding="utf-8")
    marked = make_assignment({name: f"{text}\n# {CANARY}\n"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", real.environment["PATH"])
        return bundle.build(marked, "otter", tmp_path_factory.mktemp("dist"), unproved=True)


def handed_in(files: Mapping[str, str | bytes], folder: Path) -> Path:
    """Write a submission: its one file, or a zip of all."""
    folder.mkdir()
    if set(files) == {"toy.py"}:
        (folder / "toy.py").write_text(str(files["toy.py"]), encoding="utf-8")
        return folder / "toy.py"
    with zipfile.ZipFile(folder / "toy.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return folder / "toy.zip"


def both(
    files: Mapping[str, str | bytes], plain: Path, packed: Path, real: Otter, folder: Path
) -> tuple[Graded, Graded]:
    """Grade a submission on the plain assignment and on our bundle."""
    path = handed_in(files, folder / "in")
    with ThreadPoolExecutor(2) as pool:
        theirs, ours = (
            pool.submit(real.run, archive, path, folder / name, seconds=SECONDS)
            for name, archive in (("plain", plain), ("ours", packed))
        )
        return theirs.result(), ours.result()


def visible(graded: Graded) -> str:
    """Return what the student sees before grades are published."""
    tests = (graded.results or {}).get("tests", [])
    return json.dumps([test for test in tests if test.get("visibility") == "visible"])


@pytest.mark.parametrize("name", ATTACKS)
def test_what_gains_on_a_plain_assignment_gains_nothing_here(
    name: str, plain: Path, packed: Path, real: Otter, tmp_path: Path
) -> None:
    attack = ATTACKS[name]

    theirs, ours = both(attack.files, plain, packed, real, tmp_path)

    gains = {
        "points": sum(theirs.points.values()) > 0,
        "leak": CANARY in visible(theirs),
        "code": (tmp_path / "plain/tmp/marker").exists(),
        "nothing graded": theirs.code != 0 and theirs.results is None,
    }
    assert gains[attack.gains], theirs.said
    assert ours.code == 0, ours.said
    assert ours.points == {"add": 0, "walk": 0}
    assert CANARY not in json.dumps(ours.results)
    assert not (tmp_path / "ours/tmp/marker").exists()


def test_both_give_the_same_answer_its_points(
    plain: Path, packed: Path, real: Otter, tmp_path: Path
) -> None:
    theirs, ours = both({"toy.py": ANSWERS}, plain, packed, real, tmp_path)

    assert theirs.points == {"add": 60, "walk": 40}
    assert ours.points == {"add": 60, "walk": 0}, "walk takes other arguments there"
