"""Public checks of activation_stats."""

import diagnosis
import numpy as np
from student_kit.checks import assert_close, assert_keys


def test_worked_numbers():
    """Mean, deviation and share of zeros are those of the example in the handout."""
    found = diagnosis.activation_stats(np.array([[0.0, 4.0], [0.0, 0.0], [-1.0, 3.0]]))
    assert_keys(found, {"mean", "std", "zero_fraction"}, name="the result")
    assert_close(found["mean"], 1.0, name="mean")
    assert_close(found["std"], 1.825741858351, name="std")
    assert_close(found["zero_fraction"], 0.5, name="zero_fraction")


def test_feature_maps():
    """Outputs of any shape are looked at as one heap of numbers."""
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    found = diagnosis.activation_stats(x)
    assert_keys(found, {"mean", "std", "zero_fraction"}, name="the result")
    assert_close(found["mean"], 11.5, name="mean")
    assert_close(found["std"], ((24**2 - 1) / 12) ** 0.5, name="std")
    assert_close(found["zero_fraction"], 1 / 24, name="zero_fraction")
