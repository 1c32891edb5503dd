"""Public checks of mlp_loss."""

import mlp
import numpy as np
from student_kit.checks import (
    assert_close,
    assert_equal,
    assert_keys,
    assert_pair,
    estimated_gradient,
)


def draw_small(rng):
    """Return the parameters of a network 2 -> 3 -> 2 -> 3, seven samples, and their classes."""
    sizes = [2, 3, 2, 3]
    while True:
        params = {}
        for k in (1, 2, 3):
            params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1]))
            params[f"bias{k}"] = rng.normal(size=sizes[k])
        x = rng.normal(size=(7, 2))
        first = x @ params["weight1"].T + params["bias1"]
        second = np.maximum(0, first) @ params["weight2"].T + params["bias2"]
        # at the kink of a ReLU differences are wrong, so stay away from it
        if min(np.abs(first).min(), np.abs(second).min()) > 0.05:
            return params, x, np.array([2, 0, 1, 1, 2, 0, 2])


def worked_network():
    """Return the network of the handout, its two samples, and their classes."""
    params = {
        "weight1": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
        "bias1": np.array([0.0, -1.0, 0.0]),
        "weight2": np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
        "bias2": np.array([1.0, 1.0]),
    }
    return params, np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([0, 1])


def test_worked_numbers():
    """An untrained network of three classes has the loss log(3), as in the handout."""
    params = {
        "weight1": np.array([[1.0, 0.0], [0.0, 1.0]]),
        "bias1": np.array([0.0, -1.0]),
        "weight2": np.zeros((3, 2)),
        "bias2": np.zeros(3),
    }
    x, targets = np.array([[2.0, 0.0], [1.0, 3.0]]), np.array([0, 1])
    result = mlp.mlp_loss(params, x, targets)
    assert_pair(result, of="(loss, grads)")
    loss, grads = result
    assert_close(loss, np.log(3.0), name="loss")
    assert_keys(grads, set(params), name="grads")
    third = 1 / 3
    # of the logits of the two samples: (1/3, 1/3, 1/3) minus 1 at the target, divided by 2
    grad_logits = np.array([[third - 1, third, third], [third, third - 1, third]]) / 2
    hidden = np.array([[2.0, 0.0], [1.0, 2.0]])
    assert_close(grads["bias2"], grad_logits.sum(axis=0), name="grads['bias2']")
    assert_close(grads["weight2"], grad_logits.T @ hidden, name="grads['weight2']")
    # weight2 is zero, so nothing comes through to the first layer
    assert_close(grads["weight1"], np.zeros((2, 2)), name="grads['weight1']")


def test_worked_network():
    """Loss and gradients are those of the worked network in the handout, all the way back."""
    params, x, targets = worked_network()
    result = mlp.mlp_loss(params, x, targets)
    assert_pair(result, of="(loss, grads)")
    assert_close(result[0], 1.0032044340, rtol=1e-9, name="loss")
    assert_keys(result[1], set(params), name="grads")
    s = 0.5 / (1 + np.exp(-1.0))  # half of the probability that sample 2 gives to class 0
    for key, expected in {
        "weight2": [[2 * s - 0.25, -0.25, s], [0.25 - 2 * s, 0.25, -s]],
        "bias2": [s - 0.25, 0.25 - s],
        "weight1": [[2 * s - 0.25, s - 0.5], [0.25, 0.5], [-2 * s, -s]],
        "bias1": [s - 0.25, 0.25, -s],
    }.items():
        assert_close(result[1][key], np.array(expected), name=f"grads[{key!r}]")


def test_one_step_of_the_worked_network():
    """A step against your gradients, with the handout's lr of 0.5, brings the loss to 0.3682."""
    params, x, targets = worked_network()
    result = mlp.mlp_loss(params, x, targets)
    assert_pair(result, of="(loss, grads)")
    assert_keys(result[1], set(params), name="grads")
    for key in params:
        params[key] = params[key] - 0.5 * result[1][key]
    after = mlp.mlp_loss(params, x, targets)
    assert_pair(after, of="(loss, grads)")
    assert_close(after[0], 0.3681977715, rtol=1e-9, name="loss")


def test_against_central_differences(rng):
    """The gradient of every parameter is that of your own loss, weight decay included."""
    params, x, targets = draw_small(rng)
    result = mlp.mlp_loss(params, x, targets, weight_decay=0.1)
    assert_pair(result, of="(loss, grads)")
    assert_keys(result[1], set(params), name="grads")
    for key in params:
        shape = params[key].shape
        assert_equal(np.shape(result[1][key]), shape, name=f"the shape of grads[{key!r}]")
        direction = rng.normal(size=shape)

        def loss_at(distance, key=key, direction=direction):
            moved = params[key] + distance * direction
            return mlp.mlp_loss({**params, key: moved}, x, targets, weight_decay=0.1)[0]

        # how the loss changes on a straight way: one number in which every entry has a say
        slope = float(estimated_gradient(loss_at, np.zeros(())))
        # central differences are good to about 1e-9 here
        found = float(np.sum(result[1][key] * direction))
        name = f"the slope of the loss along a random direction, from grads[{key!r}]"
        assert_close(found, slope, rtol=1e-6, atol=1e-8, name=name)


def test_penalty_of_the_weights_only(rng):
    """The weight decay adds half of itself times the sum of the squared weights, not the biases."""
    params, x, targets = draw_small(rng)
    plain = mlp.mlp_loss(params, x, targets)
    decayed = mlp.mlp_loss(params, x, targets, weight_decay=2.0)
    for result in (plain, decayed):
        assert_pair(result, of="(loss, grads)")
    squares = sum(float((params[f"weight{k}"] ** 2).sum()) for k in (1, 2, 3))
    assert_close(decayed[0], plain[0] + squares, name="loss")
