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
SHOWN_NAMES = 5
PATIENCE = 120  # seconds; a training that would take longer is not begun
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#777777"  # the colour-blind tell them apart
SPACE = "\u2423"  # a blank that can be seen

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
            "PATIENCE in look_networks.py how long you are ready to wait."
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
        2 + len(images), 1 + maps.shape[1], figsize=(12, 7.2), layout="constrained"
    )
    figure.suptitle(
        f"What {maps.shape[1]} filters look for, and where they find it "
        f"({accuracy:.1%} of the held-out digits are read correctly)",
        fontsize=13,
    )
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
    for number, axes in enumerate(grid[0, 1:]):
        axes.set_title(f"filter {number}", fontsize=11)
    draw_filters(grid[:2], start["conv_weight"][:, 0], params["conv_weight"][:, 0])
    draw_maps(grid[2:], images[:, 0], maps)
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return ""


def draw_filters(grid: Any, start: Array, trained: Array) -> None:
    """Draw the kernels in two rows, with one scale for each row."""
    say(grid[0, 0], "at the start:\nrandom")
    say(grid[1, 0], "after training:\norange wants ink,\npurple wants none")
    for row, kernels in zip(grid, (start, trained), strict=True):
        bound = float(np.abs(kernels).max())
        for axes, kernel in zip(row[1:], kernels, strict=True):
            axes.imshow(kernel, cmap="PuOr_r", vmin=-bound, vmax=bound)


def draw_maps(grid: Any, images: Array, maps: Array) -> None:
    """Draw each image, and beside it its maps; each filter's maps have one scale."""
    bounds = np.maximum(maps.max(axis=(0, 2, 3)), 1e-9)
    for row, image, found in zip(grid, images, maps, strict=True):
        row[0].imshow(image, cmap="gray_r", vmin=0, vmax=1)
        for axes, one, bound in zip(row[1:], found, bounds, strict=True):
            axes.imshow(one, cmap="Blues", vmin=0, vmax=bound)


def digit_logits(params: Params, x: Array) -> Array:
    """Return what the network of `cnn_loss` says of images, before the softmax."""
    maps = np.maximum(conv.conv2d_forward(x, params["conv_weight"], params["conv_bias"]), 0)
    pooled = conv.max_pool2d_forward(maps, kernel_size=2, stride=2)
    return support.linear_forward(pooled.reshape(len(x), -1), params["weight"], params["bias"])


def say(axes: Any, words: str) -> None:
    """Write words where a picture would be."""
    axes.axis("off")
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, fontsize=11)


# --- name_filters.png ---------------------------------------------------------------------------


def draw_name_filters(plt: Any, path: Path) -> str:
    """Save what some filters spell, where they are strongest, and for which languages they speak.

    Returns:
        What keeps it from being drawn, a sentence, or nothing.
    """
    names, y, names_test, y_test = support.load_surnames()
    X, X_test = letters(names), letters(names_test)
    rng = np.random.default_rng(SEED)
    start = support.init_text_cnn(
        X.shape[2], **NAME_FILTERS, classes=len(support.LANGUAGES), rng=rng
    )
    params, problem = train(cnn.train_text_cnn, start, X, y, NAMES)
    if problem:
        return problem
    found = responses(params, X_test)
    logits = support.linear_forward(text.max_over_time(found), params["weight"], params["bias"])
    accuracy = report(logits, y_test, "held-out surnames")
    shape = {"figsize": (13, 13.5), "width_ratios": [10, 5, 4], "layout": "constrained"}
    figure, grid = plt.subplots(len(support.LANGUAGES), 3, **shape)
    figure.suptitle(
        "For each language, the filter that says most for it "
        f"(the language of {accuracy:.1%} of the held-out names is found)",
        fontsize=13,
    )
    found = responses(params, X)
    for row, language, number in zip(grid, support.LANGUAGES, telling(params, found), strict=True):
        draw_spelling(row[0], params["conv_weight"][number], f"{language}: filter {number}")
        draw_strongest(row[1], names, found[:, number])
        draw_votes(row[2], params["weight"][:, number])
    grid[0, 0].set_title(
        "orange: wants this letter here, purple: does not", loc="right", fontsize=9
    )
    grid[0, 1].set_title("where it is strongest", fontsize=9)
    grid[0, 2].set_title("what it says against and for", fontsize=9)
    figure.savefig(path, dpi=100)
    plt.close(figure)
    return ""


def letters(names: list[str]) -> Array:
    """Return names as one-hot letters, all equally long: (N, L, D)."""
    one_hot = [text.one_hot_chars(support.fill_up(name), support.ALPHABET) for name in names]
    return np.stack(one_hot)


def responses(params: Params, x: Array) -> Array:
    """Return what the filters say at each position, behind the ReLU: (N, F, positions)."""
    return np.maximum(text.conv1d_text(x, params["conv_weight"], params["conv_bias"]), 0)


def telling(params: Params, found: Array) -> Array:
    """Return for each language the filter by which it is set apart most from all the others."""
    spread = found.max(axis=2).std(axis=0)  # from name to name
    lead = params["weight"] - params["weight"].mean(axis=0)
    return np.argmax(lead * spread, axis=1)


def draw_spelling(axes: Any, kernel: Array, title: str) -> None:
    """Draw a filter, letter by letter: what it wants in each of its places."""
    bound = float(np.abs(kernel).max())
    axes.imshow(kernel.T, cmap="PuOr_r", vmin=-bound, vmax=bound, aspect="auto")
    axes.set_xticks(range(len(kernel)), support.ALPHABET.replace(" ", SPACE), family="monospace")
    axes.set_yticks(range(kernel.shape[1]), [f"{place + 1}." for place in range(kernel.shape[1])])
    axes.tick_params(length=0)
    axes.set_title(title, loc="left", fontsize=11)


def draw_strongest(axes: Any, names: list[str], found: Array) -> None:
    """Write the names in which a filter is strongest, its letters in colour, none seen twice."""
    axes.axis("off")
    width, seen = NAME_FILTERS["kernel"], set[str]()
    for i in np.argsort(-found.max(axis=1), kind="stable"):
        place = int(found[i].argmax())
        name = support.fill_up(names[i])
        piece = name[place : place + width]
        if piece not in seen:
            write_name(axes, 1 - (len(seen) + 0.5) / SHOWN_NAMES, name, place, width)
            seen.add(piece)
        if len(seen) == SHOWN_NAMES:
            break


def write_name(axes: Any, height: float, name: str, place: int, width: int) -> None:
    """Write a name, the letters under the filter in colour."""
    for column, letter in enumerate(name):
        inside = place <= column < place + width
        if inside or letter != support.FILLER:
            axes.text(
                0.05 + 0.06 * column,
                height,
                letter.replace(" ", SPACE) if inside else letter,
                transform=axes.transAxes,
                ha="center",
                va="center",
                family="monospace",
                fontweight="bold" if inside else "normal",
                color=ORANGE if inside else GREY,
            )


def draw_votes(axes: Any, weights: Array) -> None:
    """Draw how much the filter speaks for each language, or against it."""
    colours = [ORANGE if weight > 0 else BLUE for weight in weights]
    axes.barh(support.LANGUAGES, weights, color=colours)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize=8, length=0)
    axes.set_xticks([])
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
