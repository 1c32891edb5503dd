"""Homework 2, first file: the layers of a network, forwards and backwards.

Everything here is a pure function on NumPy arrays: it returns new arrays, never writes into an
argument, and remembers nothing. N is the number of samples in a batch, D of features, C of classes.
Arrays are float64, except for `targets`, which holds integers.

The two directions of a layer are two functions:

* `..._forward(x, ...)` computes the output from the input and the parameters.
* `..._backward(grad_output, x, ...)` gets the gradient of the loss with respect to that output, an
  array of the output's shape, and the same input and parameters once more. It returns the gradient
  of the loss with respect to each of them, each of the shape of what it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray


def numerical_gradient(f: Callable[[Array], float], x: Array, *, h: float = 1e-5) -> Array:
    """Estimate the gradient of a function by central differences, one entry at a time.

        df/dx_i  is about  (f(x + h * e_i) - f(x - h * e_i)) / (2 * h)

    where e_i is 1 in entry i and 0 elsewhere. The error shrinks like h**2; that of the one-sided
    difference (f(x + h * e_i) - f(x)) / h only like h.

    Args:
        f: takes a float64 array of the shape of x, and returns a number.
        x: where to take the gradient, any shape; it may hold integers. When the function returns,
            it is as it was.
        h: step, in the unit of x, > 0.

    Returns:
        The gradient, of the shape of x, float64 also for an integer x.

    Source: cs231n.github.io/optimization-1, "Computing the gradient numerically", in the centered
    variant that it recommends.
    """
    # BEGIN SOLUTION
    x = np.array(x, dtype=float)  # a copy of our own
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        f_plus = f(x)
        x[index] = old - h
        f_minus = f(x)
        x[index] = old
        grad[index] = (f_plus - f_minus) / (2 * h)
    return grad
    # END SOLUTION


def relative_error(a: Array, b: Array) -> float:
    """Return how far two gradients are apart, in the entry where they differ most.

        max over i of  |a_i - b_i| / max(|a_i|, |b_i|),    where 0 / 0 counts as 0

    It is 0 for equal arrays, 2 for a and -a, and does not change if both are scaled.

    Args:
        a: one gradient, any shape.
        b: the other one, exactly the same shape.

    Returns:
        The largest relative error, a number. It is NaN if a or b holds NaN: a broken gradient must
        not look like a good one.

    Raises:
        ValueError: a and b differ in shape; the message names both shapes. (NumPy would broadcast
            (1, C) to (C,) without a word, and so hide a gradient of the wrong shape.)

    Source: cs231n.github.io/neural-networks-3, "Use relative error for the comparison". The
    helper in the cs231n notebooks divides by |a| + |b| instead; we do not.
    """
    # BEGIN SOLUTION
    if a.shape != b.shape:
        raise ValueError(f"the shapes must be equal, found {a.shape} and {b.shape}")
    size = np.maximum(np.abs(a), np.abs(b))
    error = np.abs(a - b) / np.where(size == 0, 1.0, size)  # 0 / 1 where both are 0
    return float(np.max(error))
    # END SOLUTION


def gradient_check(
    f: Callable[[Array], float],
    grad: Array,
    x: Array,
    *,
    rng: np.random.Generator,
    num_checks: int | None = None,
) -> float:
    """Compare a gradient with central differences in some entries, drawn at random.

    A network has too many parameters to try them all: each costs two evaluations of the loss.

    Args:
        f: takes a float64 array of the shape of x, and returns a number.
        grad: what is to be checked: an array that is said to be the gradient of f at x.
        x: where, any shape; it may hold integers. When the function returns, it is as it was.
        rng: source of the random choice; no other randomness is used. Any way to draw entries
            with equal chances is right.
        num_checks: how many entries to check, >= 1, no entry twice; None, or more than x has,
            means all of them. f is evaluated at no other points than these entries need.

    Returns:
        The largest relative error, as in `relative_error`, between grad and the central
        differences with h = 1e-5, over the entries that were drawn.

    Raises:
        ValueError: grad has not the shape of x; the message names both shapes.

    Source: cs231n.github.io/neural-networks-3, "Gradient Checks" ("Check only few dimensions").
    You may use your `numerical_gradient` and `relative_error`.
    """
    # BEGIN SOLUTION
    x = np.array(x, dtype=float)  # ours, to move entries in
    if grad.shape != x.shape:
        raise ValueError(f"grad must have the shape of x, found {grad.shape} and {x.shape}")
    count = x.size if num_checks is None else min(num_checks, x.size)
    entries = rng.choice(x.size, size=count, replace=False)  # positions in x.flat

    def f_of_entries(values: Array) -> float:
        x.flat[entries] = values
        return f(x)

    numeric = numerical_gradient(f_of_entries, x.flat[entries])
    return relative_error(grad.flat[entries], numeric)
    # END SOLUTION


def linear_forward(x: Array, weight: Array, bias: Array) -> Array:
    """Apply a linear layer to each sample of a batch.

        out[n, j] = bias[j] + sum over i of weight[j, i] * x[n, i]

    Args:
        x: one sample per row, shape (N, D_in).
        weight: one row per output, shape (D_out, D_in).
        bias: one number per output, shape (D_out,).

    Returns:
        One row per sample, shape (N, D_out).

    Source: lecture notes, section 2, W x + b for one sample as a column; with samples as rows it is
    torch.nn.functional.linear, whose weight has the same shape as ours.
    """
    # BEGIN SOLUTION
    return x @ weight.T + bias
    # END SOLUTION


def linear_backward(grad_output: Array, x: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Take a gradient backwards through a linear layer: from its output to all that it is made of.

        dL/dx[n, i]      = sum over j of dL/dout[n, j] * weight[j, i]
        dL/dweight[j, i] = sum over n of dL/dout[n, j] * x[n, i]
        dL/dbias[j]      = sum over n of dL/dout[n, j]

    All samples share the weight and the bias, so their contributions add up. They are not averaged
    here: if the loss is a mean over the batch, its 1/N is already in grad_output.

    Args:
        grad_output: gradient of the loss with respect to the output, shape (N, D_out).
        x: the input that the layer had, shape (N, D_in).
        weight: the weight that the layer had, shape (D_out, D_in).

    Returns:
        (grad_x, grad_weight, grad_bias): shapes (N, D_in), (D_out, D_in) and (D_out,).

    Source: the chain rule (lecture notes, section 2); what autograd gives for
    torch.nn.functional.linear.
    """
    # BEGIN SOLUTION
    grad_x = grad_output @ weight  # (N, D_out) @ (D_out, D_in)
    grad_weight = grad_output.T @ x  # (D_out, N) @ (N, D_in)
    grad_bias = grad_output.sum(axis=0)  # (D_out,)
    return grad_x, grad_weight, grad_bias
    # END SOLUTION


