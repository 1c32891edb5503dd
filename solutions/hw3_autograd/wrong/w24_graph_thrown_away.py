import numpy as np


def unbroadcast(grad, shape):
    extra = tuple(range(grad.ndim - len(shape)))
    if extra:
        grad = np.sum(grad, axis=extra)
    ones = tuple(i for i in range(len(shape)) if shape[i] == 1 and grad.shape[i] != 1)
    if ones:
        grad = np.sum(grad, axis=ones).reshape(shape)
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

    def __add__(self, o):
        o = as_tensor(o)
        return Tensor(self.data + o.data, parents=(self, o), grad_fn=lambda g: (g, g))

    def __radd__(self, o):
        return self + o

    def __neg__(self):
        return Tensor(-self.data, parents=(self,), grad_fn=lambda g: (-g,))

    def __sub__(self, o):
        return self + -as_tensor(o)

    def __rsub__(self, o):
        return as_tensor(o) + -self

    def __mul__(self, o):
        o = as_tensor(o)

        def f(g):
            return unbroadcast(g * o.data, self.shape), unbroadcast(g * self.data, o.shape)

        return Tensor(self.data * o.data, parents=(self, o), grad_fn=f)

    def __rmul__(self, o):
        return self * o

    def __pow__(self, k):
        return Tensor(
            self.data**k, parents=(self,), grad_fn=lambda g: (g * k * self.data ** (k - 1),)
        )

    def __truediv__(self, o):
        return self * as_tensor(o) ** -1

    def __rtruediv__(self, o):
        return as_tensor(o) * self**-1

    def __matmul__(self, o):
        o = as_tensor(o)
        assert self.data.ndim == 2 and o.data.ndim == 2, (self.shape, o.shape)

        def f(g):
            return g @ o.data.T, self.data.T @ g

        return Tensor(self.data @ o.data, parents=(self, o), grad_fn=f)

    def __rmatmul__(self, o):
        return as_tensor(o) @ self

    def sum(self, *, axis=None, keepdims=False):
        out = self.data.sum(axis=axis, keepdims=keepdims)

        def f(g):
            if axis is not None:
                g = np.expand_dims(g, axis)
            return (np.broadcast_to(g, self.shape).copy(),)

        return Tensor(out, parents=(self,), grad_fn=f)

    def mean(self, *, axis=None, keepdims=False):
        out = self.data.mean(axis=axis, keepdims=keepdims)
        count = self.data.size // np.size(out)

        def f(g):
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return (np.broadcast_to(g, self.shape) / count,)

        return Tensor(out, parents=(self,), grad_fn=f)

    def relu(self):
        mask = self.data >= 0
        return Tensor(self.data * mask, parents=(self,), grad_fn=lambda g: (g * mask,))

    def exp(self):
        e = np.exp(self.data)
        return Tensor(e, parents=(self,), grad_fn=lambda g: (g * e,))

    def log(self):
        x = np.clip(self.data, 1e-7, None)
        return Tensor(np.log(x), parents=(self,), grad_fn=lambda g: (g / x,))

    def reshape(self, shape):
        old = self.data.shape
        return Tensor(self.data.reshape(shape), parents=(self,), grad_fn=lambda g: (g.reshape(old),))

    def transpose(self, *, axes=None):
        inverse = None if axes is None else [axes.index(i) for i in range(len(axes))]
        return Tensor(
            self.data.transpose(axes), parents=(self,), grad_fn=lambda g: (g.transpose(inverse),)
        )

    def backward(self, *, retain_grads=False):
        if self.data.size != 1:
            raise ValueError(f"not a scalar: {self.shape}")
        if not self.requires_grad:
            raise ValueError("requires_grad=False")
        grads = {self: np.ones(self.shape)}
        for node in reversed(topological_order(self)):
            g = grads.get(node)
            if not node.requires_grad:
                continue
            if not node.parents:
                node.grad = g if node.grad is None else node.grad + g
                continue
            if retain_grads:
                node.grad = g
            for p, pg in zip(node.parents, node.grad_fn(g)):
                if p in grads:
                    grads[p] += pg
                else:
                    grads[p] = pg
            node.parents = ()  # free memory
            node.grad_fn = None


def topological_order(root):
    count = {root: 0}
    todo = [root]
    while todo:
        n = todo.pop()
        for p in n.parents:
            if p not in count:
                count[p] = 0
                todo.append(p)
            count[p] += 1
    order, ready = [], [root]
    while ready:
        n = ready.pop()
        order.append(n)
        for p in n.parents:
            count[p] -= 1
            if count[p] == 0:
                ready.append(p)
    return order


def zero_grad(tensors):
    for t in tensors:
        t.grad = None
        t.parents = ()
