"""Public checks of diagnose_losses: the worked curves of the handout, and what follows from them.

As in grading, no curve comes near to a threshold.
"""

import diagnosis
import numpy as np
import pytest
from student_kit.checks import assert_equal

NAN, INF = float("nan"), float("inf")
CURVES = {
    "A": ([2.30, 2.90, 4.10, 9.00], [2.30, 3.00, 4.30, 8.80], "diverged"),
    "B": ([2.30, 1.90, 1.50, NAN], [2.30, 2.00, 1.60, NAN], "diverged"),
    "C": ([2.30, 1.50, 1.00, 0.80, 0.70], [2.30, 1.60, INF, 0.90, 0.80], "diverged"),
    "D": ([2.3, 1.4, 1.8, 1.1, 1.5, 0.9, 1.2], [2.3, 1.5, 1.9, 1.2, 1.6, 1.0, 1.3], "lr too high"),
    "E": ([2.30, 1.50, 2.40, 1.60, 2.50], [2.30, 1.60, 2.50, 1.80, 4.00], "lr too high"),
    "F": ([2.30, 2.29, 2.28, 2.27, 2.26], [2.31, 2.30, 2.29, 2.29, 2.28], "lr too low"),
    "G": ([2.30, 1.20, 0.70, 0.50, 0.40], [2.30, 1.40, 1.00, 1.90, 3.90], "overfitting"),
    "H": ([2.3, 1.4, 0.9, 0.93, 0.7, 0.72, 0.7], [2.3, 1.5, 1.1, 1.1, 0.9, 0.9, 0.88], "healthy"),
    "I": ([2.30, 1.40, 0.90, 0.70, 0.60], [2.30, 1.50, 0.70, 0.60, 0.80], "healthy"),
    "J": ([2.30, 0.90, 0.30, 0.10, 0.05], [2.30, 1.30, 1.10, 1.00, 1.05], "healthy"),
    "K": ([2.30, 4.10, 1.90, 1.30, 0.90, 0.70], [2.30, 4.00, 2.00, 1.40, 1.00, 0.80], "healthy"),
}


def check(name, scale=1.0):
    """Compare the diagnosis of one of the curves, with all losses multiplied by `scale`."""
    train, val, text = CURVES[name]
    found = diagnosis.diagnose_losses(scale * np.array(train), scale * np.array(val))
    assert_equal(found, text, name=f"the diagnosis of the curves {name}")


def test_diverged():
    """A has grown to four times its start, B and C are not finite; K recovers from a peak."""
    for name in "ABCK":
        check(name)


def test_lr_too_high():
    """D and E bounce; K jumps once, and H rises by a few per cent only."""
    for name in "DEKH":
        check(name)


def test_lr_too_low():
    """F hardly falls; H has come far, although its last step is short."""
    for name in "FH":
        check(name)


def test_overfitting():
    """In G the validation loss turns; in I the gap is small, and in J it hardly rises."""
    for name in "GIJ":
        check(name)


def test_scale():
    """Only factors count: losses that are 1000 times smaller get the same diagnoses."""
    for name in CURVES:
        check(name, scale=1e-3)


def test_curves_of_different_lengths():
    """A training loss per step beside a validation loss per epoch raises a ValueError."""
    with pytest.raises(ValueError, match=r"\d"):
        diagnosis.diagnose_losses(np.linspace(2.0, 1.0, 20), np.linspace(2.0, 1.2, 5))
