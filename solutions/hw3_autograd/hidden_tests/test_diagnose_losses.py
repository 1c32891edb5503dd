"""Hidden checks of diagnose_losses.

No curve comes near to a threshold: every number that a rule compares is at least 5 % away from it.
Each check asks for two diagnoses at least, of curves that differ in one thing. How large the first
loss is, is drawn; the shapes of the curves are not, so that nobody is lucky.
"""

from itertools import pairwise

import diagnosis
import numpy as np
import pytest
from student_kit.checks import assert_equal, assert_inputs_unchanged


def check(train_losses, val_losses, expected):
    """Compare one diagnosis."""
    assert_equal(diagnosis.diagnose_losses(train_losses, val_losses), expected)


def first_loss(rng):
    """Return the loss of the first epoch."""
    return rng.uniform(1.8, 2.6)


def smooth(*values, steps):
    """Return a curve through these values, with equal factors in the steps between two of them."""
    parts = [np.array(values[:1])]
    for start, end in pairwise(values):
        parts.append(np.geomspace(start, end, steps + 1)[1:])
    return np.concatenate(parts)


def healthy(rng, *, steps=10):
    """Return the two curves of a training that goes well, of steps + 1 epochs."""
    start = first_loss(rng)
    train = smooth(start, 0.3 * start, steps=steps)
    return train, smooth(1.02 * start, 0.36 * start, steps=steps)


def overfitting(rng, *, steps=6):
    """Return curves of which the second turns upwards after half of 2 * steps epochs."""
    start = first_loss(rng)
    train = smooth(start, 0.3 * start, steps=2 * steps)
    return train, smooth(start, 0.5 * start, 0.7 * start, steps=steps)


def bouncing(rng, *, steps, jumps, size, end):
    """Return a curve that jumps up now and then, and falls by equal factors in all other steps.

    Args:
        rng: for the first loss.
        steps: number of steps; the curve has one more epoch.
        jumps: how many of them go up; the first and the last step do not.
        size: factor of a jump.
        end: last loss / first loss.
    """
    up = np.linspace(1, steps - 2, jumps).round().astype(int)
    fall = (np.log(end) - jumps * np.log(size)) / (steps - jumps)
    factors = np.full(steps, fall)
    factors[up] = np.log(size)
    return first_loss(rng) * np.exp(np.concatenate([[0.0], np.cumsum(factors)]))


def calm(curve):
    """Return a smooth curve that ends where another one does."""
    return smooth(1.02 * curve[0], curve[-1], steps=len(curve) - 1)


@pytest.mark.weight(3)
def test_nan_and_infinity(rng):
    """A loss that is NaN or infinite, in either curve and in any epoch, means diverged."""
    train, val = healthy(rng)
    check(train, val, "healthy")
    for bad in (np.nan, np.inf, -np.inf):
        for epoch in (0, 4, 10):
            broken = train.copy()
            broken[epoch] = bad
            check(broken, val, "diverged")
            broken = val.copy()
            broken[epoch] = bad
            check(train, broken, "diverged")


def test_a_training_loss_that_has_grown(rng):
    """A training loss that ends at about twice its first value has diverged, jumps or none."""
    start = first_loss(rng)
    slow = smooth(start, rng.uniform(1.65, 2.6) * start, steps=14)
    check(slow, slow[::-1].copy(), "diverged")
    sudden, val = smooth(start, 0.4 * start, steps=9), smooth(start, 0.45 * start, steps=9)
    check(sudden, val, "healthy")
    sudden[-1] = rng.uniform(1.7, 2.6) * start
    check(sudden, val, "diverged")


def test_growth_is_measured_from_the_first_to_the_last_epoch(rng):
    """A peak on the way is no divergence, and neither is a loss that grows from its minimum."""
    start = first_loss(rng)
    peak = smooth(start, 0.3 * start, steps=10)
    check(peak, 1.2 * peak, "healthy")
    peak[4] = 3 * start
    check(peak, 1.2 * smooth(start, 0.3 * start, steps=10), "healthy")
    back = smooth(start, 0.2 * start, 0.4 * start, steps=10)
    check(back, 1.2 * back, "healthy")
    up = smooth(start, 2.2 * start, steps=20)
    check(up, up, "diverged")


def test_growth_of_the_validation_loss(rng):
    """A validation loss that has doubled is no divergence as long as the training loss falls."""
    start = first_loss(rng)
    falls, grows = smooth(start, 0.4 * start, steps=12), smooth(start, 2 * start, steps=12)
    check(falls, grows, "overfitting")
    check(grows, falls, "diverged")


