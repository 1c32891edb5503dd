"""Homework 1: gradient descent, its stochastic forms, and the methods that improve on them.

Everything here is a pure function on NumPy arrays: it returns new arrays and never writes into an
argument. D is the number of parameters, N the number of samples; theta has the shape (D,).

Three kinds of function appear again and again:

* `grad_fn(theta)` returns the gradient of the whole loss at theta, shape (D,).
* `grad_fn(theta, X_batch, y_batch)` returns the gradient of the mean loss over one batch. Both
  batches keep their first axis, even if the batch has one sample: (B, D) and (B,).
* a step function, `step_fn(theta, grad, state, **hyper) -> (theta, state)`, makes one update. What
  it must remember until the next step it returns in `state`, a dict. The first step gets the empty
  dict, which means that everything remembered is zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
State = dict[str, Any]


def mse_grad(theta: Array, X: Array, y: Array) -> Array:
    """Return the gradient of the mean squared error of a linear model.

        L(theta) = 1/N * sum over i of (x_i . theta - y_i)^2
        dL/dtheta_j = 2/N * sum over i of (x_i . theta - y_i) * X[i, j]

    It is the mean over the samples, so twice the same data give the same gradient.

    Args:
        theta: parameters, shape (D,).
        X: one sample per row, shape (N, D), N >= 1.
        y: one target per sample, shape (N,), in the unit of X @ theta.

    Returns:
        The gradient, shape (D,), float64, also for integer arguments.

    Source: the loss is torch.nn.functional.mse_loss with its default, reduction="mean". Many texts
    write 1/(2N) in front of the sum, so that the 2 cancels; we do not.
    """
    raise NotImplementedError("mse_grad: your code here")


def gd_step(theta: Array, grad: Array, state: State, *, lr: float) -> tuple[Array, State]:
    """Make one step of gradient descent.

        theta <- theta - lr * g

    Args:
        theta: parameters, shape (D,). It is not changed.
        grad: the gradient g at theta, shape (D,).
        state: plain gradient descent remembers nothing: it is handed back as it came.
        lr: learning rate (eta in the notes), > 0.

    Returns:
        (theta, state): the new parameters, shape (D,), float64 also for an integer theta; and the
        same state, or an equal copy.

    Source: lecture notes, section 1; torch.optim.SGD without momentum.
    """
    raise NotImplementedError("gd_step: your code here")


def gradient_descent(
    grad_fn: Callable[[Array], Array], theta0: Array, *, lr: float, num_steps: int
) -> Array:
    """Run full-batch gradient descent and return every point it visits.

        theta_0 = theta0,    theta_{k+1} = theta_k - lr * grad_fn(theta_k)

    Args:
        grad_fn: takes theta, shape (D,), and returns the gradient there, shape (D,).
        theta0: where to start, shape (D,). It is not changed.
        lr: learning rate, > 0.
        num_steps: number of updates, >= 0.

    Returns:
        The trajectory, shape (num_steps + 1, D), float64 also for an integer theta0: row k is
        theta after k updates, so row 0 is the start.

    Source: lecture notes, section 1.
    """
    raise NotImplementedError("gradient_descent: your code here")


def sgd_epoch(
    grad_fn: Callable[[Array, Array, Array], Array],
    theta: Array,
    X: Array,
    y: Array,
    *,
    lr: float,
    rng: np.random.Generator,
) -> Array:
    """Go once through the data in a random order, with one update per sample.

        for each i of a random order of 0 ... N-1:    theta <- theta - lr * grad L(theta; x_i, y_i)

    Every sample is used exactly once, and the gradient is always taken at the latest theta.

    Args:
        grad_fn: takes (theta, X_batch, y_batch). Give it batches of one sample that keep their
            first axis, shapes (1, D) and (1,): it may take a mean over that axis.
        theta: where to start, shape (D,). It is not changed.
        X: one sample per row, shape (N, D).
        y: one target per sample, shape (N,); y[i] belongs to X[i].
        lr: learning rate, > 0.
        rng: source of the random order; no other randomness is used, so equal generators give
            equal results. Any way to draw a uniformly random order from it is right.

    Returns:
        theta after the N updates, shape (D,), float64 also for an integer theta.

    Source: lecture notes, section 1, in the variant that practice uses ("random reshuffling"): the
    notes draw each sample anew, here an epoch is a permutation.
    """
    raise NotImplementedError("sgd_epoch: your code here")


def minibatch_indices(
    n: int,
    batch_size: int,
    *,
    rng: np.random.Generator,
    shuffle: bool = True,
    drop_last: bool = False,
) -> list[Array]:
    """Split the indices 0 ... n-1 into mini-batches for one epoch.

    Args:
        n: number of samples, >= 0.
        batch_size: samples per batch. The last batch is shorter if batch_size does not divide n.
        rng: source of the random order; no other randomness is used, so equal generators give
            equal batches, and the next call with the same generator gives other ones.
        shuffle: whether the order is random; if not, the batches run through 0, 1, 2, ...
        drop_last: whether to leave out a last batch that is shorter than batch_size.

    Returns:
        A list of integer arrays, each of shape (batch_size,), only the last one perhaps shorter.
        Without drop_last every index stands in exactly one of them.

    Raises:
        ValueError: batch_size is less than 1; the message names batch_size.

    Source: torch.utils.data.BatchSampler over a random (or sequential) sampler.
    """
    raise NotImplementedError("minibatch_indices: your code here")


def minibatch_sgd(
    grad_fn: Callable[[Array, Array, Array], Array],
    theta0: Array,
    X: Array,
    y: Array,
    *,
    lr: float,
    batch_size: int,
    num_epochs: int,
    rng: np.random.Generator,
) -> Array:
    """Run mini-batch SGD: several epochs, one update per batch.

        for each batch B of an epoch:    theta <- theta - lr * grad_fn(theta, X[B], y[B])

    Each epoch uses every sample once, in batches that are drawn anew for that epoch; a last batch
    that is shorter is used too. grad_fn already takes the mean over its batch.

    Args:
        grad_fn: takes (theta, X_batch, y_batch) of shapes (D,), (B, D), (B,), returns the gradient
            of the mean loss over the batch, shape (D,).
        theta0: where to start, shape (D,). It is not changed.
        X: one sample per row, shape (N, D).
        y: one target per sample, shape (N,); y[i] belongs to X[i].
        lr: learning rate, > 0.
        batch_size: samples per batch, >= 1.
        num_epochs: how often to go through the data, >= 0.
        rng: source of all random orders; no other randomness is used.

    Returns:
        theta after all updates, shape (D,), float64 also for an integer theta0.

    Source: lecture notes, section 1. You may use your `minibatch_indices`.
    """
    raise NotImplementedError("minibatch_sgd: your code here")


def momentum_step(
    theta: Array, grad: Array, state: State, *, lr: float, beta: float = 0.9
) -> tuple[Array, State]:
    """Make one step with momentum: follow a moving average of the gradients.

        v_t = beta * v_{t-1} + (1 - beta) * g_t,    v_0 = 0
        theta_t = theta_{t-1} - lr * v_t

    Args:
        theta: parameters, shape (D,). It is not changed.
        grad: the gradient g_t at theta, shape (D,).
        state: {} before the first step, then what the last step returned. It is not changed.
        lr: learning rate, > 0.
        beta: how much of the old velocity stays, 0 <= beta < 1; 0 is plain gradient descent.

    Returns:
        (theta, {"v": v}): the new parameters and the velocity v_t, both shape (D,), float64 also
        for an integer theta.

    Source: lecture notes, section 1: the exponential moving average, with zero start and without
    bias correction. Three other conventions circulate, and this question wants none of them:
    v = mu * v + g (torch.optim.SGD); v = mu * v - lr * g, theta + v (Sutskever et al. 2013,
    CS231n); v = mu * v + lr * g, theta - v (Ruder 2016). Those three make the same steps, ours
    makes the same as torch's with lr * (1 - beta) in place of lr.
    """
    raise NotImplementedError("momentum_step: your code here")


def adagrad_step(
    theta: Array, grad: Array, state: State, *, lr: float, eps: float = 1e-10
) -> tuple[Array, State]:
    """Make one step of Adagrad: each parameter has its own, ever smaller learning rate.

        G_t = G_{t-1} + g_t^2,    G_0 = 0    (square, root and quotient entry by entry)
        theta_t = theta_{t-1} - lr * g_t / (sqrt(G_t) + eps)

    Args:
        theta: parameters, shape (D,). It is not changed.
        grad: the gradient g_t at theta, shape (D,).
        state: {} before the first step, then what the last step returned. It is not changed.
        lr: learning rate, > 0.
        eps: > 0, in the unit of the gradient; keeps 0 / 0 away. It stands outside the root.

    Returns:
        (theta, {"G": G}): the new parameters and the sum of squares G_t, both shape (D,), float64
        also for an integer theta.

    Source: Duchi, Hazan & Singer (2011), JMLR 12, the diagonal variant, where delta, our eps, is
    added to the root; torch.optim.Adagrad. Some textbooks write sqrt(G + eps) instead.
    """
    raise NotImplementedError("adagrad_step: your code here")


def rmsprop_step(
    theta: Array,
    grad: Array,
    state: State,
    *,
    lr: float,
    alpha: float = 0.99,
    eps: float = 1e-8,
) -> tuple[Array, State]:
    """Make one step of RMSProp: divide by a moving average of the gradient's size.

        s_t = alpha * s_{t-1} + (1 - alpha) * g_t^2,    s_0 = 0    (entry by entry)
        theta_t = theta_{t-1} - lr * g_t / (sqrt(s_t) + eps)

    Args:
        theta: parameters, shape (D,). It is not changed.
        grad: the gradient g_t at theta, shape (D,).
        state: {} before the first step, then what the last step returned. It is not changed.
        lr: learning rate, > 0.
        alpha: how much of the old average stays, 0 <= alpha < 1.
        eps: > 0, in the unit of the gradient; keeps 0 / 0 away. It stands outside the root.

    Returns:
        (theta, {"s": s}): the new parameters and the mean square s_t, both shape (D,), float64
        also for an integer theta.

    Source: Tieleman & Hinton (2012), Coursera "Neural Networks for Machine Learning", lecture 6e,
    which has no eps; its place, outside the root, is that of torch.optim.RMSprop (TensorFlow has
    it inside). No bias correction: that is Adam's.
    """
    raise NotImplementedError("rmsprop_step: your code here")


def adam_step(
    theta: Array,
    grad: Array,
    state: State,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, State]:
    """Make one step of Adam: momentum, divided as in RMSProp, both corrected for the zero start.

        m_t = beta1 * m_{t-1} + (1 - beta1) * g_t,      m_0 = 0
        v_t = beta2 * v_{t-1} + (1 - beta2) * g_t^2,    v_0 = 0    (entry by entry)
        mhat_t = m_t / (1 - beta1^t),    vhat_t = v_t / (1 - beta2^t)    (t = 1 at the first step)
        theta_t = theta_{t-1} - lr * mhat_t / (sqrt(vhat_t) + eps)

    Args:
        theta: parameters, shape (D,). It is not changed.
        grad: the gradient g_t at theta, shape (D,).
        state: {} before the first step, then what the last step returned. It is not changed.
        lr: learning rate, > 0; about the length of a step in each parameter.
        beta1: how much of the old first moment stays, 0 <= beta1 < 1.
        beta2: how much of the old second moment stays, 0 <= beta2 < 1.
        eps: > 0, in the unit of the gradient. It stands outside the root.

    Returns:
        (theta, {"m": m, "v": v, "t": t}): the new parameters; the two moments m_t and v_t as they
        are before the correction; and t, an int, the number of steps made so far. Arrays have the
        shape (D,) and are float64 also for an integer theta.

    Source: Kingma & Ba (2015), arXiv:1412.6980, Algorithm 1; torch.optim.Adam. The "more efficient
    order" that the paper mentions below the algorithm has another eps, and is not this one.
    """
    raise NotImplementedError("adam_step: your code here")


def run_optimizer(
    step_fn: Callable[..., tuple[Array, State]],
    grad_fn: Callable[[Array], Array],
    theta0: Array,
    *,
    num_steps: int,
    **hyper: float,
) -> Array:
    """Run any step function and return every point it visits.

        theta_0 = theta0,    state_0 = {}
        theta_{k+1}, state_{k+1} = step_fn(theta_k, grad_fn(theta_k), state_k, **hyper)

    Args:
        step_fn: one of the step functions above, or any other with the same signature.
        grad_fn: takes theta, shape (D,), and returns the gradient there, shape (D,).
        theta0: where to start, shape (D,). It is not changed.
        num_steps: number of steps, >= 0.
        hyper: the hyper-parameters of step_fn, such as lr=0.1, beta=0.9; all are passed on, and
            nothing else is.

    Returns:
        The trajectory, shape (num_steps + 1, D), float64 also for an integer theta0: row k is
        theta after k steps, so row 0 is the start.

    Source: the loop that every training program holds, with the state made explicit.
    """
    raise NotImplementedError("run_optimizer: your code here")


def steps_to_tolerance(losses: Array, tol: float) -> int | None:
    """Return the first step at which the loss is small enough, or None if it never is.

        min { k : losses[k] <= tol }

    A loss that is NaN is never small enough.

    Args:
        losses: losses[k] is the loss after k steps, shape (T,). They need not fall steadily.
        tol: the largest loss that counts, in the unit of the losses.

    Returns:
        The index as an int, or None if no loss is <= tol.

    Source: definition. It counts steps, so it compares methods whose steps cost the same.
    """
    raise NotImplementedError("steps_to_tolerance: your code here")


def escape_step(trajectory: Array, center: Array, *, radius: float) -> int | None:
    """Return the first step at which a trajectory is outside a ball, or None if it never is.

        min { k : ||trajectory[k] - center|| > radius }    (Euclidean distance)

    With the saddle point as center, it says how long an optimizer needs to escape.

    Args:
        trajectory: row k is theta after k steps, shape (T, D).
        center: middle of the ball, shape (D,), usually the saddle point.
        radius: > 0, in the unit of theta. A point at exactly this distance is not outside.

    Returns:
        The index as an int, or None if no point is farther than radius from center.

    Source: definition.
    """
    raise NotImplementedError("escape_step: your code here")


def compare_optimizers(
    f: Callable[[Array], float],
    grad_fn: Callable[[Array], Array],
    theta0: Array,
    configs: dict[str, tuple[Callable[..., tuple[Array, State]], dict[str, float]]],
    *,
    num_steps: int,
) -> dict[str, dict[str, Array]]:
    """Let several optimizers run on one function under the same conditions.

    Each starts at theta0, with an empty state of its own, and makes num_steps steps:

        trajectory[k] = theta after k steps,    losses[k] = f(trajectory[k])

    Args:
        f: the loss; takes theta, shape (D,), and returns a float.
        grad_fn: takes theta, shape (D,), and returns the gradient of f there, shape (D,).
        theta0: where all of them start, shape (D,). It is not changed.
        configs: maps a name to (step_fn, hyper), such as {"fast": (gd_step, {"lr": 0.5})}. It is
            not changed.
        num_steps: number of steps of each, >= 0.

    Returns:
        One entry per name, in the order of configs: {"trajectory": ..., "losses": ...} of shapes
        (num_steps + 1, D) and (num_steps + 1,), float64.

    Source: the picture that the lecture notes link to, as numbers. You may use your
    `run_optimizer`.
    """
    raise NotImplementedError("compare_optimizers: your code here")
