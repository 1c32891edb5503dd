"""Where a function's code may be changed, and what the rules are told about each place.

    a function's AST -> [sites] -> Place..., each with its Site for the rules

Left alone are docstrings, annotations, decorators, and all that stands in an f-string, a `raise`
or an import: no behaviour that a test should look at.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Rule = Callable[["Site"], Iterator[ast.AST]]
RULES: dict[str, Rule] = {}  # by name, in the order in which they are defined

# what says little by itself: the expression or statement around it is shown to people
ATOMS = (ast.Constant, ast.Name, ast.UnaryOp, ast.Slice, ast.keyword, ast.comprehension)
LEFT_ALONE = {
    "annotation", "returns", "decorator_list", "type_params", "type_comment", "ctx", "op", "ops",
    "msg", "bases",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names of one function that could be taken for each other."""

    annotations: dict[str, str]  # parameter -> its type as written; "" if none
    assigned: dict[str, int]  # local name -> line of its first assignment
    written: frozenset[str]  # names of arrays that are written into: x += 1, x[0] = 1

    def alike(self, name: str) -> list[str]:
        """Return the other names of the same role: beta2 for beta1, v_hat for m_hat, y for X.

        Names that differ in their number only are taken for each other and for nothing else.
        """
        names = [*self.annotations, *(n for n in self.assigned if n not in self.annotations)]
        numbered = [other for other in names if _unnumbered(other) == _unnumbered(name)]
        if len(numbered) > 1:
            return [other for other in numbered if other != name]
        alike = [other for other in names if other != name and self._same_role(name, other)]
        stems = [_unnumbered(other) for other in alike]
        return [other for other in alike if stems.count(_unnumbered(other)) == 1]

    def _same_role(self, name: str, other: str) -> bool:
        if name in self.annotations and other in self.annotations:
            return self.annotations[name] == self.annotations[other] != ""
        if name not in self.assigned or other not in self.assigned:
            return False
        if len(name) == len(other) == 1:
            return name.isupper() == other.isupper()
        words, others = name.split("_"), other.split("_")
        return len(words) == len(others) > 1 and bool(set(words) & set(others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One node of a function, and where it stands."""

    node: ast.AST
    parent: ast.AST
    scope: Scope


def rule(function: Rule) -> Rule:
    """Add a rule to `RULES` under its function's name."""
    RULES[function.__name__] = function
    return function


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A node in its tree, and how to put another one there."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None  # in the parent's list
    label: str  # "beta1=" for a default value
    around: Place | None  # the node that holds this one; None directly below the function
    statement: ast.stmt  # the innermost one that this is in, or is

    def put(self, node: ast.AST) -> None:
        """Put a node here."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    def shown(self, node: ast.AST) -> str:
        """Return the smallest text that says what stands here, with `node` being here now."""
        place = self
        while isinstance(place.node, ATOMS) and not place.label and place.around is not None:
            place = place.around
        return place.label + first_line(node if place is self else place.node)


def places(unit: ast.stmt) -> Iterator[Place]:
    """Yield the place of every node of a function or assignment that may be changed."""
    return _below(unit, around=None, statement=unit)


def scope(unit: ast.stmt) -> Scope:
    """Return the names of a function, of those inside it too."""
    annotations: dict[str, str] = {}
    assigned: dict[str, int] = {}
    written: set[str] = set()
    for node in ast.walk(unit):
        match node:
            case ast.arg(arg=name, annotation=annotation):
                annotations[name] = ast.unparse(annotation) if annotation else ""
            case ast.Name(id=name, ctx=ast.Store(), lineno=line):
                assigned[name] = min(line, assigned.get(name, line))
            case ast.AugAssign(target=ast.Name(id=name)):
                written.add(name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                written.add(name)
    return Scope(annotations=annotations, assigned=assigned, written=frozenset(written))


def first_line(node: ast.AST) -> str:
    """Return a node's text, of a longer statement the first line, without the text of errors."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return f"raise {ast.unparse(node.exc.func)}(...)"
    return ast.unparse(node).split("\n")[0]


def _below(parent: ast.AST, *, around: Place | None, statement: ast.stmt) -> Iterator[Place]:
    for holder, name, index, node, label in _children(parent):
        place = Place(
            node=node,
            parent=holder,
            field=name,
            index=index,
            label=label,
            around=around,
            statement=node if isinstance(node, ast.stmt) else statement,
        )
        yield place
        yield from _below(node, around=place, statement=place.statement)


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST, str]]:
    """Yield what may be changed directly below a node: (holder, field, index, child, label)."""
    if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return
    for name, value in ast.iter_fields(node):
        if name in LEFT_ALONE:
            continue
        if isinstance(value, ast.arguments):
            for child, index, argument, kind in _defaults(value):
                yield value, kind, index, child, f"{argument.arg}="
        elif isinstance(value, ast.AST):
            yield node, name, None, value, ""
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST) and not _is_text(child):
                    yield node, name, index, child, ""


def _defaults(arguments: ast.arguments) -> Iterator[tuple[ast.expr, int, ast.arg, str]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    for index, (argument, default) in enumerate(zip(with_default, arguments.defaults, strict=True)):
        yield default, index, argument, "defaults"
    for index, argument in enumerate(arguments.kwonlyargs):
        keyword_default = arguments.kw_defaults[index]
        if keyword_default is not None:
            yield keyword_default, index, argument, "kw_defaults"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _unnumbered(name: str) -> str:
    return name.rstrip("0123456789")


# --- what rules of several modules make ---------------------------------------------------------


def one_off(bound: ast.expr | None) -> Iterator[ast.expr]:
    """Yield bound + 1 and bound - 1; where a number stands, that is the constant's rule."""
    numbered = isinstance(bound, (ast.Constant, ast.UnaryOp)) or (
        isinstance(bound, ast.BinOp) and isinstance(bound.right, ast.Constant)
    )
    if bound is not None and not numbered:
        for op in (ast.Add(), ast.Sub()):
            yield ast.BinOp(left=bound, op=op, right=ast.Constant(1))


def without_one(items: Sequence[T]) -> Iterator[list[T]]:
    """Yield the items without the first, without the second, and so on."""
    for k in range(len(items)):
        yield [*items[:k], *items[k + 1 :]]
