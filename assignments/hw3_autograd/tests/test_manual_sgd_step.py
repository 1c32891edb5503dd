"""Public checks of manual_sgd_step."""

import numpy as np
import torch_support
import torch_workflow
from student_kit.checks import assert_close, require


def test_worked_numbers():
    """With lr = 0.5 the parameter (1, 2) with the gradient (4, -4) becomes (-1, 4)."""
    values, grads = [np.array([1.0, 2.0]), np.array([3.0])], [np.array([4.0, -4.0]), None]
    first, second = torch_support.after_step(torch_workflow.manual_sgd_step, values, grads, lr=0.5)
    assert_close(first["value"], np.array([-1.0, 4.0]), name="the first parameter")
    assert_close(second["value"], np.array([3.0]), name="the second one, which has no gradient")
    require(first["is_leaf"] and first["requires_grad"], "a parameter must stay a leaf")
    assert_close(first["grad"], np.array([4.0, -4.0]), name="the gradient, afterwards")
