"""Hidden checks of predict. Expected values come from the networks by hand."""

import mlp
import numpy as np
from reference import mlp as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, n, sizes):
    """Return random parameters and samples."""
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1])) * 1.5 / sizes[k - 1] ** 0.5
        params[f"bias{k}"] = 0.4 * rng.normal(size=sizes[k])
    params[f"bias{len(sizes) - 1}"] -= 3.0
    return params, rng.normal(size=(n, sizes[0]))


def by_definition(logits):
    """Return the class of the largest logit of each row; the first one, if there are several."""
    return np.array([min(np.flatnonzero(row == row.max())) for row in logits])


def check(predicted, expected):
    """Compare the classes; that they are integers is checked elsewhere."""
    if type(predicted) is np.ndarray and predicted.dtype.kind in "iu":
        predicted = predicted.astype(float)
    assert_close(predicted, expected.astype(float))


def test_random_network(rng):
    """The class of the largest logit is predicted, for more samples than classes and for fewer."""
    for n, sizes in ((40, [5, 8, 4]), (6, [7, 9, 8, 11])):
        params, x = draw(rng, n, sizes)
        expected = by_definition(reference.mlp_forward(params, x))
        check(mlp.predict(params, x), expected)


def test_as_many_samples_as_classes(rng):
    """The largest logit is that of a sample, not that of a class."""
    params, x = draw(rng, 12, [5, 7, 12])
    check(mlp.predict(params, x), by_definition(reference.mlp_forward(params, x)))


def test_negative_logits(rng):
    """The class of the largest logit is predicted where all logits are negative."""
    params, x = draw(rng, 30, [4, 6, 5])
    params["bias2"] = params["bias2"] - 50.0
    check(mlp.predict(params, x), by_definition(reference.mlp_forward(params, x)))


def test_logits_in_the_thousands(rng):
    """Large logits, whose exponentials overflow, do not disturb the prediction."""
    params, x = draw(rng, 25, [6, 5, 7])
    params["weight2"] = 3000 * params["weight2"]
    params["bias2"] = 1000 * params["bias2"]
    check(mlp.predict(params, x), by_definition(reference.mlp_forward(params, x)))


def test_classes_are_integers(rng):
    """The classes are integers, so that they can be used as indices."""
    params, x = draw(rng, 21, [5, 6, 8])
    expected = by_definition(reference.mlp_forward(params, x))
    assert_close(mlp.predict(params, x), expected)


def test_equal_logits(rng):
    """Of several equal logits the first class wins."""
    # a linear network whose logits are columns of x, some of them twice
    columns = rng.permutation([0, 1, 1, 2, 2, 0, 3])
    params = {"weight1": np.eye(4)[columns], "bias1": np.zeros(7)}
    x = rng.normal(size=(28, 4))
    check(mlp.predict(params, x), by_definition(x[:, columns]))


def test_arguments_unchanged(rng):
    """params and x are not written into, and the prediction is right."""
    params, x = draw(rng, 35, [6, 9, 10])
    expected = by_definition(reference.mlp_forward(params, x))
    with assert_inputs_unchanged():
        predicted = mlp.predict(params, x)
    check(predicted, expected)
