"""Hidden checks of diagnose_losses.

No curve comes near to a threshold: every number that a rule compares is at least 5 % away from it.
Each check asks for two diagnoses at least, of curves that differ in one thing.
"""

import diagnosis
import numpy as np
import pytest
from student_kit.checks import assert_equal, assert_inputs_unchanged


def check(train_losses, val_losses, expected):
    """Compare one diagnosis."""
    assert_equal(diagnosis.diagnose_losses(train_losses, val_losses), expected)


def smooth(rng, start, *ends, steps=5):
    """Return a curve from `start` to each of `ends` in turn, by equal factors, hardly rough."""
    parts = [np.array([start])]
    for end in ends:
        parts.append(np.geomspace(parts[-1][-1], end, steps + 1)[1:])
    curve = np.concatenate(parts)
    curve[1:-1] *= rng.uniform(0.995, 1.005, size=len(curve) - 2)
    return curve


def healthy(rng, *, steps=10):
    """Return the two curves of a training that goes well, of steps + 1 epochs."""
    start = rng.uniform(0.7, 4.0)
    end = start * rng.uniform(0.2, 0.5)
    train = smooth(rng, start, end, steps=steps)
    return train, smooth(rng, start * 1.02, end * rng.uniform(1.1, 1.3), steps=steps)


def overfitting(rng, *, steps=6):
    """Return curves of which the second turns upwards after half of 2 * steps epochs."""
    start = rng.uniform(0.7, 4.0)
    train = smooth(rng, start, 0.3 * start, steps=2 * steps)
    val = smooth(rng, start, 0.5 * start, 0.7 * start, steps=steps)
    return train, val


def bouncing(rng, *, steps, jumps, size, end):
    """Return a curve of steps + 1 epochs that rises `jumps` times, each by the factor `size`.

    Args:
        rng: where the jumps come.
        steps: number of steps.
        jumps: how many of them go up; two jumps do not come one after the other.
        size: factor of a jump.
        end: last loss / first loss.
    """
    log_factors = np.zeros(steps)
    # after a jump comes a fall: from a row of falls, each jump is put in front of one
    places = np.sort(rng.permutation(steps - jumps)[:jumps]) + np.arange(jumps)
    log_factors[places] = np.log(size)
    falls = np.setdiff1d(np.arange(steps), places)
    log_factors[falls] = (np.log(end) - jumps * np.log(size)) / len(falls)
    start = rng.uniform(0.7, 4.0)
    return start * np.exp(np.concatenate([[0.0], np.cumsum(log_factors)]))


@pytest.mark.weight(2)
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
    start = rng.uniform(0.7, 4.0)
    slow = smooth(rng, start, rng.uniform(1.65, 2.6) * start, steps=14)
    check(slow, slow[::-1].copy(), "diverged")
    sudden = smooth(rng, start, 0.4 * start, steps=9)
    sudden[-1] = rng.uniform(1.7, 2.6) * start
    check(sudden, smooth(rng, start, 0.5 * start, steps=9), "diverged")
    sudden[-1] = 0.35 * start
    check(sudden, smooth(rng, start, 0.45 * start, steps=9), "healthy")


def test_growth_is_measured_from_the_first_to_the_last_epoch(rng):
    """A peak on the way is no divergence, and neither is a loss that grows from its minimum."""
    start = rng.uniform(0.7, 4.0)
    peak = smooth(rng, start, 0.3 * start, steps=10)
    peak[4] = 3 * start
    check(peak, 1.2 * smooth(rng, start, 0.3 * start, steps=10), "healthy")
    back = smooth(rng, start, 0.2 * start, 0.5 * start, steps=10)
    check(back, 1.2 * back, "healthy")
    up = smooth(rng, start, 2.2 * start, steps=20)
    check(up, up, "diverged")


def test_growth_of_the_validation_loss(rng):
    """A validation loss that has doubled is no divergence as long as the training loss falls."""
    start = rng.uniform(0.7, 4.0)
    falls, grows = (
        smooth(rng, start, 0.4 * start, steps=12),
        smooth(rng, start, 2 * start, steps=12),
    )
    check(falls, grows, "overfitting")
    check(grows, falls, "diverged")


