"""The command `scorecore`.

Polars is a third of what a command takes to start, and much of what people do with policies reads no table. So it, and
what writes workbooks, is loaded when a command first uses it; this must come before any import of scorecore.
(`importlib.util.LazyLoader` would load it at the second `import polars` already.)
"""

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any


class _Unloaded(ModuleType):
    """A module that is loaded when the first of its names is asked for."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the module has
        spec = self.__spec__
        assert spec  # noqa: S101  it was found, with its loader
        assert spec.loader  # noqa: S101
        object.__setattr__(self, "__class__", ModuleType)  # from now on it is a module like any other
        spec.loader.exec_module(self)
        return getattr(self, name)


def _load_when_used(name: str) -> None:
    spec = None if name in sys.modules else find_spec(name)
    if spec and spec.loader:
        module = module_from_spec(spec)
        module.__class__ = _Unloaded
        sys.modules[name] = module


for _library in ("polars", "xlsxwriter"):
    _load_when_used(_library)
