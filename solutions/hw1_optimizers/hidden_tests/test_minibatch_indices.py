"""Hidden checks of minibatch_indices. Any correct use of rng passes: no check knows an order."""

import numpy as np
import optim
import pytest
from student_kit.checks import assert_equal, require


def as_lists(batches):
    """Return the batches as lists of ints; fail if they are not a list of integer arrays."""
    require(type(batches) is list, f"the result must be a list, found {type(batches).__name__}")
    for batch in batches:
        require(
            type(batch) is np.ndarray and batch.ndim == 1 and batch.dtype.kind in "iu",
            "each batch must be an integer array with one axis",
        )
    return [[int(i) for i in batch] for batch in batches]


def flat(batches):
    """Return all indices of all batches, in order."""
    return [i for batch in batches for i in batch]


def test_every_index_once(rng):
    """Without drop_last every index stands in exactly one batch."""
    for n, batch_size in ((23, 5), (12, 4), (7, 1)):
        batches = as_lists(optim.minibatch_indices(n, batch_size, rng=rng))
        require(
            sorted(flat(batches)) == list(range(n)), "the batches do not hold every index just once"
        )


def test_batch_sizes(rng):
    """All batches have batch_size indices, only the last one may have fewer."""
    # 13 in batches of 5: whoever shares them out evenly gets 5, 4, 4
    for n, batch_size, sizes in ((13, 5, [5, 5, 3]), (10, 5, [5, 5]), (4, 9, [4])):
        batches = as_lists(optim.minibatch_indices(n, batch_size, rng=rng))
        assert_equal([len(batch) for batch in batches], sizes, name="the list of batch sizes")


def test_drop_last(rng):
    """drop_last leaves out a short last batch, and never a full one."""
    for n, batch_size, sizes in ((17, 5, [5, 5, 5]), (12, 4, [4, 4, 4]), (9, 8, [8])):
        batches = as_lists(optim.minibatch_indices(n, batch_size, rng=rng, drop_last=True))
        assert_equal([len(batch) for batch in batches], sizes, name="the list of batch sizes")
        indices = flat(batches)
        require(len(set(indices)) == len(indices), "an index stands in two batches")
        require(set(indices) <= set(range(n)), "an index is not one of 0 ... n-1")
    few = optim.minibatch_indices(3, 4, rng=rng, drop_last=True)
    assert_equal(as_lists(few), [], name="the list of batches of fewer samples than batch_size")
    none = optim.minibatch_indices(0, 4, rng=rng, drop_last=True)
    assert_equal(as_lists(none), [], name="the list of batches of no samples")


def test_in_order_without_shuffle(rng):
    """shuffle=False keeps the order 0, 1, 2, ..."""
    batches = optim.minibatch_indices(8, 3, rng=rng, shuffle=False)
    assert_equal(as_lists(batches), [[0, 1, 2], [3, 4, 5], [6, 7]], name="the list of batches")
    batches = optim.minibatch_indices(9, 4, rng=rng, shuffle=False, drop_last=True)
    assert_equal(as_lists(batches), [[0, 1, 2, 3], [4, 5, 6, 7]], name="the list of batches")


def test_new_batches_every_time(rng):
    """Two calls with one generator put different samples together, not only in another order."""
    # 6 batches of 5 out of 30: that two draws agree is out of the question
    calls = [as_lists(optim.minibatch_indices(30, 5, rng=rng)) for _ in range(2)]
    members = [sorted(sorted(batch) for batch in batches) for batches in calls]
    require(len(flat(calls[0])) > 20, "most indices are missing")
    require(members[0] != members[1], "two calls put the same samples together")
    runs = [list(range(start, start + 5)) for start in range(0, 30, 5)]
    require(runs not in members, "the batches are consecutive samples: nothing was shuffled")


def test_batches_come_from_rng(rng):
    """Equal generators give equal batches; the generator that was given decides, and no other."""
    first, other = (int(seed) for seed in rng.integers(2**32, size=2))
    calls = []
    for seed in (first, first, other):
        generator = np.random.default_rng(seed)
        calls.append(as_lists(optim.minibatch_indices(50, 3, rng=generator)))
    require(len(flat(calls[0])) > 40, "most indices are missing")
    require(calls[0] == calls[1], "two equal generators gave different batches")
    require(calls[0] != calls[2], "two different generators gave the same batches")


def test_refuses_a_batch_size_below_one(rng):
    """A batch_size below 1 raises a ValueError that names it; 1 is fine."""
    for batch_size in (0, -3):
        with pytest.raises(ValueError, match="batch_size"):
            optim.minibatch_indices(10, batch_size, rng=rng)
    batches = as_lists(optim.minibatch_indices(6, 1, rng=rng, shuffle=False))
    assert_equal(batches, [[0], [1], [2], [3], [4], [5]], name="the list of batches of one")
