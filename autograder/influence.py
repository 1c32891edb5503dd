"""Which questions can tell a sample from the reference: those that reach what it does differently.

    Assignment + Files -> [influence] -> question ids

By names alone, nothing is run: what mentions a name may call whatever is called so, wherever that
is defined. So it errs to one side only, and a question too many costs some time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import decode_source

from autograder.assignment import Assignment, Question
from autograder.samples import Files, reference_files

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Source:
    """The definitions at the top level of one file, and what else it says."""

    texts: Mapping[str, tuple[str, ...]]  # by name: more than one where it is defined again
    mentions: Mapping[str, Names]  # by name: the names in it
    imports: Names  # modules
    rest: tuple[str, ...]  # all statements that define nothing


@dataclass(frozen=True, slots=True)
class _Asker:
    """What the tests of one question may call: names, in modules."""

    question: str
    names: Names
    modules: Names


class Influence:
    """Knows what the tests of an assignment's questions can reach in its files."""

    def __init__(self, assignment: Assignment) -> None:
        self._questions = assignment.questions
        self._old = {
            name[:-3]: _read(source) for name, source in reference_files(assignment).items()
        }
        self._given = [_read(path.read_bytes()) for path in assignment.given.values()]
        tests: dict[str, list[_Source]] = {}
        for path in (*assignment.public_tests(), *assignment.hidden_tests()):
            tests.setdefault(path.stem, []).append(_read(path.read_bytes()))
        self._askers = [_asker(q, tests.get(f"test_{q.id}", [])) for q in assignment.questions]
        # an oracle bears the name of its question, and gets the module of the question's file
        paths = sorted((assignment.private / "oracles").glob("*.py"))
        self._opinions = [_read(path.read_bytes()) for path in paths]
        self._oracles = [_asker(q, [], q.id) for q in assignment.questions]

    def touched(self, files: Files) -> list[str]:
        """Return the questions whose tests can reach code that is not the reference's."""
        return self._reached(files, self._askers, [])

    def questioned(self, files: Files) -> list[str]:
        """Return the questions whose oracle can reach code that is not the reference's."""
        return self._reached(files, self._oracles, self._opinions)

    def _reached(
        self, files: Files, askers: Sequence[_Asker], sources: Sequence[_Source]
    ) -> list[str]:
        old, new = self._old, {name: _read(files[f"{name}.py"]) for name in self._old}
        changed = {name for module in old for name in _differing(old[module], new[module])}
        names = _reaching(changed, [*self._given, *sources, *old.values(), *new.values()])
        modules = {module for module in old if old[module] != new[module]}
        for _ in old:  # as long a chain of imports as there can be
            modules |= {m for m in old if not modules.isdisjoint(old[m].imports | new[m].imports)}
        return [
            asker.question for asker in askers if asker.names & names and asker.modules & modules
        ]

    def rewritten(self, files: Files) -> list[str]:
        """Return the questions whose own answer is not the reference's: not what builds on it."""
        new = {name: _read(files[f"{name}.py"]) for name in self._old}
        changed = {module: {*_differing(self._old[module], new[module])} for module in self._old}
        return [
            question.id
            for question in self._questions
            if changed[question.file[:-3]] & {name.partition(".")[0] for name in question.functions}
        ]


def _asker(question: Question, tests: Sequence[_Source], *names: str) -> _Asker:
    own = frozenset([*names, *(each.partition(".")[0] for each in question.functions)])
    return _Asker(
        question=question.id,
        names=own.union(*(names for test in tests for names in test.mentions.values())),
        modules=frozenset({question.file[:-3]}).union(*(test.imports for test in tests)),
    )


def _differing(old: _Source, new: _Source) -> Iterator[str]:
    """Yield what is defined differently; if anything but definitions differs, every name."""
    for name in old.texts.keys() | new.texts.keys():
        if old.rest != new.rest or old.texts.get(name) != new.texts.get(name):
            yield name


def _reaching(changed: set[str], sources: Sequence[_Source]) -> set[str]:
    """Return `changed` with all that mentions it, or mentions what mentions it, and so on."""
    found, before = set(changed), 0
    while len(found) > before:
        before = len(found)
        found |= {
            name
            for source in sources
            for name, mentioned in source.mentions.items()
            if not found.isdisjoint(mentioned)
        }
    return found


@lru_cache(maxsize=256)
def _read(data: bytes) -> _Source:
    text = decode_source(data)
    lines = text.split("\n")
    texts: dict[str, tuple[str, ...]] = {}
    mentions: dict[str, Names] = {}
    imports: Names = frozenset()
    rest: tuple[str, ...] = ()
    others: Names = frozenset()
    for node in ast.parse(text).body:
        decorators = getattr(node, "decorator_list", [])
        first = min(each.lineno for each in (node, *decorators))
        part = "\n".join(lines[first - 1 : node.end_lineno])
        imports |= _imported(part)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            texts[node.name] = (*texts.get(node.name, ()), part)
            mentions[node.name] = mentions.get(node.name, frozenset()) | _names(part)
        else:
            rest += (part,)
            others |= _names(part)
            mentions |= _renamed(part)
    # a table of functions may be used by each of them
    mentions = {name: mentioned | others for name, mentioned in mentions.items()}
    return _Source(texts=texts, mentions=mentions, imports=imports, rest=rest)


@lru_cache(maxsize=4096)
def _names(part: str) -> Names:
    """Return all names in a piece of code, those in quotes too: `getattr(module, "name")`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(part)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names if alias.asname}
    return frozenset(found)


@lru_cache(maxsize=4096)
def _imported(part: str) -> Names:
    """Return the modules that a piece of code imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(part)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return frozenset(names)


def _renamed(part: str) -> dict[str, Names]:
    """Return what an import calls by another name."""
    node = ast.parse(part).body[0]
    aliases = node.names if isinstance(node, ast.ImportFrom) else []
    return {alias.asname: frozenset([alias.name]) for alias in aliases if alias.asname}
