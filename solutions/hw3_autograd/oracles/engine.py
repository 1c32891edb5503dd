"""What engine.py is compared with: autograd in PyTorch, and definitions."""

from __future__ import annotations

from operator import add, matmul, mul, sub, truediv

import numpy as np
import support
import torch

from autograder.oracle import Comparison


def unbroadcast(engine, draw):
    """Autograd of an expanded tensor."""
    shape = draw_shape(draw, axes=3)
    grad_shape = tuple(draw.integer(f"added {k}", 1, 3) for k in range(draw.integer("more", 0, 2)))
    grad_shape += tuple(
        draw.integer(f"length {k}", 1, 4) if length == 1 else length
        for k, length in enumerate(shape)
    )
    grad = draw.array("grad", *grad_shape)
    at = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    at.expand(grad_shape).backward(torch.tensor(grad))
    found = engine.unbroadcast(grad, shape)
    yield Comparison("the gradient", np.asarray(found), at.grad.numpy())


def tensor_arithmetic(engine, draw):
    """Autograd of every operator, with constants on either side, and broadcast operands."""
    shape = draw_shape(draw)
    operation = draw.choice("operation", add, sub, mul, truediv)
    x, y = (
        draw_far_from_zero(draw, "x", *shape),
        draw_far_from_zero(draw, "y", *fitting(draw, shape)),
    )
    if draw.choice("other way round", False, True):
        x, y = y, x
    yield from compare(engine, draw, "both", operation, x, y)
    for name, constant in (("array", y), ("number", draw.number("number", 0.5, 2.0)), ("3", 3)):
        right, left = f"{name} on the right", f"{name} on the left"
        yield from compare(engine, draw, right, operation, x, constants=[constant])
        yield from compare(
            engine, draw, left, lambda a, c: operation(c, a), x, constants=[constant]
        )
    yield from compare(engine, draw, "the negative", lambda a: -a, x)
    yield from compare(engine, draw, "used twice", lambda a: operation(a, a), x)
    exponent = draw.choice("exponent", 2, 1, 3, -1, 0.5, -1.5)
    base = np.abs(x) if isinstance(exponent, float) else x
    yield from compare(engine, draw, "the power", lambda a: a**exponent, base)


def tensor_matmul(engine, draw):
    """Autograd of matrix products; and operands that are refused."""
    n, k, m = (draw.integer(name, 1, 4) for name in ("N", "K", "M"))
    a, b = draw.array("a", n, k), draw.array("b", k, m)
    yield from compare(engine, draw, "both", matmul, a, b)
    yield from compare(engine, draw, "array on the right", matmul, a, constants=[b])
    yield from compare(engine, draw, "array on the left", lambda b, a: a @ b, b, constants=[a])
    for left, right in ((a[0], b), (a, b[:, 0]), (a[None], b)):
        yield Comparison("whether it is refused", refuses(matmul, engine.Tensor(left), right), True)


def tensor_reductions(engine, draw):
    """Autograd of sums and means over any axes."""
    shape = draw_shape(draw)
    x, keepdims = draw.array("x", *shape, decades=1), draw.choice("keepdims", False, True)
    axes = [k for k in range(len(shape)) if draw.choice(f"axis {k}", False, True)]
    axis = None
    if axes:
        axes = [
            k - len(shape) if draw.choice(f"from the end {k}", False, True) else k for k in axes
        ]
        axis = axes[0] if len(axes) == 1 else tuple(axes)
    for name in ("sum", "mean"):
        yield from compare(
            engine, draw, name, lambda a, f=name: getattr(a, f)(axis=axis, keepdims=keepdims), x
        )


def tensor_elementwise(engine, draw):
    """Autograd of relu, exp and log."""
    x = draw.array("x", *draw_shape(draw))
    yield from compare(engine, draw, "relu", lambda a: a.relu(), x)
    yield from compare(engine, draw, "exp", lambda a: a.exp(), x * draw.choice("scale", 1, 30))
    yield from compare(engine, draw, "log", lambda a: a.log(), np.abs(x) + 0.25)


