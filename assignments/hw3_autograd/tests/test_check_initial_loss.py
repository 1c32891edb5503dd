"""Public checks of check_initial_loss."""

import diagnosis
from student_kit.checks import assert_equal


def test_worked_numbers():
    """For ten classes 2.35 is a good start, and 2.45, 6.91 and 0.1 are not."""
    for loss, answer in ((2.35, True), (2.25, True), (2.45, False), (6.91, False), (0.1, False)):
        assert_equal(diagnosis.check_initial_loss(loss, 10), answer, name=f"the answer for {loss}")


def test_another_tolerance():
    """With tol=0.5 a first loss of 2.7 will do, and 2.9 will not; NaN never does."""
    for loss, answer in ((2.7, True), (2.9, False), (float("nan"), False)):
        found = diagnosis.check_initial_loss(loss, 10, tol=0.5)
        assert_equal(found, answer, name=f"the answer for {loss}")
