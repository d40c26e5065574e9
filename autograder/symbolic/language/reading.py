"""Reading an answer: what was written, what it means for this question, and how it is shown again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from autograder.plain import dataclass
from autograder.symbolic.language.expr import Expr, TooLarge, check_size, degree, free_indices, size_of
from autograder.symbolic.language.latex_tokens import uneaten
from autograder.symbolic.language.lower import Lowering, lower_answer
from autograder.symbolic.language.names import expand, settle
from autograder.symbolic.language.printing import latex, plain
from autograder.symbolic.language.question import Question
from autograder.symbolic.language.scope import Names, ShapeError
from autograder.symbolic.language.steps import at_equals
from autograder.symbolic.language.surface import ReadError, Unreadable, parse
from autograder.symbolic.language.vocabulary import Node, Vocabulary

_AFTER_NAMES = 1_000_000
"""Sums of an answer are numbered from here, apart from those of the names in it."""


@dataclass(frozen=True, eq=False)
class Reading:
    """An answer that can be read.

    ``core`` is the expression of one entry; None if shapes do not fit, and then ``misfit`` says which.
    """

    text: str
    node: Node
    shape: tuple[str, ...]
    core: Expr | None
    misfit: str | None = None
    names: Vocabulary | None = None

    @property
    def plain(self) -> str:
        """How the answer was read, in the language of answers."""
        return plain(self.node)

    @property
    def latex(self) -> str:
        """How the answer was read, in LaTeX."""
        return latex(self.node, self.names)


def read(question: Question, text: str, *, hidden: bool = False, names: Names | None = None) -> Reading | Unreadable:
    """Read one line as an answer to a question.

    Parameters
    ----------
    question : Question
        Gives the symbols, their shapes and the index ranges.
    text : str
        What a student wrote; never evaluated as Python.
    hidden : bool
        Whether it may contain the symbols of the loss as they are; else only logits, by their probabilities.
    names : mapping, optional
        Names that the lines before define.

    Returns
    -------
    Reading or Unreadable
        ``Unreadable`` says where and why.
    """
    try:
        line = Lowering(question, hidden=hidden, counter=_AFTER_NAMES if names else 0)
        line.define(names or {})
        node = parse(_right_side(uneaten(text, line.symbols)), line.vocabulary)
        reading = _lowered(question, text, node, line)
        if reading.core is None or hidden:
            return reading
        core = settle(question, expand(reading.core, names or {}))
        _check(core)
        return replace(reading, core=core)
    except ReadError as error:
        return error.reason
    except TooLarge as error:
        return Unreadable("too_large", 0, f"{error} is not read")
    except ZeroDivisionError:
        return Unreadable("zero_division", 0, "this divides by zero")
    except NotImplementedError as error:
        return Unreadable("function", 0, f"D cannot be worked out: {error}")
    except RecursionError:
        return Unreadable("too_long", 0, "nested too deeply")


def _lowered(question: Question, text: str, node: Node, line: Lowering) -> Reading:
    try:
        shape, core = lower_answer(line, node)
    except ShapeError as error:
        return Reading(text, node, (), None, str(error), line.vocabulary)
    _check(core)
    return Reading(text, node, shape, core, names=line.vocabulary)


def _check(core: Expr) -> None:
    check_size(size_of(core))
    degree(core)


def unified(question: Question, node: Node) -> Expr | None:
    """Expression of an answer as if all sizes were one: gives a value to shapes that do not fit."""
    try:
        _, core = lower_answer(Lowering(question, unify=True), node)
        _check(core)
    except (ReadError, ShapeError, TooLarge, ZeroDivisionError, NotImplementedError, RecursionError):
        return None
    return core if set(free_indices(core)) <= set(question.index) else None


def expression(question: Question, text: str) -> Expr:
    """Expression of a text by the question's author.

    Raises
    ------
    ValueError
        If it cannot be read or its shapes do not fit.
    """
    reading = read(question, text, hidden=True)
    if isinstance(reading, Unreadable):
        raise ValueError(f"question {question.id}: {text!r}: {reading}")
    if reading.core is None:
        raise ValueError(f"question {question.id}: {text!r}: {reading.misfit}")
    return reading.core


def unreadable(question: Question) -> Iterator[tuple[str, str]]:
    """Yield the formulas of a question that cannot be read, each with the reason."""
    stated = (question.truth, *question.equivalents, *([question.loss] if question.loss else []))
    for text in stated:
        try:
            expression(question, text)
        except ValueError as error:
            yield text, str(error)
    for form in question.misconceptions:
        reading = read(question, form.answer)
        if isinstance(reading, Unreadable):
            yield form.answer, f"misconception {form.id} ({form.title}): {form.answer!r}: {reading}"


def _right_side(text: str) -> str:
    """Keep the text after the last single ``=``, as in ``dL/dw = ...``, at its column."""
    if "=" not in text or len(text) > 2000:
        return text
    return at_equals(text)[-1]
