"""Dataclasses that cost little to define do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import sys
from collections.abc import Callable
from dataclasses import KW_ONLY, FrozenInstanceError, InitVar, field
from typing import Any, ClassVar

import pytest

from autograder import plain

OPTIONS = [
    {},
    {"frozen": True},
    {"eq": False},
    {"frozen": True, "eq": False},
    {"frozen": True, "kw_only": True},
]


def family(dataclass: Callable[..., Any], options: dict[str, bool]) -> list[Any]:
    """Return classes with everything that a dataclass can have; the second inherits from the first."""

    @dataclass(**options)
    class Base:
        """A class."""

        a: int
        kind: ClassVar[str] = "base"
        b: tuple[int, ...] = (1, 2)

    @dataclass(**options)
    class Derived(Base):
        """A class with defaults that are made, fields that are left out, and a method of its own."""

        c: list[int] = field(default_factory=list, compare=False)
        d: str = field(default="d", repr=False)
        _: KW_ONLY
        e: float = 0.5
        f: dict[str, int] = field(default_factory=dict, init=False, compare=False)
        start: InitVar[int] = 3

        def __post_init__(self, start: int) -> None:
            self.f["start"] = start

        def __str__(self) -> str:
            return "itself"

    @dataclass(**options)
    class Own:
        """A class that writes the methods itself."""

        a: int = 0

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    return [Base, Derived, Own]


def outcome(make: Callable[[], Any]) -> Any:
    """Return what comes of a call: the value, or the error."""
    try:
        return make()
    except (TypeError, AttributeError, ValueError) as error:
        return type(error), str(error)


ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((1,), {}),
    ((), {"a": 1}),
    ((1, (3,)), {}),
    ((), {"a": 1, "b": (4,), "e": 2.0, "start": 9}),
    ((1, (2,), [3], "x"), {}),
    ((1,), {"unknown": 2}),
    ((1, 2, 3, 4, 5, 6), {}),
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("at", range(3))
def test_everything_is_as_with_the_standard_decorator(options: dict[str, bool], at: int) -> None:
    """Instances, their text, equality, hashes, copies and what is refused are the same."""
    ours, theirs = family(plain.dataclass, options)[at], family(dataclasses.dataclass, options)[at]
    assert ours.__match_args__ == theirs.__match_args__
    assert [one.name for one in dataclasses.fields(ours)] == [one.name for one in dataclasses.fields(theirs)]
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    for arguments, named in ARGUMENTS:
        assert behaviour(ours, arguments, named) == behaviour(theirs, arguments, named)


def behaviour(cls: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """Return what is seen of two equal instances and their copies."""
    one, other = (outcome(lambda: cls(*arguments, **named)) for _ in range(2))
    if isinstance(one, tuple):
        return [one]
    again, touched = copy.deepcopy(one), copy.copy(one)
    start = {"start": 4} if hasattr(one, "f") else {}
    return [
        [text.partition(" at 0x")[0] for text in (str(one), repr(one))],
        [one == other, one == again, one != other, one == 3],
        outcome(lambda: hash(one) == hash(other)),
        outcome(lambda: dataclasses.asdict(one)),
        outcome(lambda: repr(dataclasses.replace(one, a=8, **start)).partition(" at 0x")[0]),
        outcome(lambda: setattr(touched, "a", 5)),
        outcome(lambda: delattr(touched, "a")),
    ]


@plain.dataclass(frozen=True)
class Point:
    """A place."""

    x: float
    y: float = 0.0


def test_a_copy_that_another_process_made_is_equal_before_the_first_instance_here() -> None:
    """Workers hand instances over as pickles, which are read without a call of the class."""
    text = pickle.dumps(Point(1.0)).replace(b"Point", b"Plane")

    @plain.dataclass(frozen=True)
    class Plane:
        """A place."""

        x: float
        y: float = 0.0

    Plane.__qualname__ = "Plane"
    sys.modules[__name__].Plane = Plane  # type: ignore[attr-defined]  # where a pickle looks for it
    found = pickle.loads(text)
    assert repr(found) == "Plane(x=1.0, y=0.0)"
    assert found == Plane(1.0)
    assert hash(found) == hash(Plane(1.0))
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        found.x = 2.0


def test_a_subclass_that_is_no_dataclass_may_have_attributes_of_its_own() -> None:
    """Only the fields are frozen there."""

    class Named(Point):
        name = ""

    one = Named(1.0)
    one.name = "here"
    del one.name
    with pytest.raises(FrozenInstanceError):
        one.x = 2.0
    assert one != Point(1.0)


def test_a_class_that_holds_itself_has_a_finite_text() -> None:
    """As lists have."""

    @plain.dataclass
    class Loop:
        """A class."""

        inside: list[Any]

    loop = Loop([])
    loop.inside.append(loop)
    assert repr(loop).endswith("Loop(inside=[...])")


@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
def test_a_late_regular_expression_does_what_one_does(flags: int) -> None:
    """It is compiled at the first use, and its text is known before."""
    pattern, text = r"(?P<word>[a-z]+)(\d?)", "one1 Two two2"
    for method, more in [
        ("findall", ()),
        ("search", ()),
        ("match", ()),
        ("fullmatch", ()),
        ("split", ()),
        ("sub", ("x",)),
    ]:
        ours, theirs = plain.late(pattern, flags), re.compile(pattern, flags)
        assert ours.pattern == theirs.pattern
        assert "search" not in vars(ours)
        seen = [getattr(one, method)(*more, text) for one in (ours, theirs)]
        assert str(seen[0]) == str(seen[1])
    assert (ours.flags, ours.groups, dict(ours.groupindex)) == (theirs.flags, theirs.groups, dict(theirs.groupindex))


def test_a_wrong_late_regular_expression_is_one_at_its_first_use() -> None:
    """The error is that of the standard library."""
    wrong = plain.late("(")
    with pytest.raises(re.error):
        wrong.match("")
