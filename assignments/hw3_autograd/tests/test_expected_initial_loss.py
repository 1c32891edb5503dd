"""Public checks of expected_initial_loss."""

import diagnosis
from student_kit.checks import assert_close


def test_worked_numbers():
    """Ten classes cost 2.302585, two cost 0.693147, and one class costs nothing."""
    for num_classes, expected in ((10, 2.302585092994), (2, 0.693147180560), (1, 0.0)):
        assert_close(diagnosis.expected_initial_loss(num_classes), expected)
