import sys


def topological_order(root):
    sys.setrecursionlimit(3000)
    out = []

    def visit(n):
        if any(n is m for m in out):
            return
        for p in n.parents:
            visit(p)
        out.append(n)

    visit(root)
    return tuple(out)


def unbroadcast(grad, shape):
    import numpy as np

    res = np.zeros(shape)
    res += grad
    return res
