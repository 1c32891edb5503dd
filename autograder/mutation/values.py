"""Rules for values: operators, numbers and names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.sites import Site, rule, without_one

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
}
NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


@rule
def arithmetic(site: Site) -> Iterator[ast.AST]:
    """Another operator: a - b for a + b, also in a += b."""
    match site.node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left=left, op=ARITHMETIC[type(op)](), right=right)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in ARITHMETIC:
            yield ast.AugAssign(target=target, op=ARITHMETIC[type(op)](), value=value)


@rule
def operand_order(site: Site) -> Iterator[ast.AST]:
    """b - a for a - b, and the same for quotients, powers and matrix products."""
    match site.node:
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, NOT_COMMUTATIVE):
            yield ast.BinOp(left=right, op=op, right=left)


@rule
def dropped_operand(site: Site) -> Iterator[ast.AST]:
    """A missing term, factor, divisor or exponent; a missing side of `and` and `or`."""
    match site.node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            yield left
            yield right
        case ast.BinOp(left=left, op=ast.Pow() | ast.Mod() | ast.FloorDiv()):
            yield left
        case ast.BoolOp(op=op, values=values):
            for rest in without_one(values):
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op=op, values=rest)


@rule
def comparison(site: Site) -> Iterator[ast.AST]:
    """Another comparison: the boundary case, or the opposite."""
    match site.node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for k, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    changed = [*ops[:k], other(), *ops[k + 1 :]]
                    yield ast.Compare(left=left, ops=changed, comparators=comparators)


@rule
def boolean(site: Site) -> Iterator[ast.AST]:
    """`or` for `and`, and the reverse."""
    match site.node:
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(op=ast.Or() if isinstance(op, ast.And) else ast.And(), values=values)


@rule
def unary(site: Site) -> Iterator[ast.AST]:
    """A missing minus, `not` or `~`."""
    match site.node:
        case ast.UnaryOp(operand=operand):
            yield operand


# --- values and names ---------------------------------------------------------------------------


@rule
def constant(site: Site) -> Iterator[ast.AST]:
    """Another number: one more, one less, twice, none, the other sign; the other truth value."""
    match site.node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(value=not value)
        case ast.Constant(value=int(value)) if not _is_axis(site.parent):
            yield from map(_number, (value + 1, value - 1))
            if value and not isinstance(site.parent, (ast.Subscript, ast.UnaryOp)):
                yield _number(-value)
        case ast.Constant(value=float(value)):
            near = (value + 1, value - 1) if value.is_integer() else ()
            yield from map(_number, (2 * value, 0.0, -value, *near))


@rule
def swapped_name(site: Site) -> Iterator[ast.AST]:
    """A name of the same role: beta2 for beta1.

    Not in np.zeros_like(...): names of one role have one shape, and nothing else is asked for.
    """
    match site:
        case Site(parent=ast.Call(func=ast.Attribute(attr=called))) if called.endswith("_like"):
            return
        case Site(node=ast.Name(id=name, ctx=ast.Load())):
            for other in site.scope.alike(name):
                yield ast.Name(id=other, ctx=ast.Load())


def _number(value: float) -> ast.expr:
    """Return a number's node; Python writes a negative one as a minus and a number."""
    if value < 0:
        return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=-value))
    return ast.Constant(value=value)


def _is_axis(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg in ("axis", "dim")
