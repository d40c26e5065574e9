"""The words in which a derivation is written: plain data, no SymPy.

A derivation names a *quantity* (usually a loss), the *steps* that lead from it to the answer, and the *stated*
general formula.  ``autograder.authoring.derivations`` lets SymPy take the steps at concrete sizes and holds the outcome
against the stated formula, against every line of the derivation by hand, and against the facts that the conclusion
rests on.

All formulas are text in the language of symbolic answers (``p[j]``, ``Sum(e, i)``, ``delta(i, j)``, ``X.T@(X@w-y)``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Symbol:
    """A symbol with the names of its sizes (``()`` for a scalar) and its kind.

    ``kind`` is ``real``, ``positive``, ``whole`` (a positive integer), ``beyond`` (a number above 1), ``label`` (a
    vector whose entries sum to 1: the last one is written as one minus the others) or ``function``: a function of the
    symbol ``of``, of which nothing is known.
    """

    shape: tuple[str, ...] = ()
    kind: str = "real"
    of: str = ""


@dataclass(frozen=True)
class Formula:
    """A displayed formula of the chapter, in words, and the numbers of the derivations that prove it."""

    words: str
    derivations: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A statement that SymPy proves: ``left`` equals ``right``, at the limit if one is given.

    ``limit`` is ``(symbol, to)`` or ``(symbol, to, side)`` with ``to`` a text (``oo`` for infinity) and ``side``
    ``+`` or ``-``.
    ``sizes`` are those of the derivation unless given.
    """

    words: str
    left: str
    right: str
    limit: tuple[str, ...] = ()
    sizes: tuple[Sizes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """One derived formula.

    Attributes
    ----------
    number, part, title : str
        Number and function name of the part that asks for it, and what it is.
    quantity, name : str
        What the steps start from, and the letter it is called by.
    steps : tuple of tuple of str
        Verbs with their arguments, in order: ``differentiate v`` · ``expect v m1 m2 ...`` (moments of independent
        entries) ·
        ``average v weight low high`` (mean under a density proportional to the weight) · ``integrate v low high`` ·
        ``minimise v`` (the minimiser) · ``minimum v`` (the value there) · ``solve v`` (a root) · ``limit v to`` ·
        ``at v text ...`` (insert values) · ``entry i`` (from 1) · ``insert name text`` (go on with ``text``, in
        which ``name`` is the quantity so far).
    stated : str
        The general formula, as the reference answer of the part.
    symbols, definitions : mapping
        Symbols; and names that stand for formulas, in order (``"p[k]": "exp(z[k])/Sum(exp(z[l]), l)"``).
    index : tuple of str
        Subscripts of an array result in index form.
    held_as : str
        How the stated formula enters the comparison, ``{}`` in its place (``"Sum({}, i)"`` if a summand is asked
        for).
    sizes : tuple of mapping
        Sizes at which SymPy works; ``({},)`` where there is no size.
    cases : tuple of (str, mapping)
        Proof by cases: a name and what to insert for the symbols; a fresh ``t`` is positive.
    lines : tuple of (str, str)
        The derivation by hand: reason and formula; every line is held against SymPy's result.
    facts : tuple of Fact
        What the conclusion rests on.
    conclusion, convention : str
        What to learn from it; prefactor, sum or mean, sign of the residual.
    notation : mapping
        How names are set in mathematics (``"sigma2": "sigma^2"``).
    result : str
        What the stated formula is called, where the steps do not say it.
    """

    number: str
    part: str = ""
    title: str
    quantity: str
    name: str = "L"
    steps: tuple[tuple[str, ...], ...] = ()
    stated: str
    symbols: Mapping[str, Symbol]
    definitions: Mapping[str, str] = field(default_factory=dict)
    index: tuple[str, ...] = ()
    held_as: str = "{}"
    sizes: tuple[Sizes, ...] = ({},)
    cases: tuple[tuple[str, Mapping[str, str]], ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    conclusion: str = ""
    convention: str = ""
    notation: Mapping[str, str] = field(default_factory=dict)
    result: str = ""


@dataclass(frozen=True, kw_only=True)
class Path:
    """A way through the space of predictions along which formulas are compared.

    Attributes
    ----------
    title, words : str
        What happens along it.
    point : mapping
        Symbol to its entries in the parameters; the last entry is repeated up to the size.
    parameter, to, side : str
        What runs and whereto; an empty ``to`` means a point without a limit.
    symbols : mapping
        The parameters.
    rows : tuple of str
        Names of the entries that are shown; the last one stands for all that follow.
    limits : mapping
        For each formula one text per row: the limit.
    leading : mapping
        For each formula one text per row: the leading order (the ratio tends to 1), or an empty text.
    sizes : tuple of mapping
        Sizes at which it is proved; the table shows the first.
    """

    title: str
    words: str = ""
    point: Mapping[str, tuple[str, ...]]
    parameter: str
    to: str = "0"
    side: str = "+"
    symbols: Mapping[str, Symbol]
    rows: tuple[str, ...]
    limits: Mapping[str, tuple[str, ...]]
    leading: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: tuple[Sizes, ...] = ({},)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Formulas side by side along several paths.

    ``formulas`` maps the name of a formula to the number of the derivation that proves it; ``index`` is the
    subscript that runs over the rows (empty for scalar formulas).  ``facts`` are proved with ``symbols`` and
    ``definitions`` at ``sizes``.  ``highlight`` marks the rows in which some formulas have lost their signal and others
    keep it.
    """

    title: str
    words: str
    formulas: Mapping[str, str]
    index: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[Sizes, ...] = ({},)
    facts: tuple[Fact, ...] = ()
    conclusion: str = ""
    highlight: bool = True
    notation: Mapping[str, str] = field(default_factory=dict)
