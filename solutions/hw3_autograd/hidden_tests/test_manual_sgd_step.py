"""Hidden checks of manual_sgd_step."""

import torch_support
import torch_workflow
from student_kit.checks import assert_close, require


def draw(rng):
    """Return values and gradients of three parameters, and a learning rate."""
    shapes = (3, 4), (3,), (2, 1, 2)
    values = [rng.normal(size=shape) for shape in shapes]
    return values, [rng.normal(size=shape) for shape in shapes], rng.uniform(0.05, 0.5)


def test_every_parameter_moves_downhill(rng):
    """Each parameter itself has new values afterwards: lr times its gradient less."""
    values, grads, lr = draw(rng)
    after = torch_support.after_step(torch_workflow.manual_sgd_step, values, grads, lr=lr)
    for parameter, value, grad in zip(after, values, grads, strict=True):
        assert_close(parameter["value"], value - lr * grad, name="a parameter")


def test_without_a_gradient(rng):
    """A parameter whose grad is None stays as it is; those after it move."""
    values, grads, lr = draw(rng)
    for missing in range(3):
        given = [None if k == missing else grad for k, grad in enumerate(grads)]
        after = torch_support.after_step(torch_workflow.manual_sgd_step, values, given, lr=lr)
        for k, parameter in enumerate(after):
            step = 0.0 if k == missing else lr * grads[k]
            assert_close(parameter["value"], values[k] - step, name="a parameter")
        require(after[missing]["grad"] is None, "a parameter without gradient has got one")


def test_parameters_stay_leaves(rng):
    """Afterwards the parameters are leaves that require a gradient, as the next backward needs."""
    values, grads, lr = draw(rng)
    after = torch_support.after_step(torch_workflow.manual_sgd_step, values, grads, lr=lr)
    for parameter, value, grad in zip(after, values, grads, strict=True):
        assert_close(parameter["value"], value - lr * grad, name="a parameter")
        require(parameter["is_leaf"], "a parameter is no leaf any more")
        require(parameter["requires_grad"], "a parameter does not require a gradient any more")


def test_gradients_stay(rng):
    """The gradients are used and not changed: to forget them is not part of the step."""
    values, grads, lr = draw(rng)
    after = torch_support.after_step(torch_workflow.manual_sgd_step, values, grads, lr=lr)
    for parameter, value, grad in zip(after, values, grads, strict=True):
        assert_close(parameter["value"], value - lr * grad, name="a parameter")
        require(parameter["grad"] is not None, "a gradient is gone")
        assert_close(parameter["grad"], grad, name="a gradient, afterwards")
