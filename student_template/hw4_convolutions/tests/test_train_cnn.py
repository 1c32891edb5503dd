"""Public checks of train_cnn. Any correct use of rng passes."""

import cnn
import numpy as np
from student_kit.checks import assert_close, assert_keys, assert_pair, require


def test_worked_numbers(rng):
    """One step of the network of the handout, with all filters and weights at zero."""
    params = {
        "conv_weight": np.zeros((1, 1, 2, 2)),
        "conv_bias": np.array([2.0]),
        "weight": np.zeros((2, 1)),
        "bias": np.zeros(2),
    }
    X, y = np.arange(9.0).reshape(1, 1, 3, 3), np.array([1])
    result = cnn.train_cnn(params, X, y, lr=0.5, batch_size=1, num_epochs=1, rng=rng)
    assert_pair(result, of="(params, losses)")
    trained, losses = result
    assert_close(losses, np.array([np.log(2.0)]), name="losses")
    assert_keys(trained, set(params), name="params")
    assert_close(trained["bias"], np.array([-0.25, 0.25]), name="params['bias']")
    assert_close(trained["weight"], np.array([[-0.5], [0.5]]), name="params['weight']")
    assert_close(trained["conv_bias"], np.array([2.0]), name="params['conv_bias']")


def test_every_step_has_a_loss(rng):
    """Five images in batches of 2 are three steps per epoch."""
    params = draw_params(rng)
    X, y = rng.normal(size=(5, 1, 5, 5)), np.array([0, 1, 2, 2, 1])
    # the learning rate is so small that the network stays what it is
    result = cnn.train_cnn(params, X, y, lr=1e-100, batch_size=2, num_epochs=2, rng=rng)
    assert_pair(result, of="(params, losses)")
    losses = result[1]
    require(np.shape(losses) == (6,), f"losses has the shape {np.shape(losses)}, not (6,)")
    first, second = losses[:3] @ (2, 2, 1) / 5, losses[3:] @ (2, 2, 1) / 5
    assert_close(float(second), float(first), name="the mean loss of the second epoch")


def test_overfits_four_images(rng):
    """A network that is large enough learns four images by heart."""
    X, y = rng.normal(size=(4, 1, 5, 5)), np.array([0, 2, 1, 0])
    result = cnn.train_cnn(draw_params(rng), X, y, lr=0.2, batch_size=4, num_epochs=100, rng=rng)
    assert_pair(result, of="(params, losses)")
    losses = np.asarray(result[1])
    story = f"losses at steps 0, 20, 99: {', '.join(f'{loss:.3g}' for loss in losses[[0, 20, -1]])}"
    require(np.isfinite(losses).all(), "the training diverges: a loss is infinite or NaN", story)
    require(losses[-1] < losses[0], "the loss grows: do the steps go downhill?", story)
    require(losses[-1] < 0.5, "the loss falls, but too slowly", story)


def draw_params(rng):
    """Return parameters of 6 filters of 2 x 2 for images of 5 x 5, three classes."""
    return {
        "conv_weight": rng.normal(size=(6, 1, 2, 2)) * np.sqrt(2 / 4),
        "conv_bias": np.zeros(6),
        "weight": rng.normal(size=(3, 24)) / np.sqrt(24),
        "bias": np.zeros(3),
    }
