"""Hidden checks of inv_t_decay."""

import diagnosis
from student_kit.checks import assert_close


def test_any_time(rng):
    """The learning rate is lr / (1 + k t), in whole steps and between them."""
    lr, k = rng.uniform(0.01, 1), rng.uniform(0.05, 3)
    for t in (1, int(rng.integers(2, 9)), rng.uniform(9, 200)):
        found = diagnosis.inv_t_decay(lr, t, k=k)
        assert_close(found, 1 / (1 / lr + t * k / lr))


def test_start(rng):
    """At t = 0 it is lr itself."""
    lr, k = rng.uniform(0.01, 1), rng.uniform(0.5, 3)
    assert_close(diagnosis.inv_t_decay(lr, 0, k=k), lr)
    assert_close(diagnosis.inv_t_decay(lr, 2 / k, k=k), lr / 3)


def test_a_long_tail(rng):
    """After 99 times 1 / k a hundredth is left: much more than of an exponential decay."""
    lr, k = rng.uniform(0.01, 1), rng.uniform(0.5, 3)
    found = diagnosis.inv_t_decay(lr, 99 / k, k=k)
    assert_close(found, lr / 100)
