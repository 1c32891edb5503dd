"""What student code can do to the grader: nothing but return values, within limits."""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import Limits
from autograder.batch import Failure, grade_all
from autograder.intake import Submission
from autograder.sandbox import client, confine
from autograder.sandbox.layers import Layer
from autograder.sandbox.world import WorkerWorld
from student_kit.dispatch import _misspelt
from student_kit.proxy import StudentModule
from student_kit.records import Status

pytestmark = pytest.mark.portable

ADD = "return a + b"


def add_tests(grade):
    """Return the tests of the question that was broken, after checking that the other is whole."""
    _, walk = grade.questions
    assert walk.points == walk.max_points, "a fault in one question cost another"
    assert grade.questions[0].points == 0
    return grade.questions[0].tests


def test_the_reference_gets_all_points(grade_toy):
    grade = grade_toy()
    assert grade.points == 100
    assert {test.status for q in grade.questions for test in q.tests} == {Status.PASSED}


@pytest.mark.parametrize(
    ("body", "status", "summary"),
    [
        ("raise ValueError('no')", Status.ERRORED, "add raised ValueError at toy.py line 9: raise"),
        (
            "raise SystemExit(0)",
            Status.ERRORED,
            "your code called exit at toy.py line 9: raise SystemExit(0)",
        ),
        ("import os; os._exit(0)", Status.ERRORED, "ended the process (exit code 0)"),
        ("import os; os.abort()", Status.ERRORED, "crashed with SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", Status.ERRORED, "crashed with SIGSEGV"),
        ("return add(a, b)", Status.ERRORED, "raised RecursionError"),
        ("return np.ones(10**9)", Status.ERRORED, "raised MemoryError"),
        ("return np.array([object()])", Status.ERRORED, "returned what cannot be compared"),
        ("return (n for n in range(3))", Status.ERRORED, "returned what cannot be compared"),
        ("return np.zeros(1 << 24)", Status.ERRORED, "returned what cannot be compared"),
        ("x = []; x.append(x); return x", Status.ERRORED, "returned what cannot be compared"),
        ("return None", Status.FAILED, "found None"),
        ("return a * np.nan", Status.FAILED, "NaN or infinite"),
        ("return (a + b)[None]", Status.FAILED, "wrong shape"),
        ("return (a + b).astype(np.float32)", Status.FAILED, "wrong precision"),
        ("return (a + b).tolist()", Status.FAILED, "found list"),
    ],
)
def test_a_fault_costs_its_question_and_is_said_plainly(grade_toy, body, status, summary):
    for test in add_tests(grade_toy((ADD, body))):
        assert test.status is status
        assert summary in test.summary


@pytest.mark.parametrize(
    ("name", "function", "meant"),
    [
        ("adam_step", "adam_setp", True),
        ("add", "Add", True),
        ("linear_forward", "linear_foward", True),
        ("linear_forward", "linear_backward", False),
        ("momentum_step", "nesterov_step", False),
        ("predict", "predict_classes", True),
    ],
)
def test_only_a_name_that_is_nearly_right_is_guessed(name, function, meant):
    assert _misspelt(name, ["main", function]) == [function] * meant


@pytest.mark.parametrize(
    ("top", "why"),
    [
        ("import sys; sys.exit()", "toy.py cannot be imported: SystemExit at toy.py line 1"),
        ("import os; os._exit(3)", "while toy.py was imported, your code ended the process"),
        ("input()", "EOFError at toy.py line 1: input() (nobody is at the keyboard while grading)"),
        ("x = bytearray(3 << 30)", "MemoryError at toy.py line 1"),
        ("raise ValueError('no')", "toy.py cannot be imported: ValueError at toy.py line 1"),
    ],
)
def test_why_no_check_of_a_file_could_run_is_said_once_at_the_top(toy, top, why):
    source = f"{top}\n".encode() + (toy.private / "toy.py").read_bytes()
    (grade,) = grade_all(toy, [Submission(name="a", files={"toy.py": source})])
    (notice,) = (n for n in grade.notices if n.startswith("No check of toy.py could run: "))
    assert why in notice
    assert grade.points == 0


