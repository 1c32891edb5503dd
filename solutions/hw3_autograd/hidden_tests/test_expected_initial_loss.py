"""Hidden checks of expected_initial_loss."""

import math

import diagnosis
from student_kit.checks import assert_close


def test_any_number_of_classes(rng):
    """The loss is the natural logarithm of the number of classes, few or many."""
    for num_classes in (2, 1000, int(rng.integers(3, 10)), int(rng.integers(11, 500))):
        found = diagnosis.expected_initial_loss(num_classes)
        assert_close(found, math.log(num_classes))


def test_cross_entropy_of_equal_probabilities(rng):
    """It is the mean of -log p over samples for each of which all classes are equally likely."""
    num_classes = int(rng.integers(3, 30))
    probs = [1 / num_classes] * num_classes
    targets = rng.integers(num_classes, size=7)
    mean = sum(-math.log(probs[target]) for target in targets) / 7
    assert_close(diagnosis.expected_initial_loss(num_classes), mean)
