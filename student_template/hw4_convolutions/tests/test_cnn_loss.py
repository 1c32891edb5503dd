"""Public checks of cnn_loss."""

import cnn
import numpy as np
from student_kit.checks import assert_close, assert_keys, assert_pair, estimated_gradient


def draw_small(rng):
    """Return parameters of 2 filters for images of 2 x 5 x 6, seven of these, and their classes."""
    while True:
        params = {
            "conv_weight": rng.normal(size=(2, 2, 2, 3)),
            "conv_bias": rng.normal(size=2),
            "weight": rng.normal(size=(3, 8)),
            "bias": rng.normal(size=3),
        }
        x = rng.normal(size=(7, 2, 5, 6))
        views = np.lib.stride_tricks.sliding_window_view(x, (2, 3), axis=(2, 3))
        maps = np.einsum("nchwpq,fcpq->nfhw", views, params["conv_weight"])
        maps += params["conv_bias"][:, None, None]
        fours = np.sort(maps.reshape(7, 2, 2, 2, 2, 2).swapaxes(3, 4).reshape(-1, 4), axis=1)
        # at the kink of a ReLU and of a maximum differences are wrong, so stay away from them
        if min(np.abs(maps).min(), np.diff(fours, axis=1)[:, -1].min()) > 0.01:
            return params, x, np.array([2, 0, 1, 1, 2, 0, 1])


def test_worked_numbers():
    """The network of the handout: one image, one filter, two classes."""
    params = {
        "conv_weight": np.array([[[[1.0, 0.0], [0.0, -1.0]]]]),
        "conv_bias": np.array([1.0]),
        "weight": np.array([[0.5], [0.0]]),
        "bias": np.array([0.0, 2.0]),
    }
    x = np.array([[[[1.0, 0.0, 2.0], [0.0, 0.0, 1.0], [3.0, 4.0, 0.0]]]])
    result = cnn.cnn_loss(params, x, np.array([1]))
    assert_pair(result, of="(loss, grads)")
    loss, grads = result
    # logits 1 and 2 for class 1
    assert_close(loss, np.log(1 + np.exp(-1.0)), name="loss")
    assert_keys(grads, set(params), name="grads")
    p = 1 / (1 + np.exp(1.0))  # of class 0
    for key, expected in {
        "bias": [p, -p],
        "weight": [[2 * p], [-2 * p]],
        "conv_bias": [p / 2],
        "conv_weight": [[[[p / 2, 0.0], [0.0, 0.0]]]],
    }.items():
        assert_close(grads[key], np.array(expected), name=f"grads[{key!r}]")


def test_untrained_linear_layer(rng):
    """If the linear layer is all zeros, all classes are equally likely, and the filters rest."""
    params, x, targets = draw_small(rng)
    params["weight"], params["bias"] = np.zeros((3, 8)), np.zeros(3)
    result = cnn.cnn_loss(params, x, targets)
    assert_pair(result, of="(loss, grads)")
    assert_close(result[0], np.log(3.0), name="loss")
    assert_keys(result[1], set(params), name="grads")
    assert_close(result[1]["conv_bias"], np.zeros(2), name="grads['conv_bias']")


def test_against_central_differences(rng):
    """The gradient of every parameter is that of your own loss."""
    params, x, targets = draw_small(rng)
    result = cnn.cnn_loss(params, x, targets)
    assert_pair(result, of="(loss, grads)")
    assert_keys(result[1], set(params), name="grads")
    for key in params:

        def loss_at(value, key=key):
            return cnn.cnn_loss({**params, key: value}, x, targets)[0]

        expected = estimated_gradient(loss_at, params[key])
        # differences are good to about 1e-9 here
        assert_close(result[1][key], expected, rtol=1e-6, atol=1e-8, name=f"grads[{key!r}]")
