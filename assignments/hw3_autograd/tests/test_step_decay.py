"""Public checks of step_decay."""

import diagnosis
from student_kit.checks import assert_close


def test_worked_numbers():
    """Down to a quarter every five epochs, from 0.8 on."""
    for epoch, expected in ((0, 0.8), (4, 0.8), (5, 0.2), (9, 0.2), (10, 0.05), (17, 0.0125)):
        found = diagnosis.step_decay(0.8, epoch, drop=0.25, every=5)
        assert_close(found, expected, name=f"lr of epoch {epoch}")
