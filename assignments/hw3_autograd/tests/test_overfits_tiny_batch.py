"""Public checks of overfits_tiny_batch."""

import diagnosis
import numpy as np
from student_kit.checks import assert_close, assert_equal


def played_back(losses, calls):
    """Return a train_fn whose losses these are, one after the other; calls notes its samples."""

    def train_fn(x, y):
        calls.append((x, y))
        return losses[min(len(calls), len(losses)) - 1]

    return train_fn


def test_worked_numbers():
    """The answers and the numbers of steps are those of the table in the handout."""
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0, 1])
    for losses, max_steps, answer, steps in (
        ([0.7, 0.3, 0.008, 0.001], 4, True, 3),
        ([0.7, 0.3, 0.008, 0.001], 2, False, 2),
        ([7.0, 0.6, 0.5, 0.5], 4, False, 4),
        ([0.7, 0.01, 0.001], 3, True, 2),
        ([0.7, float("nan"), 0.001], 3, False, 2),
        ([0.7, float("inf"), 0.001], 3, False, 2),
    ):
        calls = []
        train_fn = played_back(losses, calls)
        found = diagnosis.overfits_tiny_batch(train_fn, x, y, max_steps=max_steps, target_loss=0.01)
        assert_equal(found, answer, name=f"the answer for the losses {losses}")
        assert_equal(len(calls), steps, name=f"the number of steps for the losses {losses}")
        for given_x, given_y in calls:
            assert_close(given_x, x, name="x of a step")
            assert_close(given_y, y, name="y of a step")


def test_a_real_model():
    """Logistic regression learns two samples by heart; if their labels contradict, it cannot."""
    x = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])
    for y, answer in ((np.array([0.0, 1.0]), True), (np.array([0.5, 0.5]), False)):
        weight = np.zeros(3)

        def train_fn(x, y, weight=weight):
            p = 1 / (1 + np.exp(-x @ weight))
            loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
            weight -= 0.5 * (p - y) @ x
            return float(loss)

        found = diagnosis.overfits_tiny_batch(train_fn, x, y, max_steps=50, target_loss=0.1)
        assert_equal(found, answer, name=f"the answer for the targets {y}")
