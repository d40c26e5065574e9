"""LaTeX as tokens: what is skipped, what names mean, and a place that moves along."""

from __future__ import annotations

import re
from collections.abc import Container

from autograder.plain import late
from autograder.symbolic.language.notation import NotRead, Token
from autograder.symbolic.language.vocabulary import LETTERS, Vocabulary

_LEX = late(
    r"\\(?P<command>[A-Za-z]+|.)|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?P<letter>[A-Za-z])|(?P<op>\|\||\*\*|[<>!=]=|\S)"
)
_SPACE = {",", ";", ":", "!", " ", "quad", "qquad", "displaystyle", "textstyle", "limits", "nolimits", "hspace", "bigg"}
SIZED = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "bigg", "Bigg"}
STYLES = {
    "mathit", "mathrm", "mathbf", "boldsymbol", "bm", "operatorname", "text", "textrm", "mathsf", "vec", "textit",
    "mathbb", "mathds",
}  # fmt: skip
FUNCTIONS = {
    "exp": "exp", "log": "log", "ln": "log", "tanh": "tanh", "sinh": "sinh", "cosh": "cosh", "sin": "sin", "cos": "cos",
    "sech": "sech", "min": "min", "max": "max", "Gamma": "gamma", "sign": "sign", "sgn": "sign", "det": "det",
    "diag": "diag", "Heaviside": "Heaviside", "outer": "outer", "dot": "dot", "sum": "sum", "eye": "eye", "inv": "inv",
    "where": "where", "Abs": "Abs", "abs": "abs", "Min": "Min", "Max": "Max", "gamma": "gamma", "sqrt": "sqrt",
}  # fmt: skip
RELATIONS = {
    "<": "<", ">": ">", "<=": "<=", ">=": ">=", "==": "==", "=": "==", "!=": "!=", "le": "<=", "leq": "<=", "ge": ">=",
    "geq": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "leqslant": "<=", "geqslant": ">=",
}  # fmt: skip
TIMES = {"cdot", "times", "*", "ast"}
ENTRYWISE = {"odot", "circ"}
TRANSPOSE = {"top", "intercal", "mathsf", "T"}
GREEK = {
    "varepsilon": "ε", "epsilon": "ε", "vartheta": "θ", "varphi": "φ", "lambda": "λ",
} | {name: letter for letter, names in LETTERS.items() for name in names}  # fmt: skip
CURES = {
    "'": "; write the derivative out; the transpose of X is X^\\top", "approx": "; an answer is exact",
    "to": "; write the formula alone", "partial": "; write the derivative out", "nabla": "; write the formula alone",
    "int": "; write its value", "prod": "; write the product out", "E": "; write the expectation out",
    "langle": "; write p^\\top q", "lg": "; write \\log_{10}",
}  # fmt: skip
CURES["prime"] = CURES["'"]
"""What to write instead of what is not read."""
OPEN = {"(": ")", "[": "]", "{": "}", "lbrace": "}", "lvert": "|", "|": "|", "lVert": "rVert"}
DEEPEST = 40
MOST = 600


_EATEN = {
    "\a": (r"(?=lpha|st\b|bs\b)", "a"),
    "\b": (r"(?=ar\b|eta|egin|oldsymbol|ig|m\b|inom)", "b"),
    "\f": (r"(?=rac|orall)", "f"),
    "\v": (r"(?=arepsilon|artheta|arphi|ec\b|ert)", "v"),
    "\t": (r"(?=(?:anh?|heta|au|op|ext\w*|imes|frac|ilde|o|riangle\w*)(?![A-Za-z]))", "t"),
    "\r": (r"(?=(?:ight|ho|angle|floor|vert|Vert|brace|m|Rightarrow)(?![A-Za-z]))", "r"),
    "\n": (r"(?=(?:abla|eq|e|ot)(?![A-Za-z]))", "n"),
}
_NU = late(r"\n(?=u(?![A-Za-z])(?!\s*=))")


