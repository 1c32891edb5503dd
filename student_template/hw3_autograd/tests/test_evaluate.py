"""Public checks of evaluate."""

import numpy as np
import torch_support
import torch_workflow
from student_kit.checks import assert_close, require

# the logits are the samples themselves
SAME = {"weight1": np.eye(2), "bias1": np.zeros(2)}
X = np.array([[2.0, 1.0], [1.0, 3.0], [0.0, -1.0]])


def test_worked_numbers():
    """The samples are of the classes 0, 1 and 0; two of the three targets agree."""
    model = torch_support.Network(SAME)
    batches = torch_support.loader(X, np.array([0, 1, 1]), batch_size=2)
    found = torch_workflow.evaluate(model, batches)
    require(type(found) is float, f"the result must be a float, found {type(found).__name__}")
    assert_close(found, 2 / 3, name="the accuracy")


def test_modes():
    """No graph, evaluation mode meanwhile, and the old mode afterwards."""
    model = torch_support.Network(SAME)
    batches = torch_support.loader(X, np.array([0, 1, 0]), batch_size=2)
    assert_close(torch_workflow.evaluate(model, batches), 1.0, name="the accuracy")
    require(len(model.seen) == 2, "there are two batches, so the model is asked twice")
    require(not any(seen["training"] for seen in model.seen), "the model was in training mode")
    require(not any(seen["graph"] for seen in model.seen), "autograd recorded a graph")
    require(model.training, "the model was in training mode before, and is not any more")
