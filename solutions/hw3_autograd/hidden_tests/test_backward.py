"""Hidden checks of backward, on graphs that are built node by node; then on whole expressions."""

import engine
import numpy as np
import pytest
import support
import torch
from student_kit.checks import assert_close, assert_equal, require


def leaf(value):
    """Return a leaf that requires a gradient."""
    return engine.Tensor(value, requires_grad=True)


def node(parents, weights):
    """Return the node that is the sum of weight * parent."""
    return support.weighted_sum(engine.Tensor, parents, weights)


def total(*parents):
    """Return the sum of all entries of some Tensors, as one node."""
    return support.sum_of_entries(engine.Tensor, parents)


def require_no_gradient(tensor, what):
    """Fail if there is a gradient where none belongs."""
    require(tensor.grad is None, f"{what} has a gradient, and should have None")


def test_along_a_chain(rng):
    """The gradient of a chain is the product of what its rules do, and no data are changed."""
    value, weights = rng.uniform(1, 2), rng.uniform(0.5, 2, size=3)
    x = leaf(value)
    nodes = support.chain(engine.Tensor, x, weights)
    nodes[-1].backward()
    assert_close(x.grad, float(np.prod(weights)), name="the gradient of the leaf")
    for one, factor in zip(nodes, [1.0, *np.cumprod(weights)], strict=True):
        assert_close(one.data, float(value * factor), name="the data, afterwards")


def test_every_leaf_gets_its_own(rng):
    """Of several leaves each gets its own gradient, and nobody else's."""
    weights = rng.uniform(0.5, 2, size=5)
    a, b, c = leaf(rng.normal()), leaf(rng.normal()), leaf(rng.normal())
    middle = node([a, b], weights[:2])
    node([c, middle, a], weights[2:]).backward()
    assert_close(a.grad, float(weights[0] * weights[3] + weights[4]), name="the gradient of a")
    assert_close(b.grad, float(weights[1] * weights[3]), name="the gradient of b")
    assert_close(c.grad, float(weights[2]), name="the gradient of c")


def test_a_leaf_used_many_times(rng):
    """A Tensor that is used several times, twice by one node too, gets the sum of all gradients."""
    weights = rng.uniform(0.5, 2, size=6)
    x = leaf(rng.normal())
    doubled = node([x, x], weights[:2])
    node([doubled, x, doubled, x], weights[2:]).backward()
    expected = (weights[0] + weights[1]) * (weights[2] + weights[4]) + weights[3] + weights[5]
    assert_close(x.grad, float(expected), name="the gradient")


def test_each_rule_is_used_once(rng):
    """A node's rule is asked once, with the whole gradient of the node."""
    first, *others = rng.uniform(0.5, 2, size=5)
    x = leaf(rng.normal())
    shared = node([x], [first])
    left, right = node([shared], others[:1]), node([shared], others[1:2])
    further = node([right], [1.0])
    root = node([left, further, shared], [others[2], others[3], 1.0])
    root.backward()
    total = others[0] * others[2] + others[1] * others[3] + 1.0
    for one, gradient in ((root, 1.0), (left, others[2]), (right, others[3]), (shared, total)):
        assert_equal(len(one.received), 1, name="how often a rule was asked")
        assert_close(np.array(one.received[0]), np.array(gradient), name="what it was asked about")
    assert_close(x.grad, float(first * total), name="the gradient of the leaf")


@pytest.mark.weight(2)
def test_random_graphs(rng):
    """In random graphs of arrays the gradients are those of PyTorch."""
    for _ in range(2):
        values = rng.normal(size=(3, 2, 3))
        leaves = [leaf(value) for value in values]
        at = [torch.tensor(value, requires_grad=True) for value in values]
        nodes, expected = [*leaves], [*at]
        for k in range(3, 11):
            chosen = [k - 1, *map(int, rng.integers(0, k, size=2))]
            weights = [rng.uniform(-1, 1, size=(2, 3)) for _ in chosen]
            nodes.append(node([nodes[i] for i in chosen], weights))
            pairs = zip(chosen, weights, strict=True)
            expected.append(sum(torch.tensor(w) * expected[i] for i, w in pairs))
        total(nodes[-1], *leaves).backward()
        (expected[-1].sum() + sum(x.sum() for x in at)).backward()
        for found, tensor in zip(leaves, at, strict=True):
            assert_close(found.grad, tensor.grad.numpy(), name="the gradient of a leaf")


def test_a_second_call_adds(rng):
    """The gradient is added to what is there: twice after two calls, and to what was put there."""
    weights = rng.uniform(0.5, 2, size=3)
    a, b = leaf(rng.normal()), leaf(rng.normal())
    b.grad = np.array(10.0)
    root = node([node([a], weights[:1]), b], weights[1:])
    root.backward()
    assert_close(a.grad, float(weights[0] * weights[1]), name="the gradient after one call")
    root.backward()
    assert_close(a.grad, float(2 * weights[0] * weights[1]), name="the gradient after two calls")
    assert_close(b.grad, float(10 + 2 * weights[2]), name="the gradient, with what was there")


