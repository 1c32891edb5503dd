"""What your networks have learned: filters and what they find in digits, letters in surnames.

`look.py` draws with it. Both networks are trained anew, with your functions, as the handout says.
Change a number below, and look again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import cnn
import conv
import support
import text

SEED = 0
DIGITS = {"lr": 0.1, "batch_size": 16, "num_epochs": 10}
DIGIT_FILTERS = {"filters": 8, "kernel": 5}
SHOWN_DIGITS = (0, 4, 7)
NAMES = {"lr": 0.2, "batch_size": 32, "num_epochs": 15}
NAME_FILTERS = {"filters": 64, "kernel": 4}
SHOWN_FILTERS, SHOWN_NAMES = 6, 6
PATIENCE = 120  # seconds; a training that would take longer is not begun
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#777777"  # the colour-blind tell them apart

Array = np.ndarray
Params = dict[str, Array]


def train(
    function: Callable[..., tuple[Params, Array]],
    params: Params,
    X: Array,
    y: Array,
    settings: dict[str, Any],
) -> tuple[Params, str]:
    """Train with the student's function.

    Returns:
        (params, problem): the trained parameters, and why they are of no use, if so.
    """
    rng = np.random.default_rng(SEED)
    one_batch, some = {**settings, "num_epochs": 1}, slice(settings["batch_size"])
    started = time.perf_counter()
    function(params, X[some], y[some], **one_batch, rng=np.random.default_rng(SEED))
    seconds = time.perf_counter() - started
    expected = seconds * settings["num_epochs"] * len(X) / settings["batch_size"]
    name = function.__name__
    if expected > PATIENCE:
        return params, (
            f"One batch takes {seconds:.2g} s in {name}, so the training would take about "
            f"{expected / 60:.0f} minutes. The handout says how to be faster than six loops, and "
            "PATIENCE in network_pictures.py how long you are ready to wait."
        )
    print(f"training with {name}: {len(X)} samples, {settings['num_epochs']} epochs ...")
    params, losses = function(params, X, y, **settings, rng=rng)
    if not np.isfinite(losses).all():
        step = int(np.argmin(np.isfinite(losses)))
        return params, f"The training diverged: the loss of step {step} is infinite or NaN."
    return params, ""


def report(logits: Array, targets: Array, what: str) -> float:
    """Return the share of samples whose largest logit is that of their class, and print it."""
    accuracy = float(np.mean(np.argmax(logits, axis=1) == targets))
    print(f"{accuracy:.1%} of {len(targets)} {what} are right, which it has never seen")
    return accuracy


# --- digit_filters.png --------------------------------------------------------------------------


def draw_digit_filters(plt: Any, path: Path) -> str:
    """Save the filters before and after training, and where they find something in some digits.

    Returns:
        What keeps it from being drawn, a sentence, or nothing.
    """
    X, y, X_test, y_test = support.load_digits()
    rng = np.random.default_rng(SEED)
    start = support.init_cnn(X.shape[1:], **DIGIT_FILTERS, classes=10, rng=rng)
    params, problem = train(cnn.train_cnn, start, X, y, DIGITS)
    if problem:
        return problem
    accuracy = report(digit_logits(params, X_test), y_test, "held-out digits")
    images = X_test[[int(np.argmax(y_test == digit)) for digit in SHOWN_DIGITS]]
    maps = np.maximum(conv.conv2d_forward(images, params["conv_weight"], params["conv_bias"]), 0)

    figure, grid = plt.subplots(
        2 + len(images),
        1 + maps.shape[1],
        figsize=(12, 7.2),
        layout="constrained",
    )
    figure.suptitle(
        f"{maps.shape[1]} filters, and where they find something "
        f"({accuracy:.1%} of the held-out digits are read correctly)",
        fontsize=13,
    )
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
    filters = [weights["conv_weight"][:, 0] for weights in (start, params)]
    for row, (values, label) in enumerate(
        zip(filters, ("filters\nat the start", "filters\nafter training"), strict=True)
    ):
        say(grid[row, 0], label)
        bound = float(np.abs(values).max())
        for axes, kernel in zip(grid[row, 1:], values, strict=True):
            axes.imshow(kernel, cmap="PuOr_r", vmin=-bound, vmax=bound)
    for row, (image, found) in enumerate(zip(images, maps, strict=True), start=2):
        grid[row, 0].imshow(image[0], cmap="gray_r", vmin=0, vmax=1)
        for axes, one in zip(grid[row, 1:], found, strict=True):
            axes.imshow(one, cmap="Blues", vmin=0, vmax=max(float(maps.max()), 1e-9))
    for number, axes in enumerate(grid[0, 1:]):
        axes.set_title(f"filter {number}", fontsize=11)
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return ""


def digit_logits(params: Params, x: Array) -> Array:
    """Return what the network of `cnn_loss` says of images, before the softmax."""
    maps = np.maximum(conv.conv2d_forward(x, params["conv_weight"], params["conv_bias"]), 0)
    pooled = conv.max_pool2d_forward(maps, kernel_size=2, stride=2)
    return support.linear_forward(pooled.reshape(len(x), -1), params["weight"], params["bias"])


def say(axes: Any, words: str) -> None:
    """Write words where a picture would be."""
    axes.axis("off")
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, fontsize=11)
