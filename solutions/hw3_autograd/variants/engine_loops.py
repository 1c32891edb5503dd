"""Correct, entry by entry, with loops and np.add.at; depth-first search with iterators."""

import math

import numpy as np


def unbroadcast(grad, shape):
    """Add each entry to where it came from."""
    gathered = np.zeros(shape)
    padded = (1,) * (np.ndim(grad) - len(shape)) + tuple(shape)
    view = gathered.reshape(padded)
    for index in np.ndindex(*np.shape(grad)):
        view[tuple(0 if length == 1 else k for k, length in zip(index, padded))] += grad[index]
    return gathered


def elementwise(tensor, function, derivative):
    """One function of one number, applied to all."""
    data, slope = np.zeros(tensor.shape), np.zeros(tensor.shape)
    for index in np.ndindex(*tensor.shape):
        data[index] = function(float(tensor.data[index]))
        slope[index] = derivative(float(tensor.data[index]))

    def grad_fn(grad_output):
        return (slope * grad_output,)

    return Tensor(data, parents=(tensor,), grad_fn=grad_fn)


def binary(a, b, data, slope_a, slope_b):
    """One function of two numbers, whose derivatives are arrays."""

    def grad_fn(grad_output):
        return (
            unbroadcast(np.array(grad_output * slope_a), a.shape),
            unbroadcast(np.array(grad_output * slope_b), b.shape),
        )

    return Tensor(data, parents=(a, b), grad_fn=grad_fn)


class Tensor:
    """Slopes are computed on the way forward."""

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
        return binary(self, other, self.data + other.data, 1.0, 1.0)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        other = as_tensor(other)
        return binary(self, other, self.data - other.data, 1.0, -1.0)

    def __rsub__(self, other):
        return as_tensor(other).__sub__(self)

    def __neg__(self):
        return elementwise(self, lambda x: -x, lambda x: -1.0)

    def __mul__(self, other):
        other = as_tensor(other)
        return binary(self, other, self.data * other.data, other.data, self.data)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        other = as_tensor(other)
        quotient = self.data / other.data
        return binary(self, other, quotient, 1 / other.data, -quotient / other.data)

    def __rtruediv__(self, other):
        return as_tensor(other).__truediv__(self)

    def __pow__(self, exponent):
        return elementwise(
            self, lambda x: x**exponent, lambda x: exponent * x**exponent / x if x else exponent
        )

    def __matmul__(self, other):
        other = as_tensor(other)
        if len(self.shape) != 2 or len(other.shape) != 2:
            raise ValueError(f"two matrices, please, not {self.shape} and {other.shape}")
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"{self.shape} times {other.shape}")
        (n, k), m = self.shape, other.shape[1]
        data = np.zeros((n, m))
        for i in range(n):
            for j in range(m):
                data[i, j] = sum(self.data[i, p] * other.data[p, j] for p in range(k))

        def grad_fn(grad_output):
            grad_self, grad_other = np.zeros((n, k)), np.zeros((k, m))
            for i in range(n):
                for j in range(m):
                    for p in range(k):
                        grad_self[i, p] += grad_output[i, j] * other.data[p, j]
                        grad_other[p, j] += grad_output[i, j] * self.data[i, p]
            return grad_self, grad_other

        return Tensor(data, parents=(self, other), grad_fn=grad_fn)

    def __rmatmul__(self, other):
        return as_tensor(other).__matmul__(self)

    def _reduce(self, axis, keepdims, weight):
        kept = np.sum(self.data, axis=axis, keepdims=True)
        groups = np.broadcast_to(np.arange(kept.size).reshape(kept.shape), self.shape)
        factor = weight(self.data.size // kept.size)
        shape = kept.shape if keepdims else np.sum(self.data, axis=axis).shape

        def grad_fn(grad_output):
            return (factor * np.ravel(grad_output)[groups],)

        return Tensor(factor * kept.reshape(shape), parents=(self,), grad_fn=grad_fn)

    def sum(self, *, axis=None, keepdims=False):
        return self._reduce(axis, keepdims, lambda count: 1.0)

    def mean(self, *, axis=None, keepdims=False):
        return self._reduce(axis, keepdims, lambda count: 1.0 / count)

    def relu(self):
        return elementwise(self, lambda x: max(x, 0.0), lambda x: 1.0 if x > 0 else 0.0)

    def exp(self):
        return elementwise(self, math.exp, math.exp)

    def log(self):
        return elementwise(self, math.log, lambda x: 1 / x)

    def reshape(self, shape):
        places = np.arange(self.data.size).reshape(self.shape)

        def grad_fn(grad_output):
            return (np.ravel(grad_output)[places],)

        return Tensor(self.data.reshape(shape), parents=(self,), grad_fn=grad_fn)

    def transpose(self, *, axes=None):
        places = np.arange(self.data.size).reshape(self.shape).transpose(axes)

        def grad_fn(grad_output):
            grad = np.zeros(self.data.size)
            np.add.at(grad, np.ravel(places), np.ravel(grad_output))
            return (grad.reshape(self.shape),)

        return Tensor(self.data.ravel()[places], parents=(self,), grad_fn=grad_fn)

    @property
    def T(self):
        return self.transpose()

    def backward(self, *, retain_grads=False):
        if self.data.size > 1:
            raise ValueError("only one number can be differentiated")
        if not self.requires_grad:
            raise ValueError("there is nothing to differentiate with respect to")
        nodes = [node for node in topological_order(self) if node.requires_grad]
        number = {id(node): k for k, node in enumerate(nodes)}
        grads = [np.zeros(node.shape) for node in nodes]
        grads[-1] = grads[-1] + 1
        for node, grad in zip(nodes[::-1], grads[::-1]):
            if not node.parents:
                node.grad = grad + (0 if node.grad is None else node.grad)
            elif retain_grads:
                node.grad = grad.copy()
            if node.grad_fn is not None:
                for parent, part in zip(node.parents, node.grad_fn(grad)):
                    if parent.requires_grad:
                        grads[number[id(parent)]][...] += part


def topological_order(root):
    """Leave a node when its parents are exhausted."""
    order, seen, path = [], {id(root)}, [(root, iter(root.parents))]
    while path:
        node, parents = path[-1]
        for parent in parents:
            if id(parent) not in seen:
                seen.add(id(parent))
                path.append((parent, iter(parent.parents)))
                break
        else:
            path.pop()
            order.append(node)
    return order


def zero_grad(tensors):
    """From the last to the first."""
    left = list(tensors)
    while left:
        left.pop().grad = None