def test_intermediate_gradients_only_if_asked(rng):
    """Nodes between the leaves and the root keep a gradient only with retain_grads."""
    weights = rng.uniform(0.5, 2, size=2)
    x = leaf(rng.normal())
    _, middle, root = support.chain(engine.Tensor, x, weights)
    root.backward()
    assert_close(x.grad, float(np.prod(weights)), name="the gradient of the leaf")
    require_no_gradient(middle, "a node between")
    require_no_gradient(root, "the root")
    root.backward(retain_grads=True)
    assert_close(middle.grad, float(weights[1]), name="the gradient of a node between")
    assert_close(root.grad, 1.0, name="the gradient of the root")


def test_intermediate_gradients_are_replaced(rng):
    """The gradients of nodes between are those of the last call; only leaves add up."""
    weights = rng.uniform(0.5, 2, size=2)
    x = leaf(rng.normal())
    _, middle, root = support.chain(engine.Tensor, x, weights)
    for calls in (1, 2):
        root.backward(retain_grads=True)
        assert_close(middle.grad, float(weights[1]), name="the gradient of a node between")
        assert_close(root.grad, 1.0, name="the gradient of the root")
        assert_close(x.grad, float(calls * np.prod(weights)), name="the gradient of the leaf")


def test_constants_get_no_gradient(rng):
    """What requires no gradient has none afterwards, nodes that are made of constants included."""
    weights = rng.uniform(0.5, 2, size=4)
    x, constant = leaf(rng.normal()), engine.Tensor(rng.normal())
    fixed = node([constant], weights[:1])
    root = node([node([x, fixed], weights[1:3]), constant], [weights[3], 1.0])
    root.backward(retain_grads=True)
    assert_close(x.grad, float(weights[1] * weights[3]), name="the gradient of the leaf")
    require_no_gradient(constant, "a constant")
    require_no_gradient(fixed, "a node made of constants")


def test_five_thousand_nodes_deep(rng):
    """The gradient finds its way through five thousand nodes."""
    weights = np.linspace(0.9995, 1.0005, 5000)  # drawn from no seed: its length is what counts
    weights[::7] = 1.001
    x = leaf(0.5)
    support.deep_root(engine.Tensor, x, weights).backward()
    assert_close(x.grad, float(np.prod(weights)), name="the gradient of the leaf")


def test_starts_from_one_number(rng):
    """A Tensor with one number may be the root; other shapes, and constants, raise a ValueError."""
    for shape in ((), (1,), (1, 1)):
        x = leaf(rng.normal(size=shape))
        node([x], [3.0]).backward()
        assert_close(np.array(x.grad), np.full(shape, 3.0), name="the gradient of the leaf")
        x.backward()
        assert_close(np.array(x.grad), np.full(shape, 4.0), name="with that of the leaf itself")
    for root in (node([leaf(rng.normal(size=3))], [1.0]), node([engine.Tensor(1.0)], [1.0])):
        with pytest.raises(ValueError, match=r"\w"):
            root.backward()


def test_gradients_share_no_memory(rng):
    """A sum sends one array to all its operands; what one of them gets besides is its own."""
    weight = rng.uniform(0.5, 2, size=2)
    x, y = leaf(rng.normal(size=(2, 3))), leaf(rng.normal(size=(2, 3)))
    first = node([x], [weight[0]])
    later = node([first], [weight[1]])  # its part of the gradient of `first` comes after the sum's
    total(support.plain_sum(engine.Tensor, [first, y, later])).backward()
    assert_close(y.grad, np.ones((2, 3)), name="the gradient of what is used once")
    expected = np.full((2, 3), weight[0] * (1 + weight[1]))
    assert_close(x.grad, expected, name="the gradient of what is used twice")


def test_a_network(rng):
    """Two layers, a softmax and its loss, written with all operations, as PyTorch has it."""
    leaf(1.0).backward()  # says so if it is not started, before the operations are asked
    x, targets = rng.normal(size=(5, 4)), np.eye(3)[rng.integers(3, size=5)]
    arrays = [rng.normal(size=shape) for shape in ((6, 4), (6,), (3, 6), (3,))]

    def loss(weight1, bias1, weight2, bias2, x, targets):
        hidden = (x @ weight1.T + bias1).relu()
        logits = hidden @ weight2.T + bias2
        log_probs = logits - logits.exp().sum(axis=1, keepdims=True).log()
        decay = (weight1**2).sum() / 2 + (weight2 * weight2).mean()
        return -(targets * log_probs).sum(axis=1).reshape((5, 1)).mean() + 0.1 * decay

    leaves = [leaf(array) for array in arrays]
    at = [torch.tensor(array, requires_grad=True) for array in arrays]
    found = loss(*leaves, x, targets)
    expected = loss(*at, torch.tensor(x), torch.tensor(targets))
    found.backward()
    expected.backward()
    assert_close(found.data, expected.item(), name="the loss")
    for parameter, tensor in zip(leaves, at, strict=True):
        assert_close(parameter.grad, tensor.grad.numpy(), name="the gradient of a parameter")
