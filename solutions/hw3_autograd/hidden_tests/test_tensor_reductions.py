"""Hidden checks of tensor_reductions: what PyTorch says of the same sums and means."""

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


AXES = (0, 1, -1, (0, 2), (1, -1))


def test_everything(rng):
    """Without an axis all entries are added up, or averaged, to a single number."""
    for shape in ((3, 4), (2, 3, 4), ()):
        check(rng, lambda x: x.sum(), np.array(rng.normal(size=shape)))
        check(rng, lambda x: x.mean(), np.array(rng.normal(size=shape)))


def test_sum_over_axes(rng):
    """Sums over one axis or several, also counted from the end."""
    for axis in AXES:
        check(rng, lambda x, axis=axis: x.sum(axis=axis), rng.normal(size=(2, 3, 4)))


def test_mean_over_axes(rng):
    """Means over one axis or several: each is divided by the number of its own terms."""
    for axis in AXES:
        check(rng, lambda x, axis=axis: x.mean(axis=axis), rng.normal(size=(2, 3, 4)))


def test_keepdims(rng):
    """With keepdims the axes stay, with length 1."""
    for axis in (0, -1, (0, 2), None):
        for name in ("sum", "mean"):
            check(
                rng,
                lambda x, name=name, axis=axis: getattr(x, name)(axis=axis, keepdims=True),
                rng.normal(size=(2, 3, 4)),
            )


def test_axes_of_equal_length(rng):
    """The right axis is meant, also where all have the same length and any would fit."""
    for axis in (0, 1):
        check(rng, lambda x, axis=axis: x.sum(axis=axis), rng.normal(size=(3, 3)))
        check(rng, lambda x, axis=axis: x.mean(axis=axis), rng.normal(size=(3, 3)))


def test_nothing_is_written_into(rng):
    """Neither the operand nor the gradient that arrives is changed."""
    x, grad_output = rng.normal(size=(3, 4)), rng.normal(size=3)
    for name, share in (("sum", 1), ("mean", 4)):
        a = engine.Tensor(x, requires_grad=True)
        node = getattr(a, name)(axis=1)
        with assert_inputs_unchanged():
            node.grad_fn(grad_output)
        expected = np.repeat(grad_output[:, None], 4, axis=1) / share
        (found,) = support.gradients_by_paths(node, grad_output, [a])
        assert_close(found, expected, name="the gradient")
        assert_close(a.data, x, name="the data, afterwards")
