"""Draw computation graphs: your Tensors with their data and gradients. `python look.py` calls it.

`draw_computation_graphs` draws two expressions of the handout. To look at one of your own, give its
last node to `draw_graph`, after `backward(retain_grads=True)`. Nothing here is graded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"  # of Okabe & Ito
SYMBOLS = {
    "__add__": "+",
    "__sub__": "\N{MINUS SIGN}",
    "__neg__": "negative",
    "__mul__": "\N{MULTIPLICATION SIGN}",
    "__truediv__": "/",
    "__pow__": "power",
    "__matmul__": "@",
}
WIDTH, COLUMN, LINE, GAP = 1.7, 2.5, 0.36, 0.4  # of a box; between columns; of a line; of boxes
LARGEST = 12  # entries of an array that is written out


def draw_computation_graphs(plt: Any) -> Any:
    """Draw the expression of the handout, and the same for a layer on two samples."""
    from engine import Tensor

    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(13, 9.5), height_ratios=[1, 1.3], layout="constrained"
    )
    x, y = Tensor(3.0), Tensor(4.0)
    w, b = Tensor(2.0, requires_grad=True), Tensor(-1.0, requires_grad=True)
    error = (x * w + b).relu() - y
    loss = error * error
    loss.backward(retain_grads=True)
    draw_graph(upper, loss, {"x": x, "y": y, "w": w, "b": b, "loss": loss})
    upper.set_title(r"One sample:  loss = (relu(x w + b) $-$ y)$^2$", loc="left")

    x, y = Tensor([[1.0, 2.0], [0.0, 1.0]]), Tensor([[4.0], [1.0]])
    w, b = Tensor([[2.0], [1.0]], requires_grad=True), Tensor([-1.0], requires_grad=True)
    error = (x @ w + b).relu() - y
    loss = (error**2).mean()
    loss.backward(retain_grads=True)
    draw_graph(lower, loss, {"x": x, "y": y, "w": w, "b": b, "loss": loss})
    lower.set_title(r"Two samples:  loss = mean((relu(x @ w + b) $-$ y)$^2$)", loc="left")
    explain(figure)
    return figure


def explain(figure: Any) -> None:
    """Draw the legend."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color=BLUE, marker="s", linestyle="", label="data, on the way forward"),
        Line2D([], [], color=ORANGE, marker="s", linestyle="", label="gradient of the loss"),
        Patch(facecolor="white", edgecolor=ORANGE, linewidth=1.6, label="requires a gradient"),
        Patch(facecolor="white", edgecolor=GREY, linewidth=1.6, label="does not"),
        Patch(facecolor="#EEEEEE", edgecolor="white", label="leaf"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)


def draw_graph(axes: Any, root: Any, names: Mapping[str, Any]) -> None:
    """Draw a node and all that it was computed from: data in blue, gradients in orange.

    Args:
        axes: of matplotlib, empty.
        root: a Tensor.
        names: what some of the Tensors are called.
    """
    nodes, columns = find_columns(root)
    called = {id(tensor): name for name, tensor in names.items()}
    lines = [describe(node, called.get(id(node), "")) for node in nodes]
    heights = [
        LINE * (1 + sum(text.count("\n") + 1 for text in part[1:] if text)) for part in lines
    ]
    places = find_places(nodes, columns, heights)
    for child, node in enumerate(nodes):
        parents = [find(nodes, parent) for parent in node.parents]
        for nth, parent in enumerate(parents):
            bend = (
                0.0
                if parents.count(parent) == 1
                else (0.25 if parents.index(parent) == nth else -0.25)
            )
            draw_arrow(axes, places[parent], places[child], bend)
    for node, place, height, texts in zip(nodes, places, heights, lines, strict=True):
        draw_box(axes, node, place, height, texts)
    axes.set_xlim(-WIDTH / 2 - 0.1, max(x for x, _ in places) + WIDTH / 2 + 0.1)
    bottom = min(y - height / 2 for (_, y), height in zip(places, heights, strict=True))
    top = max(y + height / 2 for (_, y), height in zip(places, heights, strict=True))
    axes.set_ylim(bottom - 0.2, top + 0.2)
    axes.set_aspect("equal")
    axes.axis("off")


# --- where nodes stand --------------------------------------------------------------------------


def find(nodes: list[Any], node: Any) -> int:
    """Return the place of a node in a list; it is the object that counts."""
    return next(k for k, other in enumerate(nodes) if other is node)


