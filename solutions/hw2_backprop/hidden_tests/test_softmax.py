"""Hidden checks of softmax."""

import layers
import numpy as np
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require


def test_general_logits(rng):
    """The probabilities are right for more samples than classes and for fewer."""
    for shape in ((7, 4), (3, 10)):
        logits = rng.normal(scale=2, size=shape)
        assert_close(layers.softmax(logits), reference.softmax(logits))


def test_as_many_samples_as_classes(rng):
    """The probabilities are right when logits are square, where a wrong axis fits as well."""
    logits = rng.normal(scale=2, size=(5, 5))
    assert_close(layers.softmax(logits), reference.softmax(logits))


def test_one_sample_and_one_class(rng):
    """A batch of one keeps its axis; a single class is certain."""
    logits = rng.normal(size=(1, 6))
    assert_close(layers.softmax(logits), reference.softmax(logits))
    assert_close(layers.softmax(rng.normal(size=(4, 1))), np.ones((4, 1)))


def test_large_logits(rng):
    """Logits of +-1000 do not overflow: infinity divided by infinity would be NaN."""
    logits = np.array([[0.0, 1.0, 1000.0, -1000.0], [1000.0, 999.0, 1001.0, 1000.5]])
    logits = np.concatenate([logits, 1000 + rng.normal(size=(3, 4))])
    assert_close(layers.softmax(logits), reference.softmax(logits))


def test_rows_far_apart(rng):
    """Each row is a distribution of its own, also if another row has far larger logits."""
    logits = rng.normal(size=(4, 3))
    shifts = np.array([[1500.0], [-1500.0], [0.0], [700.0]])
    probs = layers.softmax(logits + shifts)
    # adding 1500 rounds logits by about 1e-13
    assert_close(probs, reference.softmax(logits), rtol=1e-8)


def test_rows_add_up_to_one(rng):
    """Every row of probabilities adds up to 1, in the order of its logits."""
    logits = rng.normal(scale=3, size=(6, 9))
    probs = layers.softmax(logits)
    require(
        type(probs) is np.ndarray and probs.shape == (6, 9),
        "the result must be an array of the shape of the logits",
    )
    assert_close(probs.sum(axis=1), np.ones(6), name="the sum of each row")
    require(
        (np.argsort(probs, axis=1) == np.argsort(logits, axis=1)).all(),
        "a larger logit must have a larger probability within its row",
    )


def test_argument_unchanged(rng):
    """logits are not written into, and the probabilities are right."""
    logits = rng.normal(size=(4, 6))
    expected = reference.softmax(logits)
    with assert_inputs_unchanged():
        result = layers.softmax(logits)
    assert_close(result, expected)
