"""From submissions to grades and results: points, seeds, batches, and failures of our own."""

import json
import os
import sys
import threading

import pytest

from autograder import gradebook, lint, shelter
from autograder.assignment import Question
from autograder.batch import Failure, grade_all, submission_seed
from autograder.cli import main
from autograder.errors import GraderError, UsageError, WeakSandboxError
from autograder.intake import Submission
from autograder.sandbox.layers import Level
from autograder.scoring import QuestionGrade, _with_advice, score
from student_kit.records import Status, TestRecord

ADD = b"return a + b"


@pytest.fixture
def reference(toy):
    """Return the bytes of the toy's reference."""
    return (toy.private / "toy.py").read_bytes()


def submit(name, source):
    """Return a submission of one file."""
    return Submission(name=name, files={"toy.py": source})


def test_a_batch_comes_back_in_order_and_each_as_if_alone(toy, reference):
    wrong = reference.replace(ADD, b"return a - b")
    dead = reference.replace(ADD, b"import os; os._exit(0)")
    submissions = [submit(f"s{n}", (reference, wrong, dead)[n % 3]) for n in range(9)]
    seen = []
    grades = grade_all(toy, submissions, jobs=2, on_progress=seen.append)
    assert [grade.submission for grade in grades] == [f"s{n}" for n in range(9)]
    assert [grade.points for grade in grades] == [100, 40, 40] * 3
    assert [progress.done for progress in seen] == list(range(1, 10))
    assert {progress.total for progress in seen} == {9}


def test_sources_are_read_side_by_side(toy, reference, monkeypatch):
    both, read = threading.Barrier(2, timeout=20), lint.read

    def meet(*arguments):
        both.wait()  # BrokenBarrierError where nobody else reads
        return read(*arguments)

    monkeypatch.setattr(lint, "read", meet)
    warned = b"import csv, requests\n" + reference
    grades = grade_all(toy, [submit("a", reference), submit("b", warned)], jobs=2)
    assert [len(grade.notices) for grade in grades] == [0, 1]


def test_an_untouched_stub_is_not_started_and_has_no_points(toy):
    from autograder.strip import strip

    path = toy.private / "toy.py"
    stub = strip(path.read_text(encoding="utf-8"), path).encode()
    (grade,) = grade_all(toy, [submit("new", stub)])
    assert grade.points == 0
    for question in grade.questions:
        assert question.status is Status.NOT_STARTED
        assert {test.status for test in question.tests} == {Status.NOT_STARTED}


def test_a_file_that_does_not_compile_is_explained_once_at_the_top(toy):
    submissions = [submit("a", b"def add(a, b):\n    print 'x'\n"), submit("b", b"\n")]
    python2, empty = grade_all(toy, submissions)
    (notice,) = python2.notices
    assert "toy.py has a syntax error in line 2" in notice
    assert "This is Python 2" in notice
    assert python2.points == empty.points == 0
    assert empty.notices == ()  # intake has said that it is empty


def test_a_missing_file_costs_its_questions_and_is_said(toy):
    (grade,) = grade_all(toy, [Submission(name="empty", files={})])
    assert grade.points == 0
    assert grade.questions[0].tests[0].summary == "toy.py is missing"


@pytest.mark.parametrize("isolated", [True, False])
def test_reference_and_submissions_may_import_the_assignments_support(
    make_assignment, reference, isolated
):
    importing = reference.replace(ADD, b"return plus(a, b)").replace(
        b"import numpy as np", b"import numpy as np\nfrom support import plus"
    )
    toy = make_assignment(
        {
            "assignments/hw0_toy/support.py": "def plus(a, b):\n    return a + b\n",
            "solutions/hw0_toy/toy.py": importing.decode(),
        }
    )
    submissions = [submit("right", importing), submit("own", reference)]
    grades = grade_all(toy, submissions, isolated=isolated)
    assert [grade.points for grade in grades] == [100, 100]
    assert "support" not in sys.modules


