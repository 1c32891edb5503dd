"""Hidden checks of mlp_forward."""

import mlp
import numpy as np
from reference import mlp as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw_params(rng, sizes):
    """Return random parameters; about half of the ReLUs are open, and most logits are negative."""
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1])) * 1.5 / sizes[k - 1] ** 0.5
        params[f"bias{k}"] = 0.4 * rng.normal(size=sizes[k])
    params[f"bias{len(sizes) - 1}"] -= 3.0
    return params


def test_two_layers(rng):
    """A network of two layers has a ReLU between them, and none behind the second."""
    params, x = draw_params(rng, [7, 9, 4]), rng.normal(size=(6, 7))
    assert_close(mlp.mlp_forward(params, x), reference.mlp_forward(params, x), name="logits")


def test_four_layers(rng):
    """A network of four layers has a ReLU between any two of them."""
    params, x = draw_params(rng, [5, 8, 7, 9, 3]), rng.normal(size=(6, 5))
    assert_close(mlp.mlp_forward(params, x), reference.mlp_forward(params, x), name="logits")


def test_one_layer(rng):
    """A network of one layer is linear: there is no ReLU in it."""
    params, x = draw_params(rng, [6, 4]), rng.normal(size=(8, 6))
    expected = x @ params["weight1"].T + params["bias1"]
    assert_close(mlp.mlp_forward(params, x), expected, name="logits")


def test_all_logits_negative(rng):
    """Logits may be negative, all of them."""
    params, x = draw_params(rng, [5, 6, 7]), rng.normal(size=(9, 5))
    params["bias2"] = params["bias2"] - 30.0
    expected = reference.mlp_forward(params, x)
    assert_close(mlp.mlp_forward(params, x), expected, name="logits")


def test_as_many_units_everywhere(rng):
    """The logits are right for square weights, where a transposed one goes unnoticed by shapes."""
    params, x = draw_params(rng, [5, 5, 5, 5]), rng.normal(size=(5, 5))
    assert_close(mlp.mlp_forward(params, x), reference.mlp_forward(params, x), name="logits")


def test_more_than_nine_layers(rng):
    """The number in the key says which layer it is, and 10 comes after 9."""
    params, x = {}, rng.uniform(0.1, 1, size=(3, 4))
    for k in range(1, 12):  # positive, so that the signal comes through eleven ReLUs
        params[f"weight{k}"] = rng.uniform(0.1, 0.3, size=(4, 4))
        params[f"bias{k}"] = rng.uniform(2, 3, size=4)
    params["bias11"] = params["bias11"] - 40.0
    assert_close(mlp.mlp_forward(params, x), reference.mlp_forward(params, x), name="logits")


def test_order_of_the_dict(rng):
    """The order in which the dict lists the layers does not matter."""
    params, x = draw_params(rng, [6, 6, 6, 6]), rng.normal(size=(4, 6))
    expected = reference.mlp_forward(params, x)
    keys = sorted(params, reverse=True)
    shuffled = {key: params[key] for key in keys}
    assert_close(mlp.mlp_forward(shuffled, x), expected, name="logits")


def test_samples_do_not_mix(rng):
    """A batch of one works, and a sample's logits do not depend on the rest of its batch."""
    params, x = draw_params(rng, [4, 7, 3]), rng.normal(size=(5, 4))
    expected = reference.mlp_forward(params, x)
    for n in range(5):
        logits = mlp.mlp_forward(params, x[n : n + 1])
        assert_close(logits, expected[n : n + 1], name="logits of a batch of one")


def test_integer_pixels(rng):
    """Integer input, as pixels from 0 to 255 are, gives float64 logits."""
    params = draw_params(rng, [9, 40, 4])
    for dtype in (np.uint8, np.int64):
        x = rng.integers(0, 256, size=(5, 9)).astype(dtype)
        expected = reference.mlp_forward(params, x.astype(float))
        assert_close(mlp.mlp_forward(params, x), expected, name="logits")


def test_arguments_unchanged(rng):
    """params and x are not written into, and the result is right."""
    params, x = draw_params(rng, [6, 8, 5, 3]), rng.normal(size=(7, 6))
    expected = reference.mlp_forward(params, x)
    with assert_inputs_unchanged():
        logits = mlp.mlp_forward(params, x)
    assert_close(logits, expected, name="logits")
