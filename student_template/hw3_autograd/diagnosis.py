"""Homework 3, third file: find out why a training goes wrong, and search for what would be better.

What to look at before training, during it and after it, and how to choose hyper-parameters. The
functions know nothing of networks: they get losses, arrays of numbers, and functions that train
something. Logarithms are natural ones (base e) unless a base is named; losses are in nats.

Everything here is a pure function: nothing is written into an argument or remembered.

Source of all of it, if nothing else is named: cs231n.github.io/neural-networks-3.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Array = np.ndarray


def expected_initial_loss(num_classes: int) -> float:
    """Return the cross-entropy of a classifier that knows nothing yet.

    It gives each of C classes the probability 1 / C, so every sample costs -log(1 / C), whatever
    its class is: about 2.303 for C = 10.

    Args:
        num_classes: C, >= 1.

    Returns:
        The loss, in nats.

    Source: "Look for correct loss at chance performance".
    """
    raise NotImplementedError("expected_initial_loss: your code here")


def check_initial_loss(loss: float, num_classes: int, *, tol: float = 0.1) -> bool:
    """Say whether the first loss of a training is what guessing costs.

    Too large: the network is sure of wrong answers (the initial weights are too large, or the
    data are not scaled). Too small: it knows the answers already (they leak into the input, or the
    loss is not what you think).

    Args:
        loss: cross-entropy before the first update, in nats, without weight decay. It may be NaN.
        num_classes: number of classes, >= 2.
        tol: by how much it may deviate to either side, in nats, > 0.

    Returns:
        True if the loss is within tol of the expected one, False if not; a NaN is not.

    Source: "Look for correct loss at chance performance". You may use your
    `expected_initial_loss`.
    """
    raise NotImplementedError("check_initial_loss: your code here")


def overfits_tiny_batch(
    train_fn: Callable[[Array, Array], float],
    x: Array,
    y: Array,
    *,
    max_steps: int,
    target_loss: float,
) -> bool:
    """Train on a few samples, and say whether the model learns them by heart.

    A model that cannot do even that has an error, and no learning rate will cure it.

    Args:
        train_fn: makes one step of training on the samples that it is given, and returns their
            loss. It keeps the model to itself: every call trains the same model further.
        x: the few samples, shape (N, D). Every step gets all of them.
        y: their targets, shape (N,).
        max_steps: how often train_fn may be called, >= 1.
        target_loss: what the loss has to reach, > 0.

    Returns:
        True as soon as a step returns a loss of at most target_loss. False as soon as one returns
        a loss that is NaN or infinite, and false if none of max_steps steps has reached the target.
        Once the answer is known, train_fn is not called any more.

    Source: "Overfit a tiny subset of data".
    """
    raise NotImplementedError("overfits_tiny_batch: your code here")


def update_ratio(param: Array, update: Array) -> float:
    """Return how large an update is, compared with the parameter that it is added to.

        ||update|| / ||param||,    ||a|| = square root of the sum of all a_i^2

    About 1e-3 is healthy. If it is much lower, the learning rate may be too low; if it is much
    higher, too high.

    Args:
        param: parameter before the update, any shape.
        update: what is added to it, same shape, not all zeros. For plain gradient descent this is
            -lr * grad; for other methods it is not, so give the difference of new and old.

    Returns:
        The ratio. For a param that is all zeros, as biases are at the start, it is infinite, and no
        RuntimeWarning is raised.

    Source: "Ratio of weights:updates".
    """
    raise NotImplementedError("update_ratio: your code here")


def dead_relu_fraction(activations: Array) -> float:
    """Return the fraction of units that are silent for every sample.

    The gradient of a ReLU is 0 where its output is 0. A unit whose output is 0 for all samples gets
    no gradient from any of them, and will stay as it is. A unit that is 0 for some samples is not
    dead: to be silent for some is what ReLUs are for.

    Args:
        activations: output of the ReLUs of one layer, one sample per row, shape (N, units).

    Returns:
        Number of dead units / number of units, from 0 to 1.

    Source: cs231n.github.io/neural-networks-1, "Commonly used activation functions" (ReLU).
    """
    raise NotImplementedError("dead_relu_fraction: your code here")


def activation_stats(activations: Array) -> dict[str, float]:
    """Return what to watch of a layer's output: where it lies, how wide, how much of it is zero.

        mean = 1/M * sum of a_i        std = square root of (1/M * sum of (a_i - mean)^2)

    over all M entries. If std shrinks from layer to layer, the signal dies out on its way; if it
    grows, it explodes. Without any error in the code, both come from the size of initial weights.

    Args:
        activations: output of one layer, any shape.

    Returns:
        {"mean", "std", "zero_fraction"}: three numbers; the last one is the fraction of entries
        that are exactly 0, which after a ReLU is about one half at the start.

    Source: Glorot & Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", section 4.2; the std is that of NumPy (divided by M, not M - 1).
    """
    raise NotImplementedError("activation_stats: your code here")


def diagnose_losses(train_losses: Array, val_losses: Array) -> str:
    """Say what is wrong with a training, from its two learning curves.

    The rules are tried in this order, and the first that holds decides. A jump is an epoch whose
    training loss is more than 1.1 times that of the epoch before it.

        "diverged"     a loss of either curve is NaN or infinite, or the last training loss is
                       more than 1.5 times the first training loss
        "lr too high"  more than a quarter of the E - 1 steps from one epoch to the next are jumps
        "lr too low"   the last training loss is more than 0.9 times the first training loss
        "overfitting"  the last validation loss is more than 1.2 times the smallest validation loss,
                       and also more than 1.5 times the last training loss
        "healthy"      in all other cases

    No curve that is tested comes near to a threshold.

    Args:
        train_losses: mean training loss of each epoch, shape (E,), E >= 2, > 0, NaN or infinite.
        val_losses: the same on validation data, shape (E,).

    Returns:
        One of the five texts.

    Raises:
        ValueError: the curves have not the same shape, as if one had a loss per step and the other
            one per epoch; the message names both shapes.

    Source: "Babysitting the learning process"; the numbers are this homework's own.
    """
    raise NotImplementedError("diagnose_losses: your code here")


def sample_log_uniform(low: float, high: float, size: int, *, rng: np.random.Generator) -> Array:
    """Draw numbers whose logarithms are uniformly distributed: each decade gets as many.

        10^u,    u uniform between log10(low) and log10(high)

    A learning rate acts by its factor: from 0.001 to 0.002 is as far as from 0.1 to 0.2.

    Args:
        low: smallest value, > 0.
        high: largest value, > low.
        size: how many numbers, >= 1.
        rng: source of all randomness. Any way to draw such numbers from it is right.

    Returns:
        The numbers, independent of each other, shape (size,), float64.

    Source: "Hyperparameter ranges" (search on log scale).
    """
    raise NotImplementedError("sample_log_uniform: your code here")


def random_search(
    train_fn: Callable[[dict[str, float]], float],
    space: dict[str, tuple[float, float]],
    *,
    num_trials: int,
    rng: np.random.Generator,
) -> tuple[dict[str, float], list[tuple[dict[str, float], float]]]:
    """Try random settings of hyper-parameters, and return the best of them.

    In each trial every hyper-parameter is drawn anew, by itself, from the log-uniform distribution
    over its own range. A grid of 5 x 5 tries five values of each, 25 random trials try 25.

    Args:
        train_fn: trains with one setting, {name: value}, and returns the accuracy on validation
            data: more is better. It is NaN if the training diverged, but not in every trial.
        space: {name: (low, high)}, 0 < low < high.
        num_trials: how often to call train_fn, >= 1.
        rng: source of all randomness.

    Returns:
        (best, results): the setting with the highest accuracy (the first of them, if several are
        equal; one whose accuracy is NaN is never the best), and all trials in their order, as a
        list of pairs (setting, accuracy). A setting is a dict of floats.

    Source: "Prefer random search to grid search"; Bergstra & Bengio (2012), "Random search for
    hyper-parameter optimization", JMLR 13. You may use your `sample_log_uniform`.
    """
    raise NotImplementedError("random_search: your code here")


def on_border(value: float, low: float, high: float, *, fraction: float = 0.1) -> bool:
    """Say whether the best value of a search lies so near to an end that better may lie beyond.

        p = (log(value) - log(low)) / (log(high) - log(low))

    says where the value lies on the log scale: 0 at low, 1 at high, 0.5 at sqrt(low * high). The
    border is p < fraction and p > 1 - fraction, and what is outside of the range.

    Args:
        value: best value that was found, > 0.
        low, high: range of the search, 0 < low < high.
        fraction: width of the border at either end, as a part of the range on the log scale,
            0 < fraction < 0.5.

    Returns:
        True if the value lies on the border, False if it lies inside.

    Source: "Careful with best values on border"; how wide a border is, is this homework's own.
    """
    raise NotImplementedError("on_border: your code here")


def refine(low: float, high: float, best: float, *, shrink: float) -> tuple[float, float]:
    """Return a narrower range around the best value, for the next stage of a search.

    On the log scale, the new range has its middle at best, and shrink times the width of the old
    one:

        log10(new_high) - log10(new_low) = shrink * (log10(high) - log10(low))

    It is not cut at low and high: if best lies on the border, better may lie beyond.

    Args:
        low, high: range of the search that found best, 0 < low < high.
        best: best value that was found, > 0.
        shrink: width of the new range / width of the old one, in decades, 0 < shrink < 1.

    Returns:
        (new_low, new_high): two numbers > 0.

    Source: "Stage your search from coarse to fine".
    """
    raise NotImplementedError("refine: your code here")


def step_decay(lr: float, epoch: int, *, drop: float, every: int) -> float:
    """Return the learning rate of an epoch if it is lowered now and then: a staircase.

        lr * drop^(number of times that `every` epochs are over)

    Args:
        lr: learning rate of epoch 0, > 0.
        epoch: which epoch, counted from 0.
        drop: factor of each step, 0 < drop < 1.
        every: number of epochs from step to step, >= 1.

    Returns:
        The learning rate, the same for epochs 0 ... every - 1, and so on.

    Source: "Annealing the learning rate"; torch.optim.lr_scheduler.StepLR.
    """
    raise NotImplementedError("step_decay: your code here")


def exp_decay(lr: float, t: float, *, k: float) -> float:
    """Return the learning rate at time t if it falls exponentially.

        lr * exp(-k * t)

    Args:
        lr: learning rate at t = 0, > 0.
        t: time, in steps or in epochs, >= 0.
        k: how fast it falls, in 1 / the unit of t, > 0.

    Returns:
        The learning rate.

    Source: "Annealing the learning rate"; torch.optim.lr_scheduler.ExponentialLR, whose gamma is
    exp(-k).
    """
    raise NotImplementedError("exp_decay: your code here")


def inv_t_decay(lr: float, t: float, *, k: float) -> float:
    """Return the learning rate at time t if it falls like 1 / t: fast at first, and ever slower.

        lr / (1 + k * t)

    Args:
        lr: learning rate at t = 0, > 0.
        t: time, in steps or in epochs, >= 0.
        k: how fast it falls, in 1 / the unit of t, > 0.

    Returns:
        The learning rate; half of lr at t = 1 / k.

    Source: "Annealing the learning rate" (1/t decay).
    """
    raise NotImplementedError("inv_t_decay: your code here")
