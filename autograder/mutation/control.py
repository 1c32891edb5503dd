"""Rules for statements: what is missing, conditions, loops."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.sites import Site, one_off, rule


@rule
def dropped_statement(site: Site) -> Iterator[ast.AST]:
    """A missing statement: an update of what exists already, a call, a raise, a break."""
    match site.node:
        case ast.Assign(targets=[ast.Name(id=name)], lineno=line):
            if name in site.scope.annotations or site.scope.assigned.get(name, line) < line:
                yield ast.Pass()
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()
        case ast.AugAssign() | ast.Expr(value=ast.Call()) | ast.Raise() | ast.Break():
            yield ast.Pass()
        case ast.Continue() | ast.Delete():
            yield ast.Pass()


@rule
def plain_assignment(site: Site) -> Iterator[ast.AST]:
    """`=` for `+=`."""
    match site.node:
        case ast.AugAssign(target=target, value=value):
            yield ast.Assign(targets=[target], value=value)


@rule
def in_place(site: Site) -> Iterator[ast.AST]:
    """x -= y for x = x - y, which writes into an array that somebody else may hold."""
    match site.node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=left))):
            if left == name:
                binop = site.node.value
                assert isinstance(binop, ast.BinOp)
                target = ast.Name(id=name, ctx=ast.Store())
                yield ast.AugAssign(target=target, op=binop.op, value=binop.right)


@rule
def condition(site: Site) -> Iterator[ast.AST]:
    """A condition that always holds, or never; a `while` only never, or it would not end."""
    node = site.node
    match site.parent:
        case ast.If(test=test) | ast.IfExp(test=test) if test is node:
            yield from (ast.Constant(True), ast.Constant(False))
        case ast.While(test=test) if test is node:
            yield ast.Constant(False)
        case ast.comprehension(ifs=ifs) if any(test is node for test in ifs):
            yield from (ast.Constant(True), ast.Constant(False))


@rule
def loop_bound(site: Site) -> Iterator[ast.AST]:
    """A loop that makes its first round only, or not its first, or not its last, or one more."""
    match site.parent:
        case ast.For(iter=over) | ast.comprehension(iter=over) if over is site.node:
            yield _part(over, "[:1]")
            bounds = list(_ranges(over))
            yield from bounds or (_part(over, "[1:]"), _part(over, "[:-1]"))


def _ranges(over: ast.expr) -> Iterator[ast.expr]:
    """Yield ranges that begin or end one off, if it is a range."""
    match over:
        case ast.Call(func=ast.Name(id="range") as func, args=[stop]):
            yield ast.Call(func=func, args=[ast.Constant(1), stop], keywords=[])
            for bound in one_off(stop):
                yield ast.Call(func=func, args=[bound], keywords=[])
        case ast.Call(func=ast.Name(id="range") as func, args=[start, stop, *step]):
            for bound in one_off(stop):
                yield ast.Call(func=func, args=[start, bound, *step], keywords=[])
            for bound in one_off(start):
                yield ast.Call(func=func, args=[bound, stop, *step], keywords=[])


def _part(over: ast.expr, part: str) -> ast.expr:
    return ast.parse(f"list({ast.unparse(over)}){part}", mode="eval").body


@rule
def without_context(site: Site) -> Iterator[ast.AST]:
    """A missing `with`, such as torch.no_grad()."""
    match site.node:
        case ast.With(items=[ast.withitem(optional_vars=None)], body=body):
            yield ast.If(test=ast.Constant(True), body=body, orelse=[])


@rule
def dropped_entry(site: Site) -> Iterator[ast.AST]:
    """A missing entry of a dict: a part of the state that is not handed on."""
    match site.node:
        case ast.Dict(keys=keys, values=values):
            for k in range(len(keys)):
                yield ast.Dict(
                    keys=[*keys[:k], *keys[k + 1 :]], values=[*values[:k], *values[k + 1 :]]
                )


@rule
def other_exception(site: Site) -> Iterator[ast.AST]:
    """TypeError for ValueError, and ValueError for any other."""
    match site.node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=args, keywords=keywords)):
            other = ast.Name(id="TypeError" if name == "ValueError" else "ValueError")
            yield ast.Raise(exc=ast.Call(func=other, args=args, keywords=keywords), cause=None)