def uneaten(text: str, known: Container[str]) -> str:
    r"""Return LaTeX with the backslashes that Python took for escapes.

    ``"\frac"`` without ``r`` in front of the string is a form feed and ``rac``.  A line break before ``u`` is a nu only
    where nu is known, u is not, and the rest is LaTeX too.
    """
    if "\\" not in text and not any(char in text for char in "\a\b\f\v\t\r"):
        return text
    for char, (before, letter) in _EATEN.items():
        if char in text:
            text = re.sub(char + before, rf"\\{letter}", text)
    if "\n" in text and "nu" in known and "u" not in known:
        text = _NU.sub(lambda _: "\\n", text)
    if r"\begin{cases}" in text and "\\\\" not in text and text.count("&") > 1:
        text = text.replace("\\ ", "\\\\ ")  # the end of a row, halved
    return _undecorated(text)


_DECORATION = [
    (
        late(r"\\(?:begin|end)\{(?:align|aligned|equation|gather|gathered|split|multline|displaymath|math)\*?\}"),
        "",
    ),
    (late(r"\\(?:tag|label|eqref|ref|color)\*?\s*\{[^{}]*\}|\\(?:nonumber|notag)\b"), ""),
    (late(r"(?<!\\)\\(?:qquad|quad|[,;:!])"), ""),
    (late(r"\\(?:overset|stackrel|underset)\s*(?:\{[^{}]*\}|\S)\s*\{?\s*=\s*\}?"), "="),
    (
        late(
            r"\^\s*(?:\{\s*\\(?:mathsf|mathrm|rm|sf|text|textsf|mathit)\s*\{?\s*T\s*\}?\s*\}|\\(?:mathsf|mathrm)\s*\{?\s*T\}?)"
        ),
        r"^\top",
    ),
    (
        late(r"(?<=[A-Za-z}])\s*\^\s*(?:\{\s*(?:\*|\\ast|\\star)\s*\}|\*(?!\*)|\\ast(?![A-Za-z])|\\star(?![A-Za-z]))"),
        "",
    ),
]
_WORDS = late(r"\\(?:text|textrm|mathrm|mbox)\s*\{(?P<words>\s*[^{}\\$]*)\}")


def _undecorated(text: str) -> str:
    """Return LaTeX without what only decorates it, every other character at its column."""
    for pattern, meant in _DECORATION:
        for match in reversed([*pattern.finditer(text)]):
            text = text[: match.start()] + meant.ljust(len(match.group())) + text[match.end() :]
    return text if r"\begin{cases}" in text else _WORDS.sub(_as_words, text)


def _as_words(match: re.Match[str]) -> str:
    """Words between formulas as plain text; a single word may be a name and stays."""
    words = match["words"]
    return words.rjust(len(match.group())) if " " in words.rstrip("\n") and words.strip() else match.group()


class Tokens:
    """The tokens of a formula, and the place up to which it is read."""

    def __init__(self, text: str, names: Vocabulary) -> None:
        self.names, self.at, self.depth, self.count = names, 0, 0, 0
        self.tokens: list[Token] = []
        for match in _LEX.finditer(text):
            kind, written = str(match.lastgroup), match.group(match.lastgroup or 0)
            if written in ("||", "‖"):
                kind, written = "command", "|"
            skip = (
                written in "$&~" if kind == "op" else kind == "command" and written in (_SPACE | {"[", "]", "(", ")"})
            )
            if not skip or (written == "&" and "cases" in text):
                self.tokens.append(Token(kind, written, match.start() + 1))
        self.end = Token("end", "", len(text) + 1)

    # --- tokens ----------------------------------------------------------------------------------------------

    @property
    def here(self) -> Token:
        """The token to be read."""
        return self.tokens[self.at] if self.at < len(self.tokens) else self.end

    def ahead(self, k: int = 1) -> Token:
        """Return the token that many places on."""
        return self.tokens[self.at + k] if self.at + k < len(self.tokens) else self.end

    def is_(self, *texts: str) -> bool:
        """Whether the token to be read is one of these, and not a letter."""
        return self.here.text in texts and self.here.kind != "letter"

    def take(self) -> Token:
        """Return the token to be read, and go on."""
        token = self.here
        self.at += 1
        return token

    def sized(self) -> None:
        """Skip what sets the size of a bracket."""
        while self.here.kind == "command" and self.here.text in SIZED:
            self.at += 1

    def expect(self, text: str) -> None:
        """Go past a bracket that must be here."""
        self.sized()
        if self.here.text not in (text, {"}": "rbrace", "|": "rvert"}.get(text, text)):
            raise NotRead(self.here.column, f"{text} is missing here")
        self.at += 1
