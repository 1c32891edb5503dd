"""Draw the figures of homework 4's handout: `python tools/draw_windows.py`.

    an image, a kernel -> [draw_windows] -> assignments/hw4_convolutions/figures/*.svg

The files are committed, and a test draws them anew. They depend on nothing but this script: plain
SVG, readable on a light page and on a dark one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

FIGURES = Path(__file__).resolve().parent.parent / "assignments/hw4_convolutions/figures"
IMAGE = ((1, 2, 0, 1), (0, 1, 3, 2), (2, 0, 1, 1))
KERNEL = ((1, 0), (2, -1))
SIZE, GAP = 44, 40  # of a cell, and between two grids, in pixels
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"  # of Okabe & Ito

Rows = tuple[tuple[float, ...], ...]
Place = tuple[int, int]


def main() -> int:
    """Write all figures, and say which."""
    FIGURES.mkdir(exist_ok=True)
    for name, text in figures().items():
        (FIGURES / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {FIGURES.name}/{name}")
    return 0


def figures() -> dict[str, str]:
    """Return the text of each figure by its name."""
    return {"one_position.svg": one_position(), "padding_and_stride.svg": padding_and_stride()}


def one_position() -> str:
    """Draw the window at (1, 2): image, kernel, and the result with its one number."""
    i, j = 1, 2
    out = slide(IMAGE, stride=1)
    seen = [(i + p, j + q) for p in range(2) for q in range(2)]
    weights = [minus(KERNEL[r - i][c - j]) for r, c in seen]
    pixels = [minus(IMAGE[r][c]) for r, c in seen]
    products = " + ".join(f"{a} \u00b7 {b}" for a, b in zip(pixels, weights, strict=True))
    products = products.replace("\u00b7 \u22121", "\u00b7 (\u22121)")
    x1 = 4 * SIZE + GAP + 10
    x2 = x1 + 2 * SIZE + GAP + 10
    parts = [
        *grid(IMAGE, 10, 40, "image", fills=dict.fromkeys(seen, "#cfe5f3")),
        *frame((i, j), 2, 10, 40, BLUE),
        sign("\u00d7", x1 - GAP / 2, 40 + 1.5 * SIZE),
        *grid(KERNEL, x1, 40 + SIZE / 2, "kernel", fills={}),
        sign("=", x2 - GAP / 2, 40 + 1.5 * SIZE),
        *grid(out, x2, 40 + SIZE / 2, "out", fills={(i, j): "#cfe5f3"}),
        *frame((i, j), 1, x2, 40 + SIZE / 2, BLUE),
        label(f"out[{i}, {j}] = {products} = {minus(out[i][j])}", 10, 40 + 3 * SIZE + 32),
    ]
    return svg(x2 + 3 * SIZE + 10, 40 + 3 * SIZE + 48, parts)


def padding_and_stride() -> str:
    """Draw the padded image with all windows of stride 2, and the result in the same colours."""
    padded = with_border(IMAGE)
    out = slide(padded, stride=2)
    border = {
        (r, c): "#e8e8e8" for r in range(5) for c in range(6) if not (1 <= r <= 3 and 1 <= c <= 4)
    }
    colours = (BLUE, ORANGE, GREEN, PURPLE, "#E69F00", "#56B4E9")
    places = [(i, j) for i in range(2) for j in range(3)]
    x1 = 6 * SIZE + 2 * GAP + 10
    parts = grid(padded, 10, 40, "padding 1, stride 2, windows of 2 x 2", fills=border)
    parts += grid(out, x1, 40 + 1.5 * SIZE, "out", fills={})
    for (i, j), colour in zip(places, colours, strict=True):
        parts += frame((2 * i, 2 * j), 2, 10, 40, colour)
        parts += frame((i, j), 1, x1, 40 + 1.5 * SIZE, colour)
    parts.append(
        label(
            "No window comes to the last row: one step more leads out.",
            10,
            40 + 5 * SIZE + 28,
        )
    )
    return svg(x1 + 3 * SIZE + 10, 40 + 5 * SIZE + 44, parts)


def slide(image: Rows, *, stride: int) -> Rows:
    """Return the cross-correlation with the kernel, by its definition."""
    rows = range(0, len(image) - 1, stride)
    columns = range(0, len(image[0]) - 1, stride)
    return tuple(
        tuple(
            sum(image[i + p][j + q] * KERNEL[p][q] for p in range(2) for q in range(2))
            for j in columns
        )
        for i in rows
    )


def with_border(image: Rows) -> Rows:
    """Return an image with a border of zeros."""
    empty = (0,) * (len(image[0]) + 2)
    return (empty, *((0, *row, 0) for row in image), empty)


# --- SVG ----------------------------------------------------------------------------------------


def grid(rows: Rows, x: float, y: float, title: str, *, fills: Mapping[Place, str]) -> list[str]:
    """Draw numbers in a grid, with a title above."""
    parts = [label(title, x, y - 12)]
    for r, row in enumerate(rows):
        for c, number in enumerate(row):
            left, top = x + c * SIZE, y + r * SIZE
            parts.append(
                f'<rect x="{left:g}" y="{top:g}" width="{SIZE}" height="{SIZE}" '
                f'fill="{fills.get((r, c), "white")}" stroke="#999999"/>'
            )
            parts.append(sign(minus(number), left + SIZE / 2, top + SIZE / 2, 18, "black"))
    return parts


def frame(place: Place, cells: int, x: float, y: float, colour: str) -> list[str]:
    """Draw a frame around a window."""
    inset = 3
    left, top = x + place[1] * SIZE + inset, y + place[0] * SIZE + inset
    side = cells * SIZE - 2 * inset
    return [
        f'<rect x="{left:g}" y="{top:g}" width="{side}" height="{side}" fill="none" '
        f'stroke="{colour}" stroke-width="4"/>'
    ]


def sign(text: str, x: float, y: float, size: int = 26, colour: str = "#808080") -> str:
    """Write something centred at a point."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="middle" '
        f'dominant-baseline="central">{text}</text>'
    )


def label(text: str, x: float, y: float) -> str:
    """Write a line that begins at a point."""
    return f'<text x="{x:g}" y="{y:g}" font-size="16" fill="#808080">{text}</text>'


def minus(number: float) -> str:
    """Return a number with a proper minus sign."""
    return f"{number:g}".replace("-", "\u2212")


def svg(width: float, height: float, parts: Iterable[str]) -> str:
    """Return the file."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="sans-serif">'
    )
    return "\n".join([head, *parts, "</svg>", ""])


if __name__ == "__main__":
    sys.exit(main())
