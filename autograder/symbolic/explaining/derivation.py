"""A derivation as it is read: its pieces with their values, the names that it defines, and the answer that scores."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

from autograder.plain import dataclass, late
from autograder.symbolic.deciding.decide import Proof
from autograder.symbolic.language.expr import ZERO, Expr, TooLarge, rename
from autograder.symbolic.language.latex import is_latex
from autograder.symbolic.language.names import Quantity, StepLowering, quantity, subscripted
from autograder.symbolic.language.notation import GREEK
from autograder.symbolic.language.printing import plain
from autograder.symbolic.language.question import Question, Symbol
from autograder.symbolic.language.reading import Reading, expression, read
from autograder.symbolic.language.scope import Named, ShapeError
from autograder.symbolic.language.steps import (
    MAX_DERIVATION,
    WrittenStep,
    derivatives,
    is_prose,
    known_words,
    statements,
)
from autograder.symbolic.language.surface import FUNCTIONS, ReadError, Unreadable, parse
from autograder.symbolic.language.vocabulary import Node

LineStatus = Literal[
    "ok", "start", "defines", "equation", "other", "wrong", "follows", "returns", "undecided", "unreadable"
]


@dataclass(eq=False)
class WrittenPiece:
    """A piece as it is read: its value, or why it has none."""

    text: str
    number: int
    node: Node | None = None
    value: Quantity | None = None
    problem: Unreadable | None = None
    misfit: str | None = None
    statement: int = 0
    status: LineStatus = "other"
    proof: Proof | None = None
    message: str = ""
    anchor: WrittenPiece | None = None
    explicit: bool = False
    asked: bool = False
    left: bool = False
    claimed: bool = False
    aside: bool = False


class WrittenDerivation:
    """A derivation as it is read: its pieces, its names, and ``final``, the answer that scores.

    ``graded`` says whether the question's truth is known, as it is not on a student's machine.
    """

    def __init__(self, question: Question, text: str, *, graded: bool = True) -> None:
        self.question, self.graded = question, graded
        self.too_long = len(text) > MAX_DERIVATION
        self.names: dict[str, Named] = {}
        self.known = set(known_words(question))
        self.taken = {s.name for s in (*question.symbols, *question.hidden)} - {"D"} | {*question.sizes, "pi"}
        self.taken |= {*FUNCTIONS, *question.functions} - {"D"}
        self.tex = is_latex(text)
        self.pieces: list[WrittenPiece] = []
        self.nodes: list[Node] = []
        self._sums = 0
        self._found = () if self.too_long else statements(question, text)
        self.goal_name = ""
        self.answer: WrittenPiece | None = None
        if self._found:
            self._name_the_goal()
        for k, statement in enumerate(self._found):
            self._read_statement(k, statement)
        self.final: Reading | Unreadable = self._final(text)

    @cached_property
    def loss(self) -> Quantity | None:
        """The loss of the question, if it has one that can be read in a line."""
        if self.question.loss is None:
            return None
        try:
            return quantity(StepLowering(self.question, hidden=True), parse(self.question.loss))
        except (ReadError, ShapeError, ValueError):
            return None

    @property
    def several(self) -> bool:
        """Whether there is more than the answer."""
        return self.too_long or sum(1 for piece in self.pieces if not piece.left) > 1

    # --- reading ---------------------------------------------------------------------------------------------

    def _name_the_goal(self) -> None:
        """The name on the last line's left side, if nothing else has it, is that of the quantity asked."""
        first = len(self._found) - 1
        while first and self._found[first].continues:
            first -= 1
        if len(self._found[first].pieces) < 2:
            return
        name, _ = _name_of(self._found[first].pieces[0])
        taken = name in self.taken or not _can_be_named(name)
        if taken or any(_name_of(s.pieces[0])[0] == name for s in self._found[:first] if len(s.pieces) > 1):
            return
        index = self.question.index
        nothing: Expr = ("idx", f"unknown {name}", index) if index else ("sym", f"unknown {name}")
        truth = expression(self.question, self.question.truth) if self.graded else nothing
        self.goal_name = name
        stated = self.value_of(parse(self.question.truth)) if self.graded else None
        at = () if stated is None or stated.from_array else index
        self._define(Named(Symbol(name, self.question.shape), index, truth, self.question.truth, at))

    def _define(self, named: Named) -> None:
        self.names[named.symbol.name] = named
        self.known.add(named.symbol.name)

    def _read_statement(self, k: int, statement: WrittenStep) -> None:
        pieces = [piece for piece in statement.pieces if not is_prose(piece, self.known)]
        if not pieces:
            return
        name, at = _name_of(pieces[0]) if len(pieces) > 1 else ("", ())
        new = bool(name) and name not in {*self.taken, *self.names} and _can_be_named(name) and not self._has(name)
        read = [self._read_piece(k, statement.number, text) for text in (pieces[1:] if new else pieces)]
        if new:
            value = next((piece for piece in read if piece.value is not None), None)
            if value is not None and value.value is not None and statement.aside != "case":
                self._define_as(name, at, value.value, self.printed(value.node) if value.node is not None else "")
            read[0].status = "defines" if statement.aside != "case" else "other"
            read[0].message = f"{name} is defined." if statement.aside != "case" else ""
        self.pieces += read
        solved = not new and len(read) > 1 and name != self.goal_name and _isolates(read[0]) and not statement.continues
        for piece in read:
            piece.aside = bool(statement.aside) or statement.solves or (solved and self._equation_before(k))
            piece.status = "equation" if piece.aside and not statement.aside else piece.status
        for before, piece in pairwise(read):
            piece.anchor, piece.explicit = before, True
        if statement.continues and not new:
            read[0].anchor, read[0].explicit = self._last_of(k - 1), True
        if len(read) > 1 and not new and read[0].misfit is None and _is_left_side(read[0]):
            read[0].left = read[1].claimed = True
            read[1].explicit = read[0].value is not None  # a name of the quantity says nothing that could be checked

    def _has(self, name: str) -> bool:
        """Whether a name such as ``p_j`` is an entry of an array; ``w_raw`` is not, where ``w`` is a number."""
        base, _, below = name.rpartition("_")
        if base not in self.taken and base not in self.names:
            return False
        arrays = {s.name: len(s.shape) for s in (*self.question.symbols, *self.question.hidden)}
        arrays |= {key: len(named.symbol.shape) for key, named in self.names.items()}
        if base not in arrays and base not in {*self.question.sizes, "pi"}:
            return True
        return arrays.get(base, 0) == len(below) or self.value_of(("name", name, 0)) is not None

    def printed(self, node: Node) -> str:
        """Return a tree as text that says the same to one who knows the names."""
        return plain(subscripted(node, self.names))

    def _last_of(self, k: int) -> WrittenPiece | None:
        return next((piece for piece in reversed(self.pieces) if piece.statement <= k and not piece.aside), None)

    def _equation_before(self, k: int) -> bool:
        """Whether an equation to solve was written before: ``... = 0``."""
        return any(is_zero(piece) and piece.anchor is not None for piece in self.pieces if piece.statement < k)

    def _define_as(self, name: str, at: tuple[str, ...], value: Quantity, formula: str) -> None:
        free = set(value.index)
        base, _, below = name.rpartition("_")
        if base and not at and below and all(letter in free for letter in below):
            name, at = base, tuple(below)
        bare = not at and not value.from_array and bool(free)
        at = value.index if bare else at
        if at and (set(at) != free or len(at) != len(free)):
            return
        if value.from_array:
            shape, index = value.shape, value.index
        else:
            shape = tuple(value.shape[value.index.index(i)] for i in at)
            index = at
        self._define(Named(Symbol(name, shape), index, value.written, formula, () if value.from_array else at, bare))

    def _read_piece(self, k: int, number: int, text: str) -> WrittenPiece:
        piece = WrittenPiece(text.strip(), number, statement=k)
        rewritten, unknown = derivatives(text, self.known, self.question.wrt or "")
        alone = re.fullmatch(r"D\(\s*\w+\s*,[^()]*\)", rewritten.strip()) is not None
        for name in unknown:
            if not alone and name not in _LOSSES and not re.fullmatch("[A-Z]{2,}", name):
                continue
            if self.loss is not None and not self.loss.index and _can_be_named(name):
                self._define(Named(Symbol(name), (), self.loss.written, self.question.loss or ""))
        try:
            piece.node = self._parsed(piece, rewritten)
            self.nodes.append(piece.node)
            piece.value = quantity(self._lowering(), piece.node)
        except ReadError as error:
            piece.problem = error.reason
        except ShapeError as error:
            piece.misfit = str(error)
        except TooLarge as error:
            piece.problem = Unreadable("too_large", 0, f"{error} is not read")
        except ZeroDivisionError:
            piece.problem = Unreadable("zero_division", 0, "this divides by zero")
        except NotImplementedError as error:
            piece.problem = Unreadable("function", 0, f"D cannot be worked out: {error}")
        except RecursionError:
            piece.problem = Unreadable("too_long", 0, "nested too deeply")
        return piece

    def _parsed(self, piece: WrittenPiece, text: str) -> Node:
        """Return the tree of a piece; among lines of LaTeX one without a command is LaTeX too if it is nothing else."""
        names = self._lowering().vocabulary
        try:
            node = parse(text, names)
            if self.tex and not is_latex(text):
                quantity(self._lowering(), node)
        except (ReadError, ShapeError):
            if not self.tex or is_latex(text):
                raise
            node = parse(f"{text}$", names)
            piece.text += "$"
        return node

    def _lowering(self) -> StepLowering:
        self._sums += 10_000
        return StepLowering(self.question, hidden=True, steps=True, names=dict(self.names), first=self._sums)

    def value_of(self, node: Node) -> Quantity | None:
        """Return the value of a tree, or None if it has none."""
        try:
            return quantity(self._lowering(), node)
        except (ReadError, ShapeError, TooLarge, ZeroDivisionError, NotImplementedError, RecursionError):
            return None

    def _final(self, text: str) -> Reading | Unreadable:
        last = [piece for piece in self.pieces if not piece.left and not piece.aside]
        last = last or [piece for piece in self.pieces if not piece.left]
        if not last:
            lines = [line for line in text[-2 * MAX_DERIVATION :].replace("\r", "\n").split("\n") if line.strip()]
            return read(self.question, lines[-1] if lines else text)
        piece = last[-1]
        named = piece.node is not None and piece.node[:2] == ("call", "D")  # p - y = dL/dz
        if (is_zero(piece) or named) and piece.anchor is not None and piece.anchor.value is not None:
            piece = piece.anchor
        self.answer = piece
        names = {name: named for name, named in self.names.items() if name != self.goal_name}
        column = next((s for s in self._found if s.number == piece.number), None)
        shown = next((p for p in (column.pieces if column else ()) if p.strip() == piece.text.removesuffix("$")), "")
        shown = f"{shown}$" if piece.text.endswith("$") and shown and not is_latex(shown) else shown or piece.text
        found = read(self.question, shown, names=names)
        return replace(found, line=piece.number) if self.several and isinstance(found, Unreadable) else found

    def as_answer(self, value: Quantity) -> Expr | None:
        """Return a quantity as the entry of an answer; None if it has other indices."""
        question = self.question
        if not value.shape:
            return value.core
        if value.shape != question.shape:
            return None
        fits = value.from_array or set(value.index) == set(question.index) or len(value.index) == 1
        return rename(value.core, dict(zip(value.index, question.index, strict=True))) if fits else None


