"""Public checks of zero_grad."""

import engine
import numpy as np
from student_kit.checks import assert_close, require


def test_gradients_are_forgotten():
    """Afterwards the gradients are None, and the data as before."""
    a, b = engine.Tensor([1.0, 2.0], requires_grad=True), engine.Tensor(3.0, requires_grad=True)
    a.grad, b.grad = np.array([5.0, 6.0]), np.array(7.0)
    engine.zero_grad([a, b])
    require(a.grad is None, "the gradient of the first Tensor is still there")
    require(b.grad is None, "the gradient of the second Tensor is still there")
    assert_close(a.data, np.array([1.0, 2.0]), name="the data")
