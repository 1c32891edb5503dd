"""Public checks of refine."""

import diagnosis
from student_kit.checks import assert_close, assert_pair


def test_worked_numbers():
    """From 1e-6 to 1e2 around 0.01 with shrink=0.25: two decades, 0.001 to 0.1."""
    found = diagnosis.refine(1e-6, 1e2, 0.01, shrink=0.25)
    assert_pair(found, of="(new_low, new_high)")
    assert_close(found[0], 1e-3, name="new_low")
    assert_close(found[1], 1e-1, name="new_high")


def test_beyond_the_border():
    """A best value of 1 at the upper end moves the range: half of it lies above."""
    found = diagnosis.refine(1e-4, 1.0, 1.0, shrink=0.5)
    assert_pair(found, of="(new_low, new_high)")
    assert_close(found[0], 0.1, name="new_low")
    assert_close(found[1], 10.0, name="new_high")