@pytest.mark.weight(2)
def test_a_loss_that_bounces(rng):
    """If the training loss jumps up in a third of the epochs or more, the lr is too high."""
    for jumps in (4, 5, 6):
        curve = bouncing(rng, steps=12, jumps=jumps, size=rng.uniform(1.3, 1.5), end=0.5)
        check(curve, calm(curve), "lr too high")
    for jumps in (1, 2):
        curve = bouncing(rng, steps=12, jumps=jumps, size=1.5, end=0.5)
        check(curve, calm(curve), "healthy")


def test_small_rises_are_no_jumps(rng):
    """Rises by a few per cent are what batches do, however many there are; larger ones count."""
    for size, expected in ((1.03, "healthy"), (1.16, "lr too high")):
        curve = bouncing(rng, steps=15, jumps=7, size=size, end=0.5)
        check(curve, calm(curve), expected)


def test_a_quarter_of_the_steps(rng):
    """It is the share of the jumps that counts, not their number: 5 of 12 are many, 5 of 40 few."""
    # 3 of 11 and 3 of 13: the number of steps is the number of epochs minus 1
    for steps, jumps in ((12, 5), (11, 3)):
        curve = bouncing(rng, steps=steps, jumps=jumps, size=1.3, end=0.5)
        check(curve, 1.1 * calm(curve), "lr too high")
    for steps, jumps in ((40, 5), (13, 3)):
        curve = bouncing(rng, steps=steps, jumps=jumps, size=1.3, end=0.5)
        check(curve, 1.1 * calm(curve), "healthy")


def test_a_validation_loss_that_bounces(rng):
    """The validation loss is rough by nature: only jumps of the training loss count."""
    rough = bouncing(rng, steps=10, jumps=4, size=1.18, end=0.5)
    train = smooth(rough[0], 0.9 * rough.min(), steps=10)
    check(train, np.append(rough[:-1], 1.1 * rough.min()), "healthy")
    check(rough, rough, "lr too high")


def test_first_and_last_step_count_as_jumps(rng):
    """A jump in the first step and one in the last one are jumps like others."""
    start = first_loss(rng)
    curve = start * np.array([1.0, 1.3, 1.1, 0.9, 0.7, 0.6, 0.75])
    check(curve, 1.1 * curve, "lr too high")
    curve = start * np.array([1.0, 0.97, 1.02, 0.9, 0.7, 0.6, 0.75])
    check(curve, 1.1 * curve, "healthy")


def test_a_loss_that_hardly_falls(rng):
    """If the training loss has fallen by a few per cent only, or risen by some, lr is too low."""
    start = first_loss(rng)
    for end, expected in (
        (rng.uniform(0.97, 0.99), "lr too low"),
        (rng.uniform(1.02, 1.4), "lr too low"),
        (rng.uniform(0.6, 0.85), "healthy"),
    ):
        train = smooth(start, end * start, steps=11)
        check(train, 1.02 * train, expected)


def test_the_fall_is_relative(rng):
    """Whether a loss has fallen is a matter of factors: tiny and huge losses are judged alike."""
    for scale in (1e-6, 1.0, 1e6):
        start = scale * first_loss(rng)
        train = smooth(start, 0.4 * start, steps=8)
        check(train, 1.15 * train, "healthy")
        train = smooth(start, 0.97 * start, steps=8)
        check(train, 1.15 * train, "lr too low")


def test_first_and_last_epoch(rng):
    """How far the loss has fallen is measured from the first to the last epoch, and no others."""
    start = first_loss(rng)
    early = start * np.array([1.0, 0.6, 0.59, 0.58, 0.57, 0.57, 0.57])
    check(early, early, "healthy")
    late = start * np.array([1.0, 1.01, 1.0, 1.01, 1.0, 1.01, 0.6])
    check(late, late, "healthy")
    back = smooth(start, 0.7 * start, 0.97 * start, steps=6)
    check(back, back, "lr too low")


def test_a_validation_loss_that_does_not_fall(rng):
    """The lr is too low if the training loss does not fall; the validation loss does not count."""
    start = first_loss(rng)
    falls, stays = smooth(start, 0.75 * start, steps=9), smooth(start, 0.98 * start, steps=9)
    check(falls, stays, "healthy")
    check(stays, falls, "lr too low")


