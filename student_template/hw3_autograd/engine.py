"""Homework 3, first file: an engine that differentiates whatever you compute with it.

A `Tensor` is an array that remembers where it came from. Each operation returns a new Tensor, the
*node* of a graph, which holds three things:

* `data`: the values, a float64 array.
* `parents`: the Tensors that it was computed from, in order; empty for a *leaf*, which is a Tensor
  that you made yourself.
* `grad_fn`: the operation's backward rule. `grad_fn(grad_output)` takes the gradient of the loss
  with respect to this node, an array of the node's shape, and returns a tuple: for each parent the
  gradient that reaches it through this node, an array of that parent's shape.

So every operation is two lines of calculus and one of bookkeeping, and `backward` is the same for
all of them: it goes through the graph once, from the loss to the leaves.

Numbers and arrays beside a Tensor, as in `2 * x` or `x - array`, become Tensors that require no
gradient: constants. No operation writes into an array that it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

Array = np.ndarray
GradFn = Callable[[Array], "tuple[Array, ...]"]


def unbroadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient back to the shape that its operand had before it was broadcast.

    NumPy repeats an array along axes that it lacks (they are added on the left) and along axes of
    length 1. A number that was used several times gets the sum of all the gradients that reach it:

        (N, D) -> (D,): sum over axis 0        (N, D) -> (N, 1): sum over axis 1, which stays

    Args:
        grad: gradient with respect to the broadcast operand, any shape. It is not changed.
        shape: the shape of the operand itself, one that NumPy broadcasts to grad's.

    Returns:
        The gradient with respect to the operand, of exactly the given shape.

    Source: numpy.org/doc/stable/user/basics.broadcasting.html, read backwards.
    """
    raise NotImplementedError("unbroadcast: your code here")


# GIVEN
def as_tensor(value: Tensor | Array | float) -> Tensor:
    """Return a Tensor as it is, and anything else as a constant: a leaf without gradient."""
    return value if isinstance(value, Tensor) else Tensor(value)