def test_seeds_follow_content_and_secret_and_can_be_replayed(toy, reference):
    wrong = reference.replace(ADD, b"return a - b")
    one, again, other = submit("a", wrong), submit("b", wrong), submit("c", reference)
    assert submission_seed("s", one) == submission_seed("s", again)
    assert submission_seed("s", one) != submission_seed("t", one)
    assert submission_seed("s", one) != submission_seed("s", other)

    def inputs(grade):
        return [test.log for test in grade.questions[0].tests if test.hidden]

    first, second = grade_all(toy, [one, again], secret="s")
    assert first.seed == second.seed
    assert inputs(first) == inputs(second)
    (elsewhere,) = grade_all(toy, [one], secret="t")
    assert inputs(elsewhere) != inputs(first)
    (replayed,) = grade_all(toy, [one], seed=first.seed)
    assert inputs(replayed) == inputs(first)


def test_what_hidden_tests_saw_is_for_the_instructor_only(toy, reference):
    (grade,) = grade_all(toy, [submit("a", reference.replace(ADD, b"return a - b"))])
    public, *hidden = grade.questions[0].tests
    assert "expected 2, found 0" in public.detail
    assert "[0., 1., 2.]" in public.values
    for test in hidden:
        assert test.detail == test.values == test.printed == ""
        assert "found" in test.log
        assert (
            test.summary
            == f"the result has wrong values in {5 if '5' in test.call else 12} of "
            + ("5 entries" if "5" in test.call else "12 entries")
        )


def test_a_students_words_do_not_reach_the_feedback_of_hidden_tests(toy, reference):
    leaks = (
        b"raise type('Leak%s' % a.ravel()[0], (Exception,), {})('leak %r' % (a,))",
        b"import warnings; warnings.warn('leak %r' % (a,)); print('leak', a)",
        b"import linecache as l; l.cache['toy.py'] = (1, None, ['leak %r' % a] * 9, 'toy.py'); 1/0",
    )
    for leak in leaks:
        (grade,) = grade_all(toy, [submit("a", reference.replace(ADD, leak))])
        for test in grade.questions[0].tests:
            if test.hidden:
                shown = test.summary + test.detail + test.values + test.printed + test.call
                assert "eak" not in shown.replace(leak.decode()[:110], "")


def record(question, status, *, hidden=True, weight=1.0):
    """Return a record as a suite would make it."""
    return TestRecord(
        question=question, test="t", title="T.", hidden=hidden, status=status, weight=weight
    )


def test_hidden_tests_share_the_points_by_weight_and_public_ones_carry_none(toy):
    grade = score(
        toy,
        "a",
        [
            record("add", Status.FAILED, hidden=False),
            record("add", Status.PASSED, weight=2.0),
            record("add", Status.FAILED),
            record("walk", Status.PASSED),
        ],
    )
    assert [question.points for question in grade.questions] == [40, 40]
    assert grade.points == 80
    assert grade.questions[0].status is Status.FAILED


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"c", "a"}, "c uses a, which is not right yet: mend that first."),
        ({"c", "a", "b"}, "c uses a and b, which are not right yet: mend those first."),
        ({"a", "b"}, ""),
        ({"c"}, ""),
    ],
)
def test_advice_names_all_that_is_to_be_mended_first(wrong, advice):
    question = Question(id="c", points=1, file="toy.py", depends_on=("a", "b"))
    grade = QuestionGrade(id="c", points=0, max_points=1, feedback="all", tests=())
    assert _with_advice(grade, question, wrong).advice == advice


