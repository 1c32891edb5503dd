"""Hidden checks of topological_order. Any order is right in which parents come first."""

import engine
import support
from student_kit.checks import assert_equal, require


def build(parents_of):
    """Return the nodes of a graph: parents_of[k] are the numbers of the parents of node k."""
    nodes = []
    for parents in parents_of:
        if parents:
            chosen, weights = [nodes[k] for k in parents], [1.0] * len(parents)
            nodes.append(support.weighted_sum(engine.Tensor, chosen, weights))
        else:
            nodes.append(engine.Tensor(1.0, requires_grad=True))
    return nodes


def check(parents_of, expected=None):
    """Check the order of the nodes below the last one, which is the root.

    Args:
        parents_of: for each node the numbers of its parents, all below its own.
        expected: the numbers of the nodes that belong into the order; all of them by default.
    """
    nodes = build(parents_of)
    order = engine.topological_order(nodes[-1])
    require(type(order) is list, "the result must be a list")
    found = [next((k for k, node in enumerate(nodes) if node == other), None) for other in order]
    require(None not in found, "the result holds something that is no node of the graph")
    expected = range(len(nodes)) if expected is None else expected
    assert_equal(sorted(found), list(expected), name="the nodes of the order, by number")
    for k in found:
        for parent in parents_of[k]:
            require(found.index(parent) < found.index(k), "a node stands before one of its parents")


def test_a_tree(rng):
    """In a tree every node comes after its parents, and the root last."""
    check([[]])
    check([[], [0], [1], [2]])
    check([[], [], [0, 1], [], [3], [2, 4]])
    check([[], [], [], [0, 1, 2], [], [3, 4]])


def test_nodes_that_are_used_again(rng):
    """A node that is used several times comes up once, before all that is made of it."""
    check([[], [0, 0]])
    check([[], [0], [0], [1, 2]])
    check([[], [0], [0, 1], [0, 2], [3, 1, 0]])
    check([[], [0], [1], [2], [3, 0]])


def test_random_graphs(rng):
    """Random graphs, whose nodes have up to three parents anywhere below them."""
    for _ in range(2):
        parents_of = [[], []]
        for k in range(2, 9):
            parents = rng.integers(0, k, size=int(rng.integers(1, 4)))
            parents_of.append([k - 1, *map(int, parents)])
        check(parents_of, [k for k in range(9) if k != 0 or any(0 in p for p in parents_of)])


def test_only_what_the_root_depends_on(rng):
    """Nodes that the root was not computed from do not belong to its graph."""
    check([[], [], [0], [1], [2, 0], [3], [4]], [0, 2, 4, 6])


def test_constants_belong_to_the_graph(rng):
    """A leaf that requires no gradient is part of the graph, too."""
    constant, leaf = engine.Tensor(2.0), engine.Tensor(3.0, requires_grad=True)
    middle = support.weighted_sum(engine.Tensor, [constant, leaf], [1.0, 1.0])
    root = support.weighted_sum(engine.Tensor, [middle, constant], [1.0, 1.0])
    order = engine.topological_order(root)
    assert_equal(len(order), 4, name="the number of nodes")
    require(sum(node == constant for node in order) == 1, "the constant must be there, once")
    require(order[2] == middle and order[3] == root, "a node stands before one of its parents")


def test_five_thousand_nodes_deep(rng):
    """A chain of five thousand nodes comes out in order: there is no recursion."""
    found = support.order_of_chain(engine.topological_order, engine.Tensor, 5000)
    assert_equal(len(found), 5000, name="the number of nodes")
    require(found == sorted(found), "a node stands before one of its parents")
    require(found[0] == 0, "the leaf is missing")
