"""The networks of hw4 train as they do in PyTorch, and read digits and surnames as measured."""

import hashlib
import importlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
F = torch.nn.functional

ROOT = Path(__file__).parents[1]
HW2, HW4 = "hw2_backprop", "hw4_convolutions"
DATA = ROOT / "assignments" / HW4 / "data"
NAMES = ("support", "conv", "text", "cnn")
MLP_HIGHEST = 0.92  # of hw2's network on the same digits, as tests/test_hw2_training.py bounds it


def load_reference():
    """Import the reference and its support under their own names, and move them aside again."""
    before = {name: sys.modules.pop(name) for name in NAMES if name in sys.modules}
    folders = [str(ROOT / "solutions" / HW4), str(ROOT / "assignments" / HW4)]
    sys.path[:0] = folders
    try:
        return [importlib.import_module(name) for name in NAMES]
    finally:
        del sys.path[: len(folders)]
        for name in NAMES:
            sys.modules.pop(name, None)
        sys.modules.update(before)


support, conv, text, cnn = load_reference()


def image_logits(at, x):
    maps = F.conv2d(x, at["conv_weight"], at["conv_bias"])
    return F.linear(F.max_pool2d(F.relu(maps), 2).flatten(1), at["weight"], at["bias"])


def text_logits(at, x):
    scores = F.conv1d(x.transpose(1, 2), at["conv_weight"], at["conv_bias"])
    return F.linear(F.relu(scores).amax(dim=2), at["weight"], at["bias"])


def digits():
    X, y, X_test, y_test = support.load_digits()
    return X, y, X_test, y_test, image_logits, cnn.train_cnn, 16, 0.1


def surnames():
    names, y, names_test, y_test = support.load_surnames()
    X, X_test = (
        np.stack([text.one_hot_chars(support.fill_up(name), support.ALPHABET) for name in part])
        for part in (names, names_test)
    )
    return X, y, X_test, y_test, text_logits, cnn.train_text_cnn, 32, 0.2


def start(task, rng):
    if task is digits:
        return support.init_cnn((1, 28, 28), filters=8, kernel=5, classes=10, rng=rng)
    return support.init_text_cnn(len(support.ALPHABET), filters=64, kernel=4, classes=8, rng=rng)


@pytest.mark.parametrize("task", [digits, surnames])
def test_50_steps_have_the_losses_of_the_same_training_in_pytorch(task):
    X, y, _, _, logits_of, train, batch_size, lr = task()
    params = start(task, np.random.default_rng(3))
    rng = np.random.default_rng(4)
    _, losses = train(params, X, y, lr=lr, batch_size=batch_size, num_epochs=1, rng=rng)
    order = np.random.default_rng(4).permutation(len(X))  # what the reference draws
    at = {key: torch.tensor(value, requires_grad=True) for key, value in params.items()}
    optimizer = torch.optim.SGD(at.values(), lr=lr)
    expected = []
    for step in range(50):
        batch = order[step * batch_size : (step + 1) * batch_size]
        optimizer.zero_grad()
        loss = F.cross_entropy(logits_of(at, torch.tensor(X[batch])), torch.tensor(y[batch]))
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    assert losses[40:50].mean() < losses[:10].mean()
    np.testing.assert_allclose(losses[:50], expected, rtol=1e-6, atol=0)


def test_the_data_are_as_recorded():
    record = (DATA / "README.md").read_text(encoding="utf-8")
    content = (DATA / "surnames.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() in record
    of_hw2 = ROOT / "assignments" / HW2 / "data" / "digits.npz"
    assert (DATA / "digits.npz").read_bytes() == of_hw2.read_bytes()
    parts = json.loads(content)
    names = [name for part in parts.values() for known in part.values() for name in known]
    assert len(names) == len(set(names)) == 5393  # none twice, and none on both sides
    assert max(map(len, names)) <= support.LONGEST
    assert set("".join(names)) <= set(support.ALPHABET)
    assert tuple(parts["train"]) == tuple(parts["test"]) == support.LANGUAGES


@pytest.mark.full
@pytest.mark.parametrize(
    ("task", "num_epochs", "bar"), [(digits, 10, MLP_HIGHEST), (surnames, 15, 0.5)]
)
def test_what_is_held_out_is_read_as_well_as_promised(task, num_epochs, bar):
    X, y, X_test, y_test, logits_of, train, batch_size, lr = task()
    for seed in range(3):
        rng, started = np.random.default_rng(seed), time.process_time()
        params = start(task, rng)
        params, _ = train(
            params, X, y, lr=lr, batch_size=batch_size, num_epochs=num_epochs, rng=rng
        )
        assert time.process_time() - started < 60
        at = {key: torch.tensor(value) for key, value in params.items()}
        found = logits_of(at, torch.tensor(X_test)).argmax(dim=1).numpy()
        assert np.mean(found == y_test) > bar
