"""Hidden checks of zero_grad."""

import engine
import numpy as np
import support
from student_kit.checks import assert_close, require


def draw(rng):
    """Return three Tensors with gradients, the last of them no leaf."""
    a, b = (engine.Tensor(rng.normal(size=(3, 2)), requires_grad=True) for _ in range(2))
    c = support.weighted_sum(engine.Tensor, [a, b], rng.uniform(0.5, 2, size=2))
    for tensor in (a, b, c):
        tensor.grad = rng.normal(size=(3, 2))
    return a, b, c


def test_gradients_are_none_afterwards(rng):
    """Each of the Tensors has None for a gradient afterwards, and no other Tensor has."""
    a, b, c = draw(rng)
    kept = b.grad
    engine.zero_grad([a, c])
    require(a.grad is None and c.grad is None, "a gradient is still there")
    assert_close(b.grad, kept, name="the gradient of a Tensor that was not given")


def test_nothing_else_is_changed(rng):
    """Data, parents and rules stay: only gradients are forgotten."""
    a, b, c = draw(rng)
    data, parts = [t.data for t in (a, b, c)], c.grad_fn(np.ones((3, 2)))
    engine.zero_grad((a, b, c))
    require(all(t.grad is None for t in (a, b, c)), "a gradient is still there")
    for tensor, expected in zip((a, b, c), data, strict=True):
        assert_close(tensor.data, expected, name="the data")
        require(tensor.requires_grad, "a Tensor does not require a gradient any more")
    require(len(c.parents) == 2 and c.parents[0] == a, "a Tensor has lost its parents")
    assert_close(c.grad_fn(np.ones((3, 2)))[0], parts[0], name="what grad_fn returns")
