"""Stand-ins for packages that a submission imports and that are not there where it is graded.

Two kinds, by the lists of :mod:`autograder.sandbox.packages`:

* *inert* ones (drawing, the front ends' own modules): every name accepts everything and does nothing, also under
  arithmetic, comparison and unpacking, so that a notebook that draws runs where nothing can be drawn;
* *absent* ones (pandas, torch ...): the import succeeds, decorators leave the function, base classes work, and whatever
  else is used of them fails with the name of the package.  An import inside a ``try`` that catches
  ImportError fails at once, so that ``try: import cupy`` falls back as it was written to.

Only an import in the submission's own code is stood in for: what NumPy or SciPy import is theirs.
"""

from __future__ import annotations

import ast
import dis
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from autograder.sandbox.packages import INERT, PROVIDED, WELL_KNOWN, import_names, root_of

STUDENT = "<student "
"""How the file names of a submission's compiled cells begin."""


def _nothing(*_: object, **__: object) -> Inert:
    return Inert()


def _false(*_: object) -> bool:
    return False


class Inert:
    """Takes every attribute, item, call and operator, and does nothing."""

    __array_ufunc__ = None  # an array leaves the operator to this side
    __add__ = __sub__ = __mul__ = __matmul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = _nothing
    __radd__ = __rsub__ = __rmul__ = __rmatmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = _nothing
    __and__ = __or__ = __xor__ = __rand__ = __ror__ = __rxor__ = __lshift__ = __rshift__ = _nothing
    __neg__ = __pos__ = __abs__ = __invert__ = __round__ = __divmod__ = _nothing
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _false

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _SPECIAL.get(name, Inert())

    def __setattr__(self, name: str, value: object) -> None:
        """Forget the value."""

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Return another stand-in; a decorated function or class stays itself."""
        alone = args[0] if len(args) == 1 and not kwargs else None
        return alone if callable(alone) and not isinstance(alone, Inert) else Inert()

    def __getitem__(self, key: object) -> Inert:
        return Inert()

    def __setitem__(self, key: object, value: object) -> None:
        """Forget the value."""

    def __delitem__(self, key: object) -> None:
        """There is nothing to delete."""

    def __iter__(self) -> Iterator[Any]:
        """Return as many stand-ins as the caller unpacks, none where it goes through all."""
        return iter([Inert() for _ in range(_unpacked(sys._getframe(1)))])

    def __await__(self) -> Iterator[Any]:
        return iter(())

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def __format__(self, spec: str) -> str:
        return ""

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    def __index__(self) -> int:
        return 0

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *error: object) -> None:
        """Let the error pass."""


def _unpacked(frame: FrameType) -> int:
    """Return how many values the instruction that iterates asks for; 0 if it is not an unpacking."""
    code, at = frame.f_code.co_code, frame.f_lasti
    name = dis.opname[code[at]]
    if name == "UNPACK_SEQUENCE":
        return code[at + 1]
    # a, *b, c: the names before the star in the low byte, those behind it in an EXTENDED_ARG in front
    extended = at >= 2 and dis.opname[code[at - 2]] == "EXTENDED_ARG"
    return code[at + 1] + (code[at - 1] if extended else 0) if name == "UNPACK_EX" else 0


def _subplots(nrows: int = 1, ncols: int = 1, *_: object, squeeze: bool = True, **__: object) -> tuple[Inert, Any]:
    axes = np.empty((nrows, ncols), dtype=object)
    for index in np.ndindex(axes.shape):
        axes[index] = Inert()
    if not squeeze:
        return Inert(), axes
    return Inert(), axes.item() if axes.size == 1 else axes.squeeze()


def _plot(*_: object, **__: object) -> list[Inert]:
    return [Inert()]


def _hist(*_: object, **__: object) -> tuple[np.ndarray, np.ndarray, Inert]:
    return np.zeros(10), np.zeros(11), Inert()


def _limits(*_: object, **__: object) -> tuple[float, float]:
    return 0.0, 1.0


def _size(*_: object, **__: object) -> np.ndarray:
    return np.array([6.4, 4.8])


# what is commonly taken apart or computed with
_SPECIAL: dict[str, Any] = {
    "subplots": _subplots, "plot": _plot, "semilogx": _plot, "semilogy": _plot, "loglog": _plot, "hist": _hist,
    "xlim": _limits, "ylim": _limits, "get_xlim": _limits, "get_ylim": _limits, "get_size_inches": _size,
}  # fmt: skip


def _refuse(used: Absent, *_: object) -> Any:
    name = used.__dict__["_name"]
    root = root_of(name)
    raise ModuleNotFoundError(f"{root} is not available where your work is graded ({name} was used)", name=root)


class Absent:
    """A name of a package that is not there: it may decorate, be a base class or an annotation; any other use fails."""

    __add__ = __sub__ = __mul__ = __matmul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = _refuse
    __radd__ = __rsub__ = __rmul__ = __rmatmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = _refuse
    __neg__ = __pos__ = __abs__ = __round__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __bool__ = __len__ = __iter__ = __next__ = __contains__ = __setitem__ = __enter__ = __exit__ = __await__ = _refuse
    __float__ = __int__ = __index__ = __complex__ = __array__ = _refuse
    __hash__ = object.__hash__  # which __eq__ above would take away

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}")

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Leave a decorated function or class as it is; with options alone it is a decorator to be."""
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], Absent):
            return args[0]
        return _refuse(self) if args else self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def __getitem__(self, key: object) -> Absent:
        return self  # an annotation such as Float[Array, "n"]; a value is refused by its next use

    def __or__(self, other: object) -> Any:
        return self

    __ror__ = __or__


