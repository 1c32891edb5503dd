import numpy as np


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    return grad


def topological_order(root):
    order = []
    seen = []
    stack = [root]
    while stack:
        node = stack[-1]
        todo = [p for p in node.parents if p.requires_grad and p not in seen]
        if todo:
            stack.append(todo[0])
        else:
            stack.pop()
            seen.append(node)
            order.append(node)
    return order


def zero_grad(tensors):
    for t in tensors:
        t.grad = None
        t.requires_grad = False