def test_a_question_that_builds_on_a_wrong_one_says_what_to_mend_first(toy):
    wrong = [record("add", Status.FAILED), record("walk", Status.FAILED)]
    assert "uses add, which is not right yet" in score(toy, "a", wrong).questions[1].advice
    right = [record("add", Status.PASSED), record("walk", Status.FAILED)]
    assert score(toy, "a", right).questions[1].advice == ""


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([record("add", Status.BROKEN), record("walk", Status.PASSED)], "is broken"),
        ([record("add", Status.PASSED)], "walk has no hidden test"),
        ([], "add has no hidden test"),
    ],
)
def test_an_incomplete_or_broken_run_is_never_a_grade(toy, records, message):
    with pytest.raises(GraderError, match=message):
        score(toy, "a", records)


@pytest.mark.parametrize(
    "body",
    [
        "    raise OSError('disk full')\n",
        "    raise RuntimeError('before any call')\n",
        "    import pytest\n    pytest.skip('not here')\n",
    ],
)
def test_a_broken_hidden_test_is_not_graded_and_not_a_zero(make_assignment, body):
    name = "solutions/hw0_toy/hidden_tests/test_walk.py"
    toy = make_assignment({name: f'import toy\ndef test_x():\n    """It."""\n{body}'})
    reference = (toy.private / "toy.py").read_bytes()
    (result,) = grade_all(toy, [submit("a", reference)])
    assert isinstance(result, Failure)
    assert "is broken" in result.reason
    assert len(result.records) == 5


def test_a_test_may_call_again_after_a_block_that_listened(make_assignment, reference):
    body = """
import toy
from student_kit.checks import assert_equal, assert_inputs_unchanged


def test_twice():
    \"\"\"It adds twice.\"\"\"
    with assert_inputs_unchanged():
        toy.add(1, 2)
    assert_equal(toy.add(3, 4), 7)
"""
    toy = make_assignment({"solutions/hw0_toy/hidden_tests/test_add.py": body})
    (grade,) = grade_all(toy, [submit("a", reference)])
    assert grade.points == 100


def test_tests_that_cannot_be_collected_stop_everything(make_assignment):
    name = "solutions/hw0_toy/hidden_tests/test_walk.py"
    toy = make_assignment({name: 'import no_such_module\ndef test_x():\n    """It."""\n'})
    with pytest.raises(GraderError, match="no_such_module"):
        grade_all(toy, [submit("a", b"")])


def test_a_reference_that_cannot_be_loaded_stops_everything(make_assignment):
    broken = {"solutions/hw0_toy/toy.py": "def add(:\n"}
    with pytest.raises(GraderError, match="reference of hw0_toy cannot be loaded"):
        grade_all(make_assignment(broken), [submit("a", b"")])


