"""Hidden checks of accuracy."""

import mlp
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, n, classes):
    """Return predictions and targets of which some agree and some do not, and how many do."""
    targets = rng.integers(classes, size=n)
    right = int(rng.integers(n // 3, n // 2))
    predicted = (targets + 1) % classes
    chosen = rng.permutation(n)[:right]
    predicted[chosen] = targets[chosen]
    return predicted, targets, right


def test_share_of_right_predictions(rng):
    """The accuracy is the number of right predictions divided by the number of samples."""
    for n, classes in ((29, 4), (113, 10)):
        predicted, targets, right = draw(rng, n, classes)
        assert_close(mlp.accuracy(predicted, targets), right / n)


def test_all_and_none(rng):
    """It is 1.0 if every prediction is right, and 0.0 if none is."""
    targets = rng.integers(6, size=31)
    assert_close(mlp.accuracy(targets.copy(), targets), 1.0)
    assert_close(mlp.accuracy((targets + 2) % 6, targets), 0.0)


def test_column_of_targets(rng):
    """A column of labels, shape (N, 1), means the same as shape (N,)."""
    predicted, targets, right = draw(rng, 37, 5)
    assert_close(mlp.accuracy(predicted, targets[:, None]), right / 37)


def test_column_of_predictions(rng):
    """A column of predictions, shape (N, 1), means the same as shape (N,)."""
    predicted, targets, right = draw(rng, 43, 7)
    assert_close(mlp.accuracy(predicted[:, None], targets), right / 43)


def test_arguments_unchanged(rng):
    """Neither argument is written into, and the accuracy is right."""
    predicted, targets, right = draw(rng, 53, 3)
    with assert_inputs_unchanged():
        found = mlp.accuracy(predicted, targets)
    assert_close(found, right / 53)
