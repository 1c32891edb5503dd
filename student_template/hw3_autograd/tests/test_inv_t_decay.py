"""Public checks of inv_t_decay."""

import diagnosis
from student_kit.checks import assert_close


def test_worked_numbers():
    """With k = 0.1, from 0.8 on: 0.8, 0.4 and 0.2 at t = 0, 10 and 30."""
    for t, expected in ((0, 0.8), (10, 0.4), (30, 0.2)):
        assert_close(diagnosis.inv_t_decay(0.8, t, k=0.1), expected, name=f"lr at t = {t}")
