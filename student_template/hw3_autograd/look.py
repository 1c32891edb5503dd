"""Look at what you have written: `python look.py` draws it, into the folder `pictures`.

computation_graphs.png: the graphs that your engine makes of two expressions, with every value and
gradient. learning_curves.png: the same small model, trained with five learning rates, and what your
diagnose_losses says of each. Nothing here is graded. It needs matplotlib, and a few seconds. Change
a learning rate below, and look again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
LRS = (0.001, 0.03, 1.0, 10.0, 300.0)
NUM_EPOCHS, NUM_TRAIN, NUM_VAL, FEATURES, CLASSES, SEED = 60, 60, 500, 20, 4, 2
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#777777"  # the colour-blind tell the first two apart
COLOURS = {  # of Okabe & Ito, dark enough to be read
    "diverged": "#A03000",
    "lr too high": "#D55E00",
    "lr too low": "#0072B2",
    "overfitting": "#B0407A",
    "healthy": "#007A55",
}
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> int:
    """Draw every picture that can be drawn, and return the exit code."""
    sys.path.insert(0, str(FOLDER))
    for name in ONE_THREAD:  # matrices are small here: threads would wait for each other
        os.environ.setdefault(name, "1")
    plt = load_matplotlib()
    if plt is None:
        return 1
    out = FOLDER / "pictures"
    missing = 0
    for name, draw in PICTURES.items():
        try:
            figure = draw(plt)
        except NotImplementedError as error:
            print(f"Not yet: {str(error).partition(':')[0]} is not started. {name}.png needs it.")
            missing += 1
            continue
        out.mkdir(exist_ok=True)
        figure.savefig(out / f"{name}.png", dpi=120)
        print(f"saved {out.name}/{name}.png")
    return 1 if missing else 0


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


def draw_graphs(plt: Any) -> Any:
    """Draw the graphs that the student's engine makes."""
    import graph_picture

    return graph_picture.draw_computation_graphs(plt)


# --- learning curves ----------------------------------------------------------------------------


def draw_learning_curves(plt: Any) -> Any:
    """Draw the curves of five learning rates with their diagnoses, and the losses of many."""
    import numpy as np

    import diagnosis

    data = make_data()
    curves = [train(data, lr) for lr in LRS]
    diagnoses = [str(diagnosis.diagnose_losses(*map(np.copy, pair))) for pair in curves]
    figure, grid = plt.subplots(2, 3, figsize=(12, 6.8), layout="constrained")
    figure.suptitle(
        f"Softmax regression on {NUM_TRAIN} samples: five learning rates, "
        "and what diagnose_losses says",
        fontsize=13,
    )
    print("lr        last training loss   last validation loss   diagnosis")
    for axes, lr, pair, found in zip(grid.flat, LRS, curves, diagnoses, strict=False):
        draw_curves(axes, *pair)
        axes.set_title(f"lr = {lr:g}", loc="left")
        axes.set_title(found, loc="right", color=COLOURS.get(found, GREY), fontweight="bold")
        print(f"{lr:<9g} {pair[0][-1]:<20.3g} {pair[1][-1]:<22.3g} {found}")
    grid[0, 0].legend(loc="lower left")
    lrs = np.geomspace(min(LRS), max(LRS), 60)
    draw_last_losses(grid.flat[len(LRS)], lrs, [train(data, lr) for lr in lrs])
    return figure


def draw_curves(axes: Any, train_losses: Any, val_losses: Any) -> None:
    """Draw two curves over the epochs, and the loss of pure guessing."""
    import numpy as np

    guess = np.log(CLASSES)
    axes.axhline(guess, color=GREY, linestyle=":", label=f"guessing: log({CLASSES}) = {guess:.2f}")
    axes.plot(val_losses, color=ORANGE, linewidth=1.8, linestyle="--", label="validation")
    axes.plot(train_losses, color=BLUE, linewidth=1.8, label="training")
    axes.set(xlabel="epoch", ylabel="cross-entropy", xlim=(0, len(train_losses) - 1))
    axes.set_ylim(0, 1.1 * axes.get_ylim()[1])
    axes.grid(alpha=0.3)


def draw_last_losses(axes: Any, lrs: Any, curves: Any) -> None:
    """Draw how the training ends, for many learning rates; those of the other plots are marked."""
    for which, (colour, line) in enumerate(((BLUE, "-"), (ORANGE, "--"))):
        axes.loglog(lrs, [pair[which][-1] for pair in curves], color=colour, linestyle=line)
    for lr in LRS:
        axes.axvline(lr, color=GREY, linestyle=":", linewidth=1)
    axes.set_title(f"the last losses of {len(lrs)} learning rates", loc="left")
    axes.set(xlabel="learning rate", ylabel="cross-entropy")
    axes.grid(alpha=0.3)


def make_data() -> Any:
    """Return training and validation data: (X, y, X_val, y_val).

    Four clouds of points that overlap, and three of ten labels drawn at random: what can be
    learned of them is little, and the rest can only be learned by heart.
    """
    import numpy as np

    rng = np.random.default_rng(SEED)
    n = NUM_TRAIN + NUM_VAL
    centres = 0.5 * rng.normal(size=(CLASSES, FEATURES))
    y = rng.integers(CLASSES, size=n)
    X = centres[y] + rng.normal(size=(n, FEATURES))
    y = np.where(rng.random(n) < 0.3, rng.integers(CLASSES, size=n), y)
    return X[:NUM_TRAIN], y[:NUM_TRAIN], X[NUM_TRAIN:], y[NUM_TRAIN:]


def train(data: Any, lr: float) -> Any:
    """Train softmax regression by full-batch gradient descent; return both curves.

    Returns:
        (train_losses, val_losses): losses before the first epoch and after each, shape
        (NUM_EPOCHS + 1,).
    """
    import numpy as np

    X, y, X_val, y_val = data
    weight, bias = np.zeros((CLASSES, FEATURES)), np.zeros(CLASSES)
    curves = []
    for _ in range(NUM_EPOCHS + 1):
        log_probs, loss = evaluate(X @ weight.T + bias, y)
        curves.append((loss, evaluate(X_val @ weight.T + bias, y_val)[1]))
        grad = (np.exp(log_probs) - np.eye(CLASSES)[y]) / len(y)
        weight, bias = weight - lr * grad.T @ X, bias - lr * grad.sum(axis=0)
    return np.array(curves).T


def evaluate(logits: Any, targets: Any) -> Any:
    """Return the logarithms of the probabilities, and the mean cross-entropy."""
    import numpy as np

    log_probs = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    return log_probs, -log_probs[np.arange(len(targets)), targets].mean()


# name of the file -> function of pyplot that returns a figure
PICTURES = {"computation_graphs": draw_graphs, "learning_curves": draw_learning_curves}

if __name__ == "__main__":
    sys.exit(main())
