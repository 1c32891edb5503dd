"""Hidden checks of gradient_check. Any correct use of rng passes: no check knows the entries."""

import layers
import numpy as np
import pytest
from student_kit.checks import assert_close, assert_equal, assert_inputs_unchanged, require

# central differences of the function below with h = 1e-5 are this good, relative to its gradient
GOOD = 1e-7


def make_function(rng, shape):
    """Return f and its gradient; f couples all entries, and no entry of the gradient is small."""
    w = rng.uniform(1, 2, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    w /= np.sqrt(w.size)

    def f(x):
        return float(np.exp(np.sum(w * np.sin(x / 4))))

    def grad(x):
        return f(x) * w * np.cos(x / 4) / 4

    return f, grad


def watched(f, seen):
    """Return f as a function that notes in `seen` where it was evaluated."""

    def spied(x):
        seen.append(x)
        return f(x)

    return spied


def entries_of(seen, x):
    """Return the entries, as positions in x.flat, that the points in `seen` differ from x in."""
    require(len(seen) > 0, "f was never evaluated")
    entries = set()
    for at in seen:
        require(np.shape(at) == x.shape, "f was given an array of another shape than x")
        # an entry that was moved and moved back may differ by rounding
        moved = np.flatnonzero(np.abs(np.ravel(at) - np.ravel(x)) > 1e-9)
        require(moved.size <= 1, "f was evaluated at a point that differs from x in two entries")
        entries.update(int(i) for i in moved)
    return entries


def test_right_gradient(rng):
    """A right gradient passes: the error is tiny, for any shape."""
    for shape in ((3,), (2, 3), (2, 1, 2)):
        f, grad = make_function(rng, shape)
        x = rng.uniform(-1, 1, size=shape)
        error = layers.gradient_check(f, grad(x), x, rng=rng)
        # the number itself is rounding: it is in this range for every way to compute it
        assert_close(error, 0.0, atol=GOOD, name="the error of a right gradient")
        doubled = layers.gradient_check(f, 2 * grad(x), x, rng=rng, num_checks=1)
        assert_close(doubled, 0.5, rtol=1e-6, name="the error of a doubled gradient")


def test_one_wrong_entry(rng):
    """Without num_checks every entry is checked: one wrong entry shows, wherever it stands."""
    f, grad = make_function(rng, (2, 3))
    x = rng.uniform(-1, 1, size=(2, 3))
    for index in ((0, 0), (1, 2), (1, 0), tuple(rng.integers((2, 3)))):
        wrong = grad(x)
        wrong[index] *= 0.8
        error = layers.gradient_check(f, wrong, x, rng=rng)
        assert_close(error, 0.2, rtol=1e-5)


def test_wrong_sign(rng):
    """The gradient with its sign turned has the error 2."""
    f, grad = make_function(rng, (6,))
    x = rng.uniform(-1, 1, size=6)
    error = layers.gradient_check(f, -grad(x), x, rng=rng, num_checks=1)
    assert_close(error, 2.0, rtol=1e-6)


def test_num_checks_entries_are_checked(rng):
    """num_checks different entries are looked at, with two evaluations each, and no others."""
    # 19 draws out of 20 that may repeat do, but for one case in a million
    for shape, num_checks, expected in (((4, 5), 1, 1), ((4, 5), 19, 19), ((2, 2), 30, 4)):
        f, grad = make_function(rng, shape)
        x = rng.uniform(-1, 1, size=shape)
        seen = []
        error = layers.gradient_check(
            watched(f, seen), 2 * grad(x), x, rng=rng, num_checks=num_checks
        )
        assert_close(error, 0.5, rtol=1e-6)
        assert_equal(len(entries_of(seen, x)), expected, name="the number of checked entries")
        require(len(seen) <= 2 * expected, "f was evaluated more than twice for each entry")


def test_error_of_the_entries_that_were_drawn(rng):
    """The result is the largest error of the entries that were looked at, and of these only."""
    f, grad = make_function(rng, (4, 5))
    x = rng.uniform(-1, 1, size=(4, 5))
    # every entry is wrong by another factor, so that the error tells which one it is from
    errors = rng.permutation(np.linspace(0.1, 0.6, 20)).reshape(4, 5)
    for num_checks in (3, 17):
        seen = []
        result = layers.gradient_check(
            watched(f, seen), grad(x) * (1 - errors), x, rng=rng, num_checks=num_checks
        )
        drawn = sorted(entries_of(seen, x))
        require(len(drawn) > 0, "f was never evaluated beside x")
        assert_close(result, float(errors.ravel()[drawn].max()), rtol=1e-4)


def test_entries_come_from_rng(rng):
    """Equal generators draw equal entries, others draw others: the generator decides alone."""
    f, grad = make_function(rng, (30,))
    x = rng.uniform(-1, 1, size=30)
    first, other = (int(seed) for seed in rng.integers(2**32, size=2))
    drawn = []
    for seed in (first, first, other):
        seen, generator = [], np.random.default_rng(seed)
        error = layers.gradient_check(
            watched(f, seen), grad(x) / 2, x, rng=generator, num_checks=13
        )
        assert_close(error, 0.5, rtol=1e-6)
        drawn.append(entries_of(seen, x))
    require(drawn[0] == drawn[1], "two equal generators drew different entries")
    # that two draws of 13 out of 30 agree is out of the question
    require(drawn[0] != drawn[2], "two different generators drew the same entries")


def test_refuses_a_gradient_of_another_shape(rng):
    """A gradient that has not the shape of x raises a ValueError; one that has it is checked."""
    f, grad = make_function(rng, (3, 2))
    x = rng.uniform(-1, 1, size=(3, 2))
    assert_close(layers.gradient_check(f, 2 * grad(x), x, rng=rng), 0.5, rtol=1e-6)
    for wrong in (grad(x)[:1], grad(x)[0], grad(x).T, grad(x)[None], grad(x).ravel()):
        with pytest.raises(ValueError, match=r"\d"):
            layers.gradient_check(f, wrong, x, rng=rng)


def test_x_as_before(rng):
    """An integer x is no hindrance, and on return x and grad are exactly as they were."""
    f, grad = make_function(rng, (4,))
    for x in (rng.integers(-3, 4, size=4), rng.normal(size=4)):
        with assert_inputs_unchanged():
            error = layers.gradient_check(f, 2 * grad(x), x, rng=rng)
        assert_close(error, 0.5, rtol=1e-6)
