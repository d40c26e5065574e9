"""Usual spellings, rewritten in the language of answers before they are read.

Greek letters, superscripts, the signs of a keyboard's second row, bars, ``e^-z``, ``tanh^2 z`` and products without a
sign are rewritten where only one meaning is possible; the rest is left for the reader, which says what to write.  Every
character keeps the column of what it stands for.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from autograder.plain import dataclass
from autograder.symbolic.language.vocabulary import LETTERS, VARIANTS, Vocabulary

_SIGNS = {
    "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "≤": "<=", "≥": ">=",
    "≠": "!=", "ᵀ": ".T", "⊤": ".T", "∑": "Sum", "Σ": "Sum", "√": "sqrt", "⊙": "*", "∘": "*", "Γ": "gamma",
}  # fmt: skip
_DOTS = "·⋅∙"
_NUMBERS = {"@", "dot", "sum", "Sum", "["}
"""What makes a number of arrays, or takes an entry."""
_UP = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_GREEK_CLASS = "".join([*LETTERS, *VARIANTS])
_LEX = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[A-Za-z_][A-Za-z_0-9]*(?:(?<=_)[{_GREEK_CLASS}])?|[{_GREEK_CLASS}](?:[0-9]+|_[A-Za-z0-9]+)?)"
    r"|(?P<up>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)|(?P<op>\*\*|<=|>=|==|!=|\S)"
)
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar"}
_WORDS = {"and", "or", "not", "True", "False"}
_OTHER_FUNCTIONS = {"Sum", "sum", "Max", "Min", "max", "min", "where", "dot", "delta", "inv", "diag"}
_MODULES = {"np", "numpy", "math", "xp", "cp", "sp", "sympy"}
_SYNONYMS = {
    "ln": "log", "sgn": "sign", "absolute": "Abs", "fabs": "Abs", "maximum": "Max", "minimum": "Min", "identity": "eye",
    "matmul": "dot",
}  # fmt: skip
_TEMPLATES = {
    "log10": ("(log(", ")/log(10))"), "log2": ("(log(", ")/log(2))"), "relu": ("Max(0, ", ")"),
    "square": ("((", ")**2)"),
}  # fmt: skip
_LONGEST = 1200
_MOST = 64
"""Rewritings of one kind in a line; a line that needs more is not a formula."""


class Ambiguous(Exception):
    """A spelling with two meanings: the column, and what to write instead."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int
    gap: str = ""


def respell(text: str, names: Vocabulary) -> tuple[str, list[int]]:
    """Return the text in the language of answers, and for each of its characters the column that it comes from.

    Raises
    ------
    Ambiguous
        For a spelling with two meanings.
    """
    tokens = _lexed(text, names)
    if len(tokens) > _LONGEST:
        return text, list(range(1, len(text) + 1))  # the reader refuses it
    for rewrite in (_named, _bars, _exponentials, _functions, _products, _templates):
        tokens = rewrite(tokens, names)
    out = "".join(token.gap + token.text for token in tokens)
    columns = [k for token in tokens for k in _columns(token)]
    return out, columns


def _columns(token: _Token) -> list[int]:
    gap = range(token.column - len(token.gap), token.column)
    return [*(max(k, 1) for k in gap), *(token.column + min(k, 0) for k in range(len(token.text)))]


def _lexed(text: str, names: Vocabulary) -> list[_Token]:
    tokens: list[_Token] = []
    text, places = _unaccented(text)
    end = 0
    for match in _LEX.finditer(text):
        kind, written = str(match.lastgroup), match.group()
        gap = " " * (match.start() - end)
        if len(tokens) > _LONGEST:
            break
        column, end = places[match.start()], match.end()
        if kind == "name":
            greek = "" if written.isascii() else next((c for c in written if c in _GREEK_CLASS), "")
            written = written.replace(greek, names.letter(greek)) if greek else written
            tokens.append(_Token("name", written, column, gap))
        elif kind == "up":
            whole = written.translate(_UP)
            tokens += [_Token("op", "^", column, gap), *_group(whole, column)]
        elif written in _DOTS and tokens and _array_before(tokens, names) and _next_is_array(text[end:], names):
            raise Ambiguous(column, "write p*y for products entry by entry, or p@y for their sum")
        elif written in "⟨⟩":
            opens = [_Token("name", "dot", column, gap), _Token("op", "(", column)]
            tokens += opens if written == "⟨" else [_Token("op", ")", column, gap)]
        elif written in ("ᵀ", "⊤"):
            tokens += [_Token("op", ".", column, gap), _Token("name", "T", column)]
        elif written in "∑Σ√Γ":
            tokens.append(_Token("name", _SIGNS[written], column, gap))
        else:
            tokens.append(_Token(kind, _SIGNS.get(written, written), column, gap))
    if text[end:]:
        tokens.append(_Token("space", "", len(text) + 1, " " * (len(text) - end)))
    return tokens


