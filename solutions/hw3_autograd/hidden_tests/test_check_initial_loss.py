"""Hidden checks of check_initial_loss. No loss is within 1 % of the bound."""

import math

import diagnosis
from student_kit.checks import assert_equal


def check(loss, num_classes, expected, **options):
    """Compare one answer."""
    found = diagnosis.check_initial_loss(loss, num_classes, **options)
    assert_equal(found, expected)


def test_a_loss_near_the_expected_one(rng):
    """A loss that deviates by less than tol to either side is accepted, one by more is not."""
    for num_classes in (2, int(rng.integers(3, 12)), 1000):
        expected, tol = math.log(num_classes), rng.uniform(0.02, 0.3)
        for sign in (-1, 1):
            check(expected + sign * rng.uniform(0.6, 0.95) * tol, num_classes, True, tol=tol)
            check(expected + sign * rng.uniform(1.05, 1.8) * tol, num_classes, False, tol=tol)


def test_default_tolerance(rng):
    """Without tol a loss may deviate by 0.1 nats."""
    num_classes = int(rng.integers(8, 50))
    for sign in (-1, 1):
        check(math.log(num_classes) + sign * rng.uniform(0.06, 0.097), num_classes, True)
        check(math.log(num_classes) + sign * rng.uniform(0.103, 0.18), num_classes, False)


def test_a_loss_that_is_too_small(rng):
    """A loss of 0 is suspicious too, as is one of a few hundredths; the right loss is not."""
    num_classes = int(rng.integers(4, 40))
    for loss in (0.0, rng.uniform(0.001, 0.05)):
        check(loss, num_classes, False)
    check(math.log(num_classes), num_classes, True)


def test_many_classes(rng):
    """tol is in nats, and not relative to the loss: also for thousands of classes."""
    num_classes = int(rng.integers(5_000, 50_000))
    check(math.log(num_classes) - 0.4, num_classes, False, tol=0.3)
    check(math.log(num_classes) + 0.4, num_classes, False, tol=0.3)
    check(math.log(num_classes) - 0.2, num_classes, True, tol=0.3)


def test_nan(rng):
    """A loss that is NaN or infinite is not accepted, and the expected one is."""
    num_classes = int(rng.integers(2, 20))
    for loss in (math.nan, math.inf, -math.inf):
        check(loss, num_classes, False)
    check(math.log(num_classes), num_classes, True)
