"""PyTorch without its compiler, until somebody asks for more than that it keep out of the way.

    import torch._dynamo -> [lazy_compiler] -> a stand-in; at any other use, the compiler itself

The first step of every optimizer imports the compiler, only to tell it that steps are not to be
compiled: 300 modules, half a second of processor time, and 35 MB that every fork has to copy the
page table of. So does every gradient of `torch.func`. What PyTorch calls for this has nothing to
do where nothing is compiled.
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

_NAME = "torch._dynamo"


def install() -> None:
    """Put the stand-in where PyTorch imports the compiler from; call it after importing torch.

    Does nothing where the compiler is there already, or where this PyTorch has none by this name.
    """
    spec = None if _NAME in sys.modules else importlib.util.find_spec(_NAME)
    if spec is not None:
        sys.modules[_NAME] = _Compiler(spec)


class _Compiler(ModuleType):
    """The compiler's package, not yet loaded."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        self.__file__ = spec.origin

    compiled_autograd = SimpleNamespace(_disable=contextlib.nullcontext)

    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, *_: Any, **__: Any) -> Any:
        """Return the function, or a decorator that does: nothing compiles it."""
        return _Compiler.disable if fn is None else fn

    @staticmethod
    def graph_break(*_: Any, **__: Any) -> None:
        """Do nothing: no graph is being recorded."""

    def __getattr__(self, name: str) -> Any:
        """Load the compiler, be like it from here on, and return what it has under this name."""
        if sys.modules.get(_NAME) is self:
            del sys.modules[_NAME]
        try:
            compiler = importlib.import_module(_NAME)
        except BaseException:  # stopped in the middle, say by a deadline
            sys.modules[_NAME] = self
            raise
        vars(self).update(vars(compiler))
        return getattr(compiler, name)
