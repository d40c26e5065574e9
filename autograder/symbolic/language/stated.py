"""How a stated formula follows from its definition, as data: no SymPy here.

An exercise writes its derivations in ``derivations.py``, one for each symbolic part, and more for general statements.
A derivation of a part holds the part's :class:`~autograder.symbolic.Question`, so loss, variable, symbols and stated
formula are written once::

    DERIVATIONS = (
        Derivation(
            question=Question(
                id="sym_delta_tanh",
                truth="(tanh(z)-y)*(1-tanh(z)**2)",
                symbols=(Symbol("z", draw=(-2, 2)), Symbol("y", draw=(-5, 5))),
                loss="1/2*(tanh(z)-y)**2",
                wrt="z",
            ),
            title="Output delta of tanh",
            lines=(("error times slope of the activation", "(tanh(z)-y)/cosh(z)^2"),),
            conclusion="The slope, not the error, decides how much is learned.",
        ),
    )

``autograder verify --derivations`` lets SymPy take the steps at concrete sizes and compares the outcome with the stated
formula, with every line, and with the facts that the conclusion rests on.  All formulas are text in the language of
symbolic answers (``p[j]``, ``Sum(e, i)``, ``delta(i, j)``, ``X.T@(X@w-y)``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from autograder.plain import dataclass
from autograder.symbolic.language.question import Question, Symbol

Sizes = Mapping[str, int]
NO_SIZE: tuple[Sizes, ...] = ({},)
"""The sizes of a formula that has none."""


@dataclass(frozen=True)
class Formula:
    """A displayed formula of a text: its LaTeX, and the derivations that prove it, by the names of their parts."""

    latex: str
    derivations: tuple[str, ...]
    words: str = ""


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
    """One derived formula.  What a question says already is taken from it.

    Attributes
    ----------
    question : Question or None
        The part that asks for the formula; None for a general statement, which no part asks for.
    id : str
        Name by which comparisons and displayed formulas refer to it; that of the question.
    number, title : str
        The number is given when an exercise is loaded.
    quantity, name : str
        What the steps start from (the loss of the question), and the letter it is called by.
    steps : tuple of tuple of str
        Verbs with their arguments, in order: ``differentiate v`` · ``expect v m1 m2 ...`` (moments of independent
        entries) ·
        ``average v weight low high`` (mean under a density proportional to the weight) · ``integrate v low high`` ·
        ``minimise v`` (the minimiser) · ``minimum v`` (the value there) · ``solve v`` (a root) · ``limit v to`` ·
        ``at v text ...`` (insert values) · ``entry i`` (from 1) · ``insert name text`` (go on with ``text``, in
        which ``name`` is the quantity so far).  The derivative by the question's variable unless given.
    stated : str
        The general formula; the truth of the question.
    symbols : tuple of Symbol
        Those of the question come by themselves, and yield to definitions and sizes of the same name.
    definitions : mapping
        Names that stand for formulas, in order; the softmax of a symbol with ``logits`` comes by itself.
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
        The derivation by hand: reason and formula.
    facts : tuple of Fact
        What the conclusion rests on.
    conclusion, convention : str
        What to learn from it; prefactor, sum or mean, sign of the residual.
    notation : mapping
        How names are set in mathematics (``"sigma2": "sigma^2"``).
    result : str
        What the stated formula is called, where the steps do not say it.
    """

    question: Question | None = None
    id: str = ""
    number: str = ""
    title: str
    quantity: str = ""
    name: str = "L"
    steps: tuple[tuple[str, ...], ...] = ()
    stated: str = ""
    symbols: tuple[Symbol, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    index: tuple[str, ...] = ()
    held_as: str = "{}"
    sizes: tuple[Sizes, ...] = NO_SIZE
    cases: tuple[tuple[str, Mapping[str, str]], ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    conclusion: str = ""
    convention: str = ""
    notation: Mapping[str, str] = field(default_factory=dict)
    result: str = ""

    def __post_init__(self) -> None:
        asked = self.question
        known = {symbol.name: symbol for symbol in (*asked.symbols, *asked.hidden)} if asked is not None else {}
        symbols = tuple((known | {symbol.name: symbol for symbol in self.symbols}).values())
        loss, wrt = (asked.loss or "", asked.wrt) if asked is not None else ("", None)
        usual = (("differentiate", wrt.partition("[")[0]),) if wrt is not None else ()
        taken = {
            "id": self.id or (asked.id if asked is not None else ""),
            "quantity": self.quantity or loss,
            "steps": self.steps or usual,
            "stated": self.stated or (asked.truth if asked is not None else ""),
            "symbols": symbols,
            "definitions": softmaxes(symbols) | dict(self.definitions),
            "index": self.index or (asked.index if asked is not None else ()),
            "convention": self.convention or (asked.convention if asked is not None else ""),
        }
        for name, value in taken.items():
            object.__setattr__(self, name, value)
        for name in ("id", "quantity", "stated"):
            if not taken[name]:
                raise ValueError(f"derivation {self.title!r}: {name} is missing; write it, or give a question with it")

    @property
    def part(self) -> str:
        """Name of the part that asks for the formula, empty if none does."""
        return self.question.id if self.question is not None else ""

    @property
    def arrays(self) -> frozenset[str]:
        """Names of vectors and matrices, defined ones included."""
        defined = {name.partition("[")[0] for name in self.definitions if "[" in name}
        return frozenset({symbol.name for symbol in self.symbols if symbol.shape} | defined)


def softmaxes(symbols: Sequence[Symbol]) -> dict[str, str]:
    """Return the definition of every probability vector that is the softmax of logits."""
    found = {}
    for symbol in symbols:
        if symbol.logits:
            scale = f"/{symbol.temperature}" if symbol.temperature else ""
            z = symbol.logits
            found[f"{symbol.name}[k]"] = f"exp({z}[k]{scale})/Sum(exp({z}[l]{scale}), l)"
    return found


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
    symbols : tuple of Symbol
        The parameters.
    rows : tuple of str
        Names of the entries that are shown; the last one means all that follow.
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
    symbols: tuple[Symbol, ...]
    rows: tuple[str, ...]
    limits: Mapping[str, tuple[str, ...]]
    leading: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: tuple[Sizes, ...] = NO_SIZE


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Formulas side by side along several paths.

    ``formulas`` maps the name of a formula to the derivation that proves it; ``index`` is the subscript that runs over
    the rows (empty for scalar formulas).  ``facts`` are proved with ``symbols`` and ``definitions`` at ``sizes``.
    ``highlight`` marks the rows in which some formulas have lost their signal and others keep it; a ``central``
    comparison comes first in the report.
    """

    title: str
    words: str
    formulas: Mapping[str, str]
    index: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[Sizes, ...] = NO_SIZE
    facts: tuple[Fact, ...] = ()
    conclusion: str = ""
    highlight: bool = True
    central: bool = False
    notation: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "definitions", softmaxes(self.symbols) | dict(self.definitions))
