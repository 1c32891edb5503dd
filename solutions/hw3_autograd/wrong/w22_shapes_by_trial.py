import numpy as np


def unbroadcast(grad, shape):
    if grad.shape == shape:
        return grad
    # try all axes until the shape fits
    for axis in range(grad.ndim):
        s = grad.sum(axis=axis)
        if s.shape == shape:
            return s
        s = grad.sum(axis=axis, keepdims=True)
        if s.shape == shape:
            return s
    return grad.sum().reshape(shape)


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
        other = as_tensor(other)
        return Tensor(
            self.data + other.data,
            parents=(self, other),
            grad_fn=lambda g: (unbroadcast(g, self.shape), unbroadcast(g, other.shape)),
        )

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        other = as_tensor(other)
        return Tensor(
            self.data - other.data,
            parents=(self, other),
            grad_fn=lambda g: (unbroadcast(g, self.shape), -unbroadcast(g, other.shape)),
        )

    def __rsub__(self, other):
        return self - other

    def __neg__(self):
        return Tensor(-self.data, parents=(self,), grad_fn=lambda g: (-g,))

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

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        other = as_tensor(other)
        return Tensor(
            self.data / other.data,
            parents=(self, other),
            grad_fn=lambda g: (
                unbroadcast(g / other.data, self.shape),
                unbroadcast(-g * self.data / other.data**2, other.shape),
            ),
        )

    def __rtruediv__(self, other):
        return self / other

    def __pow__(self, exponent):
        return Tensor(
            self.data**exponent,
            parents=(self,),
            grad_fn=lambda g: (g * exponent * self.data ** (exponent - 1),),
        )

    def __matmul__(self, other):
        other = as_tensor(other)
        if len(self.shape) < 2 or len(other.shape) < 2:
            raise ValueError(f"shapes {self.shape} and {other.shape}")
        return Tensor(
            self.data @ other.data,
            parents=(self, other),
            grad_fn=lambda g: (g @ other.data.T, self.data.T @ g),
        )

    def __rmatmul__(self, other):
        return as_tensor(other) @ self

    def sum(self, *, axis=None, keepdims=False):
        def grad_fn(g):
            if axis is None:
                return (np.full(self.shape, float(np.sum(g))),)
            if not keepdims:
                g = np.expand_dims(g, axis)
            return (np.broadcast_to(g, self.shape),)

        return Tensor(
            np.sum(self.data, axis=axis, keepdims=keepdims), parents=(self,), grad_fn=grad_fn
        )

    def mean(self, *, axis=None, keepdims=False):
        n = self.data.size if axis is None else self.shape[axis]

        def grad_fn(g):
            if axis is None:
                return (np.full(self.shape, float(np.sum(g)) / n),)
            if not keepdims:
                g = np.expand_dims(g, axis)
            return (np.broadcast_to(g, self.shape) / n,)

        return Tensor(
            np.mean(self.data, axis=axis, keepdims=keepdims), parents=(self,), grad_fn=grad_fn
        )

    def relu(self):
        return Tensor(
            np.maximum(self.data, 0), parents=(self,), grad_fn=lambda g: (np.where(self.data > 0, g, 0),)
        )

    def exp(self):
        return Tensor(np.exp(self.data), parents=(self,), grad_fn=lambda g: (g * np.exp(self.data),))

    def log(self):
        return Tensor(np.log(self.data), parents=(self,), grad_fn=lambda g: (g / self.data,))

    def reshape(self, shape):
        return Tensor(
            np.reshape(self.data, shape), parents=(self,), grad_fn=lambda g: (g.reshape(self.shape),)
        )

    def transpose(self, *, axes=None):
        return Tensor(np.transpose(self.data, axes), parents=(self,), grad_fn=lambda g: (g.T,))

    def backward(self, *, retain_grads=False):
        if self.data.size != 1 or not self.requires_grad:
            raise ValueError("backward needs a scalar that requires grad")
        grads = {id(self): np.ones(self.shape)}
        for node in topological_order(self)[::-1]:
            g = grads.get(id(node))
            if g is None or not node.requires_grad:
                continue
            if node.parents:
                if retain_grads:
                    node.grad = g
                for parent, pg in zip(node.parents, node.grad_fn(g)):
                    if id(parent) in grads:
                        grads[id(parent)] = grads[id(parent)] + pg
                    else:
                        grads[id(parent)] = pg
            else:
                node.grad = g


def topological_order(root):
    # breadth first, then reversed
    order = []
    queue = [root]
    while queue:
        node = queue.pop(0)
        if node in order:
            continue
        order.append(node)
        queue.extend(node.parents)
    return order[::-1]


def zero_grad(tensors):
    for t in tensors:
        t.grad = None