@pytest.mark.weight(2)
def test_a_loss_that_bounces(rng):
    """If the training loss jumps up in a third of the epochs or more, the lr is too high."""
    calm = healthy(rng, steps=12)[1]
    for jumps in (4, 5, 6):
        size, end = rng.uniform(1.2, 1.8), rng.uniform(0.3, 0.8)
        curve = bouncing(rng, steps=12, jumps=jumps, size=size, end=end)
        check(curve, calm / calm[-1] * curve[-1], "lr too high")
    curve = bouncing(rng, steps=12, jumps=int(rng.integers(1, 3)), size=1.5, end=0.5)
    check(curve, calm / calm[-1] * curve[-1], "healthy")


def test_small_rises_are_no_jumps(rng):
    """Rises by a few per cent are what batches do, however many there are; larger ones count."""
    calm = healthy(rng, steps=14)[1]
    for size, expected in ((rng.uniform(1.01, 1.04), "healthy"), (1.16, "lr too high")):
        curve = bouncing(rng, steps=14, jumps=7, size=size, end=rng.uniform(0.3, 0.6))
        check(curve, calm / calm[-1] * curve[-1], expected)


def test_a_quarter_of_the_steps(rng):
    """It is the share of the jumps that counts, not their number: 5 of 12 are many, 5 of 40 few."""
    for steps, expected in ((12, "lr too high"), (40, "healthy")):
        curve = bouncing(rng, steps=steps, jumps=5, size=1.3, end=0.5)
        check(curve, curve * np.geomspace(1.0, 1.2, steps + 1), expected)
    # 3 of 11 and 3 of 13: where the number of steps is the number of epochs minus 1
    for steps, expected in ((11, "lr too high"), (13, "healthy")):
        curve = bouncing(rng, steps=steps, jumps=3, size=1.3, end=0.5)
        check(curve, curve * np.geomspace(1.0, 1.2, steps + 1), expected)


def test_a_validation_loss_that_bounces(rng):
    """The validation loss is rough by nature: only jumps of the training loss count."""
    rough = bouncing(rng, steps=10, jumps=4, size=1.18, end=0.5)
    calm = smooth(rng, rough[0], 0.9 * rough.min(), steps=10)
    check(calm, np.append(rough[:-1], 1.1 * rough.min()), "healthy")
    check(rough, rough, "lr too high")


def test_first_and_last_step_count_as_jumps(rng):
    """A jump in the first step and one in the last one are jumps like others."""
    start = rng.uniform(0.7, 4.0)
    curve = start * np.array([1.0, 1.3, 1.1, 0.9, 0.7, 0.6, 0.75])
    check(curve, 1.1 * curve, "lr too high")
    curve = start * np.array([1.0, 0.97, 1.02, 0.9, 0.7, 0.6, 0.75])
    check(curve, 1.1 * curve, "healthy")


def test_a_loss_that_hardly_falls(rng):
    """If the training loss has fallen by a few per cent only, or risen by some, lr is too low."""
    start = rng.uniform(0.7, 4.0)
    for end, expected in (
        (rng.uniform(0.95, 0.99), "lr too low"),
        (rng.uniform(1.01, 1.4), "lr too low"),
        (rng.uniform(0.6, 0.85), "healthy"),
    ):
        train = smooth(rng, start, end * start, steps=11)
        check(train, smooth(rng, start, 1.02 * end * start, steps=11), expected)


def test_the_fall_is_relative(rng):
    """Whether a loss has fallen is a matter of factors: tiny and huge losses are judged alike."""
    for scale in (1e-6, 1.0, 1e6):
        start = scale * rng.uniform(0.7, 4.0)
        train = smooth(rng, start, rng.uniform(0.3, 0.6) * start, steps=8)
        check(train, 1.15 * train, "healthy")
        train = smooth(rng, start, 0.96 * start, steps=8)
        check(train, 1.15 * train, "lr too low")


def test_first_and_last_epoch(rng):
    """How far the loss has fallen is measured from the first to the last epoch, and no others."""
    start = rng.uniform(0.7, 4.0)
    early = start * np.array([1.0, *rng.uniform(0.57, 0.6, size=7)])
    check(early, early, "healthy")
    late = start * np.array([*rng.uniform(1.0, 1.02, size=7), 0.6])
    check(late, late, "healthy")
    back = smooth(rng, start, 0.7 * start, 0.97 * start, steps=6)
    check(back, back, "lr too low")