def test_an_endless_loop_is_stopped_and_costs_its_own_question_only(grade_toy):
    started = time.monotonic()
    first, second, third = add_tests(grade_toy((ADD, "while True: pass")))
    assert first.status is Status.TIMED_OUT
    assert "did not finish within 1 s" in first.summary
    assert second.status is Status.TIMED_OUT  # what was left of the question's time
    assert third.status is Status.NOT_RUN
    assert "used up the 1.5 s that this question has" in third.summary
    assert time.monotonic() - started < 8


def test_a_sleep_and_a_loop_that_ignores_signals_are_stopped_too(grade_toy):
    body = (
        "import signal, time\n"
        "    for number in range(1, 32):\n"
        "        if number not in (9, 19): signal.signal(number, signal.SIG_IGN)\n"
        "    while True: time.sleep(9)"
    )
    assert add_tests(grade_toy((ADD, body)))[0].status is Status.TIMED_OUT


def test_an_import_that_never_ends_is_told_once_and_not_tried_again(grade_toy):
    started = time.monotonic()
    grade = grade_toy(("import numpy as np", "while True: pass"))
    assert grade.points == 0
    assert time.monotonic() - started < 6
    for question in grade.questions:
        for test in question.tests:
            assert "importing toy.py did not finish" in test.summary


def test_a_syntax_error_is_told_with_its_line_at_every_question(grade_toy):
    grade = grade_toy((ADD, "return a +"))
    assert grade.points == 0
    for question in grade.questions:
        for test in question.tests:
            assert (
                "toy.py cannot be imported: SyntaxError at toy.py line 9: return a +"
                in test.summary
            )


def test_source_that_is_not_utf8_is_told_and_nothing_breaks(grade_toy):
    grade = grade_toy(source="def add(a, b): 'caf\u00e9'\n".encode("latin-1"))
    assert grade.points == 0
    assert "cannot be imported: SyntaxError" in grade.questions[0].tests[0].summary


def test_a_missing_function_is_named_and_costs_its_own_question_only(grade_toy):
    tests = add_tests(grade_toy(("def add(", "def Add(")))
    assert {test.summary for test in tests} == {"toy.py has no function add"}
    assert "not Add?" in tests[0].detail


def test_a_flood_of_output_is_cut_and_does_not_cost_points(grade_toy):
    grade = grade_toy((ADD, "print('x' * 10**7); return a + b + 1"))
    printed = grade.questions[0].tests[0].printed
    assert printed.startswith("xxx")
    assert len(printed) < 9_000
    assert grade_toy((ADD, "print('x' * 10**7); return a + b")).points == 100


def test_arguments_are_the_graders_own_and_changes_are_seen(grade_toy):
    grade = grade_toy((ADD, "a += b; return a"))
    public, *hidden = grade.questions[0].tests
    assert public.summary.startswith("add wrote into its argument `a`")
    assert {test.status for test in hidden} == {Status.PASSED}
    grade = grade_toy((ADD, "a[...] = 0; b[...] = 0; return a"))
    assert grade.questions[0].points == 0


def test_each_test_gets_a_fresh_process(grade_toy):
    body = "seen.append(1); return a + b if len(seen) == 1 else None"
    assert (
        grade_toy(("import numpy as np", "import numpy as np\nseen = []"), (ADD, body)).points
        == 100
    )


def test_processes_that_a_worker_starts_do_not_outlive_it(grade_toy, tmp_path):
    marker = f"{os.getpid()}.25"
    body = (
        "import os\n"
        "    for _ in range(3):\n"
        "        if os.fork() == 0:\n"
        "            os.setsid()\n"
        f"            if os.fork() == 0: os.execv('/bin/sleep', ['sleep', '{marker}'])\n"
        "            os._exit(0)\n"
        "    return a + b"
    )
    grade_toy((ADD, body))
    commands = [
        path.read_bytes()
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if os.access(path, os.R_OK)
    ]
    assert not [command for command in commands if marker.encode() in command]


