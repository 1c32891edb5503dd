"""Public checks of diagnose_losses: the worked curves of the handout, and what follows from them.

As in grading, no curve comes near to a threshold.
"""

import diagnosis
import numpy as np
from student_kit.checks import assert_equal

NAN = float("nan")
CURVES = {
    "A": ([2.30, 2.90, 4.10, 9.00], [2.30, 3.00, 4.30, 8.80], "diverged"),
    "B": ([2.30, 1.90, NAN, NAN], [2.30, 2.00, NAN, NAN], "diverged"),
    "C": ([2.30, 1.40, 1.80, 1.10, 1.50, 0.90, 1.20], [2.3, 1.5, 1.9, 1.2, 1.6, 1.0, 1.3], ""),
    "D": ([2.30, 2.29, 2.28, 2.27, 2.26], [2.31, 2.30, 2.29, 2.29, 2.28], "lr too low"),
    "E": ([2.30, 1.20, 0.70, 0.50, 0.40], [2.30, 1.40, 1.00, 1.10, 1.40], "overfitting"),
    "F": ([2.30, 1.40, 0.90, 0.70, 0.60], [2.30, 1.50, 1.10, 0.90, 0.80], "healthy"),
    "G": ([2.30, 1.40, 0.90, 0.70, 0.60], [2.30, 1.50, 0.70, 0.60, 0.80], "healthy"),
    "H": ([2.30, 0.90, 0.30, 0.10, 0.05], [2.30, 1.30, 1.10, 1.00, 1.05], "healthy"),
    "I": ([2.30, 2.80, 1.90, 1.30, 0.90, 0.70], [2.30, 2.90, 2.00, 1.40, 1.0, 0.8], "healthy"),
    "J": ([2.30, 1.50, 2.40, 1.60, 2.50], [2.30, 1.60, 2.50, 1.80, 2.6], ""),
}


def check(name, scale=1.0):
    """Compare the diagnosis of one of the curves, with all losses multiplied by `scale`."""
    train, val, text = CURVES[name]
    found = diagnosis.diagnose_losses(scale * np.array(train), scale * np.array(val))
    assert_equal(found, text or "lr too high", name=f"the diagnosis of the curves {name}")


def test_diverged():
    """A has grown to four times its start, and B is NaN; F is fine."""
    for name in "ABF":
        check(name)


def test_lr_too_high():
    """C and J bounce; I jumps once, and then falls."""
    for name in "CJI":
        check(name)


def test_lr_too_low():
    """D hardly falls, F does."""
    for name in "DF":
        check(name)


def test_overfitting():
    """In E the validation loss turns, in G it is near the training loss, in H it hardly rises."""
    for name in "EGH":
        check(name)


def test_scale():
    """Only factors count: losses that are 1000 times smaller get the same diagnoses."""
    for name in CURVES:
        check(name, scale=1e-3)
