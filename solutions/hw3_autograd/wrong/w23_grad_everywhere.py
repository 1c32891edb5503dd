import numpy as np


def unbroadcast(grad, shape):
    ndim_added = grad.ndim - len(shape)
    for _ in range(ndim_added):
        grad = grad.sum(axis=-1)
    for i, dim in enumerate(shape):
        if dim == 1:
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

    def _make(self, data, parents, fn):
        return Tensor(data, parents=parents, grad_fn=fn)

    def __add__(self, other):
        other = as_tensor(other)

        def fn(g):
            return unbroadcast(g, self.shape), unbroadcast(g, other.shape)

        return self._make(self.data + other.data, (self, other), fn)

    def __radd__(self, other):
        return as_tensor(other) + self

    def __sub__(self, other):
        other = as_tensor(other)

        def fn(g):
            return unbroadcast(g, self.shape), unbroadcast(g * -1, other.shape)

        return self._make(self.data - other.data, (self, other), fn)

    def __rsub__(self, other):
        return as_tensor(other) - self

    def __neg__(self):
        return self._make(-self.data, (self,), lambda g: (-g,))

    def __mul__(self, other):
        other = as_tensor(other)

        def fn(g):
            g_self = g
            g_self *= other.data
            return unbroadcast(g_self, self.shape), unbroadcast(g * self.data, other.shape)

        return self._make(self.data * other.data, (self, other), fn)

    def __rmul__(self, other):
        return as_tensor(other) * self

    def __truediv__(self, other):
        other = as_tensor(other)

        def fn(g):
            return (
                unbroadcast(g / other.data, self.shape),
                unbroadcast(g * self.data / other.data**2, other.shape),
            )

        return self._make(self.data / other.data, (self, other), fn)

    def __rtruediv__(self, other):
        return as_tensor(other) / self

    def __pow__(self, exponent):
        def fn(g):
            return (g * exponent * self.data ** (exponent - 1),)

        return self._make(self.data**exponent, (self,), fn)

    def __matmul__(self, other):
        other = as_tensor(other)
        if self.data.ndim != 2 or other.data.ndim != 2:
            raise ValueError(f"only matrices: {self.shape} {other.shape}")

        def fn(g):
            return np.dot(g, other.data.T), np.dot(g.T, self.data)

        return self._make(self.data @ other.data, (self, other), fn)

    def __rmatmul__(self, other):
        return self @ other

    def sum(self, *, axis=None, keepdims=False):
        def fn(g):
            g = np.asarray(g)
            if axis is not None and not keepdims:
                shape = list(self.shape)
                for a in axis if isinstance(axis, tuple) else (axis,):
                    shape[a] = 1
                g = g.reshape(shape)
            return (np.ones(self.shape) * g,)

        return self._make(self.data.sum(axis=axis, keepdims=keepdims), (self,), fn)

    def mean(self, *, axis=None, keepdims=False):
        out = self.sum(axis=axis, keepdims=keepdims)
        return out / self.data.size

    def relu(self):
        return self._make(np.maximum(self.data, 0.0), (self,), lambda g: (np.maximum(g, 0.0),))

    def exp(self):
        return self._make(np.exp(self.data), (self,), lambda g: (g * np.exp(self.data),))

    def log(self):
        return self._make(np.log(self.data), (self,), lambda g: (1 / self.data,))

    def reshape(self, shape):
        return self._make(self.data.reshape(shape), (self,), lambda g: (g.reshape(self.shape),))

    def transpose(self, *, axes=None):
        if axes is None:
            return self._make(self.data.T, (self,), lambda g: (g.T,))
        back = np.argsort(axes)
        return self._make(self.data.transpose(axes), (self,), lambda g: (g.transpose(back),))

    def backward(self, *, retain_grads=False):
        if self.data.size != 1:
            raise ValueError("can only call backward on a scalar, shape is %s" % (self.shape,))
        if not self.requires_grad:
            raise ValueError("nothing requires a gradient")
        order = topological_order(self)
        for node in order:
            if node.parents:
                node.grad = None
        self.grad = np.ones(self.shape)
        for node in reversed(order):
            if not node.parents:
                continue
            for parent, g in zip(node.parents, node.grad_fn(node.grad)):
                parent.grad = g if parent.grad is None else parent.grad + g


def topological_order(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
            continue
        if node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        for p in node.parents:
            stack.append((p, False))
    return order


def zero_grad(tensors):
    for t in tensors:
        t.grad = np.zeros_like(t.data)
