import numpy as np


def unbroadcast(grad, shape):
    if shape == ():
        return grad.mean()
    extra = grad.ndim - len(shape)
    grad = grad.sum(tuple(range(extra)))
    for i in range(len(shape)):
        if shape[i] == 1:
            grad = grad.mean(i, keepdims=True)
    return grad


def topological_order(root):
    ordered = []
    visited = set()
    stack = [root]
    while stack:
        n = stack.pop()
        if n in visited:
            continue
        visited.add(n)
        ordered.insert(0, n)
        for p in n.parents:
            stack.append(p)
    return ordered


def zero_grad(tensors):
    for t in tensors[1:]:
        t.grad = None
