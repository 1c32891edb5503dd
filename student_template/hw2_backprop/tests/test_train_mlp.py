"""Public checks of train_mlp. Any correct use of rng passes."""

import mlp
import numpy as np
from student_kit.checks import assert_close, assert_keys, assert_pair, require


def test_worked_numbers(rng):
    """One step on two samples from zero, as in the handout."""
    params = {"weight1": np.zeros((2, 2)), "bias1": np.zeros(2)}
    X, y = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0, 1])
    result = mlp.train_mlp(params, X, y, lr=1.0, batch_size=2, num_epochs=1, rng=rng)
    assert_pair(result, of="(params, losses)")
    trained, losses = result
    assert_close(losses, np.array([np.log(2.0)]), name="losses")
    assert_keys(trained, {"weight1", "bias1"}, name="params")
    expected = np.array([[0.25, -0.5], [-0.25, 0.5]])
    assert_close(trained["weight1"], expected, name="params['weight1']")
    assert_close(trained["bias1"], np.zeros(2), name="params['bias1']")


def test_every_step_has_a_loss(rng):
    """Five samples in batches of 2 are three steps per epoch; together they saw every sample."""
    params = {"weight1": rng.normal(size=(3, 4)), "bias1": rng.normal(size=3)}
    X, y = rng.normal(size=(5, 4)), np.array([0, 1, 2, 2, 1])
    logits = X @ params["weight1"].T + params["bias1"]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    each = -np.log(shares[np.arange(5), y])
    # the learning rate is so small that the network stays what it is
    result = mlp.train_mlp(params, X, y, lr=1e-100, batch_size=2, num_epochs=2, rng=rng)
    assert_pair(result, of="(params, losses)")
    losses = result[1]
    require(np.shape(losses) == (6,), f"losses has the shape {np.shape(losses)}, not (6,)")
    for epoch in (losses[:3], losses[3:]):
        mean = (2 * epoch[0] + 2 * epoch[1] + epoch[2]) / 5
        assert_close(float(mean), float(each.mean()), name="the mean loss of an epoch")


def test_overfits_five_samples(rng):
    """A network that is large enough learns five samples by heart within 200 steps."""
    params = {
        "weight1": rng.normal(size=(20, 6)) * np.sqrt(2 / 6),
        "bias1": np.zeros(20),
        "weight2": rng.normal(size=(3, 20)) * np.sqrt(2 / 20),
        "bias2": np.zeros(3),
    }
    X, y = rng.normal(size=(5, 6)), np.array([0, 2, 1, 0, 2])
    result = mlp.train_mlp(params, X, y, lr=0.2, batch_size=5, num_epochs=200, rng=rng)
    assert_pair(result, of="(params, losses)")
    losses = np.asarray(result[1])
    story = (
        f"losses at steps 0, 20, 199: {', '.join(f'{loss:.3g}' for loss in losses[[0, 20, -1]])}"
    )
    require(np.isfinite(losses).all(), "the training diverges: a loss is infinite or NaN", story)
    require(losses[-1] < losses[0], "the loss grows: do the steps go downhill?", story)
    require(losses[-1] < 0.1, "the loss falls, but too slowly", story)
