"""The catalogue of an assignment's common mistakes, and submissions that make them.

    solutions/<hw>/mistakes.toml -> [mistakes] -> Catalogue, {file name: bytes}

A mistake is a change to the text of its question's reference functions, together with the hidden
tests that must catch it and a hint that teaches. The file is an author's: whatever is wrong in it
stops the author with file, expected, found and fix. Nothing is imported or run here; `verify`
proves that the named tests, and no others, really fail.
"""

from __future__ import annotations

import ast
import difflib
import re
import textwrap
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import tables
from autograder.assignment import Assignment, Question
from autograder.samples import (
    BETWEEN,
    Files,
    function_source,
    functions_source,
    reference_files,
    with_functions,
)
from autograder.strip import BEGIN, END, read_source
from autograder.tables import entries, refuse

REQUIRED = ("id", "number", "question", "edits", "caught_by", "symptom", "hint")
OPTIONAL = ("also",)
_ELSEWHERE = re.compile(
    r"np\.random\.(?!default_rng|Generator)|default_rng\(\)|\brandom\.\w+\("
    r"|\breturn set\("  # in the order of addresses
)
REVEALING = 12  # characters from which a line of the answer in a hint gives the answer away


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One replacement in the text of a function."""

    find: str  # occurs exactly once
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One way in which students get a question wrong."""

    id: str  # "momentum-torch-form"
    number: str  # row in the common catalogue of student mistakes: "24", "X7"
    question: str
    edits: tuple[Edit, ...]  # applied in order, each to the result of the one before
    caught_by: tuple[str, ...]  # hidden tests of the question that fail, exactly
    symptom: str  # what one sees
    hint: str  # teaches; never the answer itself
    also: tuple[str, ...] = ()  # questions that may lose points too: they use this function

    @property
    def draws_elsewhere(self) -> bool:
        """Whether what it gives is another thing each time: from a generator of its own, say."""
        return any(_ELSEWHERE.search(edit.replace) for edit in self.edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExpressible:
    """A row of the common catalogue that cannot be made with our signatures."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All mistakes of an assignment, in the order of the file."""

    mistakes: tuple[Mistake, ...]
    not_expressible: tuple[NotExpressible, ...] = ()

    def mistake(self, mistake_id: str) -> Mistake:
        """Return a mistake by id; KeyError if there is none."""
        for mistake in self.mistakes:
            if mistake.id == mistake_id:
                return mistake
        raise KeyError(mistake_id)


def catalogue_path(assignment: Assignment) -> Path:
    """Return where the catalogue of an assignment is."""
    return assignment.private / "mistakes.toml"


def load(assignment: Assignment) -> Catalogue:
    """Read and check the catalogue; AuthorError if a rule of the module docstring is broken."""
    toml = catalogue_path(assignment)
    table = tables.read(toml, "a catalogue of mistakes")
    tables.check_keys(toml, table, ("mistake", "not_expressible"))
    mistakes: list[Mistake] = []
    sources = _sources(assignment)
    tests: dict[str, list[str]] = {}
    for entry in entries(toml, table, "mistake"):
        mistake = _mistake(toml, entry)
        where = _where(toml, mistake)
        if mistake.id in {other.id for other in mistakes}:
            refuse(where, "id is used twice", "an id of its own", mistake.id, "rename one of them")
        _check_question(where, mistake, assignment)
        tests.setdefault(mistake.question, _hidden_tests(assignment, mistake.question))
        _check_tests(where, mistake, tests[mistake.question])
        question = assignment.question(mistake.question)
        _check_hint(where, mistake, sources[question.file], question)
        _edited(where, mistake, sources[question.file], question)
        mistakes.append(mistake)
    others = tuple(_not_expressible(toml, e) for e in entries(toml, table, "not_expressible"))
    return Catalogue(mistakes=tuple(mistakes), not_expressible=others)


def read(assignment: Assignment) -> Catalogue:
    """Read the catalogue without checking it against the assignment, which takes much longer.

    For grading, where `load` has passed before; an empty catalogue if there is no file.
    """
    toml = catalogue_path(assignment)
    if not toml.is_file():
        return Catalogue(mistakes=())
    table = tables.read(toml, "a catalogue of mistakes")
    return Catalogue(
        mistakes=tuple(_mistake(toml, entry) for entry in entries(toml, table, "mistake")),
        not_expressible=tuple(
            _not_expressible(toml, entry) for entry in entries(toml, table, "not_expressible")
        ),
    )


def edited(function: str, mistakes: Iterable[Mistake]) -> str | None:
    """Return the text of a question's functions with these mistakes in it.

    None if they do not go together.
    """
    for edit in (edit for mistake in mistakes for edit in mistake.edits):
        if function.count(edit.find) != 1:
            return None
        function = function.replace(edit.find, edit.replace)
    return function


def apply(assignment: Assignment, *mistakes: Mistake) -> Files:
    """Return the submission that the reference becomes with these mistakes made, in this order.

    Raises:
        AuthorError: two of them change the same text.
    """
    toml = catalogue_path(assignment)
    sources = _sources(assignment)
    for mistake in mistakes:
        question = assignment.question(mistake.question)
        source = sources[question.file]
        sources[question.file] = _edited(_where(toml, mistake), mistake, source, question)
    return {name: source.encode() for name, source in sources.items()}


def _sources(assignment: Assignment) -> dict[str, str]:
    return {name: source.decode() for name, source in reference_files(assignment).items()}


def _edited(where: str, mistake: Mistake, source: str, question: Question) -> str:
    """Return a file's source with one mistake made in it."""
    what = _and(question.functions)
    try:
        text = functions_source(source, question.functions)
    except LookupError as error:
        refuse(
            where,
            f"{question.file} has no function {str(error).split()[-1]}",
            "the functions of the question, at the level of the module or of a class",
            "none",
            f"define it in {question.file}, or correct [questions.{question.id}] functions",
        )
    for number, edit in enumerate(mistake.edits, start=1):
        count = text.count(edit.find)
        if count != 1:
            refuse(
                where,
                f"edit {number} does not find its text exactly once",
                f"{edit.find!r} once in {what}, from `def` to its end",
                f"{count} times{_nearest(edit.find, text) if not count else ''}",
                "correct it" if not count else "take in more of the line, or its neighbours",
            )
        text = text.replace(edit.find, edit.replace)
    for name, part in zip(question.functions, text.split(BETWEEN), strict=True):
        alone = textwrap.dedent(part)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # `x is 1` is a mistake that students make
                compile(alone, name, "exec", dont_inherit=True)
            function_source(alone, name.rpartition(".")[2])
        except (SyntaxError, ValueError, LookupError) as error:
            refuse(
                where,
                "the edits do not leave a function that compiles",
                f"{name} with a mistake in it",
                f"{error} at {_line_at(alone, getattr(error, 'lineno', None))!r}",
                "correct `replace`: mind the indentation of each of its lines",
            )
    return with_functions(source, question.functions, text)


def _nearest(find: str, function: str) -> str:
    first = find.strip().split("\n")[0].strip()
    close = difflib.get_close_matches(first, [line.strip() for line in function.split("\n")], n=1)
    return f"; the nearest line is {close[0]!r}" if close else ""


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _line_at(source: str, number: int | None) -> str:
    lines = source.split("\n")
    return lines[number - 1].strip() if number and number <= len(lines) else ""


# --- the rules ----------------------------------------------------------------------------------


def _check_question(where: str, mistake: Mistake, assignment: Assignment) -> None:
    questions = [question.id for question in assignment.questions]
    for name in (mistake.question, *mistake.also):
        if name not in questions:
            close = difflib.get_close_matches(name, questions, n=1)
            refuse(
                where,
                "names no question",
                ", ".join(questions),
                name,
                f"did you mean {close[0]!r}?" if close else "correct the name",
            )
    for other in mistake.also:
        if mistake.question not in assignment.uses(other):
            refuse(
                where,
                f"also names {other}, which does not use {mistake.question}",
                f"a question with {mistake.question} in its depends_on, or in theirs",
                f"{other} depends on {', '.join(assignment.question(other).depends_on) or 'none'}",
                f"remove it from `also`, or complete [questions.{other}] in assignment.toml",
            )


def _hidden_tests(assignment: Assignment, question_id: str) -> list[str]:
    path = assignment.private / "hidden_tests" / f"test_{question_id}.py"
    return [
        node.name
        for node in ast.parse(read_source(path)).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def _check_tests(where: str, mistake: Mistake, tests: Sequence[str]) -> None:
    for test in mistake.caught_by:
        if test not in tests:
            close = difflib.get_close_matches(test, tests, n=1)
            refuse(
                where,
                "caught_by names no hidden test of its question",
                f"of hidden_tests/test_{mistake.question}.py: {', '.join(tests)}",
                test,
                f"did you mean {close[0]!r}?" if close else "correct the name",
            )


def _check_hint(where: str, mistake: Mistake, source: str, question: Question) -> None:
    """Refuse a hint that quotes a line of the answer."""
    try:
        lines = functions_source(source, question.functions).split("\n")
    except LookupError:
        return  # has a message of its own
    inside = False
    for line in (line.strip() for line in lines):
        inside = (inside or line == BEGIN) and line != END
        if inside and len(line) >= REVEALING and line != BEGIN and line in mistake.hint:
            refuse(
                where,
                "the hint quotes the answer",
                "words that lead to the answer",
                line,
                "say what is wrong and why, not what to type",
            )


# --- the file -----------------------------------------------------------------------------------


def _mistake(toml: Path, entry: dict[str, Any]) -> Mistake:
    where = f"{toml} [mistake {entry.get('id', '?')!r}]"
    tables.check_keys(where, entry, (*REQUIRED, *OPTIONAL))
    return Mistake(
        id=tables.text(where, entry, "id"),
        number=tables.text(where, entry, "number"),
        question=tables.text(where, entry, "question"),
        edits=_edits(where, entry.get("edits")),
        caught_by=tables.texts(where, entry, "caught_by", at_least=1),
        also=tables.texts(where, entry, "also"),
        symptom=tables.text(where, entry, "symptom"),
        hint=tables.text(where, entry, "hint"),
    )


def _not_expressible(toml: Path, entry: dict[str, Any]) -> NotExpressible:
    where = f"{toml} [not_expressible {entry.get('number', '?')!r}]"
    tables.check_keys(where, entry, ("number", "reason"))
    return NotExpressible(
        number=tables.text(where, entry, "number"), reason=tables.text(where, entry, "reason")
    )


def _edits(where: str, value: object) -> tuple[Edit, ...]:
    edits = []
    for item in value if isinstance(value, list) else []:
        keys = set(item) if isinstance(item, dict) else set()
        if keys != {"find", "replace"} or not all(isinstance(v, str) for v in item.values()):
            refuse(
                where,
                "an edit has other keys than it must",
                "{ find = ..., replace = ... }",
                repr(item),
                "write both, each a text",
            )
        if not item["find"] or item["find"] == item["replace"]:
            refuse(where, "an edit changes nothing", "another text", repr(item), "correct it")
        edits.append(Edit(find=item["find"], replace=item["replace"]))
    if not edits:
        refuse(
            where,
            "edits is missing or empty",
            "edits = [{ find = ..., replace = ... }]",
            repr(value),
            "write what to change in the reference",
        )
    return tuple(edits)


def _where(toml: Path, mistake: Mistake) -> str:
    return f"{toml} [mistake {mistake.id!r}]"
