import numpy as np


def check_initial_loss(loss, num_classes, *, tol=0.1):
    expected = np.log(num_classes)
    if loss > expected + tol or loss < expected - tol:
        return False
    return True


def overfits_tiny_batch(train_fn, x, y, *, max_steps, target_loss):
    for step in range(max_steps):
        if train_fn(x, y) <= target_loss:
            return True
    return False


def diagnose_losses(train_losses, val_losses):
    if len(train_losses) != len(val_losses):
        raise ValueError(f"different lengths: {len(train_losses)}, {len(val_losses)}")
    if train_losses[-1] > 1.5 * train_losses[0]:
        return "diverged"
    jumps = sum(b > 1.1 * a for a, b in zip(train_losses[:-1], train_losses[1:]))
    if jumps > (len(train_losses) - 1) / 4:
        return "lr too high"
    if train_losses[-1] > 0.9 * train_losses[0]:
        return "lr too low"
    if val_losses[-1] > 1.2 * min(val_losses) and val_losses[-1] > 1.5 * train_losses[-1]:
        return "overfitting"
    return "healthy"


def random_search(train_fn, space, *, num_trials, rng):
    results = []
    best, best_accuracy = None, None
    for _ in range(num_trials):
        config = {
            k: float(np.exp(rng.uniform(np.log(lo), np.log(hi)))) for k, (lo, hi) in space.items()
        }
        accuracy = train_fn(config)
        results.append((config, accuracy))
        if best is None or accuracy > best_accuracy:
            best, best_accuracy = config, accuracy
    return best, results
