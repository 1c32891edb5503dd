"""Look at your network: `python look.py` trains it on real digits and draws what it learned.

Four pictures are saved beside this file, in the folder `pictures`: the loss curve, the confusion
matrix, digits that the network misreads, and the weights of its first layer. Nothing here is
graded. It needs matplotlib, and less than half a minute.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
NEEDED = ("init_mlp", "train_mlp", "predict", "accuracy")
SIZES, LR, BATCH_SIZE, NUM_EPOCHS, SEED = [784, 128, 10], 0.1, 32, 20, 0
BLUE, ORANGE = "#0072B2", "#D55E00"  # of Okabe & Ito: the colour-blind tell them apart
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> int:
    """Train, draw, and return the exit code."""
    sys.path.insert(0, str(FOLDER))
    for name in ONE_THREAD:  # matrices are small here: threads would wait for each other
        os.environ.setdefault(name, "1")
    plt = load_matplotlib()
    if plt is None:
        return 1
    import numpy as np

    import mlp
    from support import load_digits

    X, y, X_test, y_test = load_digits()
    rng = np.random.default_rng(SEED)
    print(f"Training {' -> '.join(map(str, SIZES))} on {len(X)} digits, {NUM_EPOCHS} epochs ...")
    started = time.monotonic()
    try:
        start = mlp.init_mlp(SIZES, rng=rng)
        params, losses = mlp.train_mlp(
            start, X, y, lr=LR, batch_size=BATCH_SIZE, num_epochs=NUM_EPOCHS, rng=rng
        )
        predicted = mlp.predict(params, X_test)
        held_out = mlp.accuracy(predicted, y_test)
        trained_on = mlp.accuracy(mlp.predict(params, X), y)
    except NotImplementedError as error:
        print(f"Not yet: {str(error).partition(':')[0]} is not started.")
        print(f"The pictures need {', '.join(NEEDED)}, and what these are built of.")
        return 1
    if not np.isfinite(losses).all():
        step = int(np.argmin(np.isfinite(losses)))
        print(f"The training diverged: the loss of step {step} is infinite or NaN.")
        return 1
    last = float(np.mean(losses[-10:]))
    if last > np.log(SIZES[-1]):
        print(f"The loss ends at {last:.3g}, more than guessing costs: do the steps go downhill?")
    print(f"Done in {time.monotonic() - started:.1f} s. Digits that are read correctly:")
    print(f"  {held_out:6.1%} of {len(X_test)} held out, which the network has never seen")
    print(f"  {trained_on:6.1%} of the {len(X)} that it was trained on")
    out = FOLDER / "pictures"
    out.mkdir(exist_ok=True)
    figures = {
        "loss_curve": draw_losses(plt, losses, len(X)),
        "confusion_matrix": draw_confusion(plt, predicted, y_test),
        "misread_digits": draw_misread(plt, X_test, predicted, y_test),
        "first_layer_weights": draw_weights(plt, start["weight1"], params["weight1"]),
    }
    for name, figure in figures.items():
        figure.savefig(out / f"{name}.png", dpi=120)
        print(f"saved {out.name}/{name}.png")
    return 0


def load_matplotlib() -> Any:
    """Return pyplot, drawing into files and not on the screen; None, with a message, without it."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        print("The pictures need matplotlib. Type this, then try again:")
        print(f"  {python} -m pip install matplotlib")
        return None
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def draw_losses(plt: Any, losses: Any, num_samples: int) -> Any:
    """Draw the loss of every step, its mean over each epoch, and the loss of pure guessing."""
    import numpy as np

    steps = -(-num_samples // BATCH_SIZE)  # per epoch
    epochs = np.arange(len(losses)) / steps
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    axes.plot(epochs, losses, color=BLUE, alpha=0.3, linewidth=0.8, label="each batch")
    if len(losses) >= steps:
        whole = np.asarray(losses)[: len(losses) // steps * steps].reshape(-1, steps).mean(axis=1)
        middle = np.arange(len(whole)) + 0.5
        axes.plot(middle, whole, color=BLUE, linewidth=2, marker="o", label="mean of an epoch")
    guess = np.log(SIZES[-1])
    label = f"guessing: log({SIZES[-1]}) = {guess:.2f}"
    axes.axhline(guess, color=ORANGE, linestyle="--", label=label)
    axes.set(xlabel="epoch", ylabel="cross-entropy", title="Loss on the training digits")
    axes.set_ylim(bottom=0)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlim(0, max(epochs[-1], 1))
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def draw_confusion(plt: Any, predicted: Any, targets: Any) -> Any:
    """Draw how often each digit was read as which; the errors have the colours."""
    import numpy as np

    classes = SIZES[-1]
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (targets, predicted), 1)
    errors = np.where(np.eye(classes, dtype=bool), 0, counts)
    figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
    image = axes.imshow(errors, cmap="Oranges", vmin=0, vmax=max(errors.max(), 1))
    for row in range(classes):
        for column in range(classes):
            if counts[row, column]:
                right = row == column
                dark = errors[row, column] > 0.6 * errors.max()
                axes.text(
                    column,
                    row,
                    str(counts[row, column]),
                    ha="center",
                    va="center",
                    color=BLUE if right else "white" if dark else "black",
                    fontweight="bold" if right else "normal",
                )
    axes.set(
        xticks=range(classes),
        yticks=range(classes),
        xlabel="read as",
        ylabel="digit",
        title=f"{int(errors.sum())} of {len(targets)} held-out digits are misread",
    )
    figure.colorbar(image, ax=axes, label="number of errors", shrink=0.85)
    return figure


def draw_misread(plt: Any, X: Any, predicted: Any, targets: Any) -> Any:
    """Draw the first misread digits, each with what was read and what it is."""
    import numpy as np

    rows, columns = 4, 8
    wrong = np.flatnonzero(predicted != targets)[: rows * columns]
    figure, grid = plt.subplots(rows, columns, figsize=(9, 5.6), layout="constrained")
    figure.suptitle("Misread digits: what the network read, and what it is")
    for axes in grid.flat:
        axes.axis("off")
    for axes, i in zip(grid.flat, wrong, strict=False):
        axes.imshow(X[i].reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
        axes.set_title(f"read {predicted[i]}, is {targets[i]}", fontsize=9, color=ORANGE)
    return figure


def draw_weights(plt: Any, start: Any, weight: Any) -> Any:
    """Draw what hidden units look for, as images of 28 x 28 pixels, and what of it was learned."""
    import numpy as np

    rows, columns = 2, 8
    learned = weight - start
    # of those that have learned most
    units = np.argsort(-np.linalg.norm(learned, axis=1))[: rows * columns]
    figure = plt.figure(figsize=(9, 6.4), layout="constrained")
    for part, values, title in zip(
        figure.subfigures(2, 1),
        (weight, learned),
        (
            "Weights of 16 units of the first layer after training",
            "The same without the random start: what was learned",
        ),
        strict=True,
    ):
        part.suptitle(title)
        bound = float(np.quantile(np.abs(values[units]), 0.995))
        grid = part.subplots(rows, columns)
        for axes in grid.flat:
            axes.axis("off")
        for axes, unit in zip(grid.flat, units, strict=False):
            picture = values[unit].reshape(28, 28)
            image = axes.imshow(picture, cmap="PuOr_r", vmin=-bound, vmax=bound)
        part.colorbar(image, ax=grid, label="weight of a pixel", shrink=0.9)
    return figure


if __name__ == "__main__":
    sys.exit(main())