def test_the_results_folder_holds_a_valid_result_per_submission(toy, reference, tmp_path):
    (tmp_path / "in/ada").mkdir(parents=True)
    (tmp_path / "in/ada/toy.py").write_bytes(reference)
    (tmp_path / "in/bob.py").write_bytes(reference.replace(ADD, b"return a - b"))
    (tmp_path / "in/cy").mkdir()
    (tmp_path / "in/cy/essay.txt").write_text("no code")
    out = tmp_path / "out"
    (out / "cy").mkdir(parents=True)
    (out / "cy/results.json").write_text('{"score": 100}')  # of an earlier run
    graded = gradebook.grade(toy, [tmp_path / "in"], out, jobs=2)
    assert {g.submission: g.points for g in graded.grades} == {"ada": 100, "bob": 40, "cy": 0}
    assert graded.empty == ("cy",)
    points = {
        path.parent.name: sum(
            test.get("score", 0) for test in json.loads(path.read_text("utf-8"))["tests"]
        )
        for path in out.glob("*/results.json")
    }
    assert points == {"ada": 100, "bob": 40, "cy": 0}
    assert "seed " in (out / "bob/instructor.txt").read_text("utf-8")
    lines = (out / "ada/progress.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 5
    assert "ada" in graded.csv.read_text("utf-8-sig")
    assert "bob" in graded.report.read_text("utf-8")
    assert graded.mistakes.read_text("utf-8-sig").startswith("mistake,question,count")


def test_a_failure_of_ours_leaves_no_results_file_and_exit_code_3(
    make_assignment, tmp_path, monkeypatch, capsys
):
    name = "solutions/hw0_toy/hidden_tests/test_walk.py"
    toy = make_assignment({name: 'import toy\ndef test_x():\n    """It."""\n    1 / 0\n'})
    (tmp_path / "toy.py").write_bytes((toy.private / "toy.py").read_bytes())
    out = tmp_path / "out"
    (out / "toy").mkdir(parents=True)
    (out / "toy/results.json").write_text('{"score": 100}')
    root = str(toy.public.parent.parent)
    code = main(["--root", root, "grade", "hw0_toy", str(tmp_path / "toy.py"), "--out", str(out)])
    assert code == 3
    assert not (out / "toy/results.json").exists()
    assert "not a zero" in (out / "toy/instructor.txt").read_text("utf-8")
    assert (out / "toy/progress.jsonl").exists()
    assert "not graded" in capsys.readouterr().out.lower()


def test_the_command_line_says_what_is_wrong_with_it(toy, tmp_path, capsys):
    root = str(toy.public.parent.parent)
    assert main(["--root", root, "grade", "hw0_tyo", str(tmp_path)]) == 2
    assert "did you mean 'hw0_toy'?" in capsys.readouterr().err
    assert main(["--root", root, "grade", "hw0_toy", str(tmp_path / "nobody")]) == 2
    assert "nobody" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["--root", root, "grade", "hw0_toy", str(tmp_path), "--seed", "xyz"])
    assert "'xyz' is not a seed" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["template", "bundle", "emulate", "grade", "doctor", "demo"])
def test_every_verb_explains_itself_with_an_example(verb, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    assert f"example: autograder {verb}" in capsys.readouterr().out


def test_no_submission_at_all_is_a_usage_error(toy, tmp_path):
    with pytest.raises(UsageError, match="no submission in"):
        gradebook.grade(toy, [], tmp_path)
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_hidden_tests_are_refused_where_the_sandbox_is_weak(toy, reference, monkeypatch):
    monkeypatch.setattr(shelter, "level", lambda facts: Level.WEAK)
    with pytest.raises(WeakSandboxError, match="student code could read the hidden tests") as told:
        grade_all(toy, [submit("a", reference)])
    assert "--allow-weak" in str(told.value)
    assert told.value.exit_code == 3
    (grade,) = grade_all(toy, [submit("a", reference)], allow_weak=True)
    assert grade.points == 100


def test_a_hidden_test_may_use_fixtures_of_pytest(make_assignment):
    name = "solutions/hw0_toy/hidden_tests/test_walk.py"
    body = """
import os
import toy

def test_files_and_patches(tmp_path, monkeypatch, rng):
    \"\"\"It walks beside a file and a patch.\"\"\"
    monkeypatch.setenv("WALKED", "yes")
    (tmp_path / "x").write_text(os.environ["WALKED"])
    assert toy.walk(lambda x: x, 1.0, steps=1, rng=rng) is not None
    assert (tmp_path / "x").read_text() == "yes"

def test_without_them(rng):
    \"\"\"It walks without.\"\"\"
    assert "WALKED" not in os.environ
    assert toy.walk(lambda x: x, 1.0, steps=1, rng=rng) is not None
"""
    toy = make_assignment({name: body})
    right = submit("right", (toy.private / "toy.py").read_bytes())
    dead = submit("dead", b"def walk(*args, **more):\n    1 / 0\n")
    right, dead = grade_all(toy, [right, dead])
    for grade, expected in ((right, Status.PASSED), (dead, Status.ERRORED)):
        assert not isinstance(grade, Failure), grade
        (walk,) = (question for question in grade.questions if question.id == "walk")
        found = {test.test: test.status for test in walk.tests}
        assert found["test_files_and_patches"] is found["test_without_them"] is expected
