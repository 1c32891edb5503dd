"""Public checks of train_step."""

import numpy as np
import torch_support
import torch
import torch_workflow
from student_kit.checks import assert_close, require

# the worked numbers of the handout: one linear layer from zero, two samples, two classes
ZERO = {"weight1": np.zeros((2, 2)), "bias1": np.zeros(2)}
X, Y = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64), torch.tensor([0, 1])


def test_worked_numbers():
    """One step from zero with lr = 1, as in homework 2."""
    model = torch_support.Network(ZERO)
    optimizer = torch_support.sgd(model, lr=1.0)
    loss = torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, X, Y)
    require(type(loss) is float, f"the loss must be a float, found {type(loss).__name__}")
    assert_close(loss, float(np.log(2.0)), name="the loss before the step")
    expected = np.array([[0.25, -0.5], [-0.25, 0.5]])
    assert_close(model.params()["weight1"], expected, name="the weight after the step")


def test_gradients_of_an_earlier_step():
    """Gradients that are left over do not count: the step is the same."""
    model = torch_support.Network(ZERO)
    model.disturb(10.0)
    optimizer = torch_support.sgd(model, lr=1.0)
    torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, X, Y)
    expected = np.array([[0.25, -0.5], [-0.25, 0.5]])
    assert_close(model.params()["weight1"], expected, name="the weight after the step")


def test_the_loss_falls():
    """Fifteen steps on the same batch bring the loss down."""
    model = torch_support.Network(ZERO)
    optimizer = torch_support.sgd(model, lr=4.0)
    losses = [
        torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, X, Y)
        for _ in range(15)
    ]
    require(all(type(loss) is float for loss in losses), "each loss must be a float")
    require(losses[-1] < 0.05 * losses[0], "after 15 steps the loss has hardly changed")
