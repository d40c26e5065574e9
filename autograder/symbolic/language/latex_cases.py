"""Cases and conditions in LaTeX."""

from __future__ import annotations

from abc import abstractmethod

from autograder.symbolic.language.latex_tokens import OPEN, RELATIONS, SIZED, Tokens
from autograder.symbolic.language.notation import NotRead
from autograder.symbolic.language.vocabulary import Node

_OPENING = ("(", "[", "{", "lbrace")


class Cases(Tokens):
    """Reads the environment ``cases`` and the conditions of functions such as ``where``."""

    @abstractmethod
    def sum(self) -> Node:
        """Read a sum of terms."""

    def value(self) -> Node:
        """Read an argument: a condition, or a sum of terms."""
        return self.condition() if self.has_relation(self.at) else self.sum()

    def has_relation(self, at: int) -> bool:
        """Whether a comparison comes before the argument that begins there ends."""
        depth = 0
        for token in self.tokens[at:]:
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
            if depth < 0 or (depth == 0 and token.text == ","):
                return False
            if depth == 0 and token.text in RELATIONS and token.kind != "letter":
                return True
        return False

    def on_begin(self, column: int) -> Node:
        """Read the environment cases."""
        if [self.ahead(k).text for k in range(7)] != ["{", *"cases", "}"]:
            raise NotRead(column, "only the environment cases is read")
        self.at += 7
        rows: list[tuple[Node, Node]] = []
        while not self.is_("end"):
            value = self.sum()
            while self.is_(",", "&"):
                self.take()
            rows.append((value, self.condition()))
            while self.is_("\\", ",", "."):
                self.take()
            if len(rows) > 20 or self.here.kind == "end":
                raise NotRead(column, r"\end{cases} is missing")
        self.at += 8
        if len(rows) == 2 and rows[1][1][0] == "bool":
            return ("call", "where", (rows[0][1], rows[0][0], rows[1][0]), column)
        return ("call", "Piecewise", tuple(("tuple", row, column) for row in rows), column)

    # --- indicators ------------------------------------------------------------------------------------------

    def opens_condition(self) -> bool:
        """Whether a bracket that holds a comparison comes next, perhaps as a subscript."""
        at = self.at + self.is_("_")
        while at < len(self.tokens) and self.tokens[at].text in (*SIZED, *_OPENING):
            at += 1
        return self.has_relation(at) and at > self.at

    def indicated(self, column: int) -> Node:
        r"""Read the condition of an indicator: ``_{z>0}``, ``[z>0]`` or ``\{z>0\}``."""
        if self.is_("_"):
            self.take()
        self.sized()
        if self.here.text not in _OPENING:
            raise NotRead(column, r"for an indicator write \mathbb{1}[z > 0], \delta_{ij} or the environment cases")
        closing = OPEN[self.take().text]
        node = self.condition() if self.has_relation(self.at) else self.indicated(column)
        self.expect(closing)
        return node

    # --- conditions ------------------------------------------------------------------------------------------

    def condition(self) -> Node:
        """Read comparisons joined by and, or by or."""
        parts, word = [self.comparison()], ""
        while self.is_("wedge", "land", "vee", "lor") or (self.is_("text") and self.word(False) in ("and", "or")):
            joined = (
                self.word(True) if self.is_("text") else {"wedge": "and", "land": "and"}.get(self.take().text, "or")
            )
            if word and joined != word:
                raise NotRead(self.here.column, "'and' next to 'or': write where(..., ..., ...) in plain text")
            word = joined
            parts.append(self.comparison())
        return (word, tuple(parts), self.here.column) if word else parts[0]

    def word(self, take: bool) -> str:
        """The word of a text here."""
        at, word = self.at + 2, ""
        while at < len(self.tokens) and self.tokens[at].text != "}":
            word += self.tokens[at].text
            at += 1
        if take:
            self.at = at + 1
        return word.strip().lower()

    def comparison(self) -> Node:
        """Read one comparison, or the word otherwise."""
        while self.is_("text", "mathrm", "textrm"):
            word = self.word(True)
            if word in ("otherwise", "else", "sonst"):
                return ("bool", True)
            if word == "never":
                return ("bool", False)
            if word not in ("if", "for", "falls", "when"):
                raise NotRead(self.here.column, f"{word} is not read in a condition")
        if self.is_("neg"):
            column = self.take().column
            return ("not", self.comparison(), column)
        values, parts = [self.sum()], []
        while self.here.text in RELATIONS and self.here.kind != "letter":
            token = self.take()
            values.append(self.sum())
            parts.append(("cmp", RELATIONS[token.text], values[-2], values[-1], token.column))
        if not parts:
            raise NotRead(self.here.column, r"a condition such as z > 0 is needed here, or \text{otherwise}")
        return parts[0] if len(parts) == 1 else ("and", tuple(parts), parts[0][-1])