def tensor_reshape(engine, draw):
    """Autograd of reshape and permute."""
    shape = draw_shape(draw)
    x, rng = draw.array("x", *shape), draw.rng("rng")
    lengths = [x.size // k for k in range(1, x.size + 1) if x.size % k == 0]
    first = int(rng.choice(lengths))
    new = draw.choice("new shape", (-1,), (first, x.size // first), (first, -1, 1))
    yield from compare(engine, draw, "reshape", lambda a: a.reshape(new), x)
    axes = tuple(int(k) for k in rng.permutation(len(shape)))
    leaf = engine.Tensor(x, requires_grad=True)
    for name, node, order in (
        ("transpose", leaf.transpose(), tuple(range(len(shape)))[::-1]),
        ("transpose with axes", leaf.transpose(axes=axes), axes),
    ):
        at = torch.tensor(x, requires_grad=True)
        result = at.permute(order)
        yield Comparison(f"data of the {name}", node.data, result.detach().numpy())
        grad_output = draw.array(f"gradient of the {name}", *result.shape)
        result.backward(torch.tensor(grad_output))
        (found,) = support.gradients_by_paths(node, grad_output, [leaf])
        yield Comparison(f"gradient of the {name}", np.asarray(found), at.grad.numpy())


def topological_order(engine, draw):
    """The definition, on random graphs; and the set of nodes by recursion."""
    nodes, _ = draw_graph(engine, draw)
    root = nodes[-1]

    def below(node):
        return {node}.union(*map(below, node.parents))

    order = engine.topological_order(root)
    yield Comparison("the type", type(order).__name__, "list")
    yield Comparison("the number of nodes", len(order), len(below(root)))
    yield Comparison("whether these are the nodes", set(order) == below(root), True)
    position = {node: k for k, node in enumerate(order)}
    first = all(position[p] < position[node] for node in order for p in node.parents)
    yield Comparison("whether parents come first", first, True)


def backward(engine, draw):
    """Autograd of random graphs, one call and two, with and without intermediate gradients."""
    nodes, tensors = draw_graph(engine, draw)
    root = support.sum_of_entries(engine.Tensor, [nodes[-1], nodes[0]])
    result = tensors[-1].sum() + tensors[0].sum()
    retain = draw.choice("retain_grads", False, True)
    for tensor in tensors:
        if tensor.requires_grad:
            tensor.retain_grad()
    for call in (1, 2):
        root.backward(retain_grads=retain)
        result.backward(retain_graph=True)
        for k, (node, tensor) in enumerate(zip(nodes, tensors, strict=True)):
            what = f"gradient of node {k} after call {call}"
            used = tensor.requires_grad and tensor.grad is not None
            if node.parents and tensor.requires_grad:
                used = used and retain
            if not used:
                yield Comparison(what, node.grad, None)
                continue
            # PyTorch adds intermediate gradients up, too; ours are those of the last call
            expected = tensor.grad.numpy() / (call if node.parents else 1)
            yield Comparison(what, np.asarray(node.grad), expected)
    for wrong in (engine.Tensor(np.ones(2), requires_grad=True), engine.Tensor(1.0)):
        yield Comparison("whether it is refused", refuses(wrong.backward), True)


def zero_grad(engine, draw):
    """The definition."""
    values = [draw.array(f"x{k}", 2) for k in range(draw.integer("how many", 0, 3))]
    tensors = [engine.Tensor(value, requires_grad=True) for value in values]
    for tensor in tensors:
        tensor.grad = draw.choice("a gradient", None, np.ones(2))
    engine.zero_grad(tensors)
    yield Comparison("the gradients", [t.grad for t in tensors], [None] * len(tensors))
    for tensor, value in zip(tensors, values, strict=True):
        yield Comparison("the data", tensor.data, value)


def compare(engine, draw, what, expression, *arrays, constants=()):
    """Yield the value of an expression of leaves, and its gradients, beside PyTorch's.

    The constants are numbers and arrays for the module, and tensors for PyTorch.
    """
    leaves = [engine.Tensor(array, requires_grad=True) for array in arrays]
    node = expression(*leaves, *constants)
    at = [torch.tensor(array, requires_grad=True) for array in arrays]
    result = expression(*at, *(torch.tensor(c, dtype=torch.float64) for c in constants))
    yield Comparison(f"{what}: the data", node.data, result.detach().numpy())
    grad_output = draw.array(f"{what}: gradient that arrives", *result.shape)
    result.backward(torch.tensor(grad_output))
    parts = node.grad_fn(grad_output)
    yield Comparison(f"{what}: how many gradients", len(parts), len(node.parents))
    found = support.gradients_by_paths(node, grad_output, leaves)
    for gradient, tensor in zip(found, at, strict=True):
        yield Comparison(f"{what}: a gradient", np.asarray(gradient), tensor.grad.numpy())


def refuses(function, *arguments):
    """Return whether a call raises a ValueError."""
    error = None
    try:
        function(*arguments)
    except ValueError as raised:
        error = raised
    return error is not None


def draw_shape(draw, *, axes=3):
    """Draw a shape with none to three axes."""
    return tuple(draw.integer(f"axis {k}", 1, 4) for k in range(draw.integer("axes", 0, axes)))


def fitting(draw, shape):
    """Draw a shape that broadcasts to this one."""
    dropped = draw.integer("axes that y lacks", 0, len(shape))
    return tuple(
        1 if draw.choice(f"y has length 1 in axis {k}", False, True) else length
        for k, length in enumerate(shape[dropped:])
    )


def draw_far_from_zero(draw, name, *shape):
    """Draw numbers of both signs, none of them near 0."""
    array = draw.array(name, *shape)
    return np.where(array < 0, array - 0.5, array + 0.5)


def draw_graph(engine, draw):
    """Draw a graph of weighted sums, and the same in PyTorch: two lists of nodes."""
    rng = draw.rng("graph")
    nodes, tensors = [], []
    for k in range(draw.integer("leaves", 1, 3)):
        value, needed = draw.array(f"leaf {k}", 2, 3), k == 0 or bool(rng.integers(2))
        nodes.append(engine.Tensor(value, requires_grad=needed))
        tensors.append(torch.tensor(value, requires_grad=needed))
    for _ in range(draw.integer("nodes", 0, 6)):
        chosen = [int(i) for i in rng.integers(len(nodes), size=int(rng.integers(1, 4)))]
        weights = [rng.integers(-3, 4, size=(2, 3)) / 2 for _ in chosen]
        nodes.append(support.weighted_sum(engine.Tensor, [nodes[i] for i in chosen], weights))
        pairs = zip(chosen, weights, strict=True)
        tensors.append(sum(torch.tensor(weight) * tensors[i] for i, weight in pairs))
    return nodes, tensors
