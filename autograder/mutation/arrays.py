"""Rules for arrays: axes, indices and shapes, and the calls of NumPy and PyTorch."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from autograder.mutation.sites import Site, one_off, rule, without_one

# --- axes, indices, shapes ----------------------------------------------------------------------


@rule
def axis(site: Site) -> Iterator[ast.AST]:
    """Another axis: 1 for 0, 0 for any other; a missing one of several."""
    match site.node:
        case ast.keyword(arg="axis" | "dim" | "axes" as name, value=ast.Tuple(elts=axes)):
            for rest in without_one(axes):
                yield ast.keyword(arg=name, value=ast.Tuple(elts=rest, ctx=ast.Load()))
        case ast.keyword(arg="axis" | "dim" as name, value=value):
            other = 1 if ast.unparse(value) == "0" else 0
            yield ast.keyword(arg=name, value=ast.Constant(other))


@rule
def slice_bound(site: Site) -> Iterator[ast.AST]:
    """A slice that begins or ends one off, or has no lower or upper bound, or no step."""
    match site.node:
        case ast.Slice(lower=lower, upper=upper, step=step):
            for bound in (None, *one_off(lower)):
                yield ast.Slice(lower=bound, upper=upper, step=step)
            for bound in (None, *one_off(upper)):
                yield ast.Slice(lower=lower, upper=bound, step=step)
            yield ast.Slice(lower=lower, upper=upper, step=None)


@rule
def transposition(site: Site) -> Iterator[ast.AST]:
    """A transpose too few, or one too many in a matrix product."""
    match site.node:
        case ast.Attribute(value=value, attr="T" | "mT"):
            yield value
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            yield ast.BinOp(left=_transposed(left), op=ast.MatMult(), right=right)
            yield ast.BinOp(left=left, op=ast.MatMult(), right=_transposed(right))


@rule
def tuple_order(site: Site) -> Iterator[ast.AST]:
    """Two neighbours of the same kind swapped: in a shape, a permutation, a returned tuple."""
    match site.node:
        case ast.Tuple(elts=elts, ctx=ast.Load()):
            for k, (first, second) in enumerate(pairwise(elts)):
                if _same_kind(first, second):
                    changed = [*elts[:k], second, first, *elts[k + 2 :]]
                    yield ast.Tuple(elts=changed, ctx=ast.Load())


@rule
def padding(site: Site) -> Iterator[ast.AST]:
    """One side without padding: (padding, 0) for (padding, padding)."""
    match site.node:
        case ast.Call(func=func, args=[x, ast.Tuple(elts=sides), *rest], keywords=keywords):
            if _name(func) != "pad":
                return
            for k, side in enumerate(sides):
                for other in _half_padded(side):
                    widths = ast.Tuple(elts=[*sides[:k], other, *sides[k + 1 :]], ctx=ast.Load())
                    yield ast.Call(func=func, args=[x, widths, *rest], keywords=keywords)


# --- calls --------------------------------------------------------------------------------------

TAKEN_FOR_EACH_OTHER = """
    mean sum | max min | amax amin | argmax argmin | maximum minimum | any all | zeros ones
    | zeros_like ones_like | floor ceil | std var | exp expm1 | log log1p | tanh sigmoid
    | standard_normal random | normal uniform | add subtract | multiply divide
"""
OTHER_FUNCTION = {
    name: other
    for pair in TAKEN_FOR_EACH_OTHER.split("|")
    for name, other in (pair.split(), pair.split()[::-1])
}
LIBRARIES = ("np", "numpy", "torch", "F", "math")
CONVERSIONS = "abs bool dict float int list max min reversed set sorted sum tuple".split()  # noqa: SIM905
METHODS = """
    abs argmax argmin astype clone contiguous copy cumsum detach exp flatten item log max mean min
    permute ravel relu reshape sqrt squeeze sum swapaxes transpose unsqueeze view