@pytest.mark.weight(2)
def test_a_validation_loss_that_turns(rng):
    """A validation loss far above its minimum and above the training loss means overfitting."""
    start = first_loss(rng)
    train = smooth(start, 0.25 * start, steps=14)
    for up, expected in (
        (rng.uniform(1.3, 1.7), "overfitting"),
        (rng.uniform(1.02, 1.12), "healthy"),
    ):
        check(train, smooth(start, 0.5 * start, 0.5 * up * start, steps=7), expected)


def test_a_gap_alone(rng):
    """A gap between the curves alone is no overfitting: the validation loss must have risen."""
    start = first_loss(rng)
    train = smooth(start, 0.1 * start, steps=12)
    check(train, smooth(start, rng.uniform(0.4, 0.8) * start, steps=12), "healthy")
    check(train, smooth(start, 0.4 * start, 0.7 * start, steps=6), "overfitting")


def test_a_rise_alone(rng):
    """A validation loss that has risen near the training loss is no overfitting."""
    start = first_loss(rng)
    train = smooth(start, 0.4 * start, steps=12)
    for gap, expected in (
        (rng.uniform(0.9, 1.4), "healthy"),
        (rng.uniform(1.6, 2.1), "overfitting"),
    ):
        end = gap * train[-1]
        check(train, smooth(start, end / 1.35, end, steps=6), expected)


def test_the_last_validation_loss(rng):
    """Overfitting is a matter of the last epoch: a bump on the way is none, a late rise is."""
    train, val = healthy(rng, steps=12)
    bump = val.copy()
    bump[7] = 3 * val[0]
    check(train, bump, "healthy")
    late = val.copy()
    late[-1] = 2 * val[-1]
    check(train, late, "overfitting")


def test_the_smallest_validation_loss(rng):
    """The last loss is compared with the smallest one, wherever it was, and not with the first."""
    start = first_loss(rng)
    train = smooth(start, 0.2 * start, steps=12)
    for epoch in (1, 5, 10):
        val = start * np.array([1.0, *[0.8] * 11, 0.75])
        check(train, val, "healthy")
        val[epoch] = 0.5 * start
        check(train, val, "overfitting")


def test_the_training_loss_alone(rng):
    """A training loss that falls to nearly nothing is no overfitting if the other one follows."""
    start = first_loss(rng)
    train = smooth(start, 0.01 * start, steps=40)
    check(train, 1.3 * train, "healthy")
    check(train, smooth(start, 0.3 * start, 0.6 * start, steps=20), "overfitting")


@pytest.mark.weight(3)
def test_order_of_the_rules(rng):
    """If several rules hold, the first of them decides."""
    train, val = overfitting(rng)
    check(train, val, "overfitting")
    check(train, np.append(val[:-1], np.nan), "diverged")
    # bounces and ends far above its start; bounces and overfits; bounces and does not fall
    wild = bouncing(rng, steps=12, jumps=5, size=1.6, end=2.0)
    check(wild, wild, "diverged")
    wild = bouncing(rng, steps=12, jumps=5, size=1.6, end=0.5)
    check(wild, val / val[-1] * 2 * wild[-1], "lr too high")
    wild = bouncing(rng, steps=12, jumps=5, size=1.6, end=1.0)
    check(wild, wild, "lr too high")
    # does not fall, and the validation loss turns
    flat = smooth(val[0], 0.97 * val[0], steps=12)
    check(flat, val / val[-1] * 2.2 * flat[-1], "lr too low")


def test_refuses_curves_of_different_lengths(rng):
    """Curves that differ in length raise a ValueError that names both; equal ones do not."""
    train, val = healthy(rng)
    check(train, val, "healthy")
    longer = smooth(train[0], train[-1], steps=30)
    for pair in ((train, val[:-1]), (train[1:], val), (longer, val), (train, val[:1])):
        with pytest.raises(ValueError, match=r"\d"):
            diagnosis.diagnose_losses(*pair)


def test_two_epochs(rng):
    """Two epochs are enough for a diagnosis."""
    start = first_loss(rng)
    for end, expected in ((2.0, "diverged"), (1.3, "lr too high"), (0.97, "lr too low")):
        train = start * np.array([1.0, end])
        check(train, train, expected)
    train = start * np.array([1.0, 0.4])
    check(train, train, "healthy")
    check(train, start * np.array([0.6, 0.85]), "overfitting")


def test_arguments_unchanged(rng):
    """Neither curve is written into, and the diagnosis is right."""
    for train, val, expected in (
        (*overfitting(rng), "overfitting"),
        (*healthy(rng), "healthy"),
    ):
        with assert_inputs_unchanged():
            found = diagnosis.diagnose_losses(train, val)
        assert_equal(found, expected)
