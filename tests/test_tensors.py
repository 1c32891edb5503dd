"""PyTorch's tensors cross by value, and homework about PyTorch is graded in the same isolation."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from autograder import samples
from autograder.assignment import Assignment
from autograder.batch import grade_all
from autograder.intake import Submission
from student_kit import checks, replies, tensors
from student_kit.wire import Payload, WireError, decode, encode

# --- by value -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(tensors.DTYPES))
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 4)])
def test_a_tensor_arrives_with_its_dtype_and_shape(name, shape):
    dtype = getattr(torch, name)
    sent = torch.arange(6).reshape(2, 3).to(dtype)
    sent = {(): sent[0, 2], (3,): sent[1], (2, 3): sent, (0, 4): torch.empty((0, 4), dtype=dtype)}[
        shape
    ]
    found = decode(encode(sent))
    assert (type(found), found.dtype, tuple(found.shape)) == (torch.Tensor, dtype, shape)
    assert torch.equal(found, sent)
    assert not found.requires_grad


def test_a_tensor_of_a_graph_arrives_as_a_leaf_that_requires_a_gradient():
    x = torch.ones(2, requires_grad=True)
    found = decode(encode({"a": [x * 2], "b": x.detach()}))
    assert found["a"][0].requires_grad
    assert found["a"][0].is_leaf
    assert not found["b"].requires_grad


def test_views_arrive_as_what_they_show():
    x = torch.arange(12.0).reshape(3, 4)
    for view in (x.T, x[::2, 1:], x.expand(2, 3, 4), torch.complex(x, x).conj()):
        assert torch.equal(decode(encode(view)), view)


def test_a_parameter_arrives_as_a_plain_tensor():
    assert type(decode(encode(torch.nn.Parameter(torch.ones(2))))) is torch.Tensor


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (torch.ones(2, dtype=torch.bfloat16), "a tensor of bfloat16"),
        (torch.eye(2).to_sparse(), "a sparse tensor"),
    ],
    ids=["bfloat16", "sparse"],
)
def test_what_has_no_array_is_named(tensor, words):
    with pytest.raises(WireError, match=words):
        encode(tensor)


@pytest.mark.parametrize(
    "node",
    [
        {"t": "tensor", "d": "int64", "s": [1], "g": True},
        {"t": "tensor", "d": "uint16", "s": [4], "g": False},
        {"t": "tensor", "d": "float64", "s": [2], "g": False},
        {"t": "tensor", "d": "float64", "s": [-1], "g": False},
    ],
)
def test_a_forged_tensor_is_refused(node):
    with pytest.raises(WireError):
        decode(Payload(json.dumps(node).encode(), bytes(8)))


def test_where_torch_is_not_loaded_no_tensor_arrives(monkeypatch):
    payload = encode(torch.ones(2))
    monkeypatch.delitem(sys.modules, "torch")
    with pytest.raises(WireError, match="where none can be"):
        decode(payload)
    assert not tensors.is_tensor(np.ones(2))


def test_replies_of_tensors_are_compared_by_value():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    assert replies.values_alike(x, x + 1e-14)
    assert not replies.values_alike(x, x + 1e-6)
    assert not replies.values_alike(x, x.clone().requires_grad_())
    assert not replies.values_alike(x, np.array([1.0, 2.0]))


# --- checks -------------------------------------------------------------------------------------


def test_a_tensor_is_compared_with_a_tensor():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    checks.assert_close(x.detach(), x)
    for wrong, words in (
        (np.array([1.0, 2.0]), r"expected a PyTorch tensor of shape \(2,\), found a NumPy array"),
        (torch.tensor([1.0]), r"expected \(2,\), found \(1,\)"),
        (torch.tensor([1, 2]), "wrong dtype: expected float32, found int64"),
        (torch.tensor([1.0, 3.0]), "wrong values in 1 of 2"),
        (None, "found None"),
    ):
        with pytest.raises(checks.CheckFailure, match=words):
            checks.assert_close(wrong, x)
    with pytest.raises(checks.CheckFailure, match="found a PyTorch tensor of shape"):
        checks.assert_close(x, np.array([1.0, 2.0]))


# --- grading ------------------------------------------------------------------------------------

TOML = """
title = "PyTorch"
files = ["toy.py"]
libraries = ["numpy", "torch"]

