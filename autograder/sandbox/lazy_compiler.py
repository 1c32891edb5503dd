"""PyTorch without its compiler, until somebody asks for more than that it keep out of the way.

    import torch._dynamo -> [lazy_compiler] -> a stand-in; at any other use, the compiler itself

The first step of every optimizer imports the compiler, only to tell it that steps are not to be
compiled: 300 modules, half a second of processor time, and 35 MB that every fork has to copy the
page table of. So does every gradient of `torch.func`. The first `backward` with a gradient that is
given imports the compiler's arithmetic of shapes, and with it SymPy, only to compare two shapes:
another 0.4 s. What PyTorch calls for this has next to nothing to do where nothing is compiled.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any


def install() -> None:
    """Put the stand-ins where PyTorch imports from; call it after importing torch.

    Does nothing where the real one is there already, or where this PyTorch has none by this name.
    """
    for name, stand_in in _STAND_INS.items():
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is not None:
            parent, _, child = name.rpartition(".")
            sys.modules[name] = stand_in(spec)
            setattr(sys.modules[parent], child, sys.modules[name])  # as an import does


class _StandIn(ModuleType):
    """A module that is not yet loaded, and what can be had of it without."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        self.__file__ = spec.origin
        # `import ...` asks for these of every module, or of a package
        self._asked = {"__all__"} | ({"__path__"} if spec.submodule_search_locations else set())

    def __getattr__(self, name: str) -> Any:
        """Load the module, be like it from here on, and return what it has under this name."""
        if name.startswith("__") and name not in self._asked:
            raise AttributeError(name)  # who looks at all modules asks for such
        return getattr(self._load(), name)

    def _load(self) -> ModuleType:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        try:
            real = importlib.import_module(self.__name__)
        except BaseException:  # stopped in the middle, say by a deadline
            sys.modules[self.__name__] = self
            raise
        vars(self).update(vars(real))
        return real


class _Compiler(_StandIn):
    """The compiler's package."""

    compiled_autograd = SimpleNamespace(_disable=contextlib.nullcontext)

    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, *_: Any, **__: Any) -> Any:
        """Return the function, or a decorator that does: nothing compiles it."""
        return _Compiler.disable if fn is None else fn

    @staticmethod
    def graph_break(*_: Any, **__: Any) -> None:
        """Do nothing: no graph is being recorded."""


class _Shapes(_StandIn):
    """The arithmetic of shapes in which some lengths are symbols."""

    def sym_eq(self, x: Any, y: Any) -> Any:
        """Return whether two shapes are equal."""
        return x == y if _are_numbers(x) and _are_numbers(y) else self._load().sym_eq(x, y)

    def expect_true(self, a: Any, skip: int = 0) -> bool:
        """Return a truth value."""
        return a if type(a) is bool else self._load().expect_true(a, skip + 1)


def _are_numbers(shape: Any) -> bool:
    return isinstance(shape, tuple) and all(type(length) is int for length in shape)


_STAND_INS: dict[str, type[_StandIn]] = {
    "torch._dynamo": _Compiler,
    "torch.fx.experimental.symbolic_shapes": _Shapes,
}
