"""Look at your convolutions: `python look.py` draws what your functions do.

The pictures are saved beside this file, in the folder `pictures`. sliding_window.gif shows how a
kernel slides over an image, product by product, and how your `conv2d_single` fills its result.
Change IMAGE, KERNEL, STRIDE or PADDING below, and look again. digit_filters.png and
name_filters.png show what your networks have learned; look_networks.py trains them. Nothing here is
graded. It needs matplotlib, and less than half a minute.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#999999"  # the colour-blind tell them apart

# a seven of 8 x 8 pixels, and a kernel that finds vertical edges (Sobel)
IMAGE = (
    "........",
    ".######.",
    ".....##.",
    "....##..",
    "...##...",
    "..##....",
    "..##....",
    "........",
)
KERNEL = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
STRIDE, PADDING = 1, 1
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PER_SECOND, STILL = 5, 10  # the last picture stays for a moment


def main() -> int:
    """Draw every picture whose functions are there, and return the exit code."""
    sys.path.insert(0, str(FOLDER))
    for name in ONE_THREAD:  # matrices are small here: threads would wait for each other
        os.environ.setdefault(name, "1")
    plt = load_matplotlib()
    if plt is None:
        return 1
    out = FOLDER / "pictures"
    out.mkdir(exist_ok=True)
    drawn = 0
    for name, draw in PICTURES.items():
        print(f"drawing {name} ...", flush=True)
        try:
            problem = draw(plt, out / name)
        except NotImplementedError as error:
            problem = f"Not yet: {str(error).partition(':')[0]} is not started."
        if problem:
            print(f"{problem} {name} needs it.")
            continue
        print(f"saved {out.name}/{name}")
        drawn += 1
    return 0 if drawn == len(PICTURES) else 1


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


# --- sliding_window.gif -------------------------------------------------------------------------


def draw_sliding_window(plt: Any, path: Path) -> str:
    """Save the animation: the window, its products, and the student's result as it fills.

    Returns:
        What keeps it from being drawn, a sentence, or nothing.
    """
    import numpy as np
    from matplotlib.animation import PillowWriter

    import conv

    image = np.array([[float(pixel == "#") for pixel in row] for row in IMAGE])
    kernel = np.array(KERNEL, dtype=float)
    found = conv.conv2d_single(image, kernel, stride=STRIDE, padding=PADDING)
    rows, columns = (
        range(-PADDING, size + PADDING - extent + 1, STRIDE)
        for size, extent in zip(image.shape, kernel.shape, strict=True)
    )
    if np.shape(found) != (len(rows), len(columns)):
        return (
            f"The result of conv2d_single has the shape {np.shape(found)}, but the window has "
            f"{len(rows)} x {len(columns)} positions: a right conv2d_single is missing."
        )
    corners = [(top, left) for top in rows for left in columns]
    figure, show = sliding_window(plt, image, kernel, found, corners)
    writer = PillowWriter(fps=PER_SECOND)
    with writer.saving(figure, path, dpi=65):
        for number in range(len(corners) + STILL):
            if number < len(corners):
                show(number)
            writer.grab_frame()
    plt.close(figure)
    return ""


def sliding_window(
    plt: Any, image: Any, kernel: Any, found: Any, corners: list[tuple[int, int]]
) -> tuple[Any, Callable[[int], None]]:
    """Return the figure, and a function that brings it from one position to the next."""
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(13, 5.2), gridspec_kw={"width_ratios": [10, 6, 8]}
    )
    figure.subplots_adjust(left=0.02, right=0.98, bottom=0.1, top=0.86, wspace=0.1)
    window = draw_image(plt, left, image, kernel.shape)
    products, total = draw_products(plt, middle, kernel)
    numbers, cells = draw_result(plt, right, found)
    colours, bound = plt.get_cmap("PuOr_r"), max(abs(found).max(), 1e-9)

    def show(number: int) -> None:
        row, column = corners[number]
        window.set_xy((column - 0.5, row - 0.5))
        expected = 0.0
        for text, (p, q) in zip(products, places(kernel.shape), strict=True):
            pixel, weight = pixel_at(image, row + p, column + q), kernel[p, q]
            expected += pixel * weight
            text.set_text(f"{pixel:g} \u00d7 {signed(weight)}\n= {signed(pixel * weight)}")
            text.set_alpha(1.0 if pixel * weight else 0.35)
        value = float(found.flat[number])
        same = abs(value - expected) < 1e-6
        said = "" if same else f"\nyour result says {signed(value)}"
        total.set(text=f"sum: {signed(expected)}{said}", color="black" if same else ORANGE)
        dark = abs(value) > 0.7 * bound
        numbers[number].set(text=signed(value), color="white" if dark else "black")
        cells[number].set_facecolor(colours(0.5 + 0.4 * value / bound))
        for k in (number - 1, number):  # the frame moves on
            now = k == number
            cells[k].set(
                edgecolor=BLUE if now else GREY, linewidth=3 if now else 0.5, zorder=1 + now
            )

    return figure, show


def places(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Return all places of an array, row by row."""
    return [(row, column) for row in range(shape[0]) for column in range(shape[1])]


