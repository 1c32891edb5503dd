"""Hidden checks of total."""

import numpy as np
import tiny

from student_kit.checks import assert_close


def test_negative_entries_count(rng):
    """Negative entries are subtracted."""
    hidden_vector = -np.abs(rng.standard_normal(5))
    assert_close(tiny.total(hidden_vector), 2 * sum(hidden_vector.tolist()))
