"""Hidden checks of train: the same training of a model on our side."""

import torch_support
import torch
import torch_workflow
from reference import torch_support as ours
from reference import torch_workflow as reference
from student_kit.checks import assert_close, assert_equal, require


def draw(rng, n, sizes):
    """Return parameters of a network and a batch: n samples x, and their classes y."""
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1])) / sizes[k - 1] ** 0.5
        params[f"bias{k}"] = rng.normal(size=sizes[k]) / 2
    return params, rng.normal(size=(n, sizes[0])), rng.integers(sizes[-1], size=n)


def check(found, expected, model, like):
    """Compare the losses of a training, and the parameters after it with those of another model."""
    require(type(found) is list, "the result must be a list")
    require(all(type(loss) is float for loss in found), "each loss must be a float")
    assert_equal(len(found), len(expected), name="the number of losses")
    for step, (loss, other) in enumerate(zip(found, expected, strict=True)):
        assert_close(loss, other, name=f"the loss of step {step}")
    after = model.params()
    for name, array in like.params().items():
        assert_close(after[name], array, name=f"{name} after the training")


def test_every_batch_of_every_epoch(rng):
    """Each epoch takes a step on every batch of a list, the short last one included."""
    params, x, y = draw(rng, 7, [4, 5, 3])
    parts = slice(0, 3), slice(3, 6), slice(6, 7)
    batches = [(torch.tensor(x[part]), torch.tensor(y[part])) for part in parts]
    model, like, lr = torch_support.Network(params), ours.Network(params), rng.uniform(0.1, 0.5)
    other = ours.sgd(like, lr=lr)
    expected = reference.train(like, ours.cross_entropy, other, batches, num_epochs=3)
    optimizer = torch_support.sgd(model, lr=lr)
    found = torch_workflow.train(
        model, torch_support.cross_entropy, optimizer, batches, num_epochs=3
    )
    check(found, expected, model, like)


def test_a_loader_that_shuffles(rng):
    """A DataLoader is gone through anew in each epoch: its order is another one every time."""
    params, x, y = draw(rng, 7, [4, 5, 3])
    seed = int(rng.integers(2**31))
    model, like = torch_support.Network(params), ours.Network(params)
    other = ours.sgd(like, lr=0.2, momentum=0.5)
    expected = reference.train(
        like,
        ours.cross_entropy,
        other,
        ours.loader(x, y, batch_size=2, shuffle_seed=seed),
        num_epochs=2,
    )
    optimizer = torch_support.sgd(model, lr=0.2, momentum=0.5)
    loader = torch_support.loader(x, y, batch_size=2, shuffle_seed=seed)
    found = torch_workflow.train(
        model, torch_support.cross_entropy, optimizer, loader, num_epochs=2
    )
    check(found, expected, model, like)


def test_in_training_mode(rng):
    """The model trains in training mode, also if it comes in evaluation mode, and stays in it."""
    params, x, y = draw(rng, 6, [4, 5, 3])
    model = torch_support.Network(params)
    model.eval()
    loader = torch_support.loader(x, y, batch_size=2)
    optimizer = torch_support.sgd(model, lr=0.1)
    found = torch_workflow.train(
        model, torch_support.cross_entropy, optimizer, loader, num_epochs=1
    )
    first = ours.cross_entropy(ours.Network(params)(torch.tensor(x[:2])), torch.tensor(y[:2]))
    assert_close(found[0], first.item(), name="the loss of the first step")
    require(all(seen["training"] for seen in model.seen), "the model was not in training mode")
    require(model.training, "the model is not in training mode afterwards")


def test_no_epoch(rng):
    """No epoch: no loss, and the parameters stay; then one epoch changes them."""
    params, x, y = draw(rng, 4, [4, 5, 3])
    batches = [(torch.tensor(x), torch.tensor(y))]
    model, like = torch_support.Network(params), ours.Network(params)
    optimizer = torch_support.sgd(model, lr=0.1)
    none = torch_workflow.train(
        model, torch_support.cross_entropy, optimizer, batches, num_epochs=0
    )
    check(none, [], model, like)
    other = ours.sgd(like, lr=0.1)
    expected = reference.train(like, ours.cross_entropy, other, batches, num_epochs=1)
    found = torch_workflow.train(
        model, torch_support.cross_entropy, optimizer, batches, num_epochs=1
    )
    check(found, expected, model, like)
