"""Stand-ins for plotting and display, so that a notebook that draws runs where nothing can be drawn."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np

ROOTS = frozenset({"matplotlib", "mpl_toolkits", "seaborn", "plotly", "IPython", "ipywidgets"})
"""Top-level packages that are replaced with all their submodules."""


class Dummy:
    """Takes every attribute, item and call, and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _SPECIAL.get(name, Dummy())

    def __setattr__(self, name: str, value: object) -> None:
        """Forget the value."""

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Return another stand-in; a decorated function stays itself."""
        alone = args[0] if len(args) == 1 and not kwargs else None
        return alone if callable(alone) and not isinstance(alone, Dummy | type) else Dummy()

    def __getitem__(self, key: object) -> Dummy:
        return Dummy()

    def __setitem__(self, key: object, value: object) -> None:
        """Forget the value."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __float__(self) -> float:
        return 0.0

    def __enter__(self) -> Dummy:
        return self

    def __exit__(self, *error: object) -> None:
        """Let the error pass."""


def _subplots(nrows: int = 1, ncols: int = 1, *_: object, squeeze: bool = True, **__: object) -> tuple[Dummy, Any]:
    axes = np.empty((nrows, ncols), dtype=object)
    for index in np.ndindex(axes.shape):
        axes[index] = Dummy()
    if not squeeze:
        return Dummy(), axes
    return Dummy(), axes.item() if axes.size == 1 else axes.squeeze()


def _plot(*_: object, **__: object) -> list[Dummy]:
    return [Dummy()]


def _hist(*_: object, **__: object) -> tuple[np.ndarray, np.ndarray, Dummy]:
    return np.zeros(10), np.zeros(11), Dummy()


def _limits(*_: object, **__: object) -> tuple[float, float]:
    return 0.0, 1.0


# what is commonly unpacked
_SPECIAL: dict[str, Any] = {
    "subplots": _subplots, "plot": _plot, "semilogx": _plot, "semilogy": _plot, "loglog": _plot, "hist": _hist,
    "xlim": _limits, "ylim": _limits, "get_xlim": _limits, "get_ylim": _limits,
}  # fmt: skip


class _DummyModule(ModuleType):
    """A module whose every public name is a stand-in."""

    __all__: Sequence[str] = ()
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        return getattr(Dummy(), name)


class _Finder:  # by its methods; importlib.abc would load tempfile, lzma and more into every child
    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in ROOTS:
            return None
        return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]  # a loader by its methods

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _DummyModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run."""


def install() -> None:
    """Put the stand-ins before every real package of this process, unless they are there already."""
    if isinstance(sys.meta_path[0], _Finder):
        return
    if any(root in sys.modules for root in ROOTS):  # going through all names costs a fresh fork half a millisecond
        for name in [name for name in sys.modules if name.partition(".")[0] in ROOTS]:
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder())
