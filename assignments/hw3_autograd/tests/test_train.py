"""Public checks of train."""

import numpy as np
import torch_support
import torch_workflow
from student_kit.checks import assert_close, require

ZERO = {"weight1": np.zeros((2, 2)), "bias1": np.zeros(2)}
X, Y = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 0.0]]), np.array([0, 1, 0])


def test_one_loss_for_each_step():
    """Three samples in batches of two are two steps in each epoch; the first loss is log 2."""
    model = torch_support.Network(ZERO)
    batches = torch_support.loader(X, Y, batch_size=2)
    optimizer = torch_support.sgd(model, lr=1.0)
    losses = torch_workflow.train(
        model, torch_support.cross_entropy, optimizer, batches, num_epochs=3
    )
    require(type(losses) is list and len(losses) == 6, "the result must be a list of 6 losses")
    assert_close(losses[0], float(np.log(2.0)), name="the first loss")
    # after the first step, as worked out in the handout, the logits of (1, 0) are (0.25, -0.25)
    assert_close(losses[1], float(np.log(1 + np.exp(-0.5))), name="the second loss")


def test_training_mode():
    """The model trains in training mode, whatever mode it comes in."""
    model = torch_support.Network(ZERO)
    model.eval()
    batches = torch_support.loader(X, Y, batch_size=2)
    optimizer = torch_support.sgd(model, lr=1.0)
    losses = torch_workflow.train(
        model, torch_support.cross_entropy, optimizer, batches, num_epochs=1
    )
    assert_close(losses[0], float(np.log(2.0)), name="the first loss")
    require(model.training, "the model is not in training mode")
