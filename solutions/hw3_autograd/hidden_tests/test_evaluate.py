"""Hidden checks of evaluate."""

import numpy as np
import torch_support
import torch
import torch_workflow
from student_kit.checks import assert_close, require


def draw(rng, n, *, right):
    """Return a network of one layer, samples x and classes y: it predicts the first `right`."""
    params = {"weight1": rng.normal(size=(4, 3)), "bias1": rng.normal(size=4)}
    x = rng.normal(size=(n, 3))
    y = np.argmax(x @ params["weight1"].T + params["bias1"], axis=1)
    y[right:] = (y[right:] + rng.integers(1, 4, size=n - right)) % 4
    return torch_support.Network(params), x, y


def check(found, expected):
    """Fail unless the accuracy is this Python float."""
    require(type(found) is float, f"the result must be a float, found {type(found).__name__}")
    assert_close(found, expected, name="the accuracy")


def test_share_of_right_predictions(rng):
    """The share of samples whose largest logit is that of their class."""
    for right in (7, 0):
        model, x, y = draw(rng, 12, right=right)
        loader = torch_support.loader(x, y, batch_size=5)
        check(torch_workflow.evaluate(model, loader), right / 12)


def test_every_sample_counts_the_same(rng):
    """A last batch that is shorter does not count for more than its samples."""
    model, x, y = draw(rng, 9, right=9)
    y[8] = (y[8] + 1) % 4  # the only sample of the last batch
    check(torch_workflow.evaluate(model, torch_support.loader(x, y, batch_size=8)), 8 / 9)
    model, x, y = draw(rng, 7, right=4)
    batches = [
        (torch.tensor(x[:6]), torch.tensor(y[:6])),
        (torch.tensor(x[6:]), torch.tensor(y[6:])),
    ]
    check(torch_workflow.evaluate(model, batches), 4 / 7)


def test_as_many_samples_as_classes(rng):
    """The largest logit is looked for among the classes, and not among the samples."""
    model = torch_support.Network({"weight1": np.eye(4), "bias1": np.zeros(4)})
    y = np.array([1, 2, 3, 0])  # sample n has its largest logit at n + 1, class c at sample c - 1
    x = 3 * np.eye(4)[y] + rng.uniform(-1, 1, size=(4, 4))
    check(torch_workflow.evaluate(model, torch_support.loader(x, y, batch_size=4)), 1.0)


def test_no_graph_is_built(rng):
    """While the model is evaluated autograd records nothing, and no parameter changes."""
    model, x, y = draw(rng, 6, right=5)
    before = model.params()
    check(torch_workflow.evaluate(model, torch_support.loader(x, y, batch_size=2)), 5 / 6)
    require(len(model.seen) == 3, "the model must be asked once for each batch")
    require(not any(seen["graph"] for seen in model.seen), "a graph was built")
    for name, array in model.params().items():
        assert_close(array, before[name], name=name)


def test_evaluation_mode(rng):
    """The model is in evaluation mode meanwhile, and afterwards in the mode it was in."""
    for training in (True, False):
        model, x, y = draw(rng, 6, right=4)
        model.train(training)
        check(torch_workflow.evaluate(model, torch_support.loader(x, y, batch_size=3)), 4 / 6)
        modes = [seen["training"] for seen in model.seen]
        require(modes == [False, False], "the model was in training mode while it was evaluated")
        require(model.training == training, "the model was left in another mode")
