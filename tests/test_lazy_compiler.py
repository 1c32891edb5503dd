"""PyTorch's compiler stays out of memory until somebody wants more than that it keep away."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("torch")

STEP = """
import sys, torch
from autograder.sandbox import lazy_compiler
lazy_compiler.install()
def step():
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    before = model.weight.detach().clone()
    optimizer.zero_grad()
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    output = model(torch.ones(2, 2))
    output.backward(torch.ones_like(output))
    torch.autograd.grad(model(torch.ones(2, 2)), model.weight, torch.ones(2, 1))
    assert (model.weight != before).all()
step()
loaded = lambda: "torch._dynamo.eval_frame" in sys.modules
assert not loaded() and "sympy" not in sys.modules, "the first step has loaded the compiler"
"""
USES = {
    "an attribute": "assert torch._dynamo.config.verbose in (True, False)",
    "a name of it": "from torch._dynamo import config; assert config.verbose in (True, False)",
    "a module of it": "import torch._dynamo.config as c; assert c.verbose in (True, False)",
    "compiling": "assert torch.compile(lambda x: x + 1, backend='eager')(torch.ones(1)) == 2",
}


def run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_steps_do_without_it():
    run(STEP)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_who_asks_for_it_gets_it_and_steps_go_on(use):
    there = "assert loaded() and torch._dynamo is sys.modules['torch._dynamo']"
    run(f"{STEP}\n{use}\n{there}\nstep()")


def test_gradients_of_functions_do_without_it():
    run(
        f"{STEP}\n"
        "square = lambda x: (x**2).sum()\n"
        "assert torch.func.grad(square)(torch.ones(1)).item() == 2\n"
        "assert torch.func.jacrev(square)(torch.ones(1)).item() == 2\n"
        "assert torch.func.vmap(square)(torch.ones(2, 1)).tolist() == [1, 1]\n"
        "assert torch.func.hessian(square)(torch.ones(1)).item() == 2\n"
        "assert not loaded()"
    )


def test_a_load_that_is_stopped_can_be_tried_again():
    run(
        f"{STEP}\n"
        "import importlib\n"
        "real = importlib.import_module\n"
        "def stopped(name, *more):\n"
        "    if name == 'torch._dynamo':\n"
        "        raise KeyboardInterrupt\n"
        "    return real(name, *more)\n"
        "importlib.import_module = stopped\n"
        "try: torch._dynamo.config\n"
        "except KeyboardInterrupt: importlib.import_module = real\n"
        "step()\n"
        "assert not loaded()\n"
        "torch._dynamo.config.verbose\n"
        "assert loaded()"
    )


def test_who_has_taken_a_function_from_the_stand_in_gets_the_real_ones_after_it_is_loaded():
    run(
        f"{STEP}\n"
        "import torch._dynamo as early\n"
        "early.config\n"
        "assert early.disable is sys.modules['torch._dynamo'].disable"
    )


def test_looking_at_all_modules_does_not_load_it():
    run(
        f"{STEP}\n"
        "import inspect, unittest, warnings\n"
        "assert inspect.stack()\n"
        "with unittest.TestCase().assertWarns(UserWarning): warnings.warn('')\n"
        "assert not loaded() and 'sympy' not in sys.modules"
    )


def test_what_is_told_to_keep_out_is_left_as_it_is():
    run(
        f"{STEP}\n"
        "assert torch._dynamo.disable(step) is step\n"
        "assert torch._dynamo.disable(recursive=False)(step) is step\n"
        "assert torch._dynamo.graph_break() is None\n"
        "assert not loaded()"
    )


def test_a_compiler_that_is_there_is_left_there():
    run(
        "import sys, torch, torch._dynamo\n"
        "from autograder.sandbox import lazy_compiler\n"
        "before = sys.modules['torch._dynamo']\n"
        "lazy_compiler.install()\n"
        "assert sys.modules['torch._dynamo'] is before is torch._dynamo"
    )


SHAPES = "torch.fx.experimental.symbolic_shapes"
USES_OF_SHAPES = {
    "a name of it": f"from {SHAPES} import ShapeEnv; ShapeEnv()",
    "an attribute": f"import {SHAPES} as s; s.ShapeEnv()",
    "an attribute of its package": f"import {SHAPES}; {SHAPES}.ShapeEnv()",
    "all names": f"from {SHAPES} import *; is_concrete_bool(True)",
    "a symbol": f"""
from {SHAPES} import expect_true, sym_eq
env = __import__("{SHAPES}", fromlist=["ShapeEnv"]).ShapeEnv()
length = env.create_unbacked_symint()
expect_true(sym_eq((length,), (3,)))""",
    "no shape": f"""
from {SHAPES} import expect_true, sym_eq
assert sym_eq([3, [2]], [3, [2]])
try: expect_true(1)
except AssertionError: pass
else: raise SystemExit("1 is not a truth value")""",
}


@pytest.mark.parametrize("use", USES_OF_SHAPES.values(), ids=USES_OF_SHAPES)
def test_who_asks_for_the_arithmetic_of_shapes_gets_it_and_steps_go_on(use):
    there = f"assert 'sympy' in sys.modules and sys.modules['{SHAPES}'].ShapeEnv"
    run(f"{STEP}\n{use}\n{there}\nstep()")


def test_a_gradient_of_the_wrong_shape_is_refused_as_ever():
    run(
        f"{STEP}\n"
        "y = torch.ones(2, requires_grad=True) * 2\n"
        "try: y.backward(torch.ones(3))\n"
        "except RuntimeError as error: assert 'Mismatch in shape' in str(error)\n"
        "else: raise SystemExit('three numbers for two')\n"
        "torch._check(True)\n"
        "assert 'sympy' not in sys.modules"
    )
