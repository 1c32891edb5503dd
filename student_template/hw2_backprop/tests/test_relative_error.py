"""Public checks of relative_error."""

import layers
import numpy as np
import pytest
from student_kit.checks import assert_close


def test_worked_numbers():
    """The error is that of the worked example in the handout, whichever of the two comes first."""
    a, b = np.array([2.0, -10.0, 0.0]), np.array([2.5, -10.0, 0.0])
    assert_close(layers.relative_error(a, b), 0.2)
    assert_close(layers.relative_error(b, a), 0.2)
    assert_close(layers.relative_error(-a, -b), 0.2)


def test_signs_and_zeros():
    """a and -a differ by 2, 0 against something by 1, and 0 against 0 not at all."""
    assert_close(layers.relative_error(np.array([-3.0, 4.0]), np.array([3.0, 4.0])), 2.0)
    assert_close(layers.relative_error(np.array([0.0, 4.0]), np.array([1e-9, 4.0])), 1.0)
    assert_close(layers.relative_error(np.zeros((2, 3)), np.zeros((2, 3))), 0.0)


def test_what_must_not_be_hidden():
    """A NaN makes the result NaN, and arrays of different shapes raise a ValueError."""
    broken = np.array([1.0, np.nan, 3.0])
    assert_close(layers.relative_error(broken, np.ones(3)), np.nan)
    with pytest.raises(ValueError, match=r"\d"):
        layers.relative_error(np.ones((1, 3)), np.ones(3))
