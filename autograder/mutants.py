"""Wrong versions of a reference solution, made by rules, with which the hidden tests are proved.

    Assignment --mutants--> Mutant... --apply--> {file name: bytes}, as `Submission.files` has them

A catalogue of mistakes holds what people are known to get wrong; mutants are what nobody thought
of. Every rule of `mutation` is tried at every node of every function of the reference, and
what differs from it and compiles is a mutant:

    for mutant in mutants(assignment):           # in the order of the source
        files = apply(assignment, mutant)        # a submission with this one thing wrong
        ...                                      # killed, if a hidden test of one of
                                                 # mutant.questions does not pass
    excused = load_equivalent(assignment)        # {mutant id: why no test can kill it}

Left alone are docstrings, annotations, decorators, strings (but einsum's), the text of errors, and
functions that students are given. A mutant's id is made of what it changes, so it outlives edits
elsewhere. Nothing is imported or run here: `verify` runs them.
"""

from __future__ import annotations

import ast
import copy
import difflib
import re
import textwrap
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder import tables
from autograder.assignment import Assignment
from autograder.mutation import RULES
from autograder.mutation.sites import Place, Site, first_line, places, scope
from autograder.samples import Files, reference_files
from autograder.strip import GIVEN, functions, read_source
from autograder.tables import entries, refuse

MOST_EQUIVALENT = 0.05  # of all mutants of an assignment
Function = ast.FunctionDef | ast.AsyncFunctionDef
Unit = Function | ast.Assign  # what is mutated and put back as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The reference with one thing changed."""

    id: str  # "adam_step: arithmetic: t + 1 -> t - 1"; "#2" behind it where that is there twice
    questions: tuple[str, ...]  # whose tests must kill it: its own, or all that use a helper
    rule: str
    file: str
    line: int  # of the reference's file
    before: str  # the statement without its comment, or the first line of a longer one
    after: str
    source: str = field(repr=False)  # the whole file as it is with the change


def mutants(assignment: Assignment) -> tuple[Mutant, ...]:
    """Return all mutants of an assignment's reference, in the order of its files and lines."""
    found: list[Mutant] = []
    sources = {name: read_source(assignment.private / name) for name in assignment.files}
    trees = {name: ast.parse(source) for name, source in sources.items()}
    users = _users(assignment, trees)
    for file, source in sources.items():
        for name, unit in _units(trees[file], source):
            found += _of_unit(unit, name=name, file=file, source=source, questions=users[name])
    return tuple(found)


def apply(assignment: Assignment, mutant: Mutant) -> Files:
    """Return the submission that the reference becomes with this change."""
    return {**reference_files(assignment), mutant.file: mutant.source.encode()}


# --- what belongs to which question -------------------------------------------------------------


def _units(tree: ast.Module, source: str) -> Iterator[tuple[str, Unit]]:
    """Yield what is mutated: functions with their qualified names, and constants of the module."""
    lines = source.split("\n")
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) if name.isupper():
                yield name, statement
    for name, function in functions(tree):
        first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
        if first < 2 or lines[first - 2].strip() != GIVEN:
            yield name, function


def _users(assignment: Assignment, trees: dict[str, ast.Module]) -> dict[str, tuple[str, ...]]:
    """Return for each unit the questions that are wrong if it is.

    A function, method or class that a question lists is that question's. What else there is counts
    for all questions that use it, directly or not; a question of methods uses what its hidden test
    names.
    """
    uses: dict[str, set[str]] = {}  # name at module level, or question -> names that stand in it
    for statement in (statement for tree in trees.values() for statement in tree.body):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                uses[name] = _names(statement)
            case ast.ClassDef(name=name):
                uses[name] = _names(statement)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                uses[name] = _names(statement)
    ids = [question.id for question in assignment.questions]
    listed = {name: question.id for question in assignment.questions for name in question.functions}
    for path in assignment.hidden_tests():
        uses.setdefault(path.stem.removeprefix("test_"), _names(ast.parse(read_source(path))))
    reached = {question: _reached(question, uses) for question in ids}
    users: dict[str, tuple[str, ...]] = {}
    for file, tree in trees.items():
        own = tuple(question.id for question in assignment.questions if question.file == file)
        names = [name for name, _ in functions(tree)]
        for name in [*names, *(name for name in uses if name not in names)]:
            top = name.partition(".")[0]
            named = [listed[part] for part in (name, top) if part in listed]
            using = tuple(question for question in ids if top in reached[question])
            users.setdefault(name, tuple(named[:1]) or using or own)
    return users


