"""A symbolic question as data: the true answer, its symbols with what they are, and the known wrong answers.

A full example from an exercise.  The loss of one sample with ``K`` classes is half the squared distance of the
softmax probabilities from the label; its gradient with respect to the logits is asked for, as an array in ``p`` and
``y`` or by its entry ``j``::

    from autograder.symbolic import MisconceptionForm, Question, RequiredForm, Symbol

    QUESTION = Question(
        id="softmax_mse_gradient",
        truth="p*((p-y) - dot(p-y, p))",
        symbols=(
            Symbol("p", ("K",), kind="probability", logits="z"),  # positive, sums to 1; p = softmax(z)
            Symbol("y", ("K",), kind="label"),                     # one-hot or soft, sums to 1
        ),
        shape=("K",),                                              # an array answer has this shape ...
        index=("j",),                                              # ... and an entry is named by these indices
        loss="1/2*Sum((p[k]-y[k])**2, k)",
        wrt="z[j]",
        convention="1/2 in front of the loss, sum over the classes",
        equivalents=("(diag(p) - outer(p, p)) @ (p - y)", "p[j]*(p[j]-y[j]-Sum((p[k]-y[k])*p[k], k))"),
        misconceptions=(
            MisconceptionForm("6a", "diagonal Jacobian", "p*(1-p)*(p-y)", "Do the entries sum to 0?"),
        ),
        required_forms=(RequiredForm("the softmax Jacobian", ("delta", "diag", "eye")),),
    )

    verdict = grade(QUESTION, "p*(1-p)*(p-y)")
    verdict.status              # "wrong"
    verdict.misconceptions      # (Recognised(id="6a", title="diagonal Jacobian", hint="Do the entries sum to 0?"),)

The names of sizes (``K``, ``n``, ``d``) may be used in an answer like any symbol.  A symbol ``y_i`` of an index
question is declared as the array ``y``; ``y_i`` and ``y[i]`` then read alike.
"""

from __future__ import annotations

import keyword
import math
from dataclasses import InitVar
from functools import cached_property
from typing import Literal, get_args

from autograder.declared import Declared
from autograder.declared import twice as repeated
from autograder.plain import dataclass

SymbolKind = Literal["real", "positive", "probability", "label", "function"]
Level = Literal["general", "exact", "numeric"]
STATED = frozenset({"sigma", "sigmoid", "softmax"})
"""Functions that are read where the statement of a question defines them."""

_USUAL = {"positive": (0.25, 4.0), "probability": (0.0, 1.0)}


@dataclass(frozen=True)
class Symbol(Declared):
    """A symbol that an answer may use.

    Attributes
    ----------
    name : str
        ASCII name.
    shape : tuple of str
        Names of the sizes; ``()`` for a scalar, ``("n", "d")`` for a matrix.
    kind : {"real", "positive", "probability", "label", "function"}
        What it is, wherever it is drawn.  ``probability``: a number between 0 and 1, or a vector of positive entries
        that sum to 1; ``label``: a vector that sums to 1, one-hot or soft; ``function``, in derivations
        alone: a function of the symbol ``of``, of which nothing is known.
    draw : (float, float) or None
        Closed range from which points are drawn; None for the usual one of its kind.  Pieces and boundaries of an
        answer are looked for outside of it too, wherever the symbol may lie.
    integer : bool
        Whether only whole numbers are meant: 0 and 1 with the range (0, 1), else every one from its lower end on.
    logits : str or None
        For a probability vector: the name of the array of which it is the softmax (known to derivatives only).
    temperature : str or None
        Name of the scalar that divides the logits before the softmax.
    of : str
        What a ``function`` is a function of.
    """

    name: str
    shape: tuple[str, ...] = ()
    kind: SymbolKind = "real"
    draw: tuple[float, float] | None = None
    integer: bool = False
    logits: str | None = None
    temperature: str | None = None
    of: str = ""
    domain: InitVar[tuple[float, float] | None] = None  # a course of version 0.1: both at once

    def __post_init__(self, domain: tuple[float, float] | None) -> None:
        super().__post_init__()
        readable = self.name.isidentifier() and self.name.isascii() and not keyword.iskeyword(self.name)
        if not readable or self.name == "pi":
            raise ValueError(f"symbol {self.name!r}: use ASCII letters and digits, but not a word of Python, nor pi")
        if self.kind not in get_args(SymbolKind):
            raise ValueError(f"symbol {self.name}: kind {self.kind!r}; allowed: {', '.join(get_args(SymbolKind))}")
        if (self.kind == "function") != bool(self.of):
            raise ValueError(f"symbol {self.name}: a function has of=..., the symbol that it depends on; others do not")
        if domain is not None and not (isinstance(domain, tuple | list) and len(domain) == 2):
            raise ValueError(f"symbol {self.name}: domain: given {domain!r}; allowed: (low, high)")
        if domain is not None and self.draw is None:
            object.__setattr__(self, "draw", tuple(domain))
            if domain[0] > 0 and self.kind == "real":
                object.__setattr__(self, "kind", "positive")
        if self.draw is None:
            object.__setattr__(self, "draw", _USUAL.get(self.kind, (-3.0, 3.0)))
        low, high = self.drawn
        if not low < high:
            raise ValueError(f"symbol {self.name}: the range {self.draw} is empty: low must be less than high")
        if not self.integer and not self.shape and not self.region[0] <= low < high <= self.region[1]:
            raise ValueError(f"symbol {self.name}: the range {self.draw} holds values that are not {self.kind}")

    @property
    def drawn(self) -> tuple[float, float]:
        """The range from which points are drawn."""
        assert self.draw is not None  # set above
        return self.draw

    @property
    def region(self) -> tuple[float, float]:
        """Where the symbol may lie."""
        if self.integer:
            return self.drawn[0], math.inf if self.counts else self.drawn[1]
        if self.kind == "probability" and not self.shape:
            return 0.0, 1.0
        return (0.0 if self.positive else -math.inf), math.inf

    @property
    def positive(self) -> bool:
        """Whether every value of the symbol is above 0."""
        return self.kind in ("positive", "probability") or (self.integer and self.drawn[0] > 0)

    @property
    def counts(self) -> bool:
        """Whether the symbol counts something, such as samples: it stands for all whole numbers from its least on."""
        return self.integer and self.drawn[1] - self.drawn[0] > 1

    @property
    def sums_to_one(self) -> bool:
        """Whether the entries add up to 1."""
        return self.kind in ("probability", "label") and len(self.shape) == 1


