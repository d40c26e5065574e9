"""Recognise spellings that are read differently from what was meant, and say what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.symbolic.language.expr import Expr, TooLarge, free_indices
from autograder.symbolic.language.lower import Lowering, lower_answer
from autograder.symbolic.language.printing import plain
from autograder.symbolic.language.question import Question
from autograder.symbolic.language.scope import ShapeError
from autograder.symbolic.language.surface import ReadError
from autograder.symbolic.language.vocabulary import Node

_ERRORS = (ReadError, ShapeError, TooLarge, ZeroDivisionError, NotImplementedError, RecursionError)
_MOST = 12


def traps(question: Question, node: Node, right: Callable[[Expr], bool]) -> str:
    """Return what a wrong answer may have meant, in a sentence; empty if nothing is known.

    Parameters
    ----------
    question : Question
        Gives the shapes.
    node : tuple
        The answer as it was read.
    right : callable
        Whether an expression has the values of the quantity, at the points that may be used.
    """
    alone = _one_number(question, node)
    if alone:
        return alone
    for part in _walk(node):
        said = _root(part) or _outer(question, part)
        if said:
            return said
    for count, (other, before, after) in enumerate(_bracketed(node)):
        if count >= _MOST:
            break
        core = _core(question, other)
        if core is not None and right(core):
            return f"{before} is read from left to right; with brackets, {after}, the answer is right."
    return ""


def _walk(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        for field in here:
            if isinstance(field, tuple) and field:
                stack.extend([field] if isinstance(field[0], str) else [x for x in field if isinstance(x, tuple)])


def _one_number(question: Question, node: Node) -> str:
    """Say that an array is asked for where the answer is one number."""
    core = _core(question, node) if question.shape and not _shape(question, node) else None
    if core is None or free_indices(core):
        return ""
    return f"This is one number; the quantity has an entry for every {', '.join(question.index)}."


def _root(node: Node) -> str:
    """Say what ``u**1/2`` and ``a/u**1/2`` are."""
    if node[0] != "/" or node[2][0] != "num":
        return ""
    left = node[1][2] if node[1][0] in ("/", "*", "@") else node[1]
    if left[0] != "**" or left[2] != ("num", 1):
        return ""
    root = plain(("**", left[1], ("/", left[2], node[2], 0), 0))
    return f"{plain(left)}/{plain(node[2])} is the first power, divided by {plain(node[2])}; for a root write {root}."


def _outer(question: Question, node: Node) -> str:
    """Say what ``p@p.T`` is."""
    if node[0] not in ("@", "*") or node[2][0] != "T":
        return ""
    shapes = [_shape(question, x) for x in (node[1], node[2])]
    if any(shape is None or len(shape) != 1 for shape in shapes):
        return ""
    a, b = plain(node[1]), plain(node[2][1])
    what = "a number" if node[0] == "@" else "a vector"
    return f"{plain(node)} is {what}, since a vector is its own transpose; the matrix is outer({a}, {b})."


def _bracketed(node: Node) -> Iterator[tuple[Node, str, str]]:
    """Every ``a/b*c`` and ``a/b@c`` in the answer as ``a/(b*c)``, one at a time, with both spellings."""
    if node[0] in ("*", "@") and node[1][0] == "/":
        _, quotient, right, column = node
        other = ("/", quotient[1], (node[0], quotient[2], right, column), column)
        yield other, plain(node), plain(other)
    for k, field in enumerate(node):
        if isinstance(field, tuple) and field and isinstance(field[0], str):
            for other, before, after in _bracketed(field):
                yield (*node[:k], other, *node[k + 1 :]), before, after


def _shape(question: Question, node: Node) -> tuple[str, ...] | None:
    try:
        return Lowering(question).lower(node).shape
    except _ERRORS:
        return None


def _core(question: Question, node: Node) -> Expr | None:
    try:
        return lower_answer(Lowering(question), node)[1]
    except _ERRORS:
        return None
