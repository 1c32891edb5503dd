"""Hidden checks of init_mlp. Any correct use of rng passes: no check knows certain weights."""

import mlp
import numpy as np
from student_kit.checks import assert_close, assert_keys, require

WIDE = 6.0  # standard deviations of an estimate: a right answer leaves them once in 10^8 times


def weight_of(params, layer, shape):
    """Return the weights of one layer; fail if they are not an array of this shape, or transposed.

    Which axis is which is checked elsewhere.
    """
    keys = {f"{kind}{k}" for kind in ("weight", "bias") for k in (1, 2)}
    assert_keys(params, keys, name="params")
    weight = params[f"weight{layer}"]
    require(type(weight) is np.ndarray, f"weight{layer} is not an array")
    require(
        weight.shape in (shape, shape[::-1]),
        f"weight{layer} has the shape {weight.shape}, not (out, in)",
    )
    require(weight.dtype == np.float64, f"weight{layer} is {weight.dtype}, not float64")
    require(np.isfinite(weight).all(), f"weight{layer} is not finite everywhere")
    require(weight.std() > 0, f"all entries of weight{layer} are equal")
    return weight


def test_keys_and_shapes(rng):
    """There is a weight of shape (out, in) and a bias of shape (out,) for each layer."""
    sizes = [int(size) for size in rng.permutation([3, 4, 6, 8, 11])]
    params = mlp.init_mlp(sizes, rng=rng)
    numbers = range(1, len(sizes))
    keys = {f"{kind}{k}" for kind in ("weight", "bias") for k in numbers}
    assert_keys(params, keys, name="params")
    for k in numbers:
        weight, bias = params[f"weight{k}"], params[f"bias{k}"]
        found, expected = np.shape(weight), (sizes[k], sizes[k - 1])
        require(found == expected, f"weight{k} has the shape {found}, not (out, in) = {expected}")
        found = np.shape(bias)
        require(found == (sizes[k],), f"bias{k} has the shape {found}, not ({sizes[k]},)")
        require(np.any(weight), f"weight{k} is zero")


def test_one_layer(rng):
    """Two sizes make one layer: a weight and a bias."""
    params = mlp.init_mlp([7, 5], rng=rng)
    assert_keys(params, {"weight1", "bias1"}, name="params")
    require(np.shape(params["weight1"]) == (5, 7), "weight1 has not the shape (out, in)")
    require(np.any(params["weight1"]), "weight1 is zero")
    assert_close(params["bias1"], np.zeros(5), name="bias1")


def test_spread_of_the_weights(rng):
    """The standard deviation of the weights is the square root of 2 / fan_in, in each layer."""
    sizes = [250, 90, 160]
    params = mlp.init_mlp(sizes, rng=rng)
    for k in (1, 2):
        fan_in, fan_out = sizes[k - 1], sizes[k]
        weight = weight_of(params, k, (fan_out, fan_in))
        # the square root of the mean square, which is not blind to a mean that is not 0
        ratio = np.sqrt(np.mean(weight**2) / (2.0 / fan_in))
        require(
            abs(ratio - 1) < WIDE / np.sqrt(2 * weight.size),
            f"the weights of layer {k} are too {'large' if ratio > 1 else 'small'} on the whole",
            f"by the factor {ratio:.3f}",
        )


def test_weights_of_either_sign(rng):
    """The mean of the weights is 0."""
    weight = weight_of(mlp.init_mlp([130, 180, 3], rng=rng), 1, (180, 130))
    mean = weight.mean() / weight.std()
    require(abs(mean) < WIDE / np.sqrt(weight.size), "the mean of the weights is not 0")


def test_weights_are_normal(rng):
    """The weights have a normal distribution: 68 % lie within one deviation, 95 % within two."""
    weight = weight_of(mlp.init_mlp([140, 170, 4], rng=rng), 1, (170, 140))
    standard = (weight - weight.mean()) / weight.std()
    for bound, share in ((1.0, 0.682689), (2.0, 0.954500), (3.0, 0.997300)):
        found = float(np.mean(np.abs(standard) < bound))
        error = np.sqrt(share * (1 - share) / weight.size)
        require(
            abs(found - share) < WIDE * error,
            f"the share of weights within {bound:g} standard deviations is not that of a normal "
            "distribution",
        )


def test_weights_are_independent(rng):
    """No unit starts as the copy of another one, and no layer as the copy of another one."""
    params = mlp.init_mlp([60, 60, 60], rng=rng)
    first, second = (weight_of(params, k, (60, 60)) for k in (1, 2))
    for weight in (first, second):
        # of the products of two columns or two rows, only those with themselves are large
        for rows in (weight, weight.T):
            correlation = np.abs(np.corrcoef(rows)) - np.eye(60)
            # a thousand pairs of 60 numbers: the largest correlation is about 0.5
            require(correlation.max() < 0.85, "two units of a layer start alike")
    correlation = abs(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    require(correlation < WIDE / 60, "two layers start alike")


def test_biases_are_zero(rng):
    """All biases are zero, as float64 arrays, and the weights are not."""
    sizes = [6, 9, 2, 5]
    params = mlp.init_mlp(sizes, rng=rng)
    keys = {f"{kind}{k}" for kind in ("weight", "bias") for k in (1, 2, 3)}
    assert_keys(params, keys, name="params")
    for k in (1, 2, 3):
        assert_close(params[f"bias{k}"], np.zeros(sizes[k]), name=f"bias{k}")
        require(np.any(params[f"weight{k}"]), f"weight{k} is zero")


def test_randomness_comes_from_rng(rng):
    """Equal generators give equal weights, and the generator goes on from call to call."""
    seed = int(rng.integers(2**32))
    generator = np.random.default_rng(seed)
    first = mlp.init_mlp([5, 8, 3], rng=generator)
    second = mlp.init_mlp([5, 8, 3], rng=generator)
    again = mlp.init_mlp([5, 8, 3], rng=np.random.default_rng(seed))
    weights = [weight_of(params, 1, (8, 5)) for params in (first, second, again)]
    require((weights[0] == weights[2]).all(), "two equal generators gave different weights")
    require((weights[0] != weights[1]).all(), "one generator gave the same weights twice")