[questions.train_step]
points = 100
"""
REFERENCE = '''"""A step."""


def train_step(model, optimizer, loader):
    """Train for an epoch; return the losses."""
    # BEGIN SOLUTION
    losses = []
    for x, y in loader:
        optimizer.zero_grad()
        loss = ((model(x)[:, 0] - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    # END SOLUTION
'''
SUPPORT = '''"""Given."""

import torch


def model(weight):
    """Return a linear layer."""
    layer = torch.nn.Linear(3, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(weight)
    return layer


def sgd(module, lr):
    """Return an optimizer."""
    return torch.optim.SGD(module.parameters(), lr=lr)


def loader(x, y):
    """Return batches of two."""
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=2)
'''
TEST = """
import numpy as np
import support
import toy
import torch
from {package} import support as given, toy as expected
from student_kit.checks import assert_close


def test_weights(rng):
    \"\"\"The weights after an epoch.\"\"\"
    x, y, weight = (torch.from_numpy(rng.normal(size=n)) for n in ((4, 3), 4, (1, 3)))
    model = given.model(weight)
    losses = expected.train_step(model, given.sgd(model, 0.1), given.loader(x, y))
    mine = support.model(weight)
    found = toy.train_step(mine, support.sgd(mine, 0.1), support.loader(x, y))
    assert_close(np.array(found), np.array(losses))
    assert_close(mine.weight, model.weight)
"""
PUBLIC = """
import support
import toy
import torch
from student_kit.checks import assert_equal


def test_losses():
    \"\"\"One loss for each batch.\"\"\"
    model = support.model(torch.ones(1, 3, dtype=torch.float64))
    x = torch.ones(4, 3, dtype=torch.float64)
    losses = toy.train_step(model, support.sgd(model, 0.0), support.loader(x, x[:, 0]))
    assert_equal(losses, [4.0, 4.0])
"""
WORKERS = b"""
from torch.utils.data import DataLoader

def train_step(model, optimizer, loader):
    return [float(len(x)) for x, _ in DataLoader(loader.dataset, batch_size=2, num_workers=2)]
"""


@pytest.fixture(scope="module")
def course(make_assignment: Callable[..., Assignment]) -> Assignment:
    empty = dict.fromkeys(
        f"{folder}/test_{name}.py"
        for folder in ("assignments/hw0_toy/tests", "solutions/hw0_toy/hidden_tests")
        for name in ("add", "walk")
    )
    return make_assignment(
        {
            **empty,
            "assignments/hw0_toy/assignment.toml": TOML,
            "assignments/hw0_toy/support.py": SUPPORT,
            "assignments/hw0_toy/tests/test_train_step.py": PUBLIC,
            "solutions/hw0_toy/toy.py": REFERENCE,
            "solutions/hw0_toy/hidden_tests/test_train_step.py": TEST.format(package="reference"),
        }
    )


def test_homework_about_torch_is_graded_and_refuses_kindly(course):
    """Models and optimizers are handles; a loader with processes of its own is refused."""
    right = samples.reference_files(course)
    forgetful = right["toy.py"].replace(b"        optimizer.zero_grad()\n", b"")
    submissions = {
        "right": right,
        "forgetful": {"toy.py": forgetful},
        "workers": {"toy.py": WORKERS},
    }
    handed_in = [Submission(name=name, files=files) for name, files in submissions.items()]
    grades = dict(zip(submissions, grade_all(course, handed_in), strict=True))
    assert {name: grade.points for name, grade in grades.items()} == {
        "right": 100,
        "forgetful": 0,
        "workers": 0,
    }
    (public,) = [r for r in grades["workers"].questions[0].tests if not r.hidden]
    assert "give DataLoader num_workers=0" in public.summary