def is_zero(piece: WrittenPiece) -> bool:
    """Whether a piece is the number 0, as on the right side of an equation to solve."""
    return piece.value is not None and piece.value.core == ZERO


def _is_left_side(piece: WrittenPiece) -> bool:
    """Whether a first piece is a name or a derivative: it says what the pieces after it are."""
    if piece.node is None or piece.value is None:
        return True
    kind = piece.node[0]
    return kind in ("name", "at") or (kind == "call" and piece.node[1] == "D")


def _isolates(piece: WrittenPiece) -> bool:
    """Whether a piece is a symbol or a function of one, as on the left side of a solution."""
    if piece.node is None or piece.value is None:
        return False
    node = piece.node
    if node[0] == "call" and node[1] != "D" and len(node[2]) == 1:
        node = node[2][0]
    return node[0] in ("name", "at")


_LOSSES = {"L", "J", "C", "E", "F", "R", "l", "ell", "loss", "cost", "risk"}
"""Names of a loss inside a product of derivatives, besides capitals such as NLL; on a left side any name is one."""
_STYLED = late(r"\\(?:text|textrm|mathrm|mathit|mathbf|boldsymbol|operatorname|bm)\s*\{?\s*(\w+)\s*\}?")
_GREEK_NAME = late(r"\\([A-Za-z]+)")
_ACCENTED = late(r"\\(hat|bar|widehat|overline)\s*\{?\s*([A-Za-z])\s*\}?")
_NAMED = late(
    r"\s*(?P<name>[A-Za-z]\w*)\s*(?:\[(?P<at>[\w\s,]*)\])?\s*(?:\^?\s*\*|\^?\\?star|_opt)?\s*(?P<args>\(\s*[\w\s,;|]*\))?\s*"
)


def _name_of(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the name that a left side gives, with its indices; empty if it is anything else."""
    if is_latex(text):
        text = _STYLED.sub(r"\1", text.replace("$", " ").replace("{}", ""))
        text = _GREEK_NAME.sub(lambda m: m[1] if m[1] in GREEK else m[0], _ACCENTED.sub(r"\2\1", text))
        text = re.sub(r"_\{(\w+)\}", r"_\1", text)
    text = re.sub(r"^\s*([A-Za-z]+)\s*(?:\^|\*\*)\s*\{?2\}?\s*$", r"\g<1>2", text)
    match = _NAMED.fullmatch(text)
    if match is None:
        return "", ()
    at = tuple(i.strip() for i in (match["at"] or "").split(",") if i.strip())
    return match["name"], at


def _can_be_named(name: str) -> bool:
    try:
        Symbol(name)
    except ValueError:
        return False
    return True
