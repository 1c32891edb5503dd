"""Hidden checks of tensor_reshape: what PyTorch says of the same reshapes and transposes."""

from itertools import permutations

import engine
import numpy as np
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


def test_reshape(rng):
    """The entries keep their order, and each gets its own gradient back."""
    for old, new in (((3, 4), (2, 6)), ((6,), (2, 3)), ((2, 3, 4), (4, 6)), ((1, 1), ())):
        check(rng, lambda x, new=new: x.reshape(new), rng.normal(size=old))


def test_reshape_to_what_is_left(rng):
    """A length of -1 stands for whatever is left."""
    for new in ((-1,), (3, -1, 2)):
        check(rng, lambda x, new=new: x.reshape(new), rng.normal(size=(2, 3, 4)))


def test_transpose(rng):
    """The transpose of a matrix, square ones included, and the reverse of more axes."""
    for shape in ((3, 4), (3, 3), (5,), (2, 3, 4)):
        check_transpose(rng, rng.normal(size=shape), None)


def test_transpose_to_any_order(rng):
    """Any order of three axes, also one that is not its own inverse."""
    for axes in permutations(range(3)):
        check_transpose(rng, rng.normal(size=(2, 3, 4)), axes)
    check_transpose(rng, rng.normal(size=(3, 3, 3)), (2, 0, 1))


def check_transpose(rng, x, axes):
    """Compare a transpose with its definition: values and gradients go to where they belong."""
    leaf = engine.Tensor(x, requires_grad=True)
    node = leaf.transpose() if axes is None else leaf.transpose(axes=axes)
    axes = tuple(range(x.ndim))[::-1] if axes is None else axes
    expected = torch.tensor(x).permute(axes).numpy()
    assert_close(node.data, expected, name="the data of the result")
    grad = rng.normal(size=x.shape)
    grad_output = np.ascontiguousarray(torch.tensor(grad).permute(axes).numpy())
    (found,) = support.gradients_by_paths(node, grad_output, [leaf])
    assert_close(found, grad, name="the gradient")


def test_nothing_is_written_into(rng):
    """Neither the operand nor the gradient that arrives is changed, its shape included."""
    x, grad_output = rng.normal(size=(2, 6)), rng.normal(size=(3, 4))
    a = engine.Tensor(x, requires_grad=True)
    node = a.reshape((3, 4))
    with assert_inputs_unchanged():
        node.grad_fn(grad_output)
    (found,) = support.gradients_by_paths(node, grad_output, [a])
    assert_close(found, grad_output.reshape(2, 6), name="the gradient")
    assert_close(a.data, x, name="the data, afterwards")