class Tensor:
    """A node of a computation graph: an array, where it came from, and its gradient.

    Attributes:
        data: the values, float64.
        requires_grad: whether gradients flow here: given for a leaf; for a result, whether one of
            its parents requires one.
        grad: the gradient of the loss with respect to data, of its shape; None until there is one.
        parents: what it was computed from; () for a leaf.
        grad_fn: its backward rule; None for a leaf.
    """

    __array_ufunc__ = None  # so that NumPy leaves `array * tensor` to our __rmul__

    # GIVEN
    def __init__(
        self,
        data: Array | float,
        *,
        requires_grad: bool = False,
        parents: tuple[Tensor, ...] = (),
        grad_fn: GradFn | None = None,
    ) -> None:
        """Make a leaf of `data`, which is copied; or, with parents and grad_fn, a result."""
        self.data: Array = np.array(data, dtype=np.float64)
        self.requires_grad = requires_grad or any(parent.requires_grad for parent in parents)
        self.grad: Array | None = None
        self.parents = tuple(parents)
        self.grad_fn = grad_fn

    # GIVEN
    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the data."""
        return self.data.shape

    # GIVEN
    def __repr__(self) -> str:
        return f"Tensor({self.data}, requires_grad={self.requires_grad})"

    # --- tensor_arithmetic ------------------------------------------------------------------------
    #
    # Entry by entry, and broadcast as NumPy does. a and b are the operands, g the gradient that
    # arrives; what is returned for an operand is summed back to its shape by `unbroadcast`.

    def __add__(self, other: Tensor | Array | float) -> Tensor:
        """Return self + other.

        d(a + b)/da = 1,   d(a + b)/db = 1:    the gradient g goes to both
        """
        raise NotImplementedError("Tensor.__add__: your code here")

    def __radd__(self, other: Array | float) -> Tensor:
        """Return other + self. Python asks for it when `other`, on the left, is no Tensor."""
        raise NotImplementedError("Tensor.__radd__: your code here")

    def __sub__(self, other: Tensor | Array | float) -> Tensor:
        """Return self - other.

        d(a - b)/da = 1,   d(a - b)/db = -1
        """
        raise NotImplementedError("Tensor.__sub__: your code here")

    def __rsub__(self, other: Array | float) -> Tensor:
        """Return other - self: here self stands on the right."""
        raise NotImplementedError("Tensor.__rsub__: your code here")

    def __neg__(self) -> Tensor:
        """Return -self."""

        raise NotImplementedError("Tensor.__neg__: your code here")

    def __mul__(self, other: Tensor | Array | float) -> Tensor:
        """Return self * other, entry by entry.

        d(a * b)/da = b,   d(a * b)/db = a:    each gets g times the other one
        """
        raise NotImplementedError("Tensor.__mul__: your code here")

    def __rmul__(self, other: Array | float) -> Tensor:
        """Return other * self."""
        raise NotImplementedError("Tensor.__rmul__: your code here")

    def __truediv__(self, other: Tensor | Array | float) -> Tensor:
        """Return self / other.

        d(a / b)/da = 1 / b,   d(a / b)/db = -a / b^2
        """
        raise NotImplementedError("Tensor.__truediv__: your code here")

    def __rtruediv__(self, other: Array | float) -> Tensor:
        """Return other / self: here self stands below."""
        raise NotImplementedError("Tensor.__rtruediv__: your code here")

    def __pow__(self, exponent: float) -> Tensor:
        """Return self ** exponent, for an exponent that is a number and not a Tensor.

            d(a^n)/da = n * a^(n - 1)

        The exponent is not 0. Where it is no whole number, all entries of self are positive.
        """

        raise NotImplementedError("Tensor.__pow__: your code here")

    # --- tensor_matmul ----------------------------------------------------------------------------

    def __matmul__(self, other: Tensor | Array) -> Tensor:
        """Return the matrix product self @ other.

            C = A B:    dL/dA = dL/dC B^T,   dL/dB = A^T dL/dC

        Args:
            other: shape (K, M), if self has the shape (N, K).

        Returns:
            Shape (N, M).

        Raises:
            ValueError: an operand has not exactly two axes; the message names both shapes. (NumPy
                has products of vectors and of stacks of matrices too, each with a rule of its own.)
        """
        raise NotImplementedError("Tensor.__matmul__: your code here")

    def __rmatmul__(self, other: Array) -> Tensor:
        """Return other @ self: an array of data times a Tensor of weights."""
        raise NotImplementedError("Tensor.__rmatmul__: your code here")

    # --- tensor_reductions ------------------------------------------------------------------------

    def sum(self, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor:
        """Return the sum over some axes. Every entry counts once: each gets its sum's gradient.

        Args:
            axis: which axis or axes to sum over, negative ones from the end; None: over all.
            keepdims: whether the axes stay, with length 1.

        Returns:
            The shape that np.sum gives.
        """

        raise NotImplementedError("Tensor.sum: your code here")

    def mean(self, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor:
        """Return the mean over some axes: their sum divided by the number of its terms.

        Args:
            axis: which axis or axes to average over, negative ones from the end; None: over all.
            keepdims: whether the axes stay, with length 1.

        Returns:
            The shape that np.mean gives.
        """
        raise NotImplementedError("Tensor.mean: your code here")

    # --- tensor_elementwise -----------------------------------------------------------------------

    def relu(self) -> Tensor:
        """Return self where it is positive, 0 elsewhere. The derivative at 0 is 0."""

        raise NotImplementedError("Tensor.relu: your code here")

    def exp(self) -> Tensor:
        """Return e to the power of self, which is its own derivative."""
        raise NotImplementedError("Tensor.exp: your code here")

    def log(self) -> Tensor:
        """Return the natural logarithm of self, whose entries are positive."""

        raise NotImplementedError("Tensor.log: your code here")

    # --- tensor_reshape ---------------------------------------------------------------------------

    def reshape(self, shape: tuple[int, ...]) -> Tensor:
        """Return the same entries, in the same order, in another shape.

        Args:
            shape: the new shape, with as many entries; one length may be -1: whatever is left.
        """

        raise NotImplementedError("Tensor.reshape: your code here")

    def transpose(self, *, axes: tuple[int, ...] | None = None) -> Tensor:
        """Return the same entries with the axes in another order.

            result.shape[k] = self.shape[axes[k]]

        Args:
            axes: the numbers 0 ... ndim - 1 in any order; None: in reverse, as for a matrix.
        """

        raise NotImplementedError("Tensor.transpose: your code here")

    # GIVEN
    @property
    def T(self) -> Tensor:  # noqa: N802 - the name it has in NumPy
        """The transpose, with all axes in reverse."""
        return self.transpose()

    # --- backward ---------------------------------------------------------------------------------

    def backward(self, *, retain_grads: bool = False) -> None:
        """Compute the gradient of this number with respect to every leaf that requires one.

            gradient of self = 1
            for each node that requires a gradient, this one first, no parent before its children:
                part_1, part_2, ... = node.grad_fn(gradient of node)
                gradient of parent_k += part_k

        A node may have many children, and be a parent of the same child twice. Its gradient is the
        sum over all of these ways, and complete before its grad_fn is called, once.

        What is left in `grad` afterwards:

        * a leaf that requires a gradient: the gradient is *added* to what is there (None counts as
          0). So a second call adds once more, until `zero_grad`.
        * a node that is no leaf: its gradient if retain_grads, *instead* of what was there; else
          grad is left alone.
        * whatever requires no gradient: grad is left alone.

        Args:
            retain_grads: whether to keep the gradients of nodes that are no leaves, too.

        Raises:
            ValueError: self holds more than one number, or it requires no gradient.

        The graph stays as it is, and `data` too. Graphs may be thousands of nodes deep. You may
        use your `topological_order`.

        Source: lecture notes, section 2; what torch.Tensor.backward does with retain_graph=True.
        """
        raise NotImplementedError("Tensor.backward: your code here")


def topological_order(root: Tensor) -> list[Tensor]:
    """Return a node and all that it was computed from, every node after its parents.

    Several orders are right. `reversed(...)` of any of them is one in which gradients can flow: a
    node comes up only when all of its children have had their turn.

    Args:
        root: where the graph ends, such as the loss. Constants belong to the graph, too.

    Returns:
        Each node once, however often it was used: root last.

    Python refuses about a thousand calls inside each other, and a graph may be thousands of nodes
    deep: so no recursion.

    Source: depth-first search, Tarjan (1976), Edge-disjoint spanning trees and depth-first search;
    or Kahn (1962), Topological sorting of large networks.
    """
    raise NotImplementedError("topological_order: your code here")


def zero_grad(tensors: Iterable[Tensor]) -> None:
    """Forget the gradients of some tensors: their grad becomes None.

    `backward` adds to what is there. Without this, the second step of a training would use the sum
    of its own gradient and that of the first step.

    Args:
        tensors: which ones, such as a list of parameters. Nothing else of them is changed.

    Source: torch.optim.Optimizer.zero_grad, whose default is set_to_none=True.
    """
    raise NotImplementedError("zero_grad: your code here")
