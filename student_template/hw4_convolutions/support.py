"""Given code of homework 4: digits, surnames, what comes behind the convolutions, a progress bar.

Your own files may import it. The linear layer and the softmax cross-entropy are those of homework
2; `init_cnn` and `init_text_cnn` draw the parameters that the networks of this homework start with.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

DATA = Path(__file__).parent / "data"
BAR = 30  # characters
PAUSE = 0.1  # seconds between two looks of the bar

ALPHABET = "abcdefghijklmnopqrstuvwxyz'- "  # of the surnames; some consist of two words
LONGEST = 16  # letters of a surname, at most
FILLER = "_"  # fills a shorter name up; it is not in the alphabet
LANGUAGES = ("Croatian", "Dutch", "English", "Finnish", "French", "German", "Polish", "Spanish")

Array = np.ndarray
Params = dict[str, Array]
T = TypeVar("T")


def load_digits() -> tuple[Array, Array, Array, Array]:
    """Return real digits, to train on and held out: (X_train, y_train, X_test, y_test).

    Returns:
        X_train: 2000 images of one channel, shape (2000, 1, 28, 28), from 0 (no ink) to 1.
        y_train: their classes 0 ... 9, shape (2000,), int64; 200 of each.
        X_test, y_test: 1000 other images, 100 of each class, in the same form.

    Source: MNIST, LeCun, Cortes & Burges; CC BY-SA 3.0. See data/README.md.
    """
    with np.load(DATA / "digits.npz") as arrays:
        X_train, X_test = (arrays[part][:, None] / 255.0 for part in ("X_train", "X_test"))
        y_train, y_test = (arrays[part].astype(np.int64) for part in ("y_train", "y_test"))
    return X_train, y_train, X_test, y_test


def load_surnames() -> tuple[list[str], Array, list[str], Array]:
    """Return real surnames, to train on and held out: (names, y, names_test, y_test).

    Returns:
        names: 4315 surnames in small letters, of at most 16 characters of the alphabet.
        y: the language of each, shape (4315,), int64: an index into LANGUAGES.
        names_test, y_test: 1078 other surnames, in the same form.

    Source: the Python package faker 0.9.3, Expat licence. See data/README.md.
    """
    parts = json.loads((DATA / "surnames.json").read_text(encoding="ascii"))
    found: list[tuple[list[str], Array]] = []
    for part in ("train", "test"):
        names = [name for language in LANGUAGES for name in parts[part][language]]
        counts = [len(parts[part][language]) for language in LANGUAGES]
        found.append((names, np.repeat(np.arange(len(LANGUAGES)), counts)))
    return *found[0], *found[1]


def fill_up(name: str) -> str:
    """Return a surname with FILLER behind it, so that all are equally long.

    FILLER is no letter of the alphabet, so that each of them becomes a row of zeros.
    """
    return name.ljust(LONGEST, FILLER)


def init_cnn(
    image: tuple[int, int, int],
    *,
    filters: int,
    kernel: int,
    classes: int,
    rng: np.random.Generator,
) -> Params:
    """Draw the parameters of the network of `cnn_loss`.

    Args:
        image: (C, H, W), the shape of one image.
        filters: F, how many filters.
        kernel: height and width of each.
        classes: number of classes.
        rng: source of all random numbers.

    Returns:
        conv_weight (F, C, kernel, kernel), conv_bias (F,), weight (classes, what is left of an
        image behind the pool), bias (classes,): normal with the variance 2 / fan_in for the
        filters, whose output goes through a ReLU, and 1 / fan_in for the linear layer; zero biases.
    """
    C, H, W = image
    pooled = filters * ((H - kernel + 1) // 2) * ((W - kernel + 1) // 2)
    fan_in = C * kernel * kernel
    return {
        "conv_weight": rng.normal(0, (2 / fan_in) ** 0.5, size=(filters, C, kernel, kernel)),
        "conv_bias": np.zeros(filters),
        "weight": rng.normal(0, pooled**-0.5, size=(classes, pooled)),
        "bias": np.zeros(classes),
    }


def init_text_cnn(
    width: int, *, filters: int, kernel: int, classes: int, rng: np.random.Generator
) -> Params:
    """Draw the parameters of the network of `train_text_cnn`.

    Args:
        width: D, how many numbers a letter is: len(ALPHABET) if it is one-hot.
        filters: F, how many filters.
        kernel: K, how many letters each of them sees.
        classes: number of classes.
        rng: source of all random numbers.

    Returns:
        conv_weight (F, D, K), conv_bias (F,), weight (classes, F), bias (classes,): normal with
        the variance 1 / (4 K) for the filters and 1 / F for the linear layer; zero biases. Of the
        D * K numbers that a filter sees, only K are not 0 if letters are one-hot; and the largest
        of many responses, which is all that the linear layer sees, lies about two deviations high.
    """
    return {
        "conv_weight": rng.normal(0, 0.5 * kernel**-0.5, size=(filters, width, kernel)),
        "conv_bias": np.zeros(filters),
        "weight": rng.normal(0, filters**-0.5, size=(classes, filters)),
        "bias": np.zeros(classes),
    }


def linear_forward(x: Array, weight: Array, bias: Array) -> Array:
    """Return x W^T + b: the linear layer, (N, D_in) and (D_out, D_in) to (N, D_out)."""
    return np.einsum("ni,oi->no", x, weight, optimize=True) + bias[None, :]


def linear_backward(grad_output: Array, x: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Take a gradient backwards through `linear_forward`: (grad_x, grad_weight, grad_bias)."""
    grad_x = np.einsum("no,oi->ni", grad_output, weight, optimize=True)
    grad_weight = np.einsum("no,ni->oi", grad_output, x, optimize=True)
    return grad_x, grad_weight, np.einsum("no->o", grad_output)


def softmax_cross_entropy(logits: Array, targets: Array) -> tuple[float, Array]:
    """Return the mean cross-entropy of the softmax of logits (N, C), and its gradient.

    targets are class indices, shape (N,). The gradient has the shape of logits; the mean over the
    batch is part of it.
    """
    each = np.arange(len(targets))
    shifted = logits - np.max(logits, axis=1)[:, None]
    log_sums = np.log(np.sum(np.exp(shifted), axis=1))
    gradient = np.exp(shifted - log_sums[:, None])
    gradient[each, targets] -= 1.0
    return float(np.mean(log_sums - shifted[each, targets])), gradient / len(targets)


def progress(items: Sequence[T], *, label: str = "epoch") -> Iterator[T]:
    """Yield the items one by one, and show on the terminal how far the loop is.

        for epoch in progress(range(num_epochs)):

    Where there is no terminal (in checks, in grading, in a file) nothing is shown.

    Args:
        items: what to go through; its length must be known.
        label: what one item is called.
    """
    terminal = sys.stderr
    if terminal is None or not terminal.isatty():
        yield from items
        return
    started = shown = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if done == 0 or now - shown > PAUSE:
            shown = now
            _show(done, len(items), label, now - started)
        yield item
    _show(len(items), len(items), label, time.monotonic() - started)
    terminal.write("\n")


def _show(done: int, total: int, label: str, seconds: float) -> None:
    """Draw the bar over the one before it."""
    full = BAR * done // max(total, 1)
    left = f", {seconds / done * (total - done):.0f} s left" if 0 < done < total else ""
    text = f"{label} {done}/{total} [{'#' * full}{'.' * (BAR - full)}] {seconds:.1f} s{left}"
    sys.stderr.write(f"\r{text:<78}")
    sys.stderr.flush()