def relu_forward(x: Array) -> Array:
    """Apply the rectified linear unit to each entry.

        out = x  where x > 0,    0  elsewhere

    Args:
        x: any shape. It is not changed.

    Returns:
        A new array of the shape of x.

    Source: Nair & Hinton (2010); torch.nn.functional.relu.
    """
    # BEGIN SOLUTION
    return np.maximum(x, 0)
    # END SOLUTION


def relu_backward(grad_output: Array, x: Array) -> Array:
    """Take a gradient backwards through the ReLU: it passes where the input was positive.

        dL/dx = dL/dout  where x > 0,    0  elsewhere

    At x = 0 the ReLU has a kink and no derivative; by convention we take 0 there, as PyTorch does.

    Args:
        grad_output: gradient of the loss with respect to the output, any shape. It is not changed.
        x: the input that the ReLU had (not its output), same shape.

    Returns:
        A new array of the same shape.

    Source: the chain rule; what autograd gives for torch.nn.functional.relu.
    """
    # BEGIN SOLUTION
    return grad_output * (x > 0)
    # END SOLUTION


def sigmoid_forward(x: Array) -> Array:
    """Apply the logistic sigmoid to each entry.

        out = 1 / (1 + exp(-x))  =  exp(x) / (1 + exp(x))

    The two forms are equal on paper. In floating point, exp overflows beyond about 709, each form
    on another side. The result must be right for every finite x, and no RuntimeWarning be raised.

    Args:
        x: any shape, finite. It is not changed.

    Returns:
        A new array of the shape of x, with values from 0 to 1.

    Source: lecture notes, section 2, sigma; torch.sigmoid.
    """
    # BEGIN SOLUTION
    small = np.exp(-np.abs(x))  # of the two exponentials the one that is at most 1
    return np.where(x >= 0, 1.0 / (1.0 + small), small / (1.0 + small))
    # END SOLUTION


