"""The attack suite's own assignment, and the attacks, graded once per session.

An attack is one file, `submissions/<layer>/<row>_<name>.py`: a `toy.py` as a student would hand it
in. Its docstring says what it tries, and:

    Row: 12            the row, or rows, of the catalogue in test_catalogue.py
    Expect: SIGSYS     what public feedback says, as a pattern: proof that the attack took place

Every attack answers wrongly, so any point is a hole. What it finds out, it hides in an exception
of its own, which public feedback quotes. `burglar.py` is handed in beside it, and holds the tools
and the knowledge that a well-informed attacker would have: all paths, all process ids, a port.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.batch import Failure, grade_all
from autograder.intake import Submission
from autograder.platforms.gradescope import to_results
from autograder.sandbox import confine
from autograder.scoring import Grade
from student_kit.records import TestRecord

HERE = Path(__file__).parent
SUBMISSIONS = HERE / "submissions"
RESULTS = '{"score": 0}\n'
TOML = """
title = "Toy"
files = ["toy.py", "burglar.py"]
libraries = ["numpy"]

[limits]
call_seconds = 1.5
test_seconds = 3.0
question_seconds = 2.0
run_seconds = 30.0
memory_mb = 256
output_kb = 8

[questions.add]
points = 60
file = "toy.py"

[questions.walk]
points = 40
file = "toy.py"
"""
REFERENCE = '''"""Two small functions."""

KEY = "@REFERENCE@"


def add(a, b):
    """Return a + b."""
    # BEGIN SOLUTION
    return a + b
    # END SOLUTION


def walk(f, x, *, steps, rng):
    """Apply f and add noise, `steps` times."""
    # BEGIN SOLUTION
    for _ in range(steps):
        x = f(x) + rng.standard_normal()
    return x
    # END SOLUTION
'''
HIDDEN_ADD = '''
import numpy as np
import toy
from reference import toy as reference
from student_kit.checks import assert_close, assert_inputs_unchanged

SECRET = "@HIDDEN@"


def test_add_random(rng):
    """add adds two random arrays."""
    a, b = 1_000_000.0 + rng.standard_normal((2, 5))
    expected = reference.add(a, b)
    assert_close(toy.add(a, b), expected)


def test_add_matrix(rng):
    """add adds two matrices."""
    a, b = 1_000_000.0 + rng.standard_normal((2, 3, 4))
    expected = reference.add(a, b)
    with assert_inputs_unchanged():
        found = toy.add(a, b)
    assert_close(found, expected)
'''
HIDDEN_WALK = '''
import numpy as np
import toy
from reference import toy as reference
from student_kit.checks import assert_close


def double(x):
    return 2 * x


def test_walk_doubles(rng):
    """walk applies f, then adds noise from the given generator."""
    seed = int(rng.integers(2**32))
    expected = reference.walk(double, 1.0, steps=3, rng=np.random.default_rng(seed))
    assert_close(toy.walk(double, 1.0, steps=3, rng=np.random.default_rng(seed)), expected)


def test_walk_from_a_random_start(rng):
    """walk starts where it is told to."""
    toy.walk(double, 1.0, steps=1, rng=rng)  # lends the Generator from which inputs are drawn
    x = 1_000_000.0 * rng.standard_normal()
    expected = reference.walk(double, x, steps=2, rng=np.random.default_rng(0))
    found = toy.walk(double, x, steps=2, rng=np.random.default_rng(0))
    assert_close(found, expected, atol=1.0)
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One submission that answers wrongly and wants more than its due."""

    name: str  # "process/01_gc_objects"
    rows: tuple[int, ...]  # of the catalogue
    what: str  # first line of its docstring
    expect: str  # regular expression: found in what the public tests say
    source: bytes

    @classmethod
    def read(cls, path: Path) -> Attack:
        """Return the attack that a file holds."""
        text = path.read_text(encoding="utf-8")
        (rows,) = re.findall(r"^Row: ([\d, ]+)$", text, re.MULTILINE)
        (expect,) = re.findall(r"^Expect: (.+)$", text, re.MULTILINE)
        return cls(
            name=path.relative_to(SUBMISSIONS).with_suffix("").as_posix(),
            rows=tuple(int(row) for row in rows.split(",")),
            what=text.split('"""')[1].strip().splitlines()[0],
            expect=expect,
            source=path.read_bytes(),
        )


ATTACKS = {
    attack.name: attack
    for attack in (Attack.read(path) for path in sorted(SUBMISSIONS.glob("*/*.py")))
}
# what aims at the grader's time and memory is graded apart, and measured
BATCH = {name: attack for name, attack in ATTACKS.items() if not name.startswith("grader/")}