def shift_of(logits: str) -> str:
    """Return the name of the free number that may be added to all logits; nothing that can be written."""
    return f"shift of {logits}"


@dataclass(frozen=True)
class MisconceptionForm(Declared):
    """A known wrong answer; ``hint`` asks a question or names a test and never states the formula."""

    id: str
    title: str
    answer: str
    hint: str
    FILLED = ("title", "answer", "hint")


@dataclass(frozen=True)
class RequiredForm(Declared):
    """A form that some line of a derivation must show: one of these functions or operators."""

    title: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Question(Declared):
    """A symbolic question; see the module's text for a full example.

    Attributes
    ----------
    id : str
        Unique within a course.
    truth : str
        The answer, in the language of answers.
    symbols : tuple of Symbol
        What an answer may use, besides the sizes and ``pi``.
    shape, index : tuple of str
        Sizes of the answer, and the names of the indices of one entry of it; ``()`` for a scalar.
    loss, wrt : str or None
        The truth is the derivative of ``loss`` with respect to ``wrt``; None where it is not a derivative.
    hidden : tuple of Symbol
        Symbols of ``loss`` and ``wrt`` that an answer may not use.
    convention : str
        Prefactors and signs in words, shown where an answer is right up to a factor.
    equivalents : tuple of str
        Other forms of the truth that must be accepted.
    misconceptions : tuple of MisconceptionForm
        Known wrong answers.
    required_forms : tuple of RequiredForm
        What a derivation of several lines must show on the way.
    special : tuple of ((str, float), ...)
        Points that must be tried: values of some scalars, the others as usual.
    excluded : tuple of (str, float)
        Values of scalars at which the quantity is not asked for.
    functions : tuple of str
        Functions that the statement defines and an answer may use: ``sigma``, ``sigmoid``, ``softmax``.
    level : {"general", "exact", "numeric"}
        The least level of proof at which the truth and its equivalents must be accepted.
    """

    id: str
    truth: str
    symbols: tuple[Symbol, ...]
    shape: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    loss: str | None = None
    wrt: str | None = None
    hidden: tuple[Symbol, ...] = ()
    convention: str = ""
    equivalents: tuple[str, ...] = ()
    misconceptions: tuple[MisconceptionForm, ...] = ()
    required_forms: tuple[RequiredForm, ...] = ()
    special: tuple[tuple[tuple[str, float], ...], ...] = ()
    excluded: tuple[tuple[str, float], ...] = ()
    functions: tuple[str, ...] = ()
    level: Level = "exact"

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = sorted(set(self.functions) - STATED)
        if unknown:
            known = ", ".join(sorted(STATED))
            raise ValueError(
                f"question {self.id}: functions that a statement may define are {known}, not {unknown[0]!r}"
            )
        if len(self.shape) != len(self.index):
            raise ValueError(f"question {self.id}: shape {self.shape} and index {self.index} differ in length")
        names = [symbol.name for symbol in self.symbols]
        twice = {name for name in names if names.count(name) > 1} | (set(names) & set(self.index))
        if twice:
            raise ValueError(f"question {self.id}: {', '.join(sorted(twice))} is declared twice")
        again = repeated(one.title for one in self.misconceptions) or repeated(one.id for one in self.misconceptions)
        if again is not None:
            raise ValueError(f"question {self.id}: two misconceptions are called {again!r}")

    def __hash__(self) -> int:
        return hash((self.id, self.truth))  # asked for with every answer

    @cached_property
    def table(self) -> dict[str, Symbol]:
        """Symbols of an answer by name."""
        return {symbol.name: symbol for symbol in self.symbols}

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """Names of the sizes, in order of appearance."""
        shapes = [symbol.shape for symbol in (*self.symbols, *self.hidden)] + [self.shape]
        return tuple(dict.fromkeys(size for shape in shapes for size in shape))
