"""Hold what a stub promises of its results, by words and by annotations, to what the reference returns."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.authoring.verify.places import of_word
from autograder.checks import Example, show
from autograder.course.contract import described
from autograder.course.exercises import ExerciseFolder
from autograder.errors import Endless
from autograder.text import read_text

_DTYPE = re.compile(r",\s*(float64|float32|float16|int64|int32|uint8|bool|complex128|complex64)\s*$")
_NUMBERS = (bool, int, float, complex, np.generic)
_PLAIN: dict[str, tuple[type, ...]] = {
    "float": (float, int, np.floating, np.integer),
    "int": (int, np.integer),
    "bool": (bool, np.bool_),
    "complex": (complex, float, int, np.number),
    "str": (str,),
    "dict": (dict,),
    "list": (list,),
    "tuple": (tuple,),
}
_MOST_CASES = 4


def promised_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield the types that a stub promises and the reference does not return, and the warnings that it gives."""
    try:
        body = ast.parse(read_text(folder.stub)).body
    except (SyntaxError, OSError):  # a stub that cannot be read is named elsewhere
        return
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    for part, secret in folder.secrets.items():
        node = functions.get(part)
        cases = [c for check in folder.exercise.part(part).checks if isinstance(check, Example) for c in check.cases]
        warned = ""
        for args, _ in cases[:_MOST_CASES]:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                try:
                    value = secret.reference(*args)
                except Endless:
                    raise
                except (Exception, SystemExit):  # its own checks name what fails
                    break
                if node is not None and (said := _unlike(node, args, value)):
                    yield f"{folder.stub.name}:{node.lineno}: {part}: {said}: make them agree"
                    node = None
            if caught and not warned:
                warned = f"{caught[0].category.__name__}: {caught[0].message}"
                call = f"{part}({', '.join(map(show, args))})"
                cure = "mend it, or expect it by `with np.errstate(...)`"
                yield f"{_place(folder, part)}: {part}: the reference warns in {call}: {warned}; {cure}"


def _place(folder: ExerciseFolder, part: str) -> str:
    return of_word(folder.path / "grading.py", part)


def _unlike(node: ast.FunctionDef, args: tuple[Any, ...], value: Any) -> str:
    """Return how a result, or an argument, is not what the stub says; empty where it is, or where it says nothing."""
    for argument, given in zip(node.args.args, args, strict=False):
        written = _written(argument.annotation)
        plain = isinstance(given, (*_NUMBERS, str, list, tuple, np.ndarray))
        if written in _PLAIN and plain and not _is(given, written):
            return f"{argument.arg} is annotated {written}, but a case gives {show(given)}"
    written = _written(node.returns)
    if written in _PLAIN and not _is(value, written):
        return f"it is annotated to return {written}, but the reference returns {show(value)}"
    returns = described(node).returns
    if len(returns) != 1 or len(returns[0].names) > 1:  # several results
        return ""
    return _against(returns[0].kind, value)


def _against(said: str, value: Any) -> str:
    """Return how a result is not what the contract says in its first words."""
    first = re.match(r"[a-z]+", said.strip())
    word, dtype = first[0] if first else "", _DTYPE.search(said.strip())
    wrong = False
    if re.fullmatch(r"(float|int|bool|complex|str)(, .*)?", said.strip()):
        wrong = not _is(value, word)
    elif word in ("ndarray", "array"):
        wrong = not isinstance(value, np.ndarray | list | tuple | np.generic)
        if isinstance(value, np.ndarray) and dtype is not None:
            wrong = value.dtype.name != dtype[1]
    return f"the contract says `{said.strip()}`, but the reference returns {_kind(value)}" if wrong else ""


def _is(value: Any, word: str) -> bool:
    if isinstance(value, bool | np.bool_) and word != "bool":
        return False
    return isinstance(value, _PLAIN[word]) or (np.ndim(value) == 0 and isinstance(value, np.ndarray))


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype.name}"
    return f"{show(value)}, of type {type(value).__name__}"


def _written(annotation: ast.expr | None) -> str:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return ast.unparse(annotation) if annotation is not None else ""