def find_columns(root: Any) -> tuple[list[Any], list[int]]:
    """Return all nodes, and for each its column: each stands left of all its children."""
    nodes, steps = [root], {id(root): 0}
    waiting = [root]
    while waiting:  # until nothing is too far to the right any more
        node = waiting.pop()
        for parent in node.parents:
            if id(parent) not in steps:
                nodes.append(parent)
            if steps.get(id(parent), -1) <= steps[id(node)]:
                steps[id(parent)] = steps[id(node)] + 1
                waiting.append(parent)
    last = max(steps.values())
    return nodes, [last - steps[id(node)] for node in nodes]


def find_places(
    nodes: list[Any], columns: list[int], heights: list[float]
) -> list[tuple[float, float]]:
    """Return the middle of each box: as high as its children, if there is room."""
    middles = [0.0] * len(nodes)
    for column in sorted(set(columns), reverse=True):
        here = [k for k in range(len(nodes)) if columns[k] == column]
        wish = {k: float(np.mean(wishes(nodes, middles, k))) for k in here}
        here.sort(key=lambda k: -wish[k])
        tall = sum(heights[k] for k in here) + GAP * (len(here) - 1)
        edge = float(np.mean([wish[k] for k in here])) + tall / 2
        for k in here:
            middles[k] = edge - heights[k] / 2
            edge -= heights[k] + GAP
    return [(COLUMN * column, middle) for column, middle in zip(columns, middles, strict=True)]


def wishes(nodes: list[Any], middles: list[float], k: int) -> list[float]:
    """Return where the children of a node would have it: a first parent above a second one."""
    found = []
    for child, node in enumerate(nodes):
        for nth, parent in enumerate(node.parents):
            if parent is nodes[k]:
                found.append(middles[child] + 0.1 * ((len(node.parents) - 1) / 2 - nth))
    return found or [0.0]


# --- what they look like ------------------------------------------------------------------------


def describe(node: Any, name: str) -> tuple[str, str, str]:
    """Return what stands in a node's box: its name or operation, its data, its gradient."""
    title = operation(node) if node.parents else name or "constant"
    if name and node.parents:
        title = f"{title}   ({name})"
    return title, written(node.data), "" if node.grad is None else written(node.grad)


def operation(node: Any) -> str:
    """Return which operation made a node: the method in which its grad_fn was defined."""
    parts = getattr(node.grad_fn, "__qualname__", "").split(".")
    method = parts[parts.index("<locals>") - 1] if "<locals>" in parts else ""
    return SYMBOLS.get(method, method.strip("_")) or "result"


def written(array: Any) -> str:
    """Return an array in a few short lines, or its shape."""
    array = np.asarray(array)
    if array.ndim > 2 or array.size > LARGEST:
        return f"shape {array.shape}"
    rows = np.atleast_2d(array)
    return "\n".join("  ".join(f"{value + 0.0:.3g}" for value in row) for row in rows)


def draw_box(
    axes: Any, node: Any, place: tuple[float, float], height: float, texts: tuple[str, str, str]
) -> None:
    """Draw one node: what requires a gradient has an orange frame, a leaf a filled box."""
    from matplotlib.patches import FancyBboxPatch

    x, y = place
    axes.add_patch(
        FancyBboxPatch(
            (x - WIDTH / 2, y - height / 2),
            WIDTH,
            height,
            boxstyle="round,pad=0,rounding_size=0.15",
            facecolor="white" if node.parents else "#EEEEEE",
            edgecolor=ORANGE if node.requires_grad else GREY,
            linewidth=1.6,
            zorder=2,
        )
    )
    line = y + height / 2
    for text, colour, weight in zip(
        texts, ("black", BLUE, ORANGE), ("bold", "normal", "normal"), strict=True
    ):
        tall = LINE * (text.count("\n") + 1) if text else 0
        axes.text(
            x,
            line - tall / 2,
            text,
            color=colour,
            weight=weight,
            ha="center",
            va="center",
            zorder=3,
        )
        line -= tall


def draw_arrow(
    axes: Any, start: tuple[float, float], end: tuple[float, float], bend: float
) -> None:
    """Draw an arrow from a parent to its child."""
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(
        FancyArrowPatch(
            (start[0] + WIDTH / 2, start[1]),
            (end[0] - WIDTH / 2, end[1]),
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=12,
            color=GREY,
            linewidth=1.2,
            zorder=1,
        )
    )
