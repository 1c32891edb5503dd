"""Hidden checks of tensor_arithmetic: what PyTorch says of the same expressions."""

from operator import add, mul, sub, truediv

import engine
import numpy as np
import pytest
import support
import torch
from student_kit.checks import assert_close, assert_inputs_unchanged


def value(tensor):
    """Return what a PyTorch tensor holds: an array, or one number."""
    return tensor.detach().numpy() if tensor.shape else tensor.item()


def check(rng, expression, *arrays, constants=()):
    """Compare the value and the gradients of an expression in your Tensors with PyTorch's."""
    leaves = [engine.Tensor(array, requires_grad=True) for array in arrays]
    node = expression(*leaves, *constants)
    at = [torch.tensor(array, requires_grad=True) for array in arrays]
    fixed = [torch.tensor(constant, dtype=torch.float64) for constant in constants]
    expected = expression(*at, *fixed)
    assert_close(node.data, value(expected), name="the data of the result")
    grad_output = np.array(rng.normal(size=expected.shape))
    expected.backward(torch.tensor(grad_output))
    found = support.gradients_by_paths(node, grad_output, leaves)
    for number, (gradient, tensor) in enumerate(zip(found, at, strict=True), start=1):
        assert_close(gradient, value(tensor.grad), name=f"the gradient of operand {number}")


def draw(rng, *shape):
    """Return numbers of both signs between 0.5 and 2: none is near 0, none far away."""
    return rng.uniform(0.5, 2, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def test_sum_and_difference(rng):
    """a + b and a - b have the right values and gradients."""
    check(rng, add, draw(rng, 3, 4), draw(rng, 3, 4))
    check(rng, sub, draw(rng, 3, 4), draw(rng, 3, 4))


def test_product_and_quotient(rng):
    """a * b and a / b have the right values and gradients."""
    check(rng, mul, draw(rng, 3, 4), draw(rng, 3, 4))
    check(rng, truediv, draw(rng, 3, 4), draw(rng, 3, 4))


def test_power_and_negative(rng):
    """a ** n and -a have the right values and gradients; n may be negative, and a fraction."""
    check(rng, lambda a: -a, draw(rng, 2, 3))
    for exponent in (1, 3, -2):
        check(rng, lambda a, n=exponent: a**n, draw(rng, 2, 3))
    for exponent in (0.5, rng.uniform(-2, -1)):
        check(rng, lambda a, n=exponent: a**n, np.abs(draw(rng, 2, 3)))


def test_constants_on_the_right(rng):
    """A number or an array may stand on the right of a Tensor."""
    for operation in (add, sub, mul, truediv):
        for constant in (draw(rng, 2, 3), 3):
            check(rng, operation, draw(rng, 2, 3), constants=[constant])


def test_constants_on_the_left(rng):
    """A number or an array may stand on the left of a Tensor: 2 - a is not a - 2."""
    for operation in (add, sub, mul, truediv):
        for constant in (draw(rng, 2, 3), rng.uniform(0.5, 2)):
            check(rng, lambda a, c, do=operation: do(c, a), draw(rng, 2, 3), constants=[constant])


@pytest.mark.weight(2)
def test_broadcast_operands(rng):
    """An operand that is broadcast gets a gradient of its own shape, on either side."""
    for operation in (add, sub, mul, truediv):
        for one, other in (((3,), (4, 1)), ((4, 1), (2, 1, 3)), ((4, 3), (1, 1)), ((1, 1), (4, 3))):
            check(rng, operation, draw(rng, *one), draw(rng, *other))


def test_single_numbers(rng):
    """Tensors of shape (), alone and beside an array."""
    for operation in (add, sub, mul, truediv):
        check(rng, operation, draw(rng), draw(rng))
        check(rng, operation, draw(rng, 3), draw(rng))
    check(rng, lambda a: -(a**3), draw(rng))


def test_an_operand_used_twice(rng):
    """A Tensor may be used several times: all its gradients count."""
    check(rng, lambda a: a * a, draw(rng, 2, 3))
    check(rng, lambda a: a + a, draw(rng, 2, 3))
    check(rng, lambda a, b: (a - b) * (a + b) / b, draw(rng, 2, 3), draw(rng, 3))


def test_a_random_expression(rng):
    """Random operations on operands of many shapes, whose results are used again and again."""
    operations = (
        lambda a, b, number: a + b / number,
        lambda a, b, number: number - a * b / 3,
        lambda a, b, number: a * 0.5 - b,
        lambda a, b, number: a / b,  # of leaves only: these are not near 0
        lambda a, b, number: a / (b**2 + number),
    )
    # first on two of the three leaves, which are broadcast, then on whatever is there
    steps = [(k, *rng.permutation(3)[:2]) for k in rng.permutation([0, 1, 2, 3])]
    steps += [(k, *rng.integers(3, 7, size=2)) for k in rng.permutation([0, 1, 2, 4])]
    numbers, weights = rng.uniform(1, 2, size=8), rng.uniform(0.5, 2, size=8)

    def expression(*leaves):
        nodes = list(leaves)
        for (operation, i, j), number in zip(steps, numbers, strict=True):
            nodes.append(operations[operation](nodes[i], nodes[j], number))
        total = nodes[1] + nodes[2] - nodes[0]
        for node, weight in zip(nodes[3:], weights, strict=True):
            total = total + node * weight
        return total

    check(rng, expression, draw(rng, 3, 2), draw(rng, 2), draw(rng, 3, 1))


def test_nothing_is_written_into(rng):
    """Neither the operands nor the gradient that arrives are changed."""
    x, y, grad_output = draw(rng, 2, 3), draw(rng, 2, 3), draw(rng, 2, 3)
    for operation, parts in (
        (add, (grad_output, grad_output)),
        (sub, (grad_output, -grad_output)),
        (mul, (grad_output * y, grad_output * x)),
        (truediv, (grad_output / y, -grad_output * x / y**2)),
    ):
        a, b = engine.Tensor(x, requires_grad=True), engine.Tensor(y, requires_grad=True)
        node = operation(a, b)
        with assert_inputs_unchanged():
            node.grad_fn(grad_output)
        found = support.gradients_by_paths(node, grad_output, [a, b])
        assert_close(found[0], parts[0], name="the gradient of a")
        assert_close(found[1], parts[1], name="the gradient of b")
        assert_close(a.data, x, name="the data of a, afterwards")
        assert_close(b.data, y, name="the data of b, afterwards")
