"""Hidden checks of random_search. Any correct use of rng passes: what was drawn is looked at."""

import math

import diagnosis
import numpy as np
import pytest
from student_kit.checks import assert_close, assert_equal, assert_keys, assert_pair, require

SPACE = {"lr": (1e-6, 1e-1), "weight_decay": (1e-4, 1e3)}


def search(rng, accuracies, space=SPACE):
    """Return (best, results, settings): what random_search returned, and what train_fn was given.

    Args:
        rng: what to draw from.
        accuracies: what train_fn returns, trial by trial.
        space: the ranges.
    """
    seen = []

    def train_fn(setting):
        seen.append(setting)
        return float(accuracies[min(len(seen), len(accuracies)) - 1])

    found = diagnosis.random_search(train_fn, space, num_trials=len(accuracies), rng=rng)
    assert_pair(found, of="(best, results)")
    best, results = found
    assert_equal(len(seen), len(accuracies), name="the number of calls of train_fn")
    for setting in seen:
        assert_keys(setting, set(space), name="the setting that train_fn was given")
    require(type(results) is list, "results is not a list")
    assert_equal(len(results), len(accuracies), name="the number of results")
    for pair in results:
        assert_pair(pair, name="an entry of results", of="(setting, accuracy)")
    return best, results, seen


def same(found, expected, name):
    """Compare two settings."""
    assert_keys(found, set(expected), name=name)
    for key in expected:
        assert_close(found[key], float(expected[key]), name=f"{name}[{key!r}]")


@pytest.mark.weight(2)
def test_best_of_all_trials(rng):
    """best is the setting with the highest accuracy, wherever in the row it was."""
    for place in (0, 3, 7, int(rng.integers(8))):
        accuracies = rng.uniform(0.1, 0.5, size=8)
        accuracies[place] = rng.uniform(0.6, 0.9)
        best, _, seen = search(rng, accuracies)
        same(best, seen[place], "best")


@pytest.mark.weight(2)
def test_results_are_all_trials_in_order(rng):
    """results holds every setting that was tried with its accuracy, in the order of the trials."""
    accuracies = rng.uniform(0.1, 0.9, size=6)
    accuracies[[0, 2, -1]] = 0.05, math.nan, 0.95
    _, results, seen = search(rng, accuracies)
    for (setting, accuracy), expected, given in zip(results, seen, accuracies, strict=True):
        same(setting, expected, "a setting in results")
        assert_close(accuracy, float(given), name="an accuracy in results")


def test_first_of_equal_ones(rng):
    """Of several equal accuracies the first counts."""
    accuracies = rng.uniform(0.1, 0.5, size=7)
    accuracies[[2, 4, 6]] = 0.75
    best, _, seen = search(rng, accuracies)
    same(best, seen[2], "best")


def test_nan_is_never_best(rng):
    """A trial that diverged, whose accuracy is NaN, is never the best: first, last or between."""
    for place in (0, 2, 4):
        accuracies = rng.uniform(0.2, 0.4, size=5)
        accuracies[place] = math.nan
        winner = (place + 1 + int(rng.integers(4))) % 5
        accuracies[winner] = 0.8
        best, _, seen = search(rng, accuracies)
        same(best, seen[winner], "best")


def test_low_accuracies(rng):
    """The best is found also if all accuracies are 0 or below, as scores may be."""
    accuracies = -rng.uniform(3, 9, size=6)
    accuracies[4] = -1.0
    best, _, seen = search(rng, accuracies)
    same(best, seen[4], "best")


@pytest.mark.weight(2)
def test_each_range_on_the_log_scale(rng):
    """Every hyper-parameter is drawn from its own range, uniformly on the log scale."""
    _, _, seen = search(rng, rng.random(80))
    for name, (low, high) in SPACE.items():
        values = np.array([float(setting[name]) for setting in seen])
        require(
            (values >= low * 0.999).all() and (values <= high * 1.001).all(),
            f"a value of {name} is outside of its range",
        )
        positions = np.sort(np.log(values / low) / np.log(high / low))
        distance = np.max(np.abs(positions - (np.arange(80) + 0.5) / 80))
        # a larger distance has a chance of 5e-11 (Massart's bound)
        require(
            distance < 3.5 / np.sqrt(80), f"the values of {name} are not uniform on the log scale"
        )


@pytest.mark.weight(2)
def test_every_trial_draws_anew(rng):
    """No value comes twice: neither from trial to trial, nor as on a grid."""
    best, _, seen = search(rng, [0.1, 0.2, 0.9, *rng.uniform(0.3, 0.5, size=17)])
    for name in SPACE:
        values = {float(setting[name]) for setting in seen}
        assert_equal(len(values), 20, name=f"the number of different values of {name}")
    same(best, seen[2], "best")


def test_hyper_parameters_are_independent(rng):
    """One hyper-parameter says nothing about another one of the same trial."""
    names = ("a", "b", "c")
    _, _, seen = search(rng, rng.random(100), dict.fromkeys(names, (1e-4, 1.0)))
    logs = np.log([[float(setting[name]) for name in names] for setting in seen])
    correlation = np.abs(np.corrcoef(logs.T)) - np.eye(3)
    # six standard deviations
    require(correlation.max() < 0.6, "two hyper-parameters are not drawn independently")


def test_one_hyper_parameter_and_one_trial(rng):
    """A single trial of a single hyper-parameter is its own best."""
    best, results, seen = search(rng, [rng.uniform(0.1, 0.9)], {"momentum": (0.5, 0.99)})
    same(best, seen[0], "best")
    same(results[0][0], seen[0], "a setting in results")


def test_randomness_comes_from_rng(rng):
    """Equal generators try equal settings, and the generator goes on from search to search."""
    seed = int(rng.integers(2**32))
    generator = np.random.default_rng(seed)
    _, _, first = search(generator, rng.random(12))
    _, _, second = search(generator, rng.random(12))
    _, _, again = search(np.random.default_rng(seed), rng.random(12))
    for setting, expected in zip(again, first, strict=True):
        same(setting, expected, "the setting of an equal generator")
    require(first != second, "one generator gave the same settings twice")
