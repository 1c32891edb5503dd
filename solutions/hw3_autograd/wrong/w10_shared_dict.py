import numpy as np


def random_search(train_fn, space, *, num_trials, rng):
    results = []
    config = {}
    best_score = -np.inf
    for trial in range(num_trials):
        for name in space:
            low, high = space[name]
            config[name] = float(10 ** rng.uniform(np.log10(low), np.log10(high)))
        score = train_fn(config)
        results.append((config, score))
        if score > best_score:
            best_score = score
            best = config.copy()
    return best, results


def activation_stats(activations):
    mean = activations.mean()
    activations -= mean
    std = np.sqrt((activations**2).mean())
    zeros = (activations == 0).mean()
    return {"mean": float(mean), "std": float(std), "zero_fraction": float(zeros)}
