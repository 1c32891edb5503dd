"""Read an assignment's two folders into one frozen `Assignment`, or say what is wrong with them.

    assignments/<hw>/ + solutions/<hw>/ -> [assignment] -> Assignment

Everything else about an assignment follows from its folders: the folder's name is its id, a test
file's stem is a question's id. This module reads facts; it never runs or imports what it finds.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from autograder.errors import AuthorError, UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GIVEN = "*support.py"  # an assignment's public code that submissions may import
DECIMALS = 4  # of points: those of a question, and those that a submission earns
_QUALIFIED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?", re.ASCII)
MEASURES = ("speed",)  # of a leaderboard: how many times as fast as the reference
FEEDBACK = ("visible", "after_due_date", "after_published")
COMMON_LIBRARIES = ("numpy", "scipy", "torch", "matplotlib", "pandas")  # for a did-you-mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a submission may use while it is graded. Keys of [limits] in assignment.toml."""

    call_seconds: float = 4.0  # one call of a student's function, and the import of a file
    test_seconds: float = 8.0  # all calls of one test together
    question_seconds: float = 15.0  # all tests of one question together: a loop costs one question
    run_seconds: float = 240.0  # the whole run; must stay below the platform's own timeout
    diagnosis_seconds: float = 2.0  # to find the mistakes in all of it; nothing depends on them
    memory_mb: int = 512  # on top of what Python and NumPy take
    output_kb: int = 64  # of stdout and stderr together, kept per test
    file_kb: int = 512  # size of one submitted file
    scratch_mb: int = 64  # of all files together that one test may write, in a folder of its own
    scratch_files: int = 1_000  # their number
    open_files: int = 64  # at a time, sockets and pipes included
    threads: int = 64  # where workers have a uid of their own: the kernel counts per user


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One gradable question: a function of the student's, its points and its tests."""

    id: str  # "adam_step": stem of its test files
    points: float
    file: str  # "optim.py": where the student writes it
    depends_on: tuple[str, ...] = ()  # questions whose functions this one may call
    feedback: str = "visible"  # when hidden tests' feedback is shown: one of FEEDBACK
    libraries: tuple[str, ...] | None = None  # fewer than the assignment's; None: all of them
    functions: tuple[str, ...] = ()  # what the student writes: "Tensor.__add__" ...; usually
    # one, of the question's name, which is what nothing stands for

    def __post_init__(self) -> None:
        """A question is the function of its name, unless it says otherwise."""
        object.__setattr__(self, "functions", self.functions or (self.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """What a leaderboard shows. Keys of [leaderboard] in assignment.toml."""

    question: str  # whose function is measured, if all its tests pass
    measure: str  # one of MEASURES
    shapes: tuple[tuple[int, ...], ...]  # of the arrays that it is called with, in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """All facts of one assignment. Paths are absolute."""

    id: str  # "hw1_optimizers"
    title: str
    files: tuple[str, ...]  # what a student submits, and nothing else
    libraries: tuple[str, ...]  # what a solution may import beside the standard library
    limits: Limits
    questions: tuple[Question, ...]
    public: Path  # assignments/<hw>/
    private: Path  # solutions/<hw>/
    leaderboard: Race | None = None

    @property
    def max_points(self) -> float:
        """Sum of all questions' points: what to enter as Total Points on a platform."""
        return sum(question.points for question in self.questions)

    @property
    def given(self) -> dict[str, Path]:
        """Public code that submissions may import, by module name: support.py, or more, or none."""
        return {path.stem: path for path in sorted(self.public.glob(GIVEN))}

    def question(self, question_id: str) -> Question:
        """Return a question by id; KeyError if there is none."""
        return next(q for q in self.questions if q.id == question_id)

    def uses(self, question_id: str) -> set[str]:
        """Return all questions that a question depends on, directly or not."""
        found: set[str] = set()
        waiting = list(self.question(question_id).depends_on)
        while waiting:
            other = waiting.pop()
            if other not in found:
                found.add(other)
                waiting += self.question(other).depends_on
        return found

    def public_tests(self) -> list[Path]:
        """Return the public test files, in the order of the questions."""
        return self._tests(self.public / "tests")

    def hidden_tests(self) -> list[Path]:
        """Return the hidden test files, in the order of the questions."""
        return self._tests(self.private / "hidden_tests")

    def _tests(self, folder: Path) -> list[Path]:
        paths = (folder / f"test_{question.id}.py" for question in self.questions)
        return [path for path in paths if path.is_file()]


def find(root: Path, assignment_id: str) -> Assignment:
    """Load the assignment of this id under `root`; UsageError with close matches if none."""
    known = assignment_ids(root)
    if assignment_id not in known:
        close = difflib.get_close_matches(assignment_id, known, n=1, cutoff=0.3)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UsageError(
            f"no assignment {assignment_id!r} in {root / 'assignments'}{hint}\n"
            f"  found  {', '.join(known) or 'no assignment at all'}"
            + ("" if known else "\n  fix    run this in the repository, or name it with --root")
        )
    return load(root / "assignments" / assignment_id, root / "solutions" / assignment_id)


def assignment_ids(root: Path) -> list[str]:
    """Return the ids of all assignments under `root`, sorted."""
    return sorted(path.parent.name for path in root.glob("assignments/*/assignment.toml"))


def load(public: Path, private: Path) -> Assignment:
    """Read and check one assignment; AuthorError says file, expected, found and fix."""
    toml = public / "assignment.toml"
    table = _read_toml(toml)
    known = {"title", "files", "libraries", "limits", "questions", "leaderboard"}
    _refuse_unknown(toml, "", table, known)
    files = tuple(_get(toml, table, "files", list))
    libraries = _libraries(toml, _get(toml, table, "libraries", list))
    questions = _questions(toml, _get(toml, table, "questions", dict), files, libraries)
    assignment = Assignment(
        id=public.name,
        title=_get(toml, table, "title", str),
        files=files,
        libraries=libraries,
        limits=_limits(toml, table.get("limits", {})),
        questions=questions,
        public=public.resolve(),
        private=private.resolve(),
        leaderboard=_leaderboard(toml, table.get("leaderboard"), questions),
    )
    _check_points(toml, assignment)
    _check_files(toml, assignment)
    _check_tests(toml, assignment)
    return assignment


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AuthorError(
            path, "file is missing", expected="a file of facts", found="nothing", fix="write it"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthorError(
            path, "not valid TOML", expected="TOML 1.0 in UTF-8", found=str(error), fix="mend it"
        ) from None


def _get(toml: Path, table: dict[str, Any], key: str, kind: type) -> Any:
    value = table.get(key)
    if not isinstance(value, kind) or not value:
        raise AuthorError(
            toml,
            f"key {key!r} is missing, empty or of the wrong type",
            expected=f"a non-empty {kind.__name__}",
            found=repr(value),
            fix=f"set {key}",
        )
    return value


def _refuse_unknown(toml: Path, section: str, table: dict[str, Any], known: Iterable[str]) -> None:
    known = sorted(known)
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            raise AuthorError(
                f"{toml}{f' [{section}]' if section else ''}",
                f"unknown key {key!r}",
                expected=", ".join(known),
                found=key,
                fix=f"did you mean {close[0]!r}?" if close else "remove it",
            )


def _limits(toml: Path, table: dict[str, Any]) -> Limits:
    _refuse_unknown(toml, "limits", table, [f.name for f in fields(Limits)])
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            raise AuthorError(
                f"{toml} [limits]",
                f"{key} is not a limit",
                expected="a number > 0",
                found=repr(value),
                fix="correct it, or remove the line for the default",
            )
    return Limits(**table)


def _libraries(toml: Path, names: list[Any]) -> tuple[str, ...]:
    """Check the import names of libraries; NumPy is always one: values cross as its arrays."""
    for name in names:
        plain = isinstance(name, str) and name.isidentifier()
        if not plain or name in sys.stdlib_module_names or names.count(name) > 1:
            raise AuthorError(
                toml,
                "libraries holds what is no library",
                expected='import names beside the standard library, each once, such as "numpy"',
                found=repr(name),
                fix="correct or remove it",
            )
        close = difflib.get_close_matches(name, COMMON_LIBRARIES, n=1, cutoff=0.8)
        if close and name not in COMMON_LIBRARIES:
            raise AuthorError(
                toml,
                "libraries names an unknown library",
                expected=", ".join(COMMON_LIBRARIES),
                found=repr(name),
                fix=f"did you mean {close[0]!r}?",
            )
    if "numpy" not in names:
        raise AuthorError(
            toml,
            "libraries does not list NumPy",
            expected='"numpy": arrays are what tests send',
            found=", ".join(names),
            fix='add "numpy"; a question can do without, by libraries = [] of its own',
        )
    return tuple(names)


def _questions(
    toml: Path,
    tables: dict[str, dict[str, Any]],
    files: tuple[str, ...],
    libraries: tuple[str, ...],
) -> tuple[Question, ...]:
    questions = []
    for question_id, table in tables.items():
        section = f"questions.{question_id}"
        where = f"{toml} [{section}]"
        known = {"points", "file", "functions", "depends_on", "feedback", "libraries"}
        if not isinstance(table, dict):
            raise AuthorError(
                where,
                "is not a table",
                expected=f"[{section}] with points = ...",
                found=repr(table),
                fix="write the question as a table",
            )
        _refuse_unknown(toml, section, table, known)
        points = table.get("points")
        if isinstance(points, bool) or not isinstance(points, (int, float)) or points <= 0:
            raise AuthorError(
                where,
                "points missing or not positive",
                expected="points = a number > 0",
                found=repr(points),
                fix="set points",
            )
        if round(points, DECIMALS) != points:
            raise AuthorError(
                where,
                "points are finer than they are counted",
                expected=f"at most {DECIMALS} decimals",
                found=repr(points),
                fix="round them, so that all questions still add up to 100",
            )
        file = table.get("file", files[0] if len(files) == 1 else None)
        if file not in files:
            raise AuthorError(
                where,
                "file is not one that students submit",
                expected=" or ".join(files),
                found=repr(file),
                fix="set file",
            )
        for other in table.get("depends_on", []):
            if other not in tables:
                raise AuthorError(
                    where,
                    "depends_on names no question",
                    expected=", ".join(tables),
                    found=repr(other),
                    fix="correct the name",
                )
        feedback = table.get("feedback", "visible")
        if feedback not in FEEDBACK:
            raise AuthorError(
                where,
                "unknown feedback",
                expected=", ".join(FEEDBACK),
                found=repr(feedback),
                fix="use one of these",
            )
        own = table.get("libraries")
        if own is not None and not (isinstance(own, list) and all(n in libraries for n in own)):
            raise AuthorError(
                where,
                "libraries names more than the assignment's",
                expected=f"some of {', '.join(libraries)}, or []",
                found=repr(own),
                fix="correct it, or remove the line for all of them",
            )
        questions.append(
            Question(
                id=question_id,
                functions=_functions(where, table.get("functions", [question_id])),
                points=points,
                file=file,
                depends_on=tuple(table.get("depends_on", [])),
                feedback=feedback,
                libraries=None if own is None else tuple(own),
            )
        )
    return tuple(questions)


def _functions(where: str, names: object) -> tuple[str, ...]:
    """Return the qualified names of a question's functions."""
    if (
        not isinstance(names, list)
        or not names
        or not all(isinstance(name, str) and _QUALIFIED.fullmatch(name) for name in names)
        or len(set(names)) < len(names)
    ):
        raise AuthorError(
            where,
            "functions is no list of functions",
            expected='names such as "adam_step", or "Tensor.backward" for a method',
            found=repr(names),
            fix="correct it, or remove the line if the function has the question's name",
        )
    return tuple(names)


def _leaderboard(toml: Path, table: Any, questions: tuple[Question, ...]) -> Race | None:
    if table is None:
        return None
    shapes = table.get("shapes") if isinstance(table, dict) else None
    ids = [question.id for question in questions if question.functions == (question.id,)]
    if (
        not isinstance(table, dict)
        or table.keys() != {field.name for field in fields(Race)}
        or table["question"] not in ids
        or table["measure"] not in MEASURES
        or not isinstance(shapes, list)
        or not all(isinstance(s, list) and all(type(n) is int and n > 0 for n in s) for s in shapes)
    ):
        raise AuthorError(
            f"{toml} [leaderboard]",
            "not what a leaderboard needs",
            expected=f"question: a question's id; measure: {' or '.join(MEASURES)}; "
            "shapes: one list of sizes for each argument of its function",
            found=repr(table),
            fix="correct it, or remove the table",
        )
    return Race(
        question=table["question"],
        measure=table["measure"],
        shapes=tuple(tuple(shape) for shape in shapes),
    )


def _check_points(toml: Path, assignment: Assignment) -> None:
    if abs(assignment.max_points - 100) > 1e-9:
        raise AuthorError(
            toml,
            "points do not add up",
            expected="100 in all",
            found=f"{assignment.max_points:g}",
            fix="change the points of some questions",
        )


def _check_files(toml: Path, assignment: Assignment) -> None:
    for name in assignment.files:
        path = assignment.private / name
        if not path.is_file():
            raise AuthorError(
                toml,
                f"submitted file {name!r} has no reference",
                expected=str(path),
                found="nothing",
                fix="write the reference, or correct `files`",
            )


def _check_tests(toml: Path, assignment: Assignment) -> None:
    for folder, kind in (
        (assignment.private / "hidden_tests", "hidden"),
        (assignment.public / "tests", "public"),
    ):
        found = {path.stem.removeprefix("test_"): path for path in folder.glob("test_*.py")}
        for question in assignment.questions:
            if question.id not in found:
                raise AuthorError(
                    toml,
                    f"question {question.id!r} has no {kind} test",
                    expected=str(folder / f"test_{question.id}.py"),
                    found=", ".join(sorted(found)) or "none",
                    fix=f"write that file, or remove [questions.{question.id}]",
                )
            _check_test_file(found[question.id])
        for question_id, path in found.items():
            if question_id not in {question.id for question in assignment.questions}:
                raise AuthorError(
                    path,
                    "tests a question that does not exist",
                    expected=", ".join(question.id for question in assignment.questions),
                    found=question_id,
                    fix=f"rename the file, or add [questions.{question_id}] to {toml}",
                )


def _check_test_file(path: Path) -> None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise AuthorError(
            f"{path}:{error.lineno}",
            "not valid Python",
            expected="a pytest file",
            found=str(error.msg),
            fix="mend the syntax",
        ) from None
    tests = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    if not tests:
        raise AuthorError(
            path,
            "holds no test",
            expected="at least one function test_...",
            found="none",
            fix="write one",
        )
    for test in tests:
        if not ast.get_docstring(test):
            raise AuthorError(
                f"{path}:{test.lineno}",
                f"{test.name} has no docstring",
                expected="one sentence that states the behaviour; students read it",
                found="nothing",
                fix="write it",
            )