def sigmoid_backward(grad_output: Array, x: Array) -> Array:
    """Take a gradient backwards through the sigmoid.

        dL/dx = dL/dout * s * (1 - s),    s = sigmoid(x)    (entry by entry)

    Args:
        grad_output: gradient of the loss with respect to the output, any shape. It is not changed.
        x: the input that the sigmoid had (not its output), same shape, finite.

    Returns:
        A new array of the same shape. Far from 0 the sigmoid is flat, so there it is 0, not NaN.

    Source: the chain rule; what autograd gives for torch.sigmoid. You may use your
    `sigmoid_forward`.
    """
    # BEGIN SOLUTION
    s = sigmoid_forward(x)
    return grad_output * s * (1.0 - s)
    # END SOLUTION


def softmax(logits: Array) -> Array:
    """Turn each row of logits into probabilities.

        p[n, c] = exp(logits[n, c]) / sum over k of exp(logits[n, k])

    A number added to all logits of a row cancels. Use that: exp(1000) is infinite in floating
    point, and infinity divided by infinity is NaN, but logits of 1000 are allowed.

    Args:
        logits: one row per sample, one column per class, shape (N, C), finite. It is not changed.

    Returns:
        Shape (N, C): values from 0 to 1, each row adds up to 1.

    Source: torch.softmax with dim=1.
    """
    # BEGIN SOLUTION
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))  # the largest is exp(0)
    return exps / exps.sum(axis=1, keepdims=True)
    # END SOLUTION


def softmax_cross_entropy(logits: Array, targets: Array) -> tuple[float, Array]:
    """Return the cross-entropy loss of the softmax of some logits, and its gradient.

        p = softmax(logits), row by row
        loss = mean over n of -log p[n, targets[n]]
        dloss/dlogits[n, c] = (p[n, c] - (1 if c == targets[n] else 0)) / N

    A loss of 1000 is possible: the probability that belongs to it is 0 in floating point, and its
    logarithm is infinite. Write log p as a difference first, and no such number comes up:

        log p[n, c] = z[n, c] - log(sum over k of exp(z[n, k])),    z = logits - largest of the row

    Args:
        logits: one row per sample, one column per class, shape (N, C), finite. It is not changed.
        targets: the right class of each sample, integers from 0 to C - 1, shape (N,).

    Returns:
        (loss, grad_logits): a number, and an array of shape (N, C).

    Raises:
        ValueError: targets has another shape than (N,), such as one-hot rows (N, C) or a column
            (N, 1), or it holds something else than 0 ... C - 1; the message names targets.

    Source: torch.nn.functional.cross_entropy with its default, reduction="mean".
    """
    # BEGIN SOLUTION
    N, C = logits.shape
    if np.shape(targets) != (N,):
        raise ValueError(f"targets must have the shape ({N},), found {np.shape(targets)}")
    if np.min(targets) < 0 or np.max(targets) >= C:
        raise ValueError(f"targets must be class indices from 0 to {C - 1}")
    z = logits - logits.max(axis=1, keepdims=True)
    log_probs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_probs[np.arange(N), targets].mean()
    grad = np.exp(log_probs)
    grad[np.arange(N), targets] -= 1
    return float(loss), grad / N
    # END SOLUTION


def mse_loss(pred: Array, target: Array) -> tuple[float, Array]:
    """Return the mean squared error, and its gradient with respect to the predictions.

        loss = mean over all entries of (pred - target)^2
        dloss/dpred = 2 * (pred - target) / (number of entries)

    The mean is over all entries, N * D of them for arrays of shape (N, D), not over rows.

    Args:
        pred: predictions, any shape. It is not changed.
        target: what they should be, exactly the same shape.

    Returns:
        (loss, grad_pred): a number, and an array of the shape of pred.

    Raises:
        ValueError: pred and target differ in shape; the message names both shapes. (NumPy would
            broadcast (N, 1) and (N,) to (N, N) without a word.)

    Source: torch.nn.functional.mse_loss with its default, reduction="mean". Some texts write 1/2
    in front, so that the 2 cancels; we do not.
    """
    # BEGIN SOLUTION
    if np.shape(pred) != np.shape(target):
        raise ValueError(f"the shapes must be equal, found {pred.shape} and {target.shape}")
    diff = pred - target
    return float(np.mean(diff**2)), 2.0 * diff / diff.size
    # END SOLUTION
