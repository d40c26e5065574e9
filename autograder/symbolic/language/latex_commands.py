"""Commands of LaTeX with arguments of their own: fractions, roots, accents, sums, norms, and what only decorates."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction

from autograder.symbolic.language.latex_cases import Cases
from autograder.symbolic.language.latex_tokens import STYLES
from autograder.symbolic.language.notation import NotRead
from autograder.symbolic.language.vocabulary import Node

_NORM = ("|", "lVert", "rVert", "Vert")


class Commands(Cases):
    r"""Reads the commands; a method ``on_frac`` reads ``\frac``."""

    open_norms = 0

    @abstractmethod
    def argument(self) -> Node:
        """Read the text in braces, or the one token without."""

    @abstractmethod
    def signed(self) -> Node:
        """Read a term with its sign."""

    def on_frac(self, column: int) -> Node:
        """Read a fraction."""
        above = self.argument()
        return ("/", above, self.argument(), column)

    on_dfrac = on_tfrac = on_frac

    def on_sqrt(self, column: int) -> Node:
        """Read a square root."""
        if self.is_("["):
            raise NotRead(column, r"write a root as a power: x^{1/3}")
        return ("call", "sqrt", (self.argument(),), column)

    def accented(self, column: int, ending: str) -> Node:
        """Read a letter with an accent, as the declared name with that ending."""
        node = self.argument()
        if node[0] != "name" or self.names.rank(f"{node[1]}{ending}") is None:
            raise NotRead(column, "this is not a symbol of this question")
        return ("name", f"{node[1]}{ending}", column)

    def on_hat(self, column: int) -> Node:
        """Read a hat."""
        return self.accented(column, "hat")

    def on_bar(self, column: int) -> Node:
        """Read a bar."""
        return self.accented(column, "bar")

    on_widehat, on_overline = on_hat, on_bar

    def on_sum(self, column: int) -> Node:
        """A sum over an index, with or without bounds."""
        if not self.is_("_"):
            raise NotRead(column, r"write the index below the sum: \sum_k p_k")
        self.take()
        low: Node | None = None
        if self.is_("{"):
            self.take()
            index = self.take()
            if self.is_("="):
                self.take()
                low = self.sum()
            self.expect("}")
        else:
            index = self.take()
        place: Node = ("name", index.text, index.column)
        if self.is_("^"):
            self.take()
            place = ("tuple", (place, low or ("num", Fraction(1)), self.argument()), column)
        elif low is not None:
            raise NotRead(column, r"a sum with a lower bound needs an upper one: \sum_{k=1}^{K}")
        return ("call", "Sum", (self.signed(), place), column)

    def on_boxed(self, column: int) -> Node:
        """Read the content of a box."""
        return self.argument()

    on_fbox = on_boxed

    def on_underbrace(self, column: int) -> Node:
        """Read what is over a brace, and skip the words below it."""
        node = self.argument()
        if self.is_("_", "^"):
            self.take()
            depth = 0
            while self.here.kind != "end":
                depth += (self.here.text == "{") - (self.here.text == "}")
                self.take()
                if depth == 0:
                    break
        return node

    on_overbrace = on_underbrace

    # --- norms -----------------------------------------------------------------------------------------------

    def opens_norm(self) -> bool:
        """Whether a double bar is here that opens a norm."""
        return self.here.kind == "command" and self.here.text in _NORM and not self.open_norms

    def norm(self) -> Node:
        """Read a norm: the square root of the sum of squares, or for its square the sum alone."""
        column = self.take().column
        self.open_norms += 1
        body = self.sum()
        self.sized()
        if self.here.kind != "command" or self.here.text not in _NORM:
            raise NotRead(self.here.column, r"\| is missing here")
        self.take()
        self.open_norms -= 1
        if self.is_("_"):
            self.take()
            below = "".join(self.indices())
            if below not in ("2", "F"):
                raise NotRead(column, r"only the Euclidean norm \|u\| and the Frobenius norm \|A\|_F are read")
        squares: Node = ("call", "sum", (("**", body, ("num", Fraction(2)), column),), column)
        if self.is_("^"):
            self.take()
            power = self.argument()
            if power == ("num", Fraction(2)):
                return squares
            return ("**", ("call", "sqrt", (squares,), column), power, column)
        return ("call", "sqrt", (squares,), column)

    def indices(self) -> list[str]:
        """Read a subscript as letters and digits."""
        if not self.is_("{"):
            return [self.take().text]
        self.take()
        parts: list[str] = []
        while not self.is_("}"):
            token = self.take()
            if token.kind == "end" or token.text in ("^", "_"):
                raise NotRead(token.column, "an index is a letter or a number, such as x_{ij}")
            if token.text not in (",", "{", "}") and token.text not in STYLES:
                parts.append(token.text)
        self.take()
        return parts
