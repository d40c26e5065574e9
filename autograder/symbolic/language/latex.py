"""LaTeX as students write it, read into the surface tree of the language of answers.

Products without a sign follow the names that a question declares: a number times anything, a matrix times what comes
to its right, a transposed vector times a vector, and a vector times a transposed one (their outer product).  Whatever
has two meanings is refused at its column, with what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from autograder.symbolic.language.latex_commands import Commands
from autograder.symbolic.language.latex_tokens import (
    CURES,
    DEEPEST,
    ENTRYWISE,
    FUNCTIONS,
    GREEK,
    MOST,
    OPEN,
    RELATIONS,
    SIZED,
    STYLES,
    TIMES,
    TRANSPOSE,
)
from autograder.symbolic.language.notation import NotRead, Token
from autograder.symbolic.language.vocabulary import Node, Vocabulary, indicator, is_row, rank


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX: it holds a dollar sign or a backslash."""
    return "$" in text or "\\" in text


def read_latex(text: str, names: Vocabulary) -> Node:
    """Return the surface tree of a formula in LaTeX.

    Raises
    ------
    NotRead
        At the column of what is not read.
    """
    return _LatexReader(text, names).whole()


class _LatexReader(Commands):
    # --- expressions -----------------------------------------------------------------------------------------

    def whole(self) -> Node:
        if not self.tokens:
            raise NotRead(0, "nothing was written")
        while self.tokens and self.tokens[-1].text in (".", ",", "\\"):
            self.tokens.pop()
        node = self.sum()
        if self.here.kind != "end":
            said = f"{self.here.text} is not expected here{CURES.get(self.here.text, '')}"
            raise NotRead(self.here.column, said)
        return node

    def sum(self) -> Node:
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST or self.count > MOST:
            raise NotRead(self.here.column, "nested too deeply, or too many terms")
        node = self.signed()
        while self.is_("+", "-"):
            sign = self.take()
            node = (sign.text, node, self.term(), sign.column)
        self.depth -= 1
        return node

    def signed(self) -> Node:
        if self.is_("-", "+"):
            sign = self.take()
            inner = self.signed() if self.is_("-", "+") else self.term()
            return ("neg", inner, sign.column) if sign.text == "-" else inner
        return self.term()

    def term(self) -> Node:
        node = self.factor()
        while True:
            token = self.here
            self.count += 1
            if self.count > MOST:
                raise NotRead(token.column, "too many terms")
            if self.is_("/"):
                self.take()
                node = ("/", node, self.factor(), token.column)
                if self.starts_factor() and not self.is_("/"):
                    raise NotRead(
                        self.here.column, r"a product after / is ambiguous; write \frac{a}{b c} or \frac{a}{b} c"
                    )
            elif self.is_(*TIMES):
                self.take()
                other = self.factor()
                if self.rank(node) and self.rank(other):
                    raise NotRead(
                        token.column, r"write p \odot y for products entry by entry, or p^\top y for their sum"
                    )
                node = ("*", node, other, token.column)
            elif self.is_(*ENTRYWISE):
                self.take()
                node = ("*", node, self.factor(), token.column)
            elif self.starts_factor():
                node = self.product(node, self.factor(), token.column)
            else:
                return node

    def rank(self, node: Node) -> int:
        return rank(node, self.names)

    def product(self, a: Node, b: Node, column: int) -> Node:
        """The product of two factors without a sign between them."""
        left, right = self.rank(a), self.rank(b)
        if not left or not right:
            return ("*", a, b, column)
        row, column_vector = is_row(a), right == 1 and not is_row(b)
        if left == 2 and (right == 2 or column_vector):
            return ("@", a, b, column)
        if left == 1 and row and (right == 2 or column_vector):
            return ("@", a, b, column)
        if left == 1 and not row and right == 1 and is_row(b):
            return ("call", "outer", (a, b[1]), column)
        raise NotRead(
            column, r"between two vectors write p \odot y (entry by entry), p^\top y (a number) or p y^\top (a matrix)"
        )

    def starts_factor(self) -> bool:
        token = self.here
        if token.kind == "command" and token.text in ("|", "lVert", "Vert"):
            return not self.open_norms
        if token.kind in ("letter", "number"):
            return True
        if token.kind == "command":
            if token.text in SIZED:
                return token.text not in ("right", "bigr", "Bigr", "biggr") and self.ahead().text in OPEN
            ends = {"end", "\\", "text", "wedge", "land", "vee", "lor", "}", "rbrace", "rvert", "rVert", "neg"}
            known = (TIMES | ENTRYWISE | set(RELATIONS) | ends) - {"*"}
            return token.text not in known
        return token.text in ("(", "[", "{")

    # --- factors ---------------------------------------------------------------------------------------------

    def factor(self) -> Node:
        column = self.here.column
        node = self.atom()
        while self.is_("^", "_"):
            read = self.below if self.take().text == "_" else self.above
            node = read(node, column)
        return node

    def above(self, node: Node, column: int) -> Node:
        """A superscript: a transpose, an inverse, or a power."""
        braced = self.is_("{")
        inside = self.ahead() if braced else self.here
        declared_t = inside.text == "T" and "T" in self.names.ranks
        if inside.text in TRANSPOSE and not declared_t and (not braced or self.ahead(2).text == "}"):
            self.at += 3 if braced else 1
            return ("T", node, column)
        if braced and self.ahead().text in ("circ", "odot"):
            self.at += 2
            power = self.sum()
            self.expect("}")
            return ("**", node, power, column)
        exponent = self.argument()
        if node[0] == "name" and node[1] == "e" and self.names.rank("e") is None:
            return ("call", "exp", (exponent,), column)
        squared = f"{node[1]}2" if node[0] == "name" and exponent == ("num", Fraction(2)) else ""
        if squared in self.names.ranks and self.names.rank(node[1]) is None:
            return ("name", squared, column)
        if self.rank(node) == 2:
            if exponent == ("neg", ("num", Fraction(1)), exponent[-1]):
                return ("call", "inv", (node,), column)
            raise NotRead(column, r"a power of a matrix: write the product, or ^{\circ 2} for powers entry by entry")
        return ("**", node, exponent, column)

    def argument(self) -> Node:
        """The text in braces, or the one token without."""
        if self.is_("{"):
            self.take()
            node = self.sum()
            self.expect("}")
            return node
        token = self.here
        if token.kind == "number":
            self.take()
            if "." in token.text:
                raise NotRead(token.column, "put a decimal number into braces")
            if len(token.text) > 1:  # \frac12 and x^23 take one digit
                rest = Token("number", token.text[1:], token.column + 1)
                self.tokens.insert(self.at, rest)
            return ("num", Fraction(token.text[0]))
        if token.text == "-":
            raise NotRead(token.column, "put an exponent with a sign into braces: e^{-z}")
        return self.atom()

    def below(self, node: Node, column: int) -> Node:
        """A subscript: part of a name, or indices."""
        parts = self.indices()
        joined = "".join(parts)
        if node[0] == "name":
            base = node[1]
            for name in (f"{base}_{joined}", f"{base}{joined}"):
                if name in self.names.ranks:
                    return ("name", name, column)
            if base == "I" and self.names.rank("I") is None:
                return ("call", "eye", (("name", joined, column),), column)
            if base == "delta" and not self.names.ranks.get("delta") and len(parts) == 2:
                return ("call", "delta", tuple(self.index(p, column) for p in parts), column)
            if self.names.rank(base) == 0:
                return ("name", f"{base}_{joined}", column)
            near = self.names.known_as(f"{base}_{joined}")  # x_{ij} of X
            if self.names.rank(base) is None and self.names.rank(near) == 0:
                return ("name", near, column)
        return ("at", node, tuple(self.index(p, column) for p in parts), column)

    @staticmethod
    def index(part: str, column: int) -> Node:
        return ("num", Fraction(part)) if part.isascii() and part.isdigit() else ("name", part, column)

    def atom(self) -> Node:
        token = self.here
        if token.kind == "number":
            self.take()
            if token.text == "1" and self.opens_condition():
                return indicator(self.indicated(token.column))
            return ("num", Fraction(token.text))
        if token.kind == "letter":
            return self.letters()
        if token.kind == "command" and token.text in SIZED:
            self.sized()
            token = self.here
        if self.opens_norm():
            return self.norm()
        if token.kind == "command" and token.text not in ("{", "lbrace", "lvert", "|", *SIZED):
            return self.command()
        if token.text in OPEN:
            return self.bracket()
        raise NotRead(
            token.column,
            "a formula goes on here"
            if token.kind == "end"
            else f"{token.text} is not read here{CURES.get(token.text, '')}",
        )

    def bracket(self) -> Node:
        token = self.take()
        node = self.sum()
        if token.text in ("lvert", "|"):
            self.expect("|")
            return ("call", "Abs", (node,), token.column)
        self.expect(OPEN[token.text])
        return node

    def letters(self) -> Node:
        """The longest declared name, or function before a bracket, that letters side by side begin with."""
        run = ""
        while self.ahead(len(run)).kind == "letter" and self.ahead(len(run)).column == self.here.column + len(run):
            run += self.ahead(len(run)).text
        column, after = self.here.column, self.ahead(len(run)).text
        for length in range(len(run), 0, -1):
            word = run[:length]
            function = length == len(run) and (word in FUNCTIONS or self.names.is_function(word)) and length > 1
            if word == "D" and after == "(" and "D" not in self.names.ranks:  # a derivative that was rewritten
                self.at += 1
                return self.called("D", column)
            if (
                word in self.names.ranks
                or word in self.names.indices
                or (function and after in ("(", "^", "left", "\\"))
            ):
                self.at += length
                return (
                    self.called(word, column) if function and word not in self.names.ranks else ("name", word, column)
                )
        self.at += 1
        if run[0] == "I" and self.names.rank("I") is None and self.opens_condition():
            return indicator(self.indicated(column))
        if run[0] == "I" and len(self.sizes()) == 1 and not self.is_("_"):
            return ("call", "eye", (("name", self.sizes()[0], column),), column)
        return ("name", run[0], column)

    def sizes(self) -> list[str]:
        return [name for name in self.names.ranks if name in ("K", "n", "d", "k")]

    def command(self) -> Node:
        token = self.take()
        name, column = token.text, token.column
        method: Callable[[int], Node] | None = getattr(self, f"on_{name}", None)
        if method is not None:
            return method(column)
        if name in GREEK:
            word = self.names.letter(GREEK[name])
            function = word in self.names.functions and word not in self.names.ranks and self.opens()
            return self.called(word, column) if function else ("name", word, column)
        if name in FUNCTIONS:
            return self.called(FUNCTIONS[name], column)
        if name in STYLES:
            return self.styled(column)
        raise NotRead(column, f"\\{name[:20]} is not read here{CURES.get(name, '')}")

    def styled(self, column: int) -> Node:
        """A name set in a style of its own."""
        braced = self.is_("{")
        if braced:
            self.take()
        word = ""
        while self.here.kind in ("letter", "number") or (braced and self.is_("_")):
            word += self.take().text
            if not braced:
                break
        if not word and self.here.kind == "command":
            node = self.atom()
            self.expect("}")
            return node
        if braced:
            self.expect("}")
        if word == "1" or (word == "I" and self.names.rank("I") is None and self.opens_condition()):
            return indicator(self.indicated(column))
        function = (word in FUNCTIONS or self.names.is_function(word)) and self.names.rank(word) is None
        return self.called(FUNCTIONS.get(word, word), column) if function else ("name", word, column)

    def opens(self) -> bool:
        return self.here.text in ("(", "[") or (self.here.text in SIZED and self.ahead().text in ("(", "["))

    def called(self, name: str, column: int) -> Node:
        """A function with the power and the argument that follow it."""
        power: Node | None = None
        base: Node | None = None
        if name == "log" and self.is_("_"):
            self.take()
            base = self.argument()
        if self.is_("^"):
            self.take()
            power = self.argument()
            if power[0] != "num":
                raise NotRead(column, f"an inverse function or a power? write \\{name}(...)^{{...}}")
        self.sized()
        if self.here.text in ("(", "[", "{"):
            closing = OPEN[self.take().text]
            args = [self.value()]
            while self.is_(","):
                self.take()
                args.append(self.value())
            self.expect(closing)
        else:
            args = [self.factor()]
            if self.starts_factor():
                raise NotRead(self.here.column, f"where does the argument end? write \\{name}(...) with brackets")
        node: Node = ("call", name, tuple(args), column)
        if base is not None:
            node = ("/", node, ("call", "log", (base,), column), column)
        return node if power is None else ("**", node, power, column)
