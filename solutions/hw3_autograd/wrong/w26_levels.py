import numpy as np


def unbroadcast(grad, shape):
    axes = [i for i in range(grad.ndim) if i >= len(shape) or shape[i] == 1]
    for a in reversed(axes):
        grad = grad.sum(axis=a, keepdims=a < len(shape))
    return grad


def topological_order(root):
    # distance from the root
    level = {root: 0}
    queue = [root]
    for node in queue:
        for parent in node.parents:
            if parent not in level:
                level[parent] = level[node] + 1
                queue.append(parent)
    return sorted(level, key=lambda n: -level[n])


def zero_grad(tensors):
    map(lambda t: setattr(t, "grad", None), tensors)