def _each(items: Iterable[Any] = (), *_: object, **__: object) -> Iterable[Any]:
    return items


def _range(*args: int, **_: object) -> Iterable[int]:
    return range(*args)


class _InertModule(ModuleType):
    """A module whose every public name does nothing."""

    __all__: Sequence[str] = ()
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        return getattr(Inert(), name)


class _AbsentModule(ModuleType):
    """A module whose every public name fails when it is used."""

    __all__: Sequence[str] = ()
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if self.__name__.partition(".")[0] == "tqdm" and name in ("tqdm", "trange"):  # a bar around a loop
            return _each if name == "tqdm" else _range
        return getattr(Absent(self.__name__), name)


class Finder:
    """Finds stand-ins for imports in a submission's own code; a finder and a loader by its methods.

    ``importlib.abc`` would load tempfile, lzma and more into every child.
    """

    def __init__(self, packages: Iterable[str] = ()) -> None:
        self.packages = tuple(packages)
        allowed = {*PROVIDED, *(name for one in packages for name in import_names(one))}
        self._inert = INERT - allowed
        self._absent = WELL_KNOWN - allowed
        self._guarded: dict[str, Container[int]] = {}

    def read(self, filename: str, text: str) -> None:
        """Note where in a cell an import may fail, since a ``try`` around it catches that."""
        if "import" in text and ("try" in text or "suppress" in text):
            self._guarded[filename] = guarded_lines(text)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return a stand-in's spec, or None for what is found as usual."""
        root = root_of(fullname)
        if root in self._inert or (root == "google" and any(name.startswith("google.") for name in self._inert)):
            return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]  # a loader by its methods
        if root not in self._absent:
            return None
        importer = _importer()
        if importer is None:
            return None
        if importer.f_lineno in self._guarded.get(importer.f_code.co_filename, ()):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]  # as above

    def hides(self, fullname: str) -> bool:
        """Whether submissions have not got a package."""
        return root_of(fullname) in self._absent

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in."""
        return (_AbsentModule if root_of(spec.name) in self._absent else _InertModule)(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run."""


class _Without:
    """Python's own finder, which finds nothing for a submission that the course does not provide.

    The grader's machine may have it installed for other reasons.
    """

    def __init__(self, finder: Finder) -> None:
        self.finder = finder

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of a package, or None."""
        if self.finder.hides(fullname) and _asks():
            return None
        return PathFinder.find_spec(fullname, path, target)

    def invalidate_caches(self) -> None:
        """Forget what folders held."""
        PathFinder.invalidate_caches()


def _importer() -> FrameType | None:
    """Return the frame of the submission's code whose import statement is being carried out, if it is one."""
    return _student(sys._getframe(2), "importlib", "import_module")


def _asks() -> bool:
    """Whether a submission looks for a package without importing it."""
    return _student(sys._getframe(2), "importlib.util", "find_spec") is not None


def _student(frame: FrameType | None, module: str, function: str) -> FrameType | None:
    """Return the submission's frame that a finder was called from, by an import or by this function."""
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib._bootstrap"):
        frame = frame.f_back
    if frame is not None and frame.f_globals.get("__name__") == module and frame.f_code.co_name == function:
        frame = frame.f_back
    return frame if frame is not None and frame.f_code.co_filename.startswith(STUDENT) else None


def is_unknown(module: str) -> bool:
    """Return whether a module is neither Python's own nor a package that the grader has or knows of."""
    root = root_of(module)
    return root not in sys.stdlib_module_names and root not in {*PROVIDED, *INERT, *WELL_KNOWN}


_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def guarded_lines(text: str) -> frozenset[int]:
    """Return the lines of a text inside a ``try`` that catches ImportError, or inside a ``suppress`` of it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(_catches(handler.type) for handler in node.handlers):
            lines.update(range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1))
        elif isinstance(node, ast.With) and any(_suppresses(item.context_expr) for item in node.items):
            lines.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return frozenset(lines)


def _catches(caught: ast.expr | None) -> bool:
    named = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(one is None or (_last_name(one) in _CATCHES) for one in named)


def _suppresses(context: ast.expr) -> bool:
    return isinstance(context, ast.Call) and _last_name(context.func) == "suppress" and any(map(_catches, context.args))


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def install(packages: Iterable[str] = ()) -> Finder:
    """Put the stand-ins before every real package of this process and return their finder, the same for the same ones.

    Parameters
    ----------
    packages : iterable of str
        Distributions that the course has besides NumPy and SciPy; they are found as usual.
    """
    first = sys.meta_path[0]
    if isinstance(first, Finder):
        if first.packages == tuple(packages):
            return first
        sys.meta_path.remove(first)
    finder = Finder(packages)
    # a package that this process has loaded for itself is as absent as any other; what a package of the course loaded
    # stays its own.  Going through all names costs a fresh fork half a millisecond.
    hidden = INERT if packages else INERT | WELL_KNOWN
    if any(root in sys.modules for root in hidden):
        for name in [name for name in sys.modules if root_of(name) in hidden]:
            del sys.modules[name]
    theirs = _Without(finder)
    rest = [theirs if one is PathFinder or isinstance(one, _Without) else one for one in sys.meta_path]
    sys.meta_path[:] = [finder, *rest]
    return finder
