"""Hidden checks of mlp_loss: the loss, the gradient of each layer, and the weight decay."""

import mlp
import numpy as np
import pytest
from reference import mlp as reference
from student_kit.checks import (
    assert_close,
    assert_inputs_unchanged,
    assert_keys,
    assert_pair,
    require,
)


def draw(rng, n, sizes):
    """Return random parameters, under which about half of the ReLUs are open, x and targets.

    Most logits are negative, and a ReLU behind them would change the loss.
    """
    params = {}
    for k in range(1, len(sizes)):
        params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1])) * 1.5 / sizes[k - 1] ** 0.5
        params[f"bias{k}"] = 0.4 * rng.normal(size=sizes[k])
    params[f"bias{len(sizes) - 1}"] -= 3.0
    return params, rng.normal(size=(n, sizes[0])), rng.integers(sizes[-1], size=n)


def loss_of(result):
    """Return the loss; fail if the result is not a pair."""
    assert_pair(result, of="(loss, grads)")
    return result[0]


def grads_of(result, params):
    """Return the gradients; fail if there is not one for each parameter."""
    assert_pair(result, of="(loss, grads)")
    assert_keys(result[1], set(params), name="grads")
    return result[1]


def check_grads(result, expected, params, keys, **tolerance):
    """Compare the gradients of these parameters."""
    grads = grads_of(result, params)
    for key in keys:
        assert_close(grads[key], expected[key], name=f"grads[{key!r}]", **tolerance)


def test_loss_of_two_layers(rng):
    """The loss is the mean cross-entropy of the logits."""
    params, x, targets = draw(rng, 8, [6, 7, 4])
    expected, _ = reference.mlp_loss(params, x, targets)
    assert_close(loss_of(mlp.mlp_loss(params, x, targets, weight_decay=0.0)), expected, name="loss")


def test_loss_of_four_layers(rng):
    """The loss is right for a deep network."""
    params, x, targets = draw(rng, 6, [5, 7, 8, 9, 3])
    expected, _ = reference.mlp_loss(params, x, targets)
    assert_close(loss_of(mlp.mlp_loss(params, x, targets, weight_decay=0.0)), expected, name="loss")


@pytest.mark.weight(2)
def test_gradient_of_the_last_layer(rng):
    """The gradient of the last layer's weight and bias is right."""
    params, x, targets = draw(rng, 9, [5, 8, 4])
    _, expected = reference.mlp_loss(params, x, targets)
    check_grads(
        mlp.mlp_loss(params, x, targets, weight_decay=0.0), expected, params, ["weight2", "bias2"]
    )


@pytest.mark.weight(2)
def test_gradient_of_the_first_layer(rng):
    """The gradient goes back through the ReLU to the first layer's weight and bias."""
    params, x, targets = draw(rng, 7, [6, 9, 3])
    _, expected = reference.mlp_loss(params, x, targets)
    check_grads(
        mlp.mlp_loss(params, x, targets, weight_decay=0.0), expected, params, ["weight1", "bias1"]
    )


@pytest.mark.weight(2)
def test_gradients_of_four_layers(rng):
    """The gradients of all layers of a deep network are right."""
    params, x, targets = draw(rng, 8, [4, 9, 7, 6, 5])
    _, expected = reference.mlp_loss(params, x, targets)
    check_grads(mlp.mlp_loss(params, x, targets, weight_decay=0.0), expected, params, params)


def test_one_layer(rng):
    """A single linear layer with cross-entropy: softmax regression."""
    params, x, targets = draw(rng, 9, [5, 4])
    logits = x @ params["weight1"].T + params["bias1"]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    p[np.arange(9), targets] -= 1
    expected = {"weight1": p.T @ x / 9, "bias1": p.sum(axis=0) / 9}
    check_grads(mlp.mlp_loss(params, x, targets, weight_decay=0.0), expected, params, params)


def test_as_many_units_everywhere(rng):
    """With as many units everywhere, no gradient is transposed or another layer's."""
    params, x, targets = draw(rng, 6, [6, 6, 6, 6])
    _, expected = reference.mlp_loss(params, x, targets)
    check_grads(mlp.mlp_loss(params, x, targets, weight_decay=0.0), expected, params, params)


def test_mean_over_the_batch(rng):
    """The same samples three times over give the same loss and gradients as once."""
    params, x, targets = draw(rng, 5, [4, 6, 3])
    results = [
        mlp.mlp_loss(params, np.tile(x, (times, 1)), np.tile(targets, times), weight_decay=0.0)
        for times in (1, 3)
    ]
    once, thrice = (grads_of(result, params) for result in results)
    _, expected = reference.mlp_loss(params, x, targets)
    for key in params:
        for grads in (once, thrice):
            right = type(grads[key]) is np.ndarray and grads[key].shape == params[key].shape
            require(right and np.any(grads[key]), f"grads[{key!r}] has the wrong shape, or is zero")
        assert_close(thrice[key], once[key], name=f"grads[{key!r}] of the tripled data")
    # the direction alone, so that this check is about the mean and nothing else
    last = once["bias2"] / np.linalg.norm(once["bias2"])
    expected = expected["bias2"] / np.linalg.norm(expected["bias2"])
    assert_close(last, expected, name="the direction of grads['bias2']")
    assert_close(
        loss_of(results[1]), float(loss_of(results[0])), name="the loss of the tripled data"
    )


