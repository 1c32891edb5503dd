import itertools

import numpy as np


def random_search(train_fn, space, *, num_trials, rng):
    per_axis = int(np.ceil(num_trials ** (1 / len(space))))
    axes = [np.logspace(np.log10(lo), np.log10(hi), per_axis) for lo, hi in space.values()]
    points = list(itertools.product(*axes))
    rng.shuffle(points)
    results = []
    for point in points[:num_trials]:
        config = {name: float(value) for name, value in zip(space, point)}
        results.append((config, train_fn(config)))
    accuracies = np.array([a for _, a in results])
    accuracies[np.isnan(accuracies)] = -np.inf
    return results[int(accuracies.argmax())][0], results


def sample_log_uniform(low, high, size, *, rng):
    values = np.logspace(np.log10(low), np.log10(high), size)
    rng.shuffle(values)
    return values
