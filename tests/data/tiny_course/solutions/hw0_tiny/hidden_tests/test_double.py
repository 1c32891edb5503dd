"""Hidden checks of double."""

import tiny

from student_kit.checks import assert_close


def test_a_matrix_is_doubled(rng):
    """Every entry of a matrix is doubled."""
    hidden_matrix = rng.standard_normal((3, 4))
    found_matrix = tiny.double(hidden_matrix)
    wanted_matrix = hidden_matrix + hidden_matrix
    assert_close(found_matrix, wanted_matrix)
