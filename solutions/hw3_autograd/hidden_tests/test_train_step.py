"""Hidden checks of train_step: the same steps on a model on our side."""

import torch_support
import torch
import torch_workflow
from reference import torch_support as ours
from reference import torch_workflow as reference
from student_kit.checks import assert_close, require


def draw(rng, n, sizes):
    """Return parameters of a network and a batch: n samples x, and their classes y."""
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1])) / sizes[k - 1] ** 0.5
        params[f"bias{k}"] = rng.normal(size=sizes[k]) / 2
    return params, rng.normal(size=(n, sizes[0])), rng.integers(sizes[-1], size=n)


def check(found, expected, model, like):
    """Compare the loss of a step, and the parameters after it with those of another model."""
    require(type(found) is float, f"the loss must be a float, found {type(found).__name__}")
    assert_close(found, expected, name="the loss")
    after = model.params()
    for name, array in like.params().items():
        assert_close(after[name], array, name=f"{name} after the step")


def test_one_step(rng):
    """One step returns the loss before it, and moves every parameter downhill."""
    params, x, y = draw(rng, 6, [4, 5, 3])
    batch, lr = (torch.tensor(x), torch.tensor(y)), rng.uniform(0.1, 0.5)
    model, like = torch_support.Network(params), ours.Network(params)
    optimizer = ours.sgd(like, lr=lr)
    expected = reference.train_step(like, ours.cross_entropy, optimizer, *batch)
    optimizer = torch_support.sgd(model, lr=lr)
    found = torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, *batch)
    check(found, expected, model, like)


def test_old_gradients_do_not_count(rng):
    """Gradients that are there before the step, of whatever origin, are forgotten first."""
    params, x, y = draw(rng, 6, [4, 5, 3])
    batch, lr = (torch.tensor(x), torch.tensor(y)), rng.uniform(0.1, 0.5)
    model, like = torch_support.Network(params), ours.Network(params)
    optimizer = ours.sgd(like, lr=lr)
    expected = reference.train_step(like, ours.cross_entropy, optimizer, *batch)
    model.disturb(rng.uniform(1, 2))
    optimizer = torch_support.sgd(model, lr=lr)
    found = torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, *batch)
    check(found, expected, model, like)


def test_several_steps_with_momentum(rng):
    """Several steps on different batches, with an optimizer that remembers the earlier ones."""
    params, x, y = draw(rng, 12, [4, 5, 3])
    model, like = torch_support.Network(params), ours.Network(params)
    optimizer = torch_support.sgd(model, lr=0.2, momentum=0.8)
    other = ours.sgd(like, lr=0.2, momentum=0.8)
    for part in (slice(0, 5), slice(5, 8), slice(8, 12)):
        batch = torch.tensor(x[part]), torch.tensor(y[part])
        expected = reference.train_step(like, ours.cross_entropy, other, *batch)
        found = torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, *batch)
        check(found, expected, model, like)


def test_the_optimizer_that_is_given(rng):
    """The step is the optimizer's, whichever it is: Adam here."""
    params, x, y = draw(rng, 6, [4, 5, 3])
    batch = torch.tensor(x), torch.tensor(y)
    model, like = torch_support.Network(params), ours.Network(params)
    optimizer = torch_support.adam(model, lr=0.05)
    other = ours.adam(like, lr=0.05)
    for _ in range(2):
        expected = reference.train_step(like, ours.cross_entropy, other, *batch)
        found = torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, *batch)
        check(found, expected, model, like)


def test_the_criterion_that_is_given(rng):
    """The loss is the criterion's, which gets the predictions first and then the targets."""
    params, x, _ = draw(rng, 6, [4, 5, 3])
    batch, lr = (torch.tensor(x), torch.tensor(rng.normal(size=(6, 3)))), rng.uniform(0.1, 0.5)

    def pinball(predictions, targets):
        return (predictions - targets + 4 * torch.relu(targets - predictions)).mean()

    model, like = torch_support.Network(params), ours.Network(params)
    optimizer = ours.sgd(like, lr=lr)
    expected = reference.train_step(like, pinball, optimizer, *batch)
    optimizer = torch_support.sgd(model, lr=lr)
    found = torch_workflow.train_step(model, torch_support.pinball, optimizer, *batch)
    check(found, expected, model, like)


def test_one_forward_pass(rng):
    """The model is asked once, and stays in the mode in which it is."""
    params, x, y = draw(rng, 6, [4, 5, 3])
    batch = torch.tensor(x), torch.tensor(y)
    for training in (True, False):
        model, like = torch_support.Network(params), ours.Network(params)
        model.train(training)
        optimizer = ours.sgd(like, lr=0.1)
        expected = reference.train_step(like, ours.cross_entropy, optimizer, *batch)
        optimizer = torch_support.sgd(model, lr=0.1)
        found = torch_workflow.train_step(model, torch_support.cross_entropy, optimizer, *batch)
        check(found, expected, model, like)
        require(len(model.seen) == 1, "the model was asked more than once in one step")
        modes = model.seen[0]["training"], model.training
        require(modes == (training, training), "the model was put into another mode")
