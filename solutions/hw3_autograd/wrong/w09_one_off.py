import numpy as np


def expected_initial_loss(num_classes):
    return float(np.log(num_classes - 1))


def overfits_tiny_batch(train_fn, x, y, *, max_steps, target_loss):
    step = 0
    while step <= max_steps:
        loss = train_fn(x, y)
        if np.isnan(loss) or np.isinf(loss):
            return False
        if loss <= target_loss:
            return True
        step += 1
    return False


def step_decay(lr, epoch, *, drop, every):
    return lr * drop ** ((epoch + 1) // every)


def refine(low, high, best, *, shrink):
    decades = np.log10(high / low) * shrink
    return float(best / 10**decades), float(best * 10**decades)