def test_no_penalty_by_default(rng):
    """Without weight_decay, the loss of large weights is the cross-entropy and nothing else."""
    params, x, targets = draw(rng, 6, [5, 9, 4])
    params = {key: 3 * value for key, value in params.items()}
    expected, _ = reference.mlp_loss(params, x, targets)
    assert_close(loss_of(mlp.mlp_loss(params, x, targets)), expected, name="loss")


def test_weight_decay_in_the_loss(rng):
    """The penalty is half of weight_decay times the sum of all squared weights, biases excluded."""
    params, x, targets = draw(rng, 5, [6, 8, 7, 3])
    weight_decay = rng.uniform(0.2, 0.8)
    plain = loss_of(mlp.mlp_loss(params, x, targets, weight_decay=0.0))
    loss = loss_of(mlp.mlp_loss(params, x, targets, weight_decay=weight_decay))
    penalty = 0.5 * weight_decay * sum((params[f"weight{k}"] ** 2).sum() for k in (1, 2, 3))
    for value in (plain, loss):
        require(isinstance(value, (int, float, np.number)), "the loss is not a number")
    # the difference, so that this check is about the penalty and nothing else
    assert_close(float(loss - plain), penalty, rtol=1e-9, atol=1e-9, name="the penalty")


def test_weight_decay_in_the_gradient(rng):
    """The penalty adds weight_decay times the weight to the gradient of each weight."""
    params, x, targets = draw(rng, 6, [5, 7, 4, 3])
    weight_decay = rng.uniform(0.2, 0.8)
    plain = grads_of(mlp.mlp_loss(params, x, targets, weight_decay=0.0), params)
    grads = grads_of(mlp.mlp_loss(params, x, targets, weight_decay=weight_decay), params)
    for k in (1, 2, 3):
        key = f"weight{k}"
        for value in (plain[key], grads[key]):
            require(np.shape(value) == params[key].shape, f"grads[{key!r}] has the wrong shape")
        added = grads[key] - plain[key]
        assert_close(
            added, weight_decay * params[key], rtol=1e-9, atol=1e-10, name=f"the decay of {key}"
        )


def test_no_decay_of_biases(rng):
    """weight_decay changes the gradient of the weights, and leaves that of the biases alone."""
    params, x, targets = draw(rng, 8, [4, 6, 5])
    weight_decay = rng.uniform(0.3, 0.9)
    plain = grads_of(mlp.mlp_loss(params, x, targets, weight_decay=0.0), params)
    grads = grads_of(mlp.mlp_loss(params, x, targets, weight_decay=weight_decay), params)
    for key in ("bias1", "bias2"):
        require(np.any(plain[key]), f"grads[{key!r}] is zero")
        assert_close(grads[key], plain[key], name=f"grads[{key!r}]")
    weights = ("weight1", "weight2")
    changed = any(np.any(np.not_equal(grads[key], plain[key])) for key in weights)
    require(changed, "weight_decay does not change the gradient of the weights")


def test_very_wrong_predictions(rng):
    """Logits of several hundreds, also for the wrong class, give a finite loss and gradient."""
    params, x, targets = draw(rng, 7, [5, 6, 4])
    params["weight2"] = 400 * params["weight2"]
    params["bias2"] = params["bias2"] - 9000.0
    expected, expected_grads = reference.mlp_loss(params, x, targets)
    result = mlp.mlp_loss(params, x, targets, weight_decay=0.0)
    assert_close(loss_of(result), expected, name="loss")
    # sums of terms of several hundreds, which nearly cancel
    check_grads(result, expected_grads, params, ["bias1", "bias2"], rtol=1e-8, atol=1e-8)


def test_order_of_the_dict(rng):
    """The order in which the dict lists the layers does not matter, and 10 comes after 9."""
    params, x, targets = {}, rng.uniform(-1, 1, size=(4, 3)), rng.integers(3, size=4)
    for k in range(1, 11):  # positive, so that the signal comes through ten ReLUs
        params[f"weight{k}"] = rng.uniform(0.1, 0.3, size=(3, 3))
        params[f"bias{k}"] = rng.uniform(2, 3, size=3)
    _, expected = reference.mlp_loss(params, x, targets)
    shuffled = {key: params[key] for key in sorted(params, reverse=True)}
    result = mlp.mlp_loss(shuffled, x, targets, weight_decay=0.0)
    check_grads(result, expected, params, ["weight10", "bias10"])


def test_integer_pixels(rng):
    """Integer input, as pixels from 0 to 255 are, gives float64 gradients."""
    params, _, targets = draw(rng, 6, [8, 5, 3])
    params["weight1"] = params["weight1"] / 100
    x = rng.integers(0, 256, size=(6, 8)).astype(np.uint8)
    _, expected = reference.mlp_loss(params, x.astype(float), targets)
    check_grads(mlp.mlp_loss(params, x, targets, weight_decay=0.0), expected, params, params)


def test_arguments_unchanged(rng):
    """params, x and targets are not written into, and the gradients are right."""
    params, x, targets = draw(rng, 7, [5, 9, 6, 4])
    weight_decay = rng.uniform(0.1, 0.5)
    _, expected = reference.mlp_loss(params, x, targets, weight_decay=weight_decay)
    with assert_inputs_unchanged():
        result = mlp.mlp_loss(params, x, targets, weight_decay=weight_decay)
    check_grads(result, expected, params, params)
