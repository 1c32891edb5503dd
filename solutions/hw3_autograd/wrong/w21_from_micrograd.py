import numpy as np


# ported from my micrograd notes to arrays


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for i, n in enumerate(shape):
        if n == 1:
            grad = grad.sum(axis=i, keepdims=True)
    return grad


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data, *, requires_grad=False, parents=(), grad_fn=None):
        self.data = np.array(data, dtype=np.float64)
        self.requires_grad = requires_grad or any(p.requires_grad for p in parents)
        self.grad = None
        self.parents = tuple(parents)
        self.grad_fn = grad_fn

    @property
    def shape(self):
        return self.data.shape

    @property
    def T(self):
        return self.transpose()

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)

        def _backward(g):
            return unbroadcast(g, self.shape), unbroadcast(g, other.shape)

        return Tensor(self.data + other.data, parents=(self, other), grad_fn=_backward)

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)

        def _backward(g):
            return unbroadcast(other.data * g, self.shape), unbroadcast(self.data * g, other.shape)

        return Tensor(self.data * other.data, parents=(self, other), grad_fn=_backward)

    def __pow__(self, other):
        def _backward(g):
            return ((other * self.data ** (other - 1)) * g,)

        return Tensor(self.data**other, parents=(self,), grad_fn=_backward)

    def __matmul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        if self.data.ndim != 2 or other.data.ndim != 2:
            raise ValueError(f"need 2-D, got {self.shape} @ {other.shape}")

        def _backward(g):
            return g @ other.data.T, self.data.T @ g

        return Tensor(self.data @ other.data, parents=(self, other), grad_fn=_backward)

    def __rmatmul__(self, other):
        return Tensor(other) @ self

    def sum(self, *, axis=None, keepdims=False):
        def _backward(g):
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return (np.ones_like(self.data) * g,)

        return Tensor(
            self.data.sum(axis=axis, keepdims=keepdims), parents=(self,), grad_fn=_backward
        )

    def mean(self, *, axis=None, keepdims=False):
        s = self.sum(axis=axis, keepdims=keepdims)
        return s * (s.data.size / self.data.size)

    def relu(self):
        out = Tensor(np.where(self.data < 0, 0, self.data), parents=(self,))

        def _backward(g):
            return ((out.data > 0) * g,)

        out.grad_fn = _backward
        return out

    def exp(self):
        out = Tensor(np.exp(self.data), parents=(self,))
        out.grad_fn = lambda g: (out.data * g,)
        return out

    def log(self):
        return Tensor(np.log(self.data), parents=(self,), grad_fn=lambda g: (g / self.data,))

    def reshape(self, shape):
        return Tensor(
            self.data.reshape(shape), parents=(self,), grad_fn=lambda g: (g.reshape(self.shape),)
        )

    def transpose(self, *, axes=None):
        def _backward(g):
            return (g.transpose(axes),)

        return Tensor(self.data.transpose(axes), parents=(self,), grad_fn=_backward)

    def backward(self, *, retain_grads=False):
        if self.data.size != 1:
            raise ValueError(f"backward on shape {self.shape}")
        if not self.requires_grad:
            raise ValueError("does not require grad")
        topo = topological_order(self)
        self.grad = np.ones_like(self.data)
        for v in reversed(topo):
            if v.requires_grad and v.parents:
                for p, g in zip(v.parents, v.grad_fn(v.grad)):
                    if p.requires_grad:
                        p.grad = g if p.grad is None else p.grad + g

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1


def topological_order(root):
    topo = []
    visited = set()

    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v.parents:
                build_topo(child)
            topo.append(v)

    build_topo(root)
    return topo


def zero_grad(tensors):
    for p in tensors:
        p.grad = 0
