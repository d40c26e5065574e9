"""Tokens of a line in its usual spelling: signs, Greek letters, superscripts and accents as plain text.

Every token keeps the column of what it stands for.
"""

from __future__ import annotations

import unicodedata

from autograder.plain import late
from autograder.symbolic.language.notation import NotRead, Token
from autograder.symbolic.language.vocabulary import LETTERS, VARIANTS, Vocabulary

_SIGNS = {
    "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "≤": "<=", "≥": ">=",
    "≠": "!=", "ᵀ": ".T", "⊤": ".T", "∑": "Sum", "Σ": "Sum", "√": "sqrt", "⊙": "*", "∘": "*", "Γ": "gamma",
    "⁄": "/", "〖": "(", "〗": ")", "\N{INVISIBLE TIMES}": "*",
}  # fmt: skip
_WORD_IN_BRACKETS = late(r"〖[A-Za-z]+〗")
_DOTS = "·⋅∙"
_NUMBERS = {"@", "dot", "sum", "Sum", "["}
"""What makes a number of arrays, or takes an entry."""
_UP = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_GREEK_CLASS = "".join([*LETTERS, *VARIANTS])
_LEX = late(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[A-Za-z_][A-Za-z_0-9]*(?:(?<=_)[{_GREEK_CLASS}])?|[{_GREEK_CLASS}](?:[0-9]+|_[A-Za-z0-9]+)?)"
    r"|(?P<up>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)|(?P<op>\*\*|<=|>=|==|!=|\S)"
)
_DOWN = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙ", "0123456789ijklmn", strict=True))
_APPLIED = "\N{FUNCTION APPLICATION}"
"""A character without a shape, which Word puts between a function and its argument."""
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar"}
WORDS = {"and", "or", "not", "True", "False"}
LONGEST = 1200


def lexed(text: str, names: Vocabulary) -> list[Token]:
    """Return the tokens of a line.

    Raises
    ------
    NotRead
        For a sign with two meanings.
    """
    tokens: list[Token] = []
    text, places = _unaccented(text)
    end = 0
    for match in _LEX.finditer(text):
        kind, written = str(match.lastgroup), match.group()
        gap = " " * (match.start() - end)
        if len(tokens) > LONGEST:
            break
        column, end = places[match.start()], match.end()
        if kind == "name":
            greek = "" if written.isascii() else next((c for c in written if c in _GREEK_CLASS), "")
            written = written.replace(greek, names.letter(greek)) if greek else written
            tokens.append(Token("name", written, column, gap))
        elif kind == "up":
            whole = written.translate(_UP)
            tokens += [Token("op", "^", column, gap), *_group(whole, column)]
        elif unicodedata.normalize("NFKC", written)[1:2] == "\N{FRACTION SLASH}":
            above, below = unicodedata.normalize("NFKC", written).split("\N{FRACTION SLASH}")
            half = [("op", "("), ("number", above), ("op", "/"), ("number", below), ("op", ")")]
            tokens += [Token(k, w, column, gap if w == "(" else "") for k, w in half]
        elif written in _DOTS and tokens and _array_before(tokens, names) and _next_is_array(text[end:], names):
            raise NotRead(column, "write p*y for products entry by entry, or p@y for their sum")
        elif written in "⟨⟩":
            opens = [Token("name", "dot", column, gap), Token("op", "(", column)]
            tokens += opens if written == "⟨" else [Token("op", ")", column, gap)]
        elif written in ("ᵀ", "⊤"):
            tokens += [Token("op", ".", column, gap), Token("name", "T", column)]
        elif written in "𝟙𝟏":
            tokens.append(Token("number", "1", column, gap))
        elif written in "∑Σ√Γ":
            tokens.append(Token("name", _SIGNS[written], column, gap))
        else:
            tokens.append(Token(kind, _SIGNS.get(written, written), column, gap))
    if text[end:]:
        tokens.append(Token("space", "", len(text) + 1, " " * (len(text) - end)))
    return tokens


def _unaccented(text: str) -> tuple[str, list[int]]:
    """Hats and bars on letters as the endings of names, subscripts as digits and ``_i``; with the columns."""
    if text.isascii():
        return text, list(range(1, len(text) + 1))
    out: list[str] = []
    places: list[int] = []
    brackets = {column for word in _WORD_IN_BRACKETS.finditer(text) for column in (word.start() + 1, word.end())}
    for column, char in enumerate(text, 1):
        if char == _APPLIED or column in brackets:
            continue
        if char in _ACCENTS and out and out[-1] == " ":  # Word sets it after a space
            out.pop()
            places.pop()
        plain = "".join(_ACCENTS.get(c, c) for c in unicodedata.normalize("NFD", char))
        plain = plain if char in _ACCENTS or plain[1:] in _ACCENTS.values() else _DOWN.get(char, char)
        if plain.isalpha() and char in _DOWN and text[column - 2 : column - 1] not in _DOWN:
            plain = f"_{plain}"
        out.append(plain)
        places += [column] * len(plain)
    return "".join(out), places


def _group(written: str, column: int) -> list[Token]:
    number = Token("number", written.strip("+-") or "?", column)
    if written[0] not in "+-":
        return [number]
    return [Token("op", "(", column), Token("op", written[0], column), number, Token("op", ")", column)]


def is_array(token: Token, names: Vocabulary) -> bool:
    """Whether a token is the name of an array."""
    return token.kind == "name" and (names.rank(token.text) or 0) > 0


def _array_before(tokens: list[Token], names: Vocabulary) -> bool:
    """Whether an array ends here, or a bracket that holds one and no product that makes a number of it."""
    if tokens[-1].text != ")":
        return is_array(tokens[-1], names)
    group = tokens[start_of_factor(tokens) :]
    return holds_array(group, names) and not {t.text for t in group} & _NUMBERS


def _next_is_array(rest: str, names: Vocabulary) -> bool:
    rest = rest.lstrip()
    found = [m.group() for m in _LEX.finditer(rest.split(")")[0])] if rest.startswith("(") else []
    first = _LEX.match(rest)
    words = found or ([first.group()] if first is not None else [])
    return any((names.rank(word) or 0) > 0 for word in words) and not _NUMBERS & {*words}


def holds_array(tokens: list[Token], names: Vocabulary) -> bool:
    """Whether an array without subscripts is among some tokens."""
    after = [*(t.text for t in tokens[1:]), ""]
    return any(is_array(t, names) and following != "[" for t, following in zip(tokens, after, strict=True))


def start_of_factor(tokens: list[Token]) -> int:
    """Return the place where the last factor begins."""
    k, depth = len(tokens) - 1, 0
    while k > 0:
        depth += (tokens[k].text in (")", "]")) - (tokens[k].text in ("(", "["))
        if depth == 0 and tokens[k].text == "T" and tokens[k - 1].text == ".":
            k -= 2
            continue
        attached = tokens[k].text in ("(", "[") and tokens[k - 1].kind == "name" and tokens[k - 1].text not in WORDS
        if depth == 0 and not attached:
            break
        k -= 1
    return k
