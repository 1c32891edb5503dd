"""Correct, as few rules as possible: what can be composed is; orders by counting (Kahn)."""

import numpy as np


def unbroadcast(grad, shape):
    """One axis after the other."""
    while np.ndim(grad) > len(shape):
        grad = np.sum(grad, axis=0)
    for axis, length in enumerate(shape):
        if length == 1 and grad.shape[axis] > 1:
            grad = np.sum(grad, axis=axis, keepdims=True)
    return grad


class Tensor:
    """a - b is a + (-b), a / b is a * b^-1, a mean is a sum times a number."""

    __array_ufunc__ = None

    def __init__(self, data, *, requires_grad=False, parents=(), grad_fn=None):
        self.data = np.array(data, dtype=np.float64)
        self.requires_grad = requires_grad or any(parent.requires_grad for parent in parents)
        self.grad = None
        self.parents = tuple(parents)
        self.grad_fn = grad_fn

    @property
    def shape(self):
        return self.data.shape

    def __add__(self, other):
        other = as_tensor(other)
        shapes = self.shape, other.shape
        return Tensor(
            self.data + other.data,
            parents=(self, other),
            grad_fn=lambda g: tuple(unbroadcast(g, shape) for shape in shapes),
        )

    __radd__ = __add__

    def __mul__(self, other):
        other = as_tensor(other)
        return Tensor(
            self.data * other.data,
            parents=(self, other),
            grad_fn=lambda g: (
                unbroadcast(g * other.data, self.shape),
                unbroadcast(g * self.data, other.shape),
            ),
        )

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -as_tensor(other)

    def __rsub__(self, other):
        return -self + other

    def __pow__(self, n):
        return Tensor(
            np.power(self.data, n),
            parents=(self,),
            grad_fn=lambda g: (n * np.power(self.data, n - 1) * g,),
        )

    def __truediv__(self, other):
        return self * as_tensor(other) ** -1.0

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def __matmul__(self, other):
        other = as_tensor(other)
        if not self.data.ndim == other.data.ndim == 2:
            raise ValueError(f"no matrices: {self.shape}, {other.shape}")
        return Tensor(
            np.dot(self.data, other.data),
            parents=(self, other),
            grad_fn=lambda g: (np.dot(g, other.data.T), np.dot(g.T, self.data).T),
        )

    def __rmatmul__(self, other):
        return Tensor(other).__matmul__(self)

    def sum(self, *, axis=None, keepdims=False):
        kept = np.sum(self.data, axis=axis, keepdims=True)
        data = kept if keepdims else np.sum(self.data, axis=axis)
        return Tensor(
            data,
            parents=(self,),
            grad_fn=lambda g: (np.broadcast_to(np.reshape(g, kept.shape), self.shape),),
        )

    def mean(self, *, axis=None, keepdims=False):
        total = self.sum(axis=axis, keepdims=keepdims)
        return total * (total.data.size / self.data.size)

    def relu(self):
        return self * (self.data > 0)

    def exp(self):
        power = Tensor(np.exp(self.data), parents=(self,))
        power.grad_fn = lambda g: (g * power.data,)
        return power

    def log(self):
        return Tensor(np.log(self.data), parents=(self,), grad_fn=lambda g: (g * self.data**-1.0,))

    def reshape(self, shape):
        return Tensor(
            np.reshape(self.data, shape),
            parents=(self,),
            grad_fn=lambda g: (np.reshape(g, self.shape),),
        )

    def transpose(self, *, axes=None):
        if axes is None:
            axes = range(self.data.ndim)[::-1]
        back = [list(axes).index(k) for k in range(self.data.ndim)]
        return Tensor(
            np.transpose(self.data, tuple(axes)),
            parents=(self,),
            grad_fn=lambda g: (np.transpose(g, back),),
        )

    @property
    def T(self):
        return self.transpose()

    def backward(self, *, retain_grads=False):
        if self.data.size != 1 or not self.requires_grad:
            raise ValueError("backward needs one number that depends on something")
        order = topological_order(self)
        before = {node: node.grad for node in order}
        for node in order:
            node.grad = None
        self.grad = np.ones(self.shape)
        for node in order[::-1]:
            if node.parents and node.requires_grad:
                for parent, part in zip(node.parents, node.grad_fn(node.grad)):
                    if parent.requires_grad:
                        parent.grad = part if parent.grad is None else parent.grad + part
        for node in order:
            if not node.requires_grad or (node.parents and not retain_grads):
                node.grad = before[node]
            elif not node.parents and before[node] is not None:
                node.grad = node.grad + before[node]


def topological_order(root):
    """Take away, again and again, a node all of whose children are gone."""
    children, found = {root: 0}, [root]
    for node in found:
        for parent in node.parents:
            if parent not in children:
                children[parent] = 0
                found.append(parent)
            children[parent] += 1
    free, order = [root], []
    while free:
        node = free.pop(0)
        order.append(node)
        for parent in node.parents:
            children[parent] -= 1
            if children[parent] == 0:
                free.append(parent)
    return order[::-1]


def zero_grad(tensors):
    """One at a time."""
    for tensor in list(tensors):
        if tensor.grad is not None:
            tensor.grad = None
