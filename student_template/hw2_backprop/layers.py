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
    raise NotImplementedError("numerical_gradient: your code here")


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
    raise NotImplementedError("relative_error: your code here")


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
    raise NotImplementedError("gradient_check: your code here")


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
    raise NotImplementedError("linear_forward: your code here")


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
    raise NotImplementedError("linear_backward: your code here")


def relu_forward(x: Array) -> Array:
    """Apply the rectified linear unit to each entry.

        out = x  where x > 0,    0  elsewhere

    Args:
        x: any shape. It is not changed.

    Returns:
        A new array of the shape of x.

    Source: Nair & Hinton (2010); torch.nn.functional.relu.
    """
    raise NotImplementedError("relu_forward: your code here")


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
    raise NotImplementedError("relu_backward: your code here")


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
    raise NotImplementedError("sigmoid_forward: your code here")


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
    raise NotImplementedError("sigmoid_backward: your code here")


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
    raise NotImplementedError("softmax: your code here")


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
    raise NotImplementedError("softmax_cross_entropy: your code here")


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
    raise NotImplementedError("mse_loss: your code here")
