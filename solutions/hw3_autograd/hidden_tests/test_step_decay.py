"""Hidden checks of step_decay."""

import diagnosis
from student_kit.checks import assert_close


def staircase(lr, epoch, drop, every):
    """Return the learning rate by going through all epochs."""
    for passed in range(1, epoch + 1):
        if passed % every == 0:
            lr *= drop
    return lr


def test_every_epoch(rng):
    """The learning rate is right in each of the epochs, on the steps and between them."""
    lr, drop, every = rng.uniform(0.01, 1), rng.uniform(0.3, 0.8), int(rng.integers(3, 6))
    for epoch in range(3 * every + 2):
        found = diagnosis.step_decay(lr, epoch, drop=drop, every=every)
        assert_close(found, staircase(lr, epoch, drop, every), name=f"lr of epoch {epoch}")


def test_edges_of_a_step(rng):
    """The last epoch before a step has the old learning rate, the next one the new."""
    lr, drop, every = rng.uniform(0.1, 1), rng.uniform(0.3, 0.8), int(rng.integers(5, 30))
    found = diagnosis.step_decay(lr, 2 * every - 1, drop=drop, every=every)
    assert_close(found, lr * drop)
    found = diagnosis.step_decay(lr, 2 * every, drop=drop, every=every)
    assert_close(found, lr * drop * drop)


def test_many_steps(rng):
    """After many steps it is small, and never 0 or negative; a step may be one epoch long."""
    lr, drop = rng.uniform(0.1, 1), rng.uniform(0.4, 0.6)
    found = diagnosis.step_decay(lr, 15, drop=drop, every=1)
    assert_close(found, staircase(lr, 15, drop, 1))
