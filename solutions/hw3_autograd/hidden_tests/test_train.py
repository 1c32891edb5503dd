"""Hidden checks of train: the same training of a model on our side."""

import support
import torch
import torch_workflow
from reference import torch_workflow as reference
from student_kit.checks import assert_close, assert_equal, require
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset


def draw(rng, n, sizes):
    """Return parameters of a network and a batch: n samples x, and their classes y."""
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1])) / sizes[k - 1] ** 0.5
        params[f"bias{k}"] = rng.normal(size=sizes[k]) / 2
    return params, rng.normal(size=(n, sizes[0])), rng.integers(sizes[-1], size=n)


def twin(params):
    """Return the same network, made of PyTorch's own layers."""
    layers = []
    for k in range(1, len(params) // 2 + 1):
        weight, bias = (torch.tensor(params[f"{name}{k}"]) for name in ("weight", "bias"))
        linear = torch.nn.Linear(*weight.T.shape, dtype=torch.float64)
        linear.weight.data, linear.bias.data = weight, bias
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def loader_like(x, y, batch_size, seed):
    """Return a DataLoader that shuffles as that of support.py with the same seed does."""
    dataset = TensorDataset(torch.tensor(x), torch.tensor(y))
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=generator)


def check(found, expected, model, like):
    """Compare the losses of a training, and the parameters after it with those of another model."""
    require(type(found) is list, "the result must be a list")
    require(all(type(loss) is float for loss in found), "each loss must be a float")
    assert_equal(len(found), len(expected), name="the number of losses")
    for step, (loss, other) in enumerate(zip(found, expected, strict=True)):
        assert_close(loss, other, name=f"the loss of step {step}")
    for (name, array), tensor in zip(model.params().items(), like.parameters(), strict=True):
        assert_close(array, tensor.detach().numpy(), name=f"{name} after the training")


def test_every_batch_of_every_epoch(rng):
    """Each epoch takes a step on every batch of a list, the short last one included."""
    params, x, y = draw(rng, 7, [4, 5, 3])
    parts = slice(0, 3), slice(3, 6), slice(6, 7)
    batches = [(torch.tensor(x[part]), torch.tensor(y[part])) for part in parts]
    model, like, lr = support.Network(params), twin(params), rng.uniform(0.1, 0.5)
    other = torch.optim.SGD(like.parameters(), lr=lr)
    expected = reference.train(like, cross_entropy, other, batches, num_epochs=3)
    optimizer = support.sgd(model, lr=lr)
    found = torch_workflow.train(model, support.cross_entropy, optimizer, batches, num_epochs=3)
    check(found, expected, model, like)


def test_a_loader_that_shuffles(rng):
    """A DataLoader is gone through anew in each epoch: its order is another one every time."""
    params, x, y = draw(rng, 7, [4, 5, 3])
    seed = int(rng.integers(2**31))
    model, like = support.Network(params), twin(params)
    other = torch.optim.SGD(like.parameters(), lr=0.2, momentum=0.5)
    expected = reference.train(like, cross_entropy, other, loader_like(x, y, 2, seed), num_epochs=3)
    optimizer = support.sgd(model, lr=0.2, momentum=0.5)
    loader = support.loader(x, y, batch_size=2, shuffle_seed=seed)
    found = torch_workflow.train(model, support.cross_entropy, optimizer, loader, num_epochs=3)
    check(found, expected, model, like)


def test_in_training_mode(rng):
    """The model trains in training mode, also if it comes in evaluation mode, and stays in it."""
    params, x, y = draw(rng, 6, [4, 5, 3])
    model = support.Network(params)
    model.eval()
    loader = support.loader(x, y, batch_size=2)
    optimizer = support.sgd(model, lr=0.1)
    found = torch_workflow.train(model, support.cross_entropy, optimizer, loader, num_epochs=1)
    first = cross_entropy(twin(params)(torch.tensor(x[:2])), torch.tensor(y[:2])).item()
    assert_close(found[0], first, name="the loss of the first step")
    require(all(seen["training"] for seen in model.seen), "the model was not in training mode")
    require(model.training, "the model is not in training mode afterwards")


def test_no_epoch(rng):
    """No epoch: no loss, and the parameters stay; then one epoch changes them."""
    params, x, y = draw(rng, 4, [4, 5, 3])
    batches = [(torch.tensor(x), torch.tensor(y))]
    model, like = support.Network(params), twin(params)
    optimizer = support.sgd(model, lr=0.1)
    none = torch_workflow.train(model, support.cross_entropy, optimizer, batches, num_epochs=0)
    check(none, [], model, like)
    other = torch.optim.SGD(like.parameters(), lr=0.1)
    expected = reference.train(like, cross_entropy, other, batches, num_epochs=1)
    found = torch_workflow.train(model, support.cross_entropy, optimizer, batches, num_epochs=1)
    check(found, expected, model, like)