def test_a_validation_loss_that_does_not_fall(rng):
    """The lr is too low if the training loss does not fall; the validation loss does not count."""
    start = rng.uniform(0.7, 4.0)
    falls, stays = (
        smooth(rng, start, 0.75 * start, steps=9),
        smooth(rng, start, 0.98 * start, steps=9),
    )
    check(falls, stays, "healthy")
    check(stays, falls, "lr too low")


@pytest.mark.weight(2)
def test_a_validation_loss_that_turns(rng):
    """A validation loss far above its minimum and above the training loss means overfitting."""
    start = rng.uniform(0.7, 4.0)
    train = smooth(rng, start, rng.uniform(0.2, 0.3) * start, steps=14)
    for up, expected in (
        (rng.uniform(1.3, 2.1), "overfitting"),
        (rng.uniform(1.02, 1.12), "healthy"),
    ):
        low = rng.uniform(0.5, 0.7) * start
        check(train, smooth(rng, start, low, up * low, steps=7), expected)


def test_a_gap_alone(rng):
    """A gap between the curves alone is no overfitting: the validation loss must have risen."""
    start = rng.uniform(0.7, 4.0)
    train = smooth(rng, start, 0.1 * start, steps=12)
    check(train, smooth(rng, start, rng.uniform(0.4, 0.9) * start, steps=12), "healthy")
    check(train, smooth(rng, start, 0.4 * start, 0.7 * start, steps=6), "overfitting")


def test_a_rise_alone(rng):
    """A validation loss that has risen near the training loss is no overfitting."""
    start = rng.uniform(0.7, 4.0)
    train = smooth(rng, start, 0.5 * start, steps=12)
    for gap, expected in (
        (rng.uniform(0.9, 1.4), "healthy"),
        (rng.uniform(1.6, 2.7), "overfitting"),
    ):
        end = gap * train[-1]
        check(train, smooth(rng, start, end / 1.35, end, steps=6), expected)


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
    start = rng.uniform(0.7, 4.0)
    train = smooth(rng, start, 0.2 * start, steps=12)
    for epoch in (1, 5, 10):
        val = np.append(rng.uniform(0.79, 0.8, size=12), 0.75) * start
        val[0] = start
        check(train, val, "healthy")
        val[epoch] = 0.5 * start
        check(train, val, "overfitting")


def test_the_training_loss_alone(rng):
    """A training loss that falls to nearly nothing is no overfitting if the other one follows."""
    start = rng.uniform(0.7, 4.0)
    train = smooth(rng, start, 0.01 * start, steps=40)
    check(train, 1.3 * train, "healthy")
    check(train, smooth(rng, start, 0.3 * start, 0.6 * start, steps=20), "overfitting")


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
    wild = bouncing(rng, steps=12, jumps=5, size=1.6, end=rng.uniform(0.95, 1.3))
    check(wild, wild, "lr too high")
    # does not fall, and the validation loss turns
    flat = smooth(rng, val[0], 0.97 * val[0], steps=12)
    check(flat, val / val[-1] * 2.2 * flat[-1], "lr too low")


def test_two_epochs(rng):
    """Two epochs are enough for a diagnosis."""
    start = rng.uniform(0.7, 4.0)
    for end, expected in ((2.0, "diverged"), (1.3, "lr too high"), (0.96, "lr too low")):
        train = start * np.array([1.0, end])
        check(train, train, expected)
    train = start * np.array([1.0, 0.4])
    check(train, train, "healthy")
    check(train, start * np.array([0.6, 0.9]), "overfitting")


def test_arguments_unchanged(rng):
    """Neither curve is written into, and the diagnosis is right."""
    train, val = overfitting(rng)
    with assert_inputs_unchanged():
        found = diagnosis.diagnose_losses(train, val)
    assert_equal(found, "overfitting")
    train, val = healthy(rng)
    with assert_inputs_unchanged():
        found = diagnosis.diagnose_losses(train, val)
    assert_equal(found, "healthy")
