"""Import submodules without running the package's heavy ``__init__``, which runs when something needs it.

``import nbgrader.api`` first runs ``nbgrader/__init__.py``, which loads its server extensions, nbconvert and a grammar
of all IRIs: three seconds, of which the models of the gradebook need a tenth.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any


def defer(*packages: str) -> None:
    """Let submodules of packages be imported before the packages' own ``__init__`` has run.

    That runs as soon as a name is asked for that only it can define, so the only visible difference is
    the time it takes.  A package that is loaded already, or is not there, is left alone.  Not for packages whose
    ``__init__`` changes where modules are found, such as setuptools.

    Parameters
    ----------
    *packages : str
        Names of top-level packages.
    """
    for name in packages:
        if name not in sys.modules:
            spec = importlib.util.find_spec(name)
            if spec is not None and spec.loader is not None and spec.submodule_search_locations is not None:
                module = importlib.util.module_from_spec(spec)
                _complete_later(module)
                sys.modules[name] = module


def _complete_later(module: ModuleType) -> None:
    name, spec = module.__name__, module.__spec__

    def missing(wanted: str) -> Any:
        if importlib.util.find_spec(f"{name}.{wanted}") is not None:
            # the import system asks for the name before it imports a submodule of it
            raise AttributeError(f"module {name!r} has no attribute {wanted!r}")
        del module.__dict__["__getattr__"]
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(module)
        return getattr(module, wanted)

    module.__dict__["__getattr__"] = missing
