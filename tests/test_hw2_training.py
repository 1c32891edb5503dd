"""The network of hw2 trains as it does in PyTorch, and reads real digits about as well as measured.

The digits themselves are checked too: how many, of which classes, and that they are those of the
recorded provenance.
"""

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "solutions" / "hw2_backprop", ROOT / "assignments" / "hw2_backprop"]
NAMES = ("support", "layers", "mlp")
SIZES, LR, BATCH_SIZE, NUM_EPOCHS = [784, 128, 10], 0.1, 32, 20  # as in look.py
# measured over the seeds 0 to 9: mean 0.904, standard deviation 0.004, from 0.898 to 0.909
LOWEST, HIGHEST = 0.88, 0.92


def load_reference():
    """Import the reference and its support under their own names, and move them aside again."""
    before = {name: sys.modules.pop(name) for name in NAMES if name in sys.modules}
    sys.path[:0] = map(str, FOLDERS)
    try:
        return [importlib.import_module(name) for name in NAMES]
    finally:
        del sys.path[: len(FOLDERS)]
        for name in NAMES:
            sys.modules.pop(name, None)
        sys.modules.update(before)


support, _, mlp = load_reference()


@pytest.fixture(scope="module")
def digits():
    return support.load_digits()


def trained(digits, seed, *, num_epochs=NUM_EPOCHS):
    """Train the reference as look.py does; return the parameters and the losses."""
    X, y, _, _ = digits
    rng = np.random.default_rng(seed)
    params = mlp.init_mlp(SIZES, rng=rng)
    return mlp.train_mlp(params, X, y, lr=LR, batch_size=BATCH_SIZE, num_epochs=num_epochs, rng=rng)


def torch_losses(params, X, y, order, *, lr, batch_size):
    """The same network, start, batches and SGD in PyTorch, float64; return the losses."""
    depth = len(params) // 2
    layers = []
    for k in range(1, depth + 1):
        out, fan_in = params[f"weight{k}"].shape
        layer = torch.nn.Linear(fan_in, out, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(params[f"weight{k}"]))
            layer.bias.copy_(torch.tensor(params[f"bias{k}"]))
        layers += [layer, torch.nn.ReLU()] if k < depth else [layer]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        optimizer.zero_grad()
        logits = model(torch.tensor(X[batch]))
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y[batch]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


def test_the_digits_are_balanced_apart_and_as_recorded(digits):
    X, y, X_test, y_test = digits
    assert X.shape == (2000, 784)
    assert X_test.shape == (1000, 784)
    assert X.dtype == X_test.dtype == np.float64
    assert np.bincount(y).tolist() == [200] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert X.min() == X_test.min() == 0
    assert X.max() == X_test.max() == 1
    images = {row.tobytes() for row in X} | {row.tobytes() for row in X_test}
    assert len(images) == 3000  # none twice, and none on both sides


def test_the_record_of_the_digits_names_their_hash(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    tool = importlib.import_module("make_digits")
    record = (tool.OUT.parent / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"`([0-9a-f]{64})`", record) == [tool.digest(tool.OUT)]
    assert "CC BY-SA" in support.load_digits.__doc__
    assert "Attribution-ShareAlike 3.0" in record


def test_50_steps_have_the_losses_of_the_same_training_in_pytorch(digits):
    X, y, _, _ = digits
    params = mlp.init_mlp(SIZES, rng=np.random.default_rng(3))
    _, losses = mlp.train_mlp(
        params, X, y, lr=LR, batch_size=BATCH_SIZE, num_epochs=1, rng=np.random.default_rng(4)
    )
    order = np.random.default_rng(4).permutation(len(X))  # what the reference draws
    expected = torch_losses(params, X, y, order[: 50 * BATCH_SIZE], lr=LR, batch_size=BATCH_SIZE)
    assert len(expected) == 50
    assert abs(losses[0] - np.log(10)) < 0.3
    assert losses[40:50].mean() < losses[:10].mean() / 2
    # the same computation but for the order of additions: it differs by less than 1e-15 here
    np.testing.assert_allclose(losses[:50], expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("sizes", [[7, 5], [6, 9, 4], [5, 8, 7, 3]])
def test_loss_and_gradients_are_those_of_pytorch(sizes):
    rng = np.random.default_rng(len(sizes))
    params = mlp.init_mlp(sizes, rng=rng)
    params = {key: value + 0.1 * rng.normal(size=value.shape) for key, value in params.items()}
    x, targets = rng.normal(size=(6, sizes[0])), rng.integers(sizes[-1], size=6)
    at = {key: torch.tensor(value, requires_grad=True) for key, value in params.items()}
    h, depth = torch.tensor(x), len(sizes) - 1
    for k in range(1, depth + 1):
        h = torch.nn.functional.linear(h, at[f"weight{k}"], at[f"bias{k}"])
        h = torch.relu(h) if k < depth else h
    penalty = sum((at[f"weight{k}"] ** 2).sum() for k in range(1, depth + 1))
    loss = torch.nn.functional.cross_entropy(h, torch.tensor(targets)) + 0.5 * 0.3 * penalty
    loss.backward()
    found, grads = mlp.mlp_loss(params, x, targets, weight_decay=0.3)
    np.testing.assert_allclose(found, loss.item(), rtol=1e-12)
    np.testing.assert_allclose(mlp.mlp_forward(params, x), h.detach().numpy(), rtol=1e-11)
    for key in params:
        np.testing.assert_allclose(grads[key], at[key].grad.numpy(), rtol=1e-10, atol=1e-13)


def test_two_layer_sigmoid_is_that_of_pytorch():
    rng = np.random.default_rng(5)
    params = {
        key: rng.normal(size=value.shape) for key, value in mlp.init_mlp([4, 6, 3], rng=rng).items()
    }
    x = rng.normal(size=(5, 4))
    at = {key: torch.tensor(value) for key, value in params.items()}
    hidden = torch.sigmoid(torch.nn.functional.linear(torch.tensor(x), at["weight1"], at["bias1"]))
    expected = torch.sigmoid(torch.nn.functional.linear(hidden, at["weight2"], at["bias2"]))
    np.testing.assert_allclose(mlp.two_layer_sigmoid(params, x), expected.numpy(), rtol=1e-12)


def test_a_bar_is_drawn_on_a_terminal_only(monkeypatch, capsys):
    assert list(support.progress(range(3))) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(support.progress(range(3))) == [0, 1, 2]
    drawn = capsys.readouterr().err
    assert "epoch 0/3 [....." in drawn
    assert "epoch 3/3 [#####" in drawn
    assert drawn.endswith("\n")


@pytest.mark.full
def test_held_out_digits_are_read_as_well_as_measured(digits):
    _, _, X_test, y_test = digits
    shares = []
    for seed in range(10):
        params, losses = trained(digits, seed)
        assert losses.shape == (63 * NUM_EPOCHS,)
        assert losses[-63:].mean() < 0.1
        shares.append(mlp.accuracy(mlp.predict(params, X_test), y_test))
    assert LOWEST < min(shares)
    assert max(shares) < HIGHEST
