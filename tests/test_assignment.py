"""An assignment that breaks a rule stops its author with file, expected, found and fix."""

from dataclasses import fields
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder.errors import AuthorError, UsageError

TOML = "assignments/hw0_toy/assignment.toml"
HIDDEN = "solutions/hw0_toy/hidden_tests/"
PUBLIC = "assignments/hw0_toy/tests/"
TEST = '''def test_x():
    """It works."""
'''


def toml(make_assignment, find, replace):
    """Return the toy's assignment.toml with one replacement."""
    text = (make_assignment().public / "assignment.toml").read_text(encoding="utf-8")
    assert find in text
    return {TOML: text.replace(find, replace, 1)}


def test_the_facts_are_read(toy):
    assert toy.id == "hw0_toy"
    assert toy.max_points == 100
    assert [question.id for question in toy.questions] == ["add", "walk"]
    assert toy.question("walk").depends_on == ("add",)
    assert toy.question("add").file == "toy.py"
    assert [path.name for path in toy.hidden_tests()] == ["test_add.py", "test_walk.py"]
    assert toy.limits.call_seconds == 1.0
    assert toy.limits.file_kb == 512
    assert toy.libraries == ("numpy",)
    assert toy.question("add").libraries is None


def test_a_question_can_do_with_fewer_libraries(make_assignment):
    toy = make_assignment(toml(make_assignment, "points = 60", "points = 60\nlibraries = []"))
    assert toy.question("add").libraries == ()


def test_every_limit_is_documented_with_its_default():
    text = (Path(__file__).resolve().parents[1] / "docs/instructors.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `[limits]")]
    for limit in fields(assignments.Limits):
        default = f"`{limit.name}` ({limit.default:g})"
        assert any(default in row for row in rows), default


@pytest.mark.parametrize(
    ("find", "replace", "message"),
    [
        ('title = "Toy"', "title = ", "not valid TOML"),
        ('title = "Toy"', "", "'title' is missing"),
        ('title = "Toy"', "title = 3", "wrong type"),
        ('title = "Toy"', 'titel = "Toy"', "unknown key 'titel'"),
        ("points = 60", "points = 50", "points do not add up\n  expected  100 in all"),
        ("points = 60", "points = 0", r"\[questions.add\]: points missing or not positive"),
        ("points = 60", "points = true", "points missing or not positive"),
        ("points = 60", "points = 66.66667", "finer(.*\n)*.*at most 4 decimals\n.*66.66667"),
        (
            "points = 60",
            "points = 60\npoint = 1",
            "unknown key 'point'\n(.*\n)*.*did you mean 'points'",
        ),
        ("points = 60", 'points = 60\nfile = "a.py"', "file is not one that students submit"),
        ("points = 60", 'points = 60\nfeedback = "never"', "unknown feedback"),
        ('depends_on = ["add"]', 'depends_on = ["ad"]', "depends_on names no question"),
        ('["numpy"]', '["numpy", 3]', "libraries holds what is no library"),
        ('["numpy"]', '["numpy", "a.b"]', "libraries holds what is no library"),
        ('["numpy"]', '["numpy", "numpy"]', "each once"),
        ('["numpy"]', '["numpy", "math"]', "beside the standard library"),
        ('["numpy"]', '["nunpy"]', "did you mean 'numpy'"),
        ('["numpy"]', '["torch"]', "does not list NumPy"),
        ("points = 60", 'points = 60\nlibraries = ["torch"]', "more than the assignment's"),
        ("points = 60", 'points = 60\nlibraries = "numpy"', "some of numpy, or \\[\\]"),
        ("call_seconds = 1.0", "call_second = 1.0", "did you mean 'call_seconds'"),
        ("call_seconds = 1.0", "call_seconds = -1", "call_seconds is not a limit"),
        ("call_seconds = 1.0", 'call_seconds = "1"', "call_seconds is not a limit"),
        ('files = ["toy.py"]', 'files = ["toy.py", "more.py"]', "file is not one|has no reference"),
        ('files = ["toy.py"]', 'files = ["more.py"]', "'more.py' has no reference"),
        ("[questions.walk]", "[questions.run]", "question 'run' has no hidden test"),
    ],
)
def test_a_wrong_fact_is_named(make_assignment, find, replace, message):
    with pytest.raises(AuthorError, match=message) as caught:
        make_assignment(toml(make_assignment, find, replace))
    for word in ("assignment.toml", "expected", "found", "fix"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({HIDDEN + "test_add.py": None}, "question 'add' has no hidden test"),
        ({PUBLIC + "test_add.py": None}, "question 'add' has no public test"),
        ({HIDDEN + "test_ad.py": TEST}, "tests a question that does not exist"),
        ({HIDDEN + "test_add.py": "x = 1\n"}, "holds no test"),
        ({HIDDEN + "test_add.py": "def test_x(:\n"}, "test_add.py:1: not valid Python"),
        ({HIDDEN + "test_add.py": "def test_x():\n    pass\n"}, "test_x has no docstring"),
    ],
)
def test_a_wrong_test_file_is_named(make_assignment, changes, message):
    with pytest.raises(AuthorError, match=message):
        make_assignment(changes)


def test_an_unknown_assignment_gets_a_suggestion(toy):
    root = toy.public.parent.parent
    with pytest.raises(UsageError, match=r"did you mean 'hw0_toy'\?"):
        assignments.find(root, "hw0_tyo")
    with pytest.raises(UsageError, match="no assignment at all"):
        assignments.find(root / "nowhere", "hw0_toy")
