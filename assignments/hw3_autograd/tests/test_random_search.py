"""Public checks of random_search. Any correct use of rng passes."""

import math

import diagnosis
import numpy as np
from student_kit.checks import assert_close, assert_equal, assert_keys, assert_pair, require

RANGES = {"lr": (1e-5, 1e-1), "weight_decay": (1e-4, 1.0)}


def run(scores, rng):
    """Let train_fn return these scores; return (best, results, the settings that it was given)."""
    given = []

    def train_fn(setting):
        given.append(setting)
        return scores[min(len(given), len(scores)) - 1]

    result = diagnosis.random_search(train_fn, RANGES, num_trials=len(scores), rng=rng)
    assert_pair(result, of="(best, results)")
    assert_equal(len(given), len(scores), name="the number of calls of train_fn")
    for setting in given:
        assert_keys(setting, {"lr", "weight_decay"}, name="a setting")
    return *result, given


def test_worked_numbers(rng):
    """The third of five trials is the best: NaN does not count, and of equal ones the first."""
    best, results, given = run([math.nan, 0.5, 0.8, 0.8, 0.2], rng)
    assert_equal(len(results), 5, name="the number of results")
    assert_keys(best, {"lr", "weight_decay"}, name="best")
    for name, value in given[2].items():
        assert_close(best[name], float(value), name=f"best[{name!r}]")


def test_results(rng):
    """results holds the setting and the accuracy of every trial, in their order."""
    scores = [0.4, 0.1, 0.3]
    _, results, given = run(scores, rng)
    assert_equal(len(results), 3, name="the number of results")
    for pair, setting, score in zip(results, given, scores, strict=True):
        assert_pair(pair, name="an entry of results", of="(setting, accuracy)")
        assert_keys(pair[0], set(RANGES), name="a setting in results")
        for name, value in setting.items():
            assert_close(pair[0][name], float(value), name=f"{name} of a setting in results")
        assert_close(pair[1], score, name="an accuracy in results")


def test_settings(rng):
    """Each of 100 trials has values of its own, in both ranges, about a quarter in each decade."""
    _, _, given = run([0.5] * 100, rng)
    for name, (low, high) in RANGES.items():
        values = np.array([float(setting[name]) for setting in given])
        require(len(set(values.tolist())) == 100, f"a value of {name} comes twice")
        inside = (values > 0.99 * low) & (values < 1.01 * high)
        require(inside.all(), f"a value of {name} is outside of its range")
        counts, _ = np.histogram(np.log10(values / low), bins=[-1, 1, 2, 3, 5])
        # six standard deviations, more or less
        require(
            (np.abs(counts - 25) < 25).all(),
            f"the values of {name} are not spread evenly over the decades",
            f"found {counts.tolist()} of 100",
        )


def test_no_diagonal(rng):
    """Large and small values of the two hyper-parameters come together in all ways."""
    _, _, given = run([0.5] * 60, rng)
    above = [(setting["lr"] > 1e-3, setting["weight_decay"] > 1e-2) for setting in given]
    # each of four ways has a chance of one quarter
    require(len(set(above)) == 4, "one hyper-parameter of a trial tells where the other one is")


def test_equal_generators():
    """Equal generators try equal settings."""
    first, second = (run([0.1] * 4, np.random.default_rng(3))[2] for _ in range(2))
    require(first == second, "two equal generators tried different settings")
