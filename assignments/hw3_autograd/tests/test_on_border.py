"""Public checks of on_border."""

import diagnosis
from student_kit.checks import assert_equal


def test_worked_numbers():
    """Between 1e-6 and 10 the border ends at 5e-6 and begins again at 2, as in the handout."""
    answers = {3e-6: True, 8e-6: False, 0.003: False, 1.0: False, 4.0: True, 1e-8: True, 20: True}
    for value, answer in answers.items():
        found = diagnosis.on_border(value, 1e-6, 10.0)
        assert_equal(found, answer, name=f"the answer for {value:g}")


def test_fraction():
    """With fraction=0.25 the border between 1e-4 and 1 is a decade wide at either end."""
    for value, answer in ((8e-4, True), (2e-3, False), (0.08, False), (0.2, True)):
        found = diagnosis.on_border(value, 1e-4, 1.0, fraction=0.25)
        assert_equal(found, answer, name=f"the answer for {value:g}")
