"""Public checks of minibatch_indices. Any correct use of rng passes."""

import numpy as np
import optim
import pytest
from student_kit.checks import assert_close, assert_equal, require


def test_worked_numbers(rng):
    """Without shuffling, 10 samples in batches of 4 are 0-3, 4-7 and 8-9."""
    batches = optim.minibatch_indices(10, 4, rng=rng, shuffle=False)
    require(type(batches) is list, "the result must be a list")
    assert_equal(len(batches), 3, name="the number of batches")
    for number, (batch, first, end) in enumerate(zip(batches, (0, 4, 8), (4, 8, 10), strict=True)):
        assert_close(batch, np.arange(first, end), name=f"batch {number}")


def test_shuffled(rng):
    """Shuffled batches hold every index once, and drop_last leaves out the short one."""
    batches = optim.minibatch_indices(18, 4, rng=rng)
    assert_equal([len(batch) for batch in batches], [4, 4, 4, 4, 2], name="the list of sizes")
    indices = [int(i) for batch in batches for i in batch]
    require(sorted(indices) == list(range(18)), "not every index once", f"found {indices}")
    runs = [list(range(start, start + 4)) for start in range(0, 16, 4)]
    full = [[int(i) for i in batch] for batch in batches[:4]]
    require(sorted(full) != runs, "the batches are consecutive samples", f"found {full}")
    batches = optim.minibatch_indices(18, 4, rng=rng, drop_last=True)
    assert_equal([len(batch) for batch in batches], [4, 4, 4, 4], name="the list of sizes")


def test_impossible_batch_size(rng):
    """A batch_size below 1 raises a ValueError that names it."""
    for batch_size in (0, -2):
        with pytest.raises(ValueError, match="batch_size"):
            optim.minibatch_indices(5, batch_size, rng=rng)