def _names(tree: ast.AST) -> set[str]:
    nodes = list(ast.walk(tree))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def _reached(start: str, uses: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in uses.get(waiting.pop(), set()) & uses.keys() - seen:
            seen.add(name)
            waiting.append(name)
    return seen


# --- from one unit to its mutants ---------------------------------------------------------------


def _of_unit(
    unit: Unit, *, name: str, file: str, source: str, questions: tuple[str, ...]
) -> Iterator[Mutant]:
    lines = source.split("\n")
    above, below = lines[: unit.lineno - 1], lines[unit.end_lineno :]
    indent = " " * unit.col_offset
    unit = _bare(unit)
    texts = {_plain(ast.unparse(unit))}
    ids: Counter[str] = Counter()
    for place, rule, node in _rewritten(unit):
        before, line_before = place.shown(place.node), first_line(place.statement)
        place.put(node)
        text = ast.unparse(unit)
        after = place.shown(node)
        line_after = first_line(node if place.node is place.statement else place.statement)
        place.put(place.node)
        if _plain(text) in texts or not _compiles(text):
            continue
        texts.add(_plain(text))
        short = f"{name}: {rule}: {before} -> {after}"
        ids[short] += 1
        yield Mutant(
            id=short if ids[short] == 1 else f"{short} #{ids[short]}",
            questions=questions,
            rule=rule,
            file=file,
            line=place.statement.lineno,
            before=line_before,
            after=line_after,
            source="\n".join([*above, textwrap.indent(text, indent), *below]),
        )


def _bare(unit: Unit) -> Unit:
    """Return a copy without docstring, and without decorators, which stand above its lines."""
    unit = copy.deepcopy(unit)
    if isinstance(unit, Function):
        unit.decorator_list = []
        unit.body = unit.body[ast.get_docstring(unit) is not None :]
    return unit


def _rewritten(unit: Unit) -> Iterator[tuple[Place, str, ast.AST]]:
    """Yield every node that a rule would put anywhere, outer places first."""
    names = scope(unit)
    for place in list(places(unit)):
        site = Site(node=place.node, parent=place.parent, scope=names)
        for name, rewrite in RULES.items():
            for node in rewrite(site):
                if not hasattr(node, "lineno"):
                    ast.copy_location(node, place.node)
                yield place, name, node


def _plain(text: str) -> str:
    """Return a text in which `x = x` is `pass`: two mutants that do the same are one."""
    return re.sub(r"^( *)(\w+) = \2$", r"\1pass", text, flags=re.MULTILINE)


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `x is 1` compiles too
            compile(text, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


# --- the equivalent ones ------------------------------------------------------------------------


def equivalent_path(assignment: Assignment) -> Path:
    """Return where the equivalent mutants of an assignment are listed."""
    return assignment.private / "equivalent_mutants.toml"


def load_equivalent(
    assignment: Assignment, among: Sequence[Mutant] | None = None
) -> dict[str, str]:
    """Return why each listed mutant cannot be told from the reference by any allowed input.

    Args:
        assignment: whose list to read; an assignment without the file excuses nothing.
        among: its mutants, if they are at hand.

    Raises:
        AuthorError: an entry is not {mutant, reason}, names no mutant or one twice, or there are
            more than MOST_EQUIVALENT.
    """
    toml = equivalent_path(assignment)
    if not toml.exists():
        return {}
    known = [mutant.id for mutant in (mutants(assignment) if among is None else among)]
    reasons: dict[str, str] = {}
    table = tables.read(toml, "the mutants that change nothing")
    tables.check_keys(toml, table, ("equivalent",))
    for number, entry in enumerate(entries(toml, table, "equivalent"), start=1):
        where = f"{toml} [equivalent {number}]"
        tables.check_keys(where, entry, ("mutant", "reason"))
        mutant, reason = (tables.text(where, entry, key) for key in ("mutant", "reason"))
        if mutant not in known:
            close = difflib.get_close_matches(mutant, known, n=1)
            refuse(
                where,
                "names no mutant",
                "the id of a mutant of the reference as it is now",
                mutant,
                f"did you mean {close[0]!r}?" if close else "remove the entry",
            )
        if mutant in reasons:
            fix = "remove one of the entries"
            refuse(where, "names a mutant again", "each once", mutant, fix)
        reasons[mutant] = reason
    if len(reasons) > MOST_EQUIVALENT * len(known):
        refuse(
            str(toml),
            "excuses too many mutants",
            f"at most {MOST_EQUIVALENT:.0%} of {len(known)}",
            str(len(reasons)),
            "write hidden tests that kill some, or a reference without code that changes nothing",
        )
    return reasons