@dataclass(slots=True)
class House:
    """What is to be burgled: an assignment with a canary in every place that holds a secret."""

    toy: Assignment
    answer_key: Path  # a file beside the reference
    results: Path  # a file of the instructor's
    canaries: dict[str, str]  # where -> what
    memory: bytearray  # of the grader: holds a canary
    port: int  # 127.0.0.1: somebody listens
    connections: socket.socket
    abstract: str  # name of an abstract socket on which somebody listens
    token: str  # stands in the name of everything that an attack leaves behind
    peak_kb: list[int] = field(default_factory=list)  # of the grader's children, per record

    def restore_results(self) -> None:
        """Write the instructor's file anew, in a folder that holds nothing else."""
        desk = self.results.parent.parent
        shutil.rmtree(desk, ignore_errors=True)
        self.results.parent.mkdir(parents=True)
        self.results.write_text(RESULTS, encoding="utf-8")

    def submission(self, name: str, source: bytes) -> Submission:
        """Return a submission of this toy.py, with the attackers' tools beside it."""
        knowledge = {
            "ROOT": str(self.toy.private.parent.parent),
            "SECRET": str(self.answer_key),
            "RESULTS": str(self.results),
            "ENGINE": str(Path(confine.__file__).parents[2]),
            "SITE": str(Path(pytest.__file__).parents[1]),
            "GRADER": str(os.getpid()),
            "PORT": str(self.port),
            "ABSTRACT": self.abstract,
            "TOKEN": self.token,
        }
        tools = (SUBMISSIONS / "burglar.py").read_text(encoding="utf-8")
        for key, value in knowledge.items():
            tools = tools.replace(f"@{key}@", value)
        return Submission(name=name, files={"toy.py": source, "burglar.py": tools.encode()})

    def grade(
        self,
        sources: dict[str, bytes],
        *,
        jobs: int = 2,
        toy: Assignment | None = None,
        allow_weak: bool = False,
    ) -> dict[str, Grade | Failure]:
        """Grade these submissions and return what became of each."""
        results = grade_all(
            toy or self.toy,
            [self.submission(name, source) for name, source in sources.items()],
            jobs=jobs,
            allow_weak=allow_weak,
            on_record=lambda name, record: self.peak_kb.append(_peak_of_children()),
        )
        return dict(zip(sources, results, strict=True))


@pytest.fixture(scope="session")
def house(
    make_assignment: Callable[..., Assignment], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Return the assignment with its canaries; the grader's own secrets last as long."""
    places = ("hidden", "reference", "environment", "memory", "file")
    canaries = {place: f"CANARY-{secrets.token_hex(8)}" for place in places}
    toy = make_assignment(
        {
            "assignments/hw0_toy/assignment.toml": TOML,
            "solutions/hw0_toy/toy.py": REFERENCE.replace("@REFERENCE@", canaries["reference"]),
            "solutions/hw0_toy/burglar.py": '"""Nothing."""\n',
            "solutions/hw0_toy/answer_key.txt": canaries["file"] + "\n",
            "solutions/hw0_toy/hidden_tests/test_add.py": HIDDEN_ADD.replace(
                "@HIDDEN@", canaries["hidden"]
            ),
            "solutions/hw0_toy/hidden_tests/test_walk.py": HIDDEN_WALK,
        }
    )
    results = tmp_path_factory.mktemp("desk") / "desk/results/results.json"
    token = f"burglar{secrets.token_hex(4)}"
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server.setblocking(False)
        if sys.platform == "linux":
            abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
            abstract.bind(f"\0{token}-listener")
            abstract.listen()
        os.environ["AUTOGRADER_TOKEN"] = canaries["environment"]
        stack.callback(os.environ.pop, "AUTOGRADER_TOKEN")
        house = House(
            toy=toy,
            answer_key=toy.private / "answer_key.txt",
            results=results,
            canaries=canaries,
            memory=bytearray(canaries["memory"].encode()),
            port=server.getsockname()[1],
            connections=server,
            abstract=f"{token}-listener",
            token=token,
        )
        house.restore_results()
        yield house


@pytest.fixture(scope="session")
def graded(house: House) -> dict[str, Grade | Failure]:
    """Return the result of every attack, all graded in one batch between honest submissions."""
    honest = (house.toy.private / "toy.py").read_bytes()
    sources = {f"honest {n}": honest for n in range(3)}
    attacks = {name: attack.source for name, attack in BATCH.items()}
    first, middle, last = sources
    names = list(attacks)
    ordered = [first, *names[: len(names) // 2], middle, *names[len(names) // 2 :], last]
    return house.grade({name: {**sources, **attacks}[name] for name in ordered})


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that switches layers off for the rest of a test."""

    def switch_off(*layers: object) -> None:
        plan = confine.plan

        def weaker(*wanted: object) -> confine.Plan:
            return replace(plan(*wanted), without=frozenset(layers), namespaces=False)

        monkeypatch.setattr(confine, "plan", weaker)

    return switch_off


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test that asks for an `attack` each of the attacks in turn."""
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", BATCH.values(), ids=BATCH)


@pytest.fixture(scope="session")
def attacks() -> dict[str, Attack]:
    """Return all attacks by name."""
    return ATTACKS


@pytest.fixture(scope="session")
def said() -> Callable[[Grade], str]:
    """Return a function: all that the public tests say about a submission."""

    def text(grade: Grade) -> str:
        tests = [test for question in grade.questions for test in question.tests]
        public = [test for test in tests if not test.hidden]
        return "\n".join(f"{test.status.value}\n{_visible(test)}" for test in public)

    return text


@pytest.fixture(scope="session")
def seen() -> Callable[[Grade], str]:
    """Return a function: all that a student can see of a grade."""

    def text(grade: Grade) -> str:
        tests = [test for question in grade.questions for test in question.tests]
        return "\n".join([json.dumps(to_results(grade), ensure_ascii=False), *map(_visible, tests)])

    return text


@pytest.fixture(scope="session")
def known() -> Callable[[Grade], str]:
    """Return a function: all that is recorded anywhere, for the instructor too."""

    def text(grade: Grade) -> str:
        records = [test.to_json() for question in grade.questions for test in question.tests]
        return json.dumps(records, ensure_ascii=False)

    return text


def _visible(test: TestRecord) -> str:
    fields = (test.title, test.summary, test.call, test.detail, test.values, test.printed)
    return "\n".join(fields)


def _peak_of_children() -> int:
    """Return the highest memory use, in KB, of the processes that grade right now."""
    peaks = [0]
    for task in Path("/proc/self/task").glob("*/children"):
        for pid in task.read_text(encoding="ascii").split():
            with contextlib.suppress(OSError):
                if b"zygote.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    continue
                status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
                peaks += [int(n) for n in re.findall(r"VmHWM:\s+(\d+)", status)]
    return max(peaks)
