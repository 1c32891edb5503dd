"""Hidden checks of overfits_tiny_batch. The model is a list of losses, one for each step."""

import math

import diagnosis
import numpy as np
import pytest
from student_kit.checks import assert_close, assert_equal


class Model:
    """What train_fn trains: it plays back losses, the last one for ever, and notes its samples."""

    def __init__(self, losses):
        self.losses = losses
        self.seen = []

    def step(self, x, y):
        """Make one step."""
        self.seen.append((x, y))
        return self.losses[min(len(self.seen), len(self.losses)) - 1]


def judge(rng, losses, *, max_steps=None, target_loss=0.02):
    """Return the answer for these losses, and the number of steps that it took."""
    model = Model([float(loss) for loss in losses])
    x, y = rng.normal(size=(5, 3)), rng.integers(4, size=5)
    found = diagnosis.overfits_tiny_batch(
        model.step, x, y, max_steps=max_steps or len(losses), target_loss=target_loss
    )
    return found, len(model.seen)


def falling(rng, steps, last):
    """Return losses that fall from about 2 to `last`."""
    return np.geomspace(rng.uniform(1.5, 2.5), last, steps)


@pytest.mark.weight(2)
def test_whether_the_target_is_reached(rng):
    """It says True if the loss falls to the target, and False if it stays above it."""
    target = rng.uniform(0.01, 0.1)
    found, _ = judge(rng, falling(rng, 9, 0.7 * target), target_loss=target)
    assert_equal(found, True)
    found, _ = judge(rng, falling(rng, 9, 1.4 * target), target_loss=target)
    assert_equal(found, False, name="the answer for a loss that stays above the target")


def test_the_target_counts_and_not_the_fall(rng):
    """A loss that falls far may still be too high, and one that hardly falls be low enough."""
    found, _ = judge(rng, [9.0, 4.0, 1.0, rng.uniform(0.2, 0.3)], target_loss=0.1)
    assert_equal(found, False)
    found, _ = judge(rng, [0.11, rng.uniform(0.08, 0.09)], target_loss=0.1)
    assert_equal(found, True)


def test_a_loss_equal_to_the_target(rng):
    """A loss that is exactly the target has reached it."""
    target = 2.0 ** -int(rng.integers(3, 5))
    assert_equal(judge(rng, [1.0, target, 1.0], target_loss=target)[0], True)
    assert_equal(judge(rng, [1.0, 2 * target, 1.0], target_loss=target)[0], False)


def test_stops_when_the_target_is_reached(rng):
    """After the step that reaches the target there is no other; the first one may be it."""
    for step in (1, 2, int(rng.integers(3, 8))):
        losses = [*rng.uniform(0.5, 2.0, size=step - 1), 0.01, *rng.uniform(0.5, 2.0, size=4)]
        found, steps = judge(rng, losses)
        assert_equal(found, True)
        assert_equal(steps, step, name="the number of steps")


def test_uses_all_steps(rng):
    """max_steps steps are made before it says False, and the last of them counts."""
    steps = int(rng.integers(4, 9))
    losses = rng.uniform(0.5, 2.0, size=steps + 3)
    found, made = judge(rng, losses, max_steps=steps)
    assert_equal(found, False)
    assert_equal(made, steps, name="the number of steps")
    losses[steps - 1] = 0.005
    found, made = judge(rng, losses, max_steps=steps)
    assert_equal(found, True, name="the answer if the last step reaches the target")
    assert_equal(made, steps, name="the number of steps")


def test_no_step_too_many(rng):
    """A loss that would reach the target one step later comes too late."""
    steps = int(rng.integers(3, 7))
    losses = [*rng.uniform(0.5, 2.0, size=steps), 0.001, 0.001]
    assert_equal(judge(rng, losses, max_steps=steps)[0], False)
    assert_equal(judge(rng, losses, max_steps=steps + 1)[0], True)


@pytest.mark.weight(2)
def test_a_training_that_diverges(rng):
    """A loss that is NaN or infinite ends it with False, whatever would come after."""
    for bad in (math.nan, math.inf, -math.inf):
        found, steps = judge(rng, [1.0, 0.5, bad, 0.001, 0.001])
        assert_equal(found, False)
        assert_equal(steps, 3, name="the number of steps")
    assert_equal(judge(rng, [1.0, 0.5, 0.4, 0.001, 0.001])[0], True)


def test_every_step_gets_all_samples(rng):
    """Every step is made on x and y as they are, in their order."""
    model = Model([1.0, 0.8, 0.6, 0.001])
    x, y = rng.normal(size=(6, 2)), rng.integers(9, size=6)
    found = diagnosis.overfits_tiny_batch(model.step, x, y, max_steps=7, target_loss=0.01)
    assert_equal(found, True)
    assert_equal(len(model.seen), 4, name="the number of steps")
    for seen_x, seen_y in model.seen:
        assert_close(seen_x, x, name="x of a step")
        assert_close(seen_y, y, name="y of a step")
