"""Public checks of train_text_cnn. Any correct use of rng passes."""

import cnn
import numpy as np
from student_kit.checks import assert_close, assert_keys, assert_pair, require

LETTERS = np.eye(5)
NAMES = LETTERS[[[0, 1, 2, 4, 3], [3, 0, 1, 2, 4], [2, 2, 0, 3, 1], [4, 3, 2, 1, 0]]]


def test_worked_numbers(rng):
    """One step of the network of the handout: one word, one filter, two classes."""
    params = {
        "conv_weight": np.array([[[2.0, 0.0], [0.0, 1.0]]]),
        "conv_bias": np.array([-1.0]),
        "weight": np.array([[0.0], [0.0]]),
        "bias": np.array([0.0, 0.0]),
    }
    X, y = np.array([[[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]]), np.array([0])  # "bab"
    result = cnn.train_text_cnn(params, X, y, lr=1.0, batch_size=1, num_epochs=2, rng=rng)
    assert_pair(result, of="(params, losses)")
    trained, losses = result
    p = 1 / (1 + np.exp(-5.0))  # of class 0 in the second step
    assert_close(losses, np.array([np.log(2.0), -np.log(p)]), name="losses")
    assert_keys(trained, set(params), name="params")
    assert_close(trained["bias"], np.array([1.5 - p, p - 1.5]), name="params['bias']")
    expected = np.array([[3 - 2 * p], [2 * p - 3]])
    assert_close(trained["weight"], expected, name="params['weight']")
    # a, then b: the only two numbers that the winner saw
    expected = np.array([[[4 - 2 * p, 0.0], [0.0, 3 - 2 * p]]])
    assert_close(trained["conv_weight"], expected, name="params['conv_weight']")
    assert_close(trained["conv_bias"], np.array([1 - 2 * p]), name="params['conv_bias']")


def test_every_step_has_a_loss(rng):
    """Four texts in batches of 3 are two steps per epoch."""
    y = np.array([0, 1, 2, 1])
    # the learning rate is so small that the network stays what it is
    settings = {"lr": 1e-100, "batch_size": 3, "num_epochs": 2, "rng": rng}
    result = cnn.train_text_cnn(draw_params(rng), NAMES, y, **settings)
    assert_pair(result, of="(params, losses)")
    losses = result[1]
    require(np.shape(losses) == (4,), f"losses has the shape {np.shape(losses)}, not (4,)")
    first, second = losses[:2] @ (3, 1) / 4, losses[2:] @ (3, 1) / 4
    assert_close(float(second), float(first), name="the mean loss of the second epoch")


def test_overfits_four_names(rng):
    """A network that is large enough learns four names by heart."""
    settings = {"lr": 0.3, "batch_size": 4, "num_epochs": 100, "rng": rng}
    result = cnn.train_text_cnn(draw_params(rng), NAMES, np.array([0, 2, 1, 0]), **settings)
    assert_pair(result, of="(params, losses)")
    losses = np.asarray(result[1])
    story = f"losses at steps 0, 20, 99: {', '.join(f'{loss:.3g}' for loss in losses[[0, 20, -1]])}"
    require(np.isfinite(losses).all(), "the training diverges: a loss is infinite or NaN", story)
    require(losses[-1] < losses[0], "the loss grows: do the steps go downhill?", story)
    require(losses[-1] < 0.5, "the loss falls, but too slowly", story)


def draw_params(rng):
    """Return parameters of 12 filters over 2 of 5 letters, three classes."""
    return {
        "conv_weight": rng.normal(size=(12, 5, 2)) * np.sqrt(1 / 2),
        "conv_bias": np.full(12, 0.1),
        "weight": rng.normal(size=(3, 12)) / np.sqrt(12),
        "bias": np.zeros(3),
    }
