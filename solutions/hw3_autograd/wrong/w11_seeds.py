import numpy as np

np.random.seed(0)


def sample_log_uniform(low, high, size, *, rng):
    exponents = np.random.uniform(np.log10(low), np.log10(high), size=size)
    return 10.0**exponents


def random_search(train_fn, space, *, num_trials, rng):
    rng = np.random.default_rng(42)
    results = []
    for _ in range(num_trials):
        config = {k: float(lo * (hi / lo) ** rng.random()) for k, (lo, hi) in space.items()}
        results.append((config, train_fn(config)))
    valid = [r for r in results if r[1] == r[1]]
    return max(valid, key=lambda r: r[1])[0], results
