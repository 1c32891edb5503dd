"""The figures of handouts are what the script that draws them makes, of right numbers."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def draw_windows():
    """Return tools/draw_windows.py as a module."""
    spec = importlib.util.spec_from_file_location("draw_windows", ROOT / "tools/draw_windows.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_figures_of_homework_4_are_those_of_the_script(draw_windows):
    made = draw_windows.figures()
    there = {path.name: path.read_text("utf-8") for path in draw_windows.FIGURES.iterdir()}
    assert there == made
    handout = (draw_windows.FIGURES.parent / "handout.md").read_text("utf-8")
    for name in made:
        assert f"figures/{name}" in handout


def test_the_numbers_in_them_are_those_of_the_reference(draw_windows, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "solutions/hw4_convolutions"))
    monkeypatch.delitem(sys.modules, "conv", raising=False)
    import conv

    image, kernel = np.array(draw_windows.IMAGE), np.array(draw_windows.KERNEL)
    expected = conv.conv2d_single(image, kernel, stride=2, padding=1)
    padded = draw_windows.with_border(draw_windows.IMAGE)
    assert np.array_equal(draw_windows.slide(padded, stride=2), expected)
    monkeypatch.delitem(sys.modules, "conv")
