"""Dataclasses and regular expressions that are compiled at first use, so that importing them costs little.

The standard decorator of dataclasses compiles six functions for each class, half a millisecond, and a regular
expression takes as long; a student's check would spend a third of its time on that.  Of a dataclass ``__init__`` alone
is compiled here, and when the first instance is made; its other methods are shared.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        cls: type | None = None, /, *, frozen: bool = False, eq: bool = True, kw_only: bool = False
    ) -> Callable[[type], type] | type:
        """Return a class as a dataclass; options and results are those of :func:`dataclasses.dataclass`."""

        def processed(cls: type) -> type:
            return _processed(cls, frozen, eq, kw_only)

        return processed if cls is None else processed(cls)


def _processed(cls: type, frozen: bool, eq: bool, kw_only: bool) -> type:
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # the standard decorator would work out the signature, two milliseconds
    dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
    fields = dataclasses.fields(cls)
    methods: dict[str, Any] = {"__init__": _init_on_demand(cls, frozen), "__repr__": _repr(fields)}
    if frozen:
        methods |= {"__setattr__": _refusing(cls, "__setattr__"), "__delattr__": _refusing(cls, "__delattr__")}
    if eq:
        methods["__eq__"] = _eq(_values([one.name for one in fields if one.compare]))
        hashed = [one.name for one in fields if (one.compare if one.hash is None else one.hash)]
        methods["__hash__"] = _hash(_values(hashed)) if frozen else None
    # a class that defines __eq__ has a __hash__ of None, which is not one that was written
    written = {name for name in cls.__dict__ if name != "__hash__" or cls.__dict__[name] is not None}
    for name, method in methods.items():
        if name not in written:
            setattr(cls, name, method)
    return cls


def _init_on_demand(cls: Any, frozen: bool) -> Callable[..., None]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        cls.__init__ = _init(cls, frozen)
        cls.__init__(self, *args, **kwargs)

    return __init__


def _init(cls: Any, frozen: bool) -> Callable[..., None]:
    """Compile the ``__init__`` of a dataclass."""
    known = {"_set": object.__setattr__, "_fresh": _Fresh}
    positional: list[str] = []
    keywords: list[str] = []
    body: list[str] = []
    later: list[str] = []
    for one in cls.__dataclass_fields__.values():
        kind = getattr(one, "_field_type").name  # noqa: B009 - dataclasses has no public name for it
        if kind == "_FIELD_CLASSVAR":
            continue
        value, default = one.name, ""
        if one.default is not dataclasses.MISSING:
            known[f"_default_{one.name}"], default = one.default, f"=_default_{one.name}"
        elif one.default_factory is not dataclasses.MISSING:
            known[f"_make_{one.name}"], default = one.default_factory, "=_fresh"
            made = f"_make_{one.name}()"
            value = f"{made} if {one.name} is _fresh else {one.name}" if one.init else made
        if one.init:
            (keywords if one.kw_only else positional).append(f"{one.name}{default}")
        elif default.startswith("=_default"):
            continue  # the class has it
        if kind == "_FIELD_INITVAR":
            later.append(one.name)
        elif one.init or default:
            body.append(f"_set(self, {one.name!r}, {value})" if frozen else f"self.{one.name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append(f"self.__post_init__({', '.join(later)})")
    arguments = ", ".join(["self", *positional, *(["*", *keywords] if keywords else [])])
    found: dict[str, Any] = {}
    source = f"def __init__({arguments}):\n " + "\n ".join(body or ["pass"])
    exec(source, known, found)  # names of our own classes' fields only; the standard decorator compiles source too
    init: Callable[..., None] = found["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


class _Fresh:
    """Stands for a default that is made for each instance."""


def _repr(fields: Sequence[dataclasses.Field[Any]]) -> Callable[[Any], str]:
    names = [one.name for one in fields if one.repr]

    @recursive_repr()
    def __repr__(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _values(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads these attributes of an instance."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _eq(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, object], Any]:
    def __eq__(self: Any, other: object) -> Any:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    return __eq__


def _hash(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _refusing(cls: type, name: str) -> Callable[..., None]:
    """Return what refuses to change a field; a subclass that is not a dataclass may have other attributes."""

    def refuse(self: Any, attribute: str, *value: Any) -> None:
        if type(self) is cls or attribute in cls.__dataclass_fields__:  # type: ignore[attr-defined]  # a dataclass
            what = "assign to" if name == "__setattr__" else "delete"
            raise dataclasses.FrozenInstanceError(f"cannot {what} field {attribute!r}")
        getattr(super(cls, self), name)(attribute, *value)

    return refuse


class Closing:
    """Base of what is closed at the end of a ``with`` block."""

    def close(self) -> None:
        """Give back what is held."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression that is compiled when it is first used."""
    return _Late(pattern, flags)  # type: ignore[return-value]  # it has the methods of one


class _Late:
    """Stands for a regular expression, whose methods it takes over at the first use of any."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        made = re.compile(self.pattern, self._flags)
        self.__dict__.update((one, getattr(made, one)) for one in dir(made) if not one.startswith("_"))
        return getattr(made, name)
