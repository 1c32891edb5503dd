"""Public checks of topological_order. Any order is right in which parents come first."""

import engine
import support
from student_kit.checks import require


def leaf():
    """Return a leaf."""
    return engine.Tensor(1.0, requires_grad=True)


def child(*parents):
    """Return a node with these parents."""
    return support.weighted_sum(engine.Tensor, parents, [1.0] * len(parents))


def test_worked_example():
    """The graph of the handout: e is used twice, and all nodes come up once, parents first."""
    x, w, b, y = leaf(), leaf(), leaf(), leaf()
    a = child(x, w)
    z = child(a, b)
    h = child(z)
    e = child(h, y)
    loss = child(e, e)
    order = engine.topological_order(loss)
    require(type(order) is list and len(order) == 9, "the result must be a list of 9 nodes")
    for node, parents in ((a, (x, w)), (z, (a, b)), (h, (z,)), (e, (h, y)), (loss, (e,))):
        require(node in order, "a node is missing")
        before = order[: order.index(node)]
        require(all(parent in before for parent in parents), "a node stands before its parents")
    require(order[-1] == loss, "the root must be the last one")


def test_a_short_way_and_a_long_one():
    """A node that the root uses directly, and by way of others, comes before all of them."""
    x = leaf()
    a = child(x)
    b = child(a)
    for root in (child(x, b), child(b, x)):
        require(
            engine.topological_order(root) == [x, a, b, root], "the only order is x, a, b, root"
        )


def test_a_deep_graph():
    """A chain of two thousand nodes is no problem: there is no recursion."""
    found = support.order_of_chain(engine.topological_order, engine.Tensor, 2000)
    require(found == list(range(2000)), "the order of the chain is not right")