def _unaccented(text: str) -> tuple[str, list[int]]:
    """Hats and bars on letters as the endings of names; with the column of every character."""
    if text.isascii():
        return text, list(range(1, len(text) + 1))
    out: list[str] = []
    places: list[int] = []
    for column, char in enumerate(text, 1):
        plain = "".join(_ACCENTS.get(c, c) for c in unicodedata.normalize("NFD", char))
        plain = plain if char in _ACCENTS or plain[1:] in _ACCENTS.values() else char
        out.append(plain)
        places += [column] * len(plain)
    return "".join(out), places


def _group(written: str, column: int) -> list[_Token]:
    number = _Token("number", written.strip("+-") or "?", column)
    if written[0] not in "+-":
        return [number]
    return [_Token("op", "(", column), _Token("op", written[0], column), number, _Token("op", ")", column)]


def _is_array(token: _Token, names: Vocabulary) -> bool:
    return token.kind == "name" and (names.rank(token.text) or 0) > 0


def _array_before(tokens: list[_Token], names: Vocabulary) -> bool:
    """Whether an array ends here, or a bracket that holds one and no product that makes a number of it."""
    if tokens[-1].text != ")":
        return _is_array(tokens[-1], names)
    group = tokens[_start(tokens) :]
    return _holds_array(group, names) and not {t.text for t in group} & _NUMBERS


def _next_is_array(rest: str, names: Vocabulary) -> bool:
    rest = rest.lstrip()
    found = [m.group() for m in _LEX.finditer(rest.split(")")[0])] if rest.startswith("(") else []
    first = _LEX.match(rest)
    words = found or ([first.group()] if first is not None else [])
    return any((names.rank(word) or 0) > 0 for word in words) and not _NUMBERS & {*words}


# --- names -----------------------------------------------------------------------------------------------------


