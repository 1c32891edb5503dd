"""Public checks of ReLUFunction."""

import numpy as np
import torch_support
import torch_workflow
from student_kit.checks import assert_close, require


def test_worked_numbers():
    """The gradient passes at 3, and is stopped at -2 and at 0."""
    found = torch_support.forward_and_backward(
        torch_workflow.ReLUFunction, np.array([3.0, -2.0, 0.0]), np.array([-5.0, 6.0, 7.0])
    )
    assert_close(found["output"], np.array([3.0, 0.0, 0.0]), name="the output")
    assert_close(found["grad_x"], np.array([-5.0, 0.0, 0.0]), name="the gradient")


def test_passes_gradcheck(rng):
    """torch.autograd.gradcheck, PyTorch's own comparison with difference quotients, agrees."""
    x = rng.uniform(0.5, 2, size=(3, 4)) * rng.choice([-1.0, 1.0], size=(3, 4))
    passes = torch_support.passes_gradcheck(torch_workflow.ReLUFunction, x)
    require(passes is True, "gradcheck finds that the gradient is wrong")


def test_written_by_hand():
    """The backward pass works where autograd is off, and is exact right beside the kink."""
    x, grad_output = np.array([1e-12, -1e-12, 4.0]), np.array([3.0, 3.0, 0.1])
    found = torch_support.backward_without_autograd(torch_workflow.ReLUFunction, x, grad_output)
    assert_close(found, np.array([3.0, 0.0, 0.1]), name="the gradient")
