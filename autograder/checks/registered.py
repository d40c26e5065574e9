"""Wrong and other right ways to answer a part, registered where they are written.

``@wrong("part", "sum instead of mean", hint="What is the mean of a constant?")`` above a function makes it a
misconception of the part; ``@right("part", "sum over n")`` makes it an alternative, which must get full marks;
``@borderline("part", "stops at 1e-6")`` one whose marks must not depend on the variant.  Within
``Hidden(...)`` the same words take the function itself: ``wrong("sum instead of mean", lambda y: y.sum(), hint=...)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from autograder.declared import Declared
from autograder.errors import CourseError
from autograder.exercise import Alternative, Borderline, Misconception

Function = TypeVar("Function", bound=Callable[..., Any])


@overload
def wrong(title: str, function: Callable[..., Any], /, *, hint: str) -> Misconception: ...
@overload
def wrong(part: str, title: str, /, *, hint: str) -> Callable[[Function], Function]: ...
def wrong(first: str, second: Any = None, /, *, hint: str) -> Any:
    """Return a misconception (title and function), or register the function below as one (part and title)."""
    _refuse_half("wrong", first, second, ", hint=...")
    if isinstance(second, str):
        return _registering(first, lambda function: Misconception("", second, function, hint))
    return Misconception("", first, second, hint)


@overload
def right(title: str, function: Callable[..., Any], /) -> Alternative: ...
@overload
def right(part: str, title: str, /) -> Callable[[Function], Function]: ...
def right(first: str, second: Any = None, /) -> Any:
    """Return an alternative (title and function), or register the function below as one (part and title)."""
    return _listed_or_registered("right", Alternative, first, second)


@overload
def borderline(title: str, function: Callable[..., Any], /) -> Borderline: ...
@overload
def borderline(part: str, title: str, /) -> Callable[[Function], Function]: ...
def borderline(first: str, second: Any = None, /) -> Any:
    """Return a borderline answer (title and function), or register the function below as one (part and title)."""
    return _listed_or_registered("borderline", Borderline, first, second)


def _listed_or_registered(word: str, kind: Callable[[str, Any], Declared], first: str, second: Any) -> Any:
    _refuse_half(word, first, second, "")
    if isinstance(second, str):
        return _registering(first, lambda function: kind(second, function))
    return kind(first, second)


def _refuse_half(word: str, first: object, second: object, hint: str) -> None:
    if not isinstance(first, str) or second is None:
        above, listed = f'@{word}("part", "title"{hint})', f'{word}("title", function{hint})'
        raise CourseError(f"{word}: write {above} above a function, or {listed} in a list")


def _registering(part: str, declare: Callable[[Any], Declared]) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        if isinstance(function, type) or not callable(function):
            raise CourseError(f"{part}: given {function!r}; write @wrong(...) or @right(...) above a function")
        # the loader reads it from the function, so that no list in a module has to remember what was loaded
        vars(function)["registered"] = (*vars(function).get("registered", ()), (part, declare(function)))
        return function

    return register