""".split()  # noqa: SIM905 - reads better as words


@rule
def other_function(site: Site) -> Iterator[ast.AST]:
    """A function that is taken for this one: sum for mean, min for max, ones for zeros."""
    match site.node:
        case ast.Attribute(value=value, attr=attr, ctx=ast.Load()) if attr in OTHER_FUNCTION:
            if isinstance(site.parent, ast.Call) and site.parent.func is site.node:
                yield ast.Attribute(value=value, attr=OTHER_FUNCTION[attr], ctx=ast.Load())
        case ast.Name(id=name) if name in OTHER_FUNCTION:
            if isinstance(site.parent, ast.Call) and site.parent.func is site.node:
                yield ast.Name(id=OTHER_FUNCTION[name], ctx=ast.Load())


@rule
def missing_call(site: Site) -> Iterator[ast.AST]:
    """x for np.sqrt(x), int(x), x.copy() or x.sum(axis=0); the default for state.get(key, it)."""
    match site.node:
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            yield default
        case ast.Call(func=ast.Attribute() as func, args=[first, *_]) if _root(func) in LIBRARIES:
            if not isinstance(first, (ast.Tuple, ast.Constant)):
                yield first
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in CONVERSIONS:
            yield first
        case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in METHODS:
            yield value


@rule
def missing_copy(site: Site) -> Iterator[ast.AST]:
    """np.asarray(x) for np.array(x), where the function writes into it later."""
    match site.node, site.parent:
        case (
            ast.Call(func=ast.Attribute(value=library, attr="array"), args=args, keywords=keywords),
            ast.Assign(targets=[ast.Name(id=name)]),
        ) if name in site.scope.written:
            func = ast.Attribute(value=library, attr="asarray", ctx=ast.Load())
            yield ast.Call(func=func, args=args, keywords=keywords)


@rule
def argument_order(site: Site) -> Iterator[ast.AST]:
    """Two positional arguments of the same kind swapped; both branches of np.where."""
    match site.node:
        case ast.Call(func=func, args=args, keywords=keywords):
            for a, b in combinations(range(len(args)), 2):
                if _same_kind(args[a], args[b]) or (_name(func), a, b) == ("where", 1, 2):
                    changed = list(args)
                    changed[a], changed[b] = changed[b], changed[a]
                    yield ast.Call(func=func, args=changed, keywords=keywords)


@rule
def dropped_keyword(site: Site) -> Iterator[ast.AST]:
    """A missing keyword argument: axis, keepdims, dtype, rng."""
    match site.node:
        case ast.Call(func=func, args=args, keywords=keywords):
            for rest in without_one(keywords):
                yield ast.Call(func=func, args=args, keywords=rest)


@rule
def no_randomness(site: Site) -> Iterator[ast.AST]:
    """The order as it stands for a random one, and drawing with replacement for without."""
    match site.node:
        case ast.Call(func=ast.Attribute(value=rng, attr="permutation"), args=[size]):
            yield ast.parse(f"np.arange({ast.unparse(size)})", mode="eval").body
            drawn = f"{ast.unparse(rng)}.integers({ast.unparse(size)}, size={ast.unparse(size)})"
            yield ast.parse(drawn, mode="eval").body


@rule
def einsum(site: Site) -> Iterator[ast.AST]:
    """Two neighbouring letters of an einsum operand swapped."""
    match site.node:
        case ast.Call(func=func, args=[ast.Constant(value=str(text)), *rest], keywords=keywords):
            if _name(func) != "einsum":
                return
            for swap in re.finditer(r"(?=([A-Za-z])([A-Za-z]))", text):
                k = swap.start()
                changed = text[:k] + swap[2] + swap[1] + text[k + 2 :]
                yield ast.Call(func=func, args=[ast.Constant(changed), *rest], keywords=keywords)


# --- parts --------------------------------------------------------------------------------------


def _half_padded(side: ast.expr) -> Iterator[ast.expr]:
    match side:
        case ast.Name():
            yield ast.Constant(0)
        case ast.Tuple(elts=[before, after]):
            yield ast.Tuple(elts=[ast.Constant(0), after], ctx=ast.Load())
            yield ast.Tuple(elts=[before, ast.Constant(0)], ctx=ast.Load())


def _transposed(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node
    return ast.Attribute(value=node, attr="T", ctx=ast.Load())


def _same_kind(first: ast.expr, second: ast.expr) -> bool:
    return type(first) is type(second) and not isinstance(first, ast.Starred)


def _name(func: ast.expr) -> str:
    """Return the last part of a called function's name: einsum for np.einsum."""
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _root(func: ast.expr) -> str:
    """Return the first part of a called function's name: np for np.linalg.norm."""
    while isinstance(func, ast.Attribute):
        func = func.value
    return getattr(func, "id", "")
