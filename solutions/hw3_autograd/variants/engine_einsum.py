"""Correct, by other algebra: einsum, masks; a gradient flows on as soon as it is complete."""

import numpy as np


def unbroadcast(grad, shape):
    """einsum over named axes; those that are to go have no name in the result."""
    names = "abcdefgh"[: np.ndim(grad)]
    own = names[len(names) - len(shape) :]
    left = "".join(name for name, length in zip(own, shape) if length != 1)
    return np.einsum(f"{names}->{left}", grad).reshape(shape)


class Tensor:
    """Every rule is a product of the gradient with something."""

    __array_ufunc__ = None

    def __init__(self, data, *, requires_grad=False, parents=(), grad_fn=None):
        self.data = np.array(data, dtype=np.float64)
        self.requires_grad = requires_grad or any(parent.requires_grad for parent in parents)
        self.grad = None
        self.parents = tuple(parents)
        self.grad_fn = grad_fn

    @property
    def shape(self):
        return np.shape(self.data)

    def _with(self, other, data, rule):
        """Return the node, whose rule forgets what only a constant would get."""

        def grad_fn(grad_output):
            parts = rule(np.asarray(grad_output))
            return tuple(
                unbroadcast(np.broadcast_to(part, data.shape), parent.shape)
                for part, parent in zip(parts, (self, other))
            )

        return Tensor(data, parents=(self, other), grad_fn=grad_fn)

    def __add__(self, other):
        other = as_tensor(other)
        return self._with(other, self.data + other.data, lambda g: (g, g))

    def __radd__(self, other):
        return as_tensor(other).__add__(self)

    def __sub__(self, other):
        other = as_tensor(other)
        return self._with(other, self.data - other.data, lambda g: (g, np.negative(g)))

    def __rsub__(self, other):
        return (self - other) * (-1.0)

    def __neg__(self):
        return 0.0 - self

    def __mul__(self, other):
        other = as_tensor(other)
        a, b = self.data, other.data
        return self._with(other, np.multiply(a, b), lambda g: (b * g, a * g))

    def __rmul__(self, other):
        return as_tensor(other).__mul__(self)

    def __truediv__(self, other):
        other = as_tensor(other)
        a, b = self.data, other.data
        return self._with(other, np.divide(a, b), lambda g: (g / b, -(a * g) / (b * b)))

    def __rtruediv__(self, other):
        return self.__pow__(-1) * other

    def __pow__(self, exponent):
        x = self.data
        power = np.float_power(x, exponent)
        slope = exponent * (power / x if np.all(x) else np.float_power(x, exponent - 1))
        return Tensor(power, parents=(self,), grad_fn=lambda g: (slope * g,))

    def __matmul__(self, other):
        other = as_tensor(other)
        a, b = self.data, other.data
        if a.ndim * b.ndim != 4 or a.ndim != b.ndim:
            raise ValueError(f"matmul of {a.ndim} and {b.ndim} axes: it is for 2 and 2")
        return Tensor(
            np.einsum("nk,km->nm", a, b),
            parents=(self, other),
            grad_fn=lambda g: (np.einsum("nm,km->nk", g, b), np.einsum("nk,nm->km", a, g)),
        )

    def __rmatmul__(self, other):
        return (self.T @ np.transpose(other)).T

    def sum(self, *, axis=None, keepdims=False):
        ones = np.ones(self.shape)

        def grad_fn(grad_output):
            if axis is None:
                return (ones * np.ravel(grad_output)[0],)
            if not keepdims:
                axes = axis if isinstance(axis, tuple) else (axis,)
                for k in sorted(k % ones.ndim for k in axes):
                    grad_output = np.expand_dims(grad_output, k)
            return (ones * grad_output,)

        data = np.add.reduce(
            self.data, axis=tuple(range(ones.ndim)) if axis is None else axis, keepdims=keepdims
        )
        return Tensor(data, parents=(self,), grad_fn=grad_fn)

    def mean(self, *, axis=None, keepdims=False):
        total = self.sum(axis=axis, keepdims=keepdims)
        share = total.data.size / self.data.size
        return Tensor(
            np.mean(self.data, axis=axis, keepdims=keepdims),
            parents=(self,),
            grad_fn=lambda g: (share * total.grad_fn(g)[0],),
        )

    def relu(self):
        mask = np.heaviside(self.data, 0.0)
        return Tensor(
            np.where(self.data > 0, self.data, 0.0), parents=(self,), grad_fn=lambda g: (mask * g,)
        )

    def exp(self):
        return Tensor(
            np.exp(self.data), parents=(self,), grad_fn=lambda g: (np.exp(self.data) * g,)
        )

    def log(self):
        return Tensor(
            np.log(self.data), parents=(self,), grad_fn=lambda g: (np.true_divide(g, self.data),)
        )

    def reshape(self, shape):
        old = self.shape
        return Tensor(
            np.ravel(self.data).reshape(shape),
            parents=(self,),
            grad_fn=lambda g: (np.ravel(g).reshape(old),),
        )

    def transpose(self, *, axes=None):
        axes = tuple(reversed(range(self.data.ndim))) if axes is None else tuple(axes)
        home = tuple(range(len(axes)))
        return Tensor(
            np.moveaxis(self.data, axes, home),
            parents=(self,),
            grad_fn=lambda g: (np.moveaxis(g, home, axes),),
        )

    @property
    def T(self):
        return self.transpose()

    def backward(self, *, retain_grads=False):
        if np.size(self.data) != 1:
            raise ValueError(f"the shape is {self.shape}: which number of it?")
        if not self.requires_grad:
            raise ValueError("requires_grad is False")
        expected, nodes = {}, [self]  # how many gradients a node is still to get
        for node in nodes:
            for parent in node.parents:
                if not parent.requires_grad:
                    continue
                if parent not in expected:
                    nodes.append(parent)
                expected[parent] = expected.get(parent, 0) + 1
        grads, complete = {self: np.ones(self.shape)}, [self]
        while complete:
            node = complete.pop()
            if retain_grads and node.parents:
                node.grad = grads[node]
            if not node.parents:
                node.grad = sum(g for g in (node.grad, grads[node]) if g is not None)
                continue
            for parent, part in zip(node.parents, node.grad_fn(grads[node])):
                if parent.requires_grad:
                    grads[parent] = grads.get(parent, 0.0) + part
                    expected[parent] -= 1
                    if not expected[parent]:
                        complete.append(parent)


def topological_order(root):
    """Enter a node, put it on the stack again behind its parents, leave it."""
    order, entered, left, stack = [], set(), set(), [root]
    while stack:
        node = stack.pop()
        if node in left:
            continue
        if node in entered:
            left.add(node)
            order.append(node)
            continue
        entered.add(node)
        stack.append(node)
        stack.extend(parent for parent in node.parents if parent not in left)
    return order
