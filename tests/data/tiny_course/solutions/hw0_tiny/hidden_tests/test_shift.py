"""Hidden checks of shift."""

import tiny

from student_kit.checks import assert_close


def test_a_matrix_is_shiftd(rng):
    """Every entry of a matrix is shiftd."""
    hidden_matrix = rng.standard_normal((3, 4))
    found_matrix = tiny.shift(hidden_matrix)
    wanted_matrix = hidden_matrix + 1.0
    assert_close(found_matrix, wanted_matrix)
