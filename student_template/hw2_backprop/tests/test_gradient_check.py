"""Public checks of gradient_check. Any correct use of rng passes."""

import layers
import numpy as np
from student_kit.checks import assert_close, assert_equal, require


def product(x):
    """Return the product of all entries: a function that couples them."""
    return float(np.prod(x))


def test_worked_numbers(rng):
    """The errors of a right and of a wrong gradient are those of the handout."""
    x = np.array([1.0, 2.0, 4.0])
    error = layers.gradient_check(product, np.array([8.0, 4.0, 2.0]), x, rng=rng)
    assert_close(error, 0.0, atol=1e-8)
    error = layers.gradient_check(product, np.array([8.0, 4.0, 1.0]), x, rng=rng)
    assert_close(error, 0.5, rtol=1e-6)


def test_checks_as_many_entries_as_told(rng):
    """With num_checks=4, f is evaluated around x in four different entries, twice in each."""
    x, seen = rng.uniform(1, 2, size=(3, 5)), []

    def f(at):
        seen.append(np.array(at))  # a copy: what f is given may be changed afterwards
        return product(at)

    error = layers.gradient_check(f, -product(x) / x, x, rng=rng, num_checks=4)
    assert_close(error, 2.0, rtol=1e-6)
    moved = [tuple(np.argwhere(np.abs(at - x) > 1e-9).ravel().tolist()) for at in seen]
    require(all(len(index) <= 2 for index in moved), "two entries were moved at once")
    assert_equal(len(set(moved) - {()}), 4, name="the number of entries that were moved")
    require(len(seen) <= 8, f"f was evaluated {len(seen)} times")


def test_kink():
    """On the kink of a ReLU a right gradient looks wrong: the error of the handout is 0.73."""
    # the hidden units of the worked network without its first bias, and the layer behind them
    sums = np.array([[1.0, 2.0, -1.0], [2.0, 1.0, 1.0]])
    weight, bias = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), np.array([1.0, 1.0])

    def loss(bias1):
        logits = np.maximum(sums + bias1, 0) @ weight.T + bias
        probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return float(-np.log(probs[[0, 1], [0, 1]]).mean())

    s = 0.3655292893
    bias1, rng = np.array([0.0, -1.0, 0.0]), np.random.default_rng(0)
    error = layers.gradient_check(loss, np.array([s - 0.25, 0.25, -s]), bias1, rng=rng)
    assert_close(error, 2 * s, rtol=1e-4)
