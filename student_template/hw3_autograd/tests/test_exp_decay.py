"""Public checks of exp_decay."""

import diagnosis
from student_kit.checks import assert_close


def test_worked_numbers():
    """With k = 0.1, from 0.8 on: 0.8, 0.485225, 0.294304 at t = 0, 5, 10."""
    for t, expected in ((0, 0.8), (5, 0.485224527770), (10, 0.294303552937)):
        assert_close(diagnosis.exp_decay(0.8, t, k=0.1), expected, name=f"lr at t = {t}")