def pixel_at(image: Any, row: int, column: int) -> float:
    """Return a pixel of the image, 0 in its border."""
    inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
    return float(image[row, column]) if inside else 0.0


def signed(value: float) -> str:
    """Return a number with a minus sign as wide as a plus."""
    return f"{value + 0.0:.3g}".replace("-", "\u2212")


def draw_image(plt: Any, axes: Any, image: Any, window_shape: tuple[int, int]) -> Any:
    """Draw the image with its border of zeros, and return the window, a frame to be moved."""
    height, width = image.shape
    for row in range(-PADDING, height + PADDING):
        for column in range(-PADDING, width + PADDING):
            pixel = pixel_at(image, row, column)
            box = cell(plt, axes, row, column, facecolor=str(1 - 0.45 * pixel))
            if not (0 <= row < height and 0 <= column < width):
                box.set(hatch="////", edgecolor="#cccccc")
            axes.text(column, row, f"{pixel:g}", ha="center", va="center", fontsize=10)
    size = window_shape[::-1]
    frame = plt.Rectangle((0, 0), *size, fill=False, edgecolor=BLUE, linewidth=4, zorder=3)
    axes.add_patch(frame)
    fit(axes, (-PADDING, height + PADDING), (-PADDING, width + PADDING))
    axes.set_title(f"image, padding {PADDING} (hatched), stride {STRIDE}", fontsize=12)
    return frame


def draw_products(plt: Any, axes: Any, kernel: Any) -> tuple[list[Any], Any]:
    """Draw the window alone, and return the texts of its products and of their sum."""
    height, width = kernel.shape
    texts = []
    for p, q in places(kernel.shape):
        cell(plt, axes, p, q, facecolor="white", edgecolor=BLUE)
        texts.append(axes.text(q, p, "", ha="center", va="center", fontsize=11))
    total = axes.text((width - 1) / 2, height, "", ha="center", va="center", fontsize=14)
    fit(axes, (-0.4, height + 0.6), (-0.2, width + 0.2))
    axes.set_title("pixel \u00d7 weight", fontsize=12)
    return texts, total


def draw_result(plt: Any, axes: Any, found: Any) -> tuple[list[Any], list[Any]]:
    """Draw the empty result, and return its texts and cells, row by row."""
    texts, cells = [], []
    for i, j in places(found.shape):
        cells.append(cell(plt, axes, i, j, facecolor="white"))
        text = axes.text(j, i, "", ha="center", va="center", fontsize=10, zorder=4)
        texts.append(text)
    fit(axes, (0, found.shape[0]), (0, found.shape[1]))
    axes.set_title("your conv2d_single", fontsize=12)
    return texts, cells


def cell(plt: Any, axes: Any, row: float, column: float, **style: Any) -> Any:
    """Draw the square of one number."""
    style = {"edgecolor": GREY, "linewidth": 0.5, **style}
    return axes.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **style))


def fit(axes: Any, rows: tuple[float, float], columns: tuple[float, float]) -> None:
    """Show these rows, from the top, and columns, as squares and without a scale."""
    axes.set(
        xlim=(columns[0] - 0.6, columns[1] - 0.4),
        ylim=(rows[1] - 0.4, rows[0] - 0.6),
        aspect="equal",
        xticks=[],
        yticks=[],
    )
    axes.axis("off")


# --- what networks have learned -----------------------------------------------------------------


def draw_digit_filters(plt: Any, path: Path) -> str:
    """Train the network for digits, and save its filters and what they find."""
    import look_networks

    return look_networks.draw_digit_filters(plt, path)


def draw_name_filters(plt: Any, path: Path) -> str:
    """Train the network for surnames, and save what its filters spell."""
    import look_networks

    return look_networks.draw_name_filters(plt, path)


# name of the file: function (plt, path) that saves it, and returns what keeps it from that, if so
PICTURES = {
    "sliding_window.gif": draw_sliding_window,
    "digit_filters.png": draw_digit_filters,
    "name_filters.png": draw_name_filters,
}


if __name__ == "__main__":
    sys.exit(main())
