"""Hidden checks of two_layer_sigmoid."""

import mlp
import numpy as np
from reference import mlp as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_no_warnings


def draw_params(rng, d, hidden, m):
    """Return random parameters of a network d -> hidden -> m."""
    return {
        "weight1": rng.normal(size=(hidden, d)),
        "bias1": rng.normal(size=hidden),
        "weight2": rng.normal(size=(m, hidden)),
        "bias2": rng.normal(size=m),
    }


def test_random_network(rng):
    """The result is that of the formula of the notes, for every row of x."""
    for n, d, hidden, m in ((5, 4, 7, 3), (3, 8, 2, 6)):
        params, x = draw_params(rng, d, hidden, m), rng.normal(size=(n, d))
        expected = np.empty((n, m))
        for i in range(n):  # one sample as a column, as the notes write it
            h = 1 / (1 + np.exp(-(params["weight1"] @ x[i] + params["bias1"])))
            expected[i] = 1 / (1 + np.exp(-(params["weight2"] @ h + params["bias2"])))
        assert_close(mlp.two_layer_sigmoid(params, x), expected)


def test_as_many_of_everything(rng):
    """The result is right for square weights, where a transposed one goes unnoticed by shapes."""
    params, x = draw_params(rng, 4, 4, 4), rng.normal(size=(4, 4))
    assert_close(mlp.two_layer_sigmoid(params, x), reference.two_layer_sigmoid(params, x))


def test_one_sample_one_output(rng):
    """One sample and one output make a result of shape (1, 1)."""
    params, x = draw_params(rng, 6, 5, 1), rng.normal(size=(1, 6))
    assert_close(mlp.two_layer_sigmoid(params, x), reference.two_layer_sigmoid(params, x))


def test_saturated(rng):
    """Inputs in the millions give 0s and 1s inside, and neither a warning nor NaN."""
    params, x = draw_params(rng, 5, 6, 3), 4e7 * rng.normal(size=(7, 5))
    expected = reference.two_layer_sigmoid(params, x)
    with assert_no_warnings():
        result = mlp.two_layer_sigmoid(params, x)
    assert_close(result, expected)


def test_integer_arguments_unchanged(rng):
    """Integer input gives a float64 result, and nothing is written into."""
    params, x = draw_params(rng, 3, 8, 5), rng.integers(-3, 4, size=(6, 3))
    expected = reference.two_layer_sigmoid(params, x.astype(float))
    with assert_inputs_unchanged():
        result = mlp.two_layer_sigmoid(params, x)
    assert_close(result, expected)
