"""The reference layers of hw2_backprop agree with PyTorch, in float64, over random shapes."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
F = torch.nn.functional

LAYERS = Path(__file__).parents[1] / "solutions" / "hw2_backprop" / "layers.py"
# Both sides make the same few operations in float64, in another order.
CLOSE = {"rtol": 1e-11, "atol": 1e-12}
# Central differences with h = 1e-5 of smooth functions of about 1: rounding is 1e-16 / 1e-5.
NEAR = {"rtol": 1e-7, "atol": 1e-8}

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 6)
few = settings(max_examples=15, deadline=None, derandomize=True)
shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


def load_reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hw2_reference_layers", LAYERS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


reference = load_reference()


def pulled_back(function, grad_output, *arrays):
    """Return autograd's gradients of sum(grad_output * function(*arrays))."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    function(*tensors).backward(torch.tensor(grad_output))
    return [tensor.grad.numpy() for tensor in tensors]


@few
@given(seed=seeds, n=sizes, d_in=sizes, d_out=sizes)
def test_linear_is_linear(seed, n, d_in, d_out):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, d_in)), rng.normal(size=(d_out, d_in))
    bias, grad_output = rng.normal(size=d_out), rng.normal(size=(n, d_out))
    expected = F.linear(*map(torch.tensor, (x, weight, bias))).numpy()
    np.testing.assert_allclose(reference.linear_forward(x, weight, bias), expected, **CLOSE)
    found = reference.linear_backward(grad_output, x, weight)
    for ours, theirs in zip(
        found, pulled_back(F.linear, grad_output, x, weight, bias), strict=True
    ):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, **CLOSE)


@few
@given(seed=seeds, shape=shapes)
def test_activations_are_relu_and_sigmoid(seed, shape):
    rng = np.random.default_rng(seed)
    grad_output, x = rng.normal(size=shape), rng.normal(scale=5, size=shape)
    x[rng.random(shape) < 0.2] = 0.0
    x[rng.random(shape) < 0.2] *= 1000
    for name, function in (("relu", torch.relu), ("sigmoid", torch.sigmoid)):
        forward, backward = (getattr(reference, f"{name}_{way}") for way in ("forward", "backward"))
        np.testing.assert_allclose(forward(x), function(torch.tensor(x)).numpy(), **CLOSE)
        (expected,) = pulled_back(function, grad_output, x)
        np.testing.assert_allclose(backward(grad_output, x), expected, **CLOSE)


@few
@given(seed=seeds, n=sizes, c=sizes, scale=st.sampled_from([0.1, 1.0, 1000.0]))
def test_softmax_and_its_cross_entropy(seed, n, c, scale):
    rng = np.random.default_rng(seed)
    logits, targets = rng.normal(scale=scale, size=(n, c)), rng.integers(c, size=n)
    at = torch.tensor(logits, requires_grad=True)
    np.testing.assert_allclose(
        reference.softmax(logits), torch.softmax(at, dim=1).detach().numpy(), **CLOSE
    )
    expected = F.cross_entropy(at, torch.tensor(targets))
    expected.backward()
    loss, grad = reference.softmax_cross_entropy(logits, targets)
    np.testing.assert_allclose(loss, expected.item(), **CLOSE)
    np.testing.assert_allclose(grad, at.grad.numpy(), **CLOSE)


@few
@given(seed=seeds, shape=shapes)
def test_mse_loss_is_mse_loss(seed, shape):
    rng = np.random.default_rng(seed)
    pred, target = rng.normal(size=shape), rng.normal(size=shape)
    at = torch.tensor(pred, requires_grad=True)
    expected = F.mse_loss(at, torch.tensor(target))
    expected.backward()
    loss, grad = reference.mse_loss(pred, target)
    np.testing.assert_allclose(loss, expected.item(), **CLOSE)
    np.testing.assert_allclose(grad, at.grad.numpy(), **CLOSE)


@few
@given(seed=seeds, shape=shapes)
def test_numerical_gradient_is_near_autograd(seed, shape):
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=shape), rng.normal(size=shape)

    def f(at):  # works on arrays and on tensors; couples all entries
        return (at * (w if isinstance(at, np.ndarray) else torch.tensor(w))).sum() ** 2 / 2 + (
            at**3
        ).sum() / 3

    at = torch.tensor(x, requires_grad=True)
    f(at).backward()
    expected = at.grad.numpy()
    found = reference.numerical_gradient(f, x)
    np.testing.assert_allclose(found, expected, **NEAR)
    wrong = expected * 1.25
    error = reference.gradient_check(f, wrong, x, rng=rng)
    assert error == pytest.approx(0.2, abs=1e-4)


def test_relative_error_is_its_definition():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4, 5))
    a[0, 0] = b[0, 0] = 0.0
    errors = [
        abs(u - v) / max(abs(u), abs(v)) if u != v else 0.0
        for u, v in zip(a.ravel(), b.ravel(), strict=True)
    ]
    assert reference.relative_error(a, b) == pytest.approx(max(errors), rel=1e-14)