def test_the_workers_environment_and_folder_are_its_own(grade_toy, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_CANARY", "secret")
    body = "import os; raise ValueError(repr((dict(os.environ), os.getcwd(), os.listdir('.'))))"
    detail = add_tests(grade_toy((ADD, body)))[0].detail
    assert "secret" not in detail
    assert "HOME" in detail
    assert "[]" in detail


def test_tests_and_reference_are_not_in_the_workers_process(grade_toy):
    body = "import sys; raise ValueError(sorted(m for m in sys.modules if 'te' in m))"
    detail = add_tests(grade_toy((ADD, body)))[0].detail
    assert "reference" not in detail
    assert "test_add" not in detail
    assert "'pytest'" not in detail


def test_patched_comparisons_and_lying_arrays_change_nothing(grade_toy):
    lies = (
        "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
        "class Liar(np.ndarray):\n"
        "    def __eq__(self, other): return np.True_\n"
        "    def __array_ufunc__(self, *a, **k): return np.True_\n"
        "    def __array_function__(self, *a, **k): return np.True_\n"
    )
    grade = grade_toy(
        ("import numpy as np\n", "import numpy as np\n" + lies),
        (ADD, "return np.zeros(a.shape).view(Liar)"),
    )
    add_tests(grade)


FORGERIES = {
    "an early reply": '_send(5, 1, b\'{"t":"dict","v":{}}\'); return None',
    "a wrong sequence": "_send(5, 99, b'null'); return None",
    "an unknown kind": "_send(77, 1, b'null'); return None",
    "a huge claim": "_raw(struct.pack('>4sBIIQ', b'AGW1', 5, 1, 2**32 - 1, 2**63)); time.sleep(9)",
    "noise": "_raw(b'x' * 100000); return None",
    "a call that nobody offered": '_send(3, 1, b\'{"t":"dict","v":{}}\'); return None',
    "a slow drip": "[(_raw(b'A'), time.sleep(0.2)) for _ in range(99)]",
    "a closed connection": "os.closerange(3, 64); return None",
    "closed everything": "os.closerange(0, 64); time.sleep(9)",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_frames_gain_nothing_and_hold_nothing_up(grade_toy, forgery):
    tools = """
import os, struct, time
def _raw(data):
    for fd in range(3, 64):
        try:
            import socket
            socket.socket(fileno=os.dup(fd)).send(data)
        except OSError:
            pass
def _send(kind, seq, tree):
    _raw(struct.pack('>4sBIIQ', b'AGW1', kind, seq, len(tree), 0) + tree)
"""
    started = time.monotonic()
    grade = grade_toy(
        ("import numpy as np\n", "import numpy as np\n" + tools), (ADD, FORGERIES[forgery])
    )
    assert {t.status for t in add_tests(grade)} <= {
        Status.ERRORED,
        Status.TIMED_OUT,
        Status.NOT_RUN,
        Status.FAILED,
    }
    assert time.monotonic() - started < 8


COUNTING = '''
import toy
from student_kit.checks import assert_equal


def test_add_small_numbers():
    """add adds one and one."""
    total = toy.add(1, 1)
    counted = 0
    while counted < total:
        counted += 1
    assert_equal(counted, 2)
'''


def test_a_value_that_keeps_a_test_busy_costs_that_test(make_assignment):
    """What a test does by itself with what came back has a deadline too."""
    toy = make_assignment({"solutions/hw0_toy/hidden_tests/test_add.py": COUNTING})
    source = (toy.private / "toy.py").read_text().replace(ADD, "return 10**15")
    (grade,) = grade_all(toy, [Submission(name="ada", files={"toy.py": source.encode()})])
    (hidden,) = [test for test in add_tests(grade) if test.hidden]
    assert hidden.status is Status.TIMED_OUT
    assert "keeps the check busy" in hidden.summary
    assert grade.seconds < 10


def test_a_zygote_that_dies_is_our_failure_and_never_a_zero(toy, monkeypatch):
    plan = confine.plan

    def without_walls(*wanted):
        off = frozenset({Layer.LANDLOCK, Layer.SECCOMP})
        return replace(plan(*wanted), uid=None, without=off)

    monkeypatch.setattr(confine, "plan", without_walls)
    body = "import os, signal; os.kill(os.getppid(), signal.SIGKILL); return a + b"
    source = (toy.private / "toy.py").read_text().replace(ADD, body)
    good = (toy.private / "toy.py").read_bytes()
    submissions = [
        Submission(name="killer", files={"toy.py": source.encode()}),
        Submission(name="ada", files={"toy.py": good}),
    ]
    killer, ada = grade_all(toy, submissions, jobs=1, allow_weak=True)
    assert isinstance(killer, Failure)
    assert "sandbox" in killer.reason
    assert ada.points == 100


def test_a_closed_sandbox_leaves_no_process(toy):
    sandbox = client.Sandbox(toy.limits)
    if sandbox.plan.surrounded:
        sandbox.close()
        pytest.skip("the worker's pid belongs to another namespace; test_confine looks from there")
    nest = sandbox.nest(client.Job(sources={"toy": b"x = 1\n"}, seed=0))
    (worker,) = nest.spawn(["toy"])
    worker.wait_confined()
    worker.wait_ready(time.monotonic() + 5)
    pid = nest.pid(worker)
    os.kill(pid, 0)
    sandbox.close()
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_interpreter_in_a_private_home_keeps_the_uid_and_says_so(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "python").mkdir(parents=True)
    home.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(confine, "_interpreter_paths", lambda: [home / "python"])
    plan = confine.plan(Limits(memory_mb=64))
    assert plan.uid is None
    assert any("is not readable by other users" in note for note in plan.notes)


IS_NEW_ENOUGH = "import venv, sys; sys.exit(sys.version_info < (3, 10))"
UID_SCRIPT = """
import sys
from pathlib import Path
from autograder import assignment, batch, intake
toy = assignment.find(Path(sys.argv[1]), "hw0_toy")
body = "import os; raise ValueError((os.getuid(), os.geteuid(), os.getgroups()))"
source = (toy.private / "toy.py").read_bytes().replace(b"return a + b", body.encode())
submissions = [
    intake.Submission(name="honest", files={"toy.py": (toy.private / "toy.py").read_bytes()}),
    intake.Submission(name="curious", files={"toy.py": source}),
]
honest, curious = batch.grade_all(toy, submissions)
print(honest.points, honest.isolation[-1], curious.questions[0].tests[0].detail, sep="|")
"""


@pytest.mark.full
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to a private uid")
def test_as_root_a_worker_has_a_private_uid_where_it_can_read_the_interpreter(make_assignment):
    system = Path("/usr/bin/python3")
    if (
        not system.exists()
        or subprocess.run([system, "-c", IS_NEW_ENOUGH], check=False).returncode != 0
    ):
        pytest.skip("no system Python of 3.10 or newer here")
    root = Path(__file__).resolve().parents[1]
    toy = make_assignment()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        venv = Path(folder) / "venv"
        subprocess.run([system, "-m", "venv", "--without-pip", venv], check=True)
        pip = [sys.executable, "-m", "pip", "--python", venv / "bin/python"]
        subprocess.run([*pip, "install", "-q", "numpy", "pytest"], check=True)
        for package in ("autograder", "student_kit"):
            shutil.copytree(root / package, Path(folder) / package)
        run = subprocess.run(
            [venv / "bin/python", "-c", UID_SCRIPT, toy.public.parent.parent],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    points, note, detail = run.stdout.strip().split("|")
    assert points == "100.0"
    assert note.startswith("uid: private")
    uid, effective, groups = ast.literal_eval(detail.removeprefix("ValueError: "))
    assert uid == effective >= confine.FIRST_UID
    assert groups == []


def test_no_more_workers_are_made_than_tests_were_announced(toy):
    sandbox = client.Sandbox(toy.limits)
    world = WorkerWorld(toy.limits)
    try:
        world.open(
            {"add": sandbox}, {"toy": b"def add(a, b):\n    return a + b\n"}, 0, tests=["add"] * 6
        )
        for number in range(8):  # two more than were announced
            world.begin("add")
            assert StudentModule("toy", world).add(number, 1) == number + 1
            world.end()
            made = world._places[0].nest._count
            assert made <= 6 or made == number + 1
    finally:
        world.close()
        sandbox.close()
