"""Public checks of tensor_reductions."""

import engine
import numpy as np
import support
import torch
from student_kit.checks import assert_close

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_worked_numbers():
    """The sums and means of the handout."""
    x = engine.Tensor(X, requires_grad=True)
    for node, data, gradient, expected in (
        (x.sum(), 21.0, np.array(2.0), np.full((2, 3), 2.0)),
        (x.mean(), 3.5, np.array(12.0), np.full((2, 3), 2.0)),
        (x.sum(axis=1), np.array([6.0, 15.0]), np.array([1.0, 10.0]), [[1.0] * 3, [10.0] * 3]),
        (x.mean(axis=1), np.array([2.0, 5.0]), np.array([3.0, 30.0]), [[1.0] * 3, [10.0] * 3]),
    ):
        assert_close(node.data, data, name="the data")
        (found,) = support.gradients_by_paths(node, gradient, [x])
        assert_close(found, np.array(expected), name="the gradient")


def test_axes_as_in_pytorch(rng):
    """Any axes, with keepdims and without."""
    values = rng.normal(size=(4, 3, 2))
    for name in ("sum", "mean"):
        for axis in (0, -1, (0, 2)):
            for keepdims in (False, True):
                x = engine.Tensor(values, requires_grad=True)
                at = torch.tensor(values, requires_grad=True)
                node = getattr(x, name)(axis=axis, keepdims=keepdims)
                result = getattr(at, name)(dim=axis, keepdim=keepdims)
                gradient = rng.normal(size=result.shape)
                result.backward(torch.tensor(gradient))
                assert_close(node.data, result.detach().numpy(), name=f"the {name}, axis={axis}")
                (found,) = support.gradients_by_paths(node, gradient, [x])
                assert_close(found, at.grad.numpy(), name=f"the gradient of the {name}")