def _named(tokens: list[_Token], names: Vocabulary) -> list[_Token]:
    """Names as they are declared: ``y_hat``, ``x_{ij}``, ``delta_ij``, ``sigma^2`` for ``sigma2``."""
    out: list[_Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        k += 1
        if token.kind != "name":
            out.append(token)
            continue
        if token.text in _MODULES and token.text not in names.ranks and [t.text for t in tokens[k : k + 1]] == ["."]:
            k += 1
            continue
        if out and out[-1].text in ("^", "**") and token.text == "T" and "T" not in names.ranks:
            out[-1] = replace(out[-1], text=".")
            out.append(token)
            continue
        below, after = _braced(tokens, k) if token.text.endswith("_") else ([], k)
        if below:
            k = after
            token = replace(token, text=token.text + "".join(below))
        name = names.known_as(token.text)
        square = [t.text for t in tokens[k : k + 2]] in (["^", "2"], ["**", "2"])
        if square and name not in names.ranks and f"{name}2" in names.ranks:
            out.append(replace(token, text=f"{name}2"))
            k += 2
        elif re.fullmatch(r"delta_?[a-z]_?[a-z]", name) and names.rank(name) is None and "delta" not in names.ranks:
            pair = name.removeprefix("delta").replace("_", "")
            out += [replace(token, text="delta"), *_tokens_of(f"({pair[0]},{pair[1]})", token.column)]
        else:
            called = [t.text for t in tokens[k : k + 1]] == ["("] and name not in names.ranks
            out.append(replace(token, text=_SYNONYMS.get(name, name) if called else name))
    return out


def _templates(tokens: list[_Token], names: Vocabulary) -> list[_Token]:
    """Functions of other languages that are one of ours with something around it: ``log10(u)``, ``relu(u)``."""
    places = [k for k, t in enumerate(tokens[:-1]) if t.text in _TEMPLATES and tokens[k + 1].text == "("]
    for k in reversed(places[:_MOST]):
        if tokens[k].text in names.ranks:
            continue
        before, after = _TEMPLATES[tokens[k].text]
        end, column = _closing(tokens, k + 1), tokens[k].column
        head = [_Token("op", before, column, tokens[k].gap)]
        tokens = [*tokens[:k], *head, *tokens[k + 2 : end - 1], _Token("op", after, column), *tokens[end:]]
    return tokens


def _braced(tokens: list[_Token], k: int) -> tuple[list[str], int]:
    """Letters and digits in braces from a place on, with the place after them."""
    found: list[str] = []
    if k < len(tokens) and tokens[k].text == "{":
        for at in range(k + 1, min(k + 8, len(tokens))):
            if tokens[at].text == "}":
                return found, at + 1
            if tokens[at].text != ",":
                found.append(tokens[at].text)
    return [], k


def _tokens_of(text: str, column: int) -> list[_Token]:
    return [_Token("name" if c.isalpha() else "op", c, column) for c in text]


# --- bars, exponentials, functions without brackets ------------------------------------------------------------


def _bars(tokens: list[_Token], names: Vocabulary) -> list[_Token]:
    """``|u|`` as ``Abs(u)``: a bar opens after an operator or a bracket and closes after a value."""
    if not any(token.text == "|" for token in tokens):
        return tokens
    out: list[_Token] = []
    depth = 0
    for token in tokens:
        if token.text != "|":
            out.append(token)
            continue
        before = out[-1] if out else None
        value = before is not None and (before.kind in ("name", "number") or before.text in (")", "]"))
        value = value and before is not None and before.text not in _WORDS
        if value and depth == 0:
            return tokens  # no pair: the reader says that it is not part of the language
        depth += -1 if value else 1
        out += (
            [replace(token, text=")")]
            if value
            else [replace(token, kind="name", text="Abs"), *_tokens_of("(", token.column)]
        )
    return out if depth == 0 else tokens


def _operand(tokens: list[_Token], k: int, depth: int = 0) -> int:
    """Return the place after an operand: signs, a number, a name or a bracket with what belongs to it, and powers."""
    if depth > _MOST:
        raise Ambiguous(tokens[k - 1].column, "too many powers on top of each other; use brackets")
    while k < len(tokens) and tokens[k].text in ("-", "+"):
        k += 1
    if k < len(tokens) and (tokens[k].kind in ("name", "number") or tokens[k].text in "([{"):
        k = _closing(tokens, k) if tokens[k].text in "([{" else k + 1
        while k < len(tokens) and tokens[k].text in ("(", "[") and not tokens[k].gap and tokens[k - 1].kind == "name":
            k = _closing(tokens, k)
    if k < len(tokens) and tokens[k].text in ("^", "**"):
        return _operand(tokens, k + 1, depth + 1)
    return k


def _closing(tokens: list[_Token], k: int) -> int:
    """Return the place after the bracket that closes the one here."""
    depth = 0
    for at in range(k, len(tokens)):
        depth += (tokens[at].text in "([{") - (tokens[at].text in ")]}") if len(tokens[at].text) == 1 else 0
        if depth == 0:
            return at + 1
    return len(tokens)


def _exponentials(tokens: list[_Token], names: Vocabulary) -> list[_Token]:
    """``e^u`` as ``exp(u)``, where no symbol is called e."""
    if "e" in names.ranks or "e" in names.indices:
        return tokens
    places = [k for k, t in enumerate(tokens[:-1]) if t.text == "e" and tokens[k + 1].text in ("^", "**")]
    if len(places) > _MOST:
        raise Ambiguous(tokens[places[_MOST]].column, "too many powers of e; write exp(u)")
    for k in reversed(places):
        end = _operand(tokens, k + 2)
        inside = tokens[k + 2 : end]
        if not inside:
            continue
        if end < len(tokens) and tokens[end].kind == "name" and not tokens[end].gap and inside[-1].kind == "number":
            raise Ambiguous(tokens[k].column, "where does the exponent end? write exp(...) with brackets")
        if inside[0].text in "({" and _closing(inside, 0) == len(inside):
            inside = inside[1:-1]
        column = tokens[k].column
        wrapped = [replace(tokens[k], text="exp"), *_tokens_of("(", column), *inside, *_tokens_of(")", column)]
        tokens = [*tokens[:k], *wrapped, *tokens[end:]]
    return tokens


def _functions(tokens: list[_Token], names: Vocabulary) -> list[_Token]:
    """``tanh^2 z``, ``tanh^2(z)`` and ``tanh z`` with the argument in brackets, and the power after it."""
    places = [k for k, t in enumerate(tokens) if t.kind == "name" and names.is_function(t.text)]
    for k in reversed(places[:_MOST]):
        at, power = k + 1, tokens[k + 1 : k + 1]
        if at + 1 < len(tokens) and tokens[at].text in ("^", "**"):
            if tokens[at + 1].kind != "number":
                continue
            power, at = tokens[at : at + 2], at + 2
        if at >= len(tokens) or (tokens[at].text == "(" and not power):
            continue
        if tokens[at].text == "(":
            end = _closing(tokens, at)
            argument = tokens[at:end]
        elif tokens[at].kind in ("name", "number") and tokens[at].text not in _WORDS:
            end = at + 1
            while end < len(tokens) and tokens[end].text == "[" and not tokens[end].gap:
                end = _closing(tokens, end)
            after = tokens[end] if end < len(tokens) else None
            if after is not None and (after.kind in ("name", "number") or after.text in ("(", "^", "**")):
                raise Ambiguous(
                    tokens[k].column, f"where does the argument end? write {tokens[k].text}(...) with brackets"
                )
            column = tokens[at].column
            argument = [*_tokens_of("(", column), *tokens[at:end], *_tokens_of(")", column)]
            argument[1] = replace(argument[1], gap="")
        else:
            continue
        tokens = [*tokens[: k + 1], replace(argument[0], gap=""), *argument[1:], *power, *tokens[end:]]
    return tokens


# --- products without a sign -----------------------------------------------------------------------------------


def _products(tokens: list[_Token], names: Vocabulary) -> list[_Token]:
    """A product sign where two factors touch and one meaning is possible."""
    out: list[_Token] = []
    for k, token in enumerate(tokens):
        if out and _is_product(out[-1], token, names):
            start = _start(out)
            loose = bool(token.gap) and not out[start].gap and not out[start - 1].gap
            if start and out[start - 1].text == "/" and not loose:
                raise Ambiguous(token.column, "a product after / is ambiguous; write a/(b*c) or (a/b)*c")
            if _holds_array(out[start:], names) and _holds_array(tokens[k : _operand(tokens, k)], names):
                raise Ambiguous(token.column, "between arrays write @ for the matrix product, or * entry by entry")
            out.append(_Token("op", "*", token.column, token.gap))
            token = replace(token, gap=token.gap and " ")
        out.append(token)
    return out


def _holds_array(tokens: list[_Token], names: Vocabulary) -> bool:
    after = [*(t.text for t in tokens[1:]), ""]
    return any(_is_array(t, names) and following != "[" for t, following in zip(tokens, after, strict=True))


def _is_product(before: _Token, token: _Token, names: Vocabulary) -> bool:
    opens = token.text == "("
    name = token.kind == "name" and token.text not in _WORDS
    if not opens and not name:
        return False
    if name and token.text in ("if", "else", "for", "in", "is", "lambda", "T") and token.text not in names.ranks:
        return False
    if before.kind == "number":
        return name or opens
    if before.text in (")", "]"):
        return name or opens
    if before.kind != "name" or before.text in _WORDS:
        return False
    if (before.text == "T" and "T" not in names.ranks) or (names.rank(before.text) or 0) > 0:
        return bool(token.gap) and (opens or (names.rank(token.text) or 0) > 0)
    if names.rank(before.text) != 0:
        return False
    return opens or (bool(token.gap) and (names.rank(token.text) is not None or _called(token.text, names)))


def _called(name: str, names: Vocabulary) -> bool:
    return names.is_function(name) or name in _OTHER_FUNCTIONS or name in _TEMPLATES


def _start(tokens: list[_Token]) -> int:
    """Return the place where the last factor begins."""
    k, depth = len(tokens) - 1, 0
    while k > 0:
        depth += (tokens[k].text in (")", "]")) - (tokens[k].text in ("(", "["))
        if depth == 0 and tokens[k].text == "T" and tokens[k - 1].text == ".":
            k -= 2
            continue
        attached = tokens[k].text in ("(", "[") and tokens[k - 1].kind == "name" and tokens[k - 1].text not in _WORDS
        if depth == 0 and not attached:
            break
        k -= 1
    return k
