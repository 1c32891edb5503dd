"""Watch your optimizers race: `python look.py` lets them run on three functions, and draws them.

Two pictures are saved beside this file, in the folder `pictures`: race.gif, which shows how they
move, and losses.png, which shows how their losses fall. On each function (a valley, Beale's
function, a saddle) all start at the same point and make the same number of steps. Nothing here is
graded. It needs matplotlib, and less than half a minute. Change a learning rate below, and look
again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
NUM_STEPS, FRAMES, PER_SECOND, STILL = 100, 40, 10, 8  # the last picture stays for a moment
# of Okabe & Ito, told apart by the colour-blind, and each with a marker of its own
STYLES = {
    "gd": ("#000000", "o"),
    "momentum": ("#0072B2", "s"),
    "adagrad": ("#009E73", "^"),
    "rmsprop": ("#E69F00", "D"),
    "adam": ("#D55E00", "v"),
}


@dataclass(frozen=True)
class Landscape:
    """A function of two parameters, where to start on it, and how fast each optimizer may go."""

    title: str
    f: Callable[[Any], float]
    grad_fn: Callable[[Any], Any]
    start: tuple[float, float]
    goal: tuple[float, float] | None  # the minimum; None for a saddle
    view: tuple[float, float, float, float]  # left, right, bottom, top
    losses: tuple[float, float]  # what the picture of the losses shows
    hyper: dict[str, dict[str, float]] = field(default_factory=dict)


def valley(theta: Any) -> float:
    """Return a bowl that bends 100 times as much in one direction as in the other."""
    return float(0.5 * theta[0] ** 2 + 50 * theta[1] ** 2)


def valley_grad(theta: Any) -> Any:
    """Return the gradient of `valley`."""
    return theta * [1.0, 100.0]


def beale(theta: Any) -> float:
    """Return Beale's function: flat plains, steep walls, and its minimum 0 at (3, 0.5)."""
    x, y = theta
    return float((1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2)


def beale_grad(theta: Any) -> Any:
    """Return the gradient of `beale`."""
    x, y = theta
    parts = [(c - x + x * y**k, k) for c, k in ((1.5, 1), (2.25, 2), (2.625, 3))]
    by_x = sum(2 * part * (y**k - 1) for part, k in parts)
    by_y = sum(2 * part * k * x * y ** (k - 1) for part, k in parts)
    return 0 * theta + [by_x, by_y]


def saddle(theta: Any) -> float:
    """Return a saddle: up along the first parameter, down along the second."""
    return float(0.5 * (theta[0] ** 2 - theta[1] ** 2))


def saddle_grad(theta: Any) -> Any:
    """Return the gradient of `saddle`."""
    return theta * [1.0, -1.0]


LANDSCAPES = (
    Landscape(
        title="A narrow valley",
        f=valley,
        grad_fn=valley_grad,
        start=(-9.0, 0.8),
        goal=(0.0, 0.0),
        view=(-10.5, 3.0, -1.1, 1.1),
        losses=(1e-6, 300.0),
        hyper={
            "gd": {"lr": 0.018},
            "momentum": {"lr": 0.15},
            "adagrad": {"lr": 1.0},
            "rmsprop": {"lr": 0.15, "alpha": 0.9},
            "adam": {"lr": 0.4},
        },
    ),
    Landscape(
        title="Beale's function",
        f=beale,
        grad_fn=beale_grad,
        start=(1.0, 1.5),
        goal=(3.0, 0.5),
        view=(-0.5, 4.2, -1.5, 2.0),
        losses=(1e-6, 300.0),
        hyper={
            "gd": {"lr": 0.01},
            "momentum": {"lr": 0.02},
            "adagrad": {"lr": 0.5},
            "rmsprop": {"lr": 0.05, "alpha": 0.9},
            "adam": {"lr": 0.2},
        },
    ),
    Landscape(
        title="A saddle, started just off the ridge",
        f=saddle,
        grad_fn=saddle_grad,
        start=(1.0, 1e-3),
        goal=None,
        view=(-1.2, 1.2, -0.6, 2.2),
        losses=(-2.0, 2.2),
        hyper={name: {"lr": 0.1} for name in STYLES} | {"rmsprop": {"lr": 0.1, "alpha": 0.9}},
    ),
)


def main() -> int:
    """Let the optimizers run, draw them, and return the exit code."""
    sys.path.insert(0, str(FOLDER))
    plt = load_matplotlib()
    if plt is None:
        return 1
    import optim

    steps = {name: getattr(optim, f"{name}_step", None) for name in STYLES}
    races = []
    for landscape in LANDSCAPES:
        try:
            races.append(race(optim, landscape, steps))
        except NotImplementedError as error:
            print(f"Not yet: {str(error).partition(':')[0]} is not started. The race needs it.")
            return 1
    missing = [f"{name}_step" for name in STYLES if name not in races[0]]
    if missing:
        print(f"Left out, because not started: {', '.join(missing)}.")
    if not any(races):
        print("There is nothing to draw yet.")
        return 1
    out = FOLDER / "pictures"
    out.mkdir(exist_ok=True)
    draw_losses(plt, races).savefig(out / "losses.png", dpi=120)
    print(f"saved {out.name}/losses.png")
    print("drawing the animation ...", flush=True)
    save_race(plt, races, out / "race.gif")
    print(f"saved {out.name}/race.gif: open it in a browser")
    return 0


def race(optim: Any, landscape: Landscape, steps: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return trajectory and losses of every optimizer that is started, by name.

    Raises:
        NotImplementedError: what the comparison itself is made of is not started.
    """
    import numpy as np

    results = {}
    for name, step_fn in steps.items():
        if step_fn is None:
            continue
        config = {name: (step_fn, landscape.hyper[name])}
        try:
            # fast and far from the minimum, some may overflow; the pictures show that
            with np.errstate(all="ignore"):
                found = optim.compare_optimizers(
                    landscape.f,
                    landscape.grad_fn,
                    np.array(landscape.start),
                    config,
                    num_steps=NUM_STEPS,
                )
        except NotImplementedError as error:
            if not str(error).startswith(f"{name}_step:"):
                raise
            continue
        results[name] = found[name]
    return results


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


def draw_losses(plt: Any, races: list[dict[str, dict[str, Any]]]) -> Any:
    """Draw the loss of every optimizer after each step, one picture per landscape."""
    figure, grid = plt.subplots(1, len(races), figsize=(13, 4.2), layout="constrained")
    for axes, landscape, results in zip(grid, LANDSCAPES, races, strict=True):
        for number, (name, result) in enumerate(results.items()):
            colour, marker = STYLES[name]
            axes.plot(
                result["losses"],
                color=colour,
                marker=marker,
                markevery=(2 * number, 15),
                markersize=5,
                label=f"{name}, lr {landscape.hyper[name]['lr']:g}",
            )
        axes.set(xlabel="step", ylabel="loss", title=landscape.title, ylim=landscape.losses)
        if landscape.losses[0] > 0:
            axes.set_yscale("log")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="lower left" if landscape.losses[0] > 0 else "upper right")
    return figure


def save_race(plt: Any, races: list[dict[str, dict[str, Any]]], path: Path) -> None:
    """Save the animation: a dot per optimizer, and the way that it has come."""
    from matplotlib.animation import FuncAnimation, PillowWriter

    figure, grid = plt.subplots(1, len(races), figsize=(13, 4.8))
    figure.subplots_adjust(left=0.06, right=0.99, bottom=0.11, top=0.8, wspace=0.19)
    moving = []
    for axes, landscape, results in zip(grid, LANDSCAPES, races, strict=True):
        draw_landscape(axes, landscape)
        for name, result in results.items():
            colour, marker = STYLES[name]
            (line,) = axes.plot([], [], color=colour, linewidth=1.8, alpha=0.8)
            (dot,) = axes.plot(
                [],
                [],
                color=colour,
                marker=marker,
                markersize=8,
                markeredgecolor="white",
                label=name,
            )
            moving.append((line, dot, result["trajectory"]))
    figure.legend(*grid[0].get_legend_handles_labels(), loc="upper center", ncols=7, frameon=False)
    counter = figure.text(0.06, 0.94, "")

    def show(frame: int) -> list[Any]:
        step = min(frame, FRAMES) * NUM_STEPS // FRAMES
        counter.set_text(f"step {step} of {NUM_STEPS}")
        for line, dot, trajectory in moving:
            line.set_data(trajectory[: step + 1].T)
            dot.set_data(trajectory[step : step + 1].T)
        return [counter]

    animation = FuncAnimation(figure, show, frames=FRAMES + 1 + STILL)
    animation.save(path, writer=PillowWriter(fps=PER_SECOND), dpi=75)


def draw_landscape(axes: Any, landscape: Landscape) -> None:
    """Draw a function as a map, with the start and the minimum or saddle."""
    import numpy as np

    left, right, bottom, top = landscape.view
    x, y = np.linspace(left, right, 150), np.linspace(bottom, top, 150)
    heights = np.array([[landscape.f(np.array([a, b])) for a in x] for b in y])
    if landscape.goal is not None:
        heights = np.log10(heights + 1e-3)  # steep walls would hide the ground
    axes.contour(x, y, heights, levels=16, colors="#c4c4c4", linewidths=0.8, linestyles="solid")
    axes.plot(*landscape.start, "x", color="black", markersize=8, label="start")
    if landscape.goal is not None:
        axes.plot(*landscape.goal, "*", color="black", markersize=13, label="minimum")
    axes.set(
        xlim=(left, right),
        ylim=(bottom, top),
        xlabel=r"$\theta_1$",
        ylabel=r"$\theta_2$",
        title=landscape.title,
    )


if __name__ == "__main__":
    sys.exit(main())
