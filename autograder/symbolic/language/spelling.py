"""Usual spellings, rewritten in the language of answers before they are read.

Greek letters, superscripts, the signs of a keyboard's second row, bars, ``e^-z``, ``tanh^2 z`` and products without a
sign are rewritten where only one meaning is possible; the rest is left for the reader, which says what to write.  Every
character keeps the column of what it stands for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from autograder.symbolic.language.notation import NotRead, Token
from autograder.symbolic.language.spelling_tokens import (
    LONGEST,
    WORDS,
    holds_array,
    lexed,
    start_of_factor,
)
from autograder.symbolic.language.vocabulary import Vocabulary

_OTHER_FUNCTIONS = {"Sum", "sum", "Max", "Min", "max", "min", "where", "dot", "delta", "inv", "diag"}
_MODULES = {"np", "numpy", "math", "xp", "cp", "sp", "sympy"}
_SYNONYMS = {
    "ln": "log", "sgn": "sign", "absolute": "Abs", "fabs": "Abs", "maximum": "Max", "minimum": "Min", "identity": "eye",
    "matmul": "dot",
}  # fmt: skip
_TEMPLATES = {
    "log10": ("(log(", ")/log(10))"), "lg": ("(log(", ")/log(10))"),
    "log2": ("(log(", ")/log(2))"), "relu": ("Max(0, ", ")"), "square": ("((", ")**2)"),
}  # fmt: skip
_MOST = 64
"""Rewritings of one kind in a line; a line that needs more is not a formula."""


def respell(text: str, names: Vocabulary) -> tuple[str, list[int]]:
    """Return the text in the language of answers, and for each of its characters the column that it comes from.

    Raises
    ------
    NotRead
        For a spelling with two meanings.
    """
    tokens = lexed(text, names)
    if len(tokens) > LONGEST:
        return text, list(range(1, len(text) + 1))  # the reader refuses it
    for rewrite in (_indicators, _named, _bars, _exponentials, _functions, _products, _templates):
        tokens = rewrite(tokens, names)
    out = "".join(token.gap + token.text for token in tokens)
    columns = [k for token in tokens for k in _columns(token)]
    return out, columns


def _columns(token: Token) -> list[int]:
    gap = range(token.column - len(token.gap), token.column)
    return [*(max(k, 1) for k in gap), *(token.column + min(k, 0) for k in range(len(token.text)))]


# --- indicators ------------------------------------------------------------------------------------------------

_COMPARISONS = {"<", "<=", ">", ">=", "==", "!=", "="}


def _indicators(tokens: list[Token], names: Vocabulary) -> list[Token]:
    """``1[z > 0]``, ``1_{i=j}`` and ``I(z > 0)`` as the condition in brackets, which counts as 1 where it holds."""
    ones = {"1"} if "I" in names.ranks else {"1", "I"}
    places = [k for k, token in enumerate(tokens) if token.text in ones]
    for k in reversed(places[:_MOST]):
        start = k + 2 if [t.text for t in tokens[k + 1 : k + 2]] == ["_"] else k + 1
        if start >= len(tokens) or tokens[start].text not in ("(", "[", "{"):
            continue
        end = _closing(tokens, start)
        inside = tokens[start + 1 : end - 1]
        if any(token.text in _COMPARISONS for token in inside):
            inside = [replace(t, text="==") if t.text == "=" else t for t in inside]
            opening = replace(tokens[k], kind="op", text="(")
            tokens = [*tokens[:k], opening, *inside, replace(tokens[end - 1], text=")"), *tokens[end:]]
    return tokens


# --- names -----------------------------------------------------------------------------------------------------


def _named(tokens: list[Token], names: Vocabulary) -> list[Token]:
    """Names as they are declared: ``y_hat``, ``x_{ij}``, ``delta_ij``, ``sigma^2`` for ``sigma2``."""
    out: list[Token] = []
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
        if token.text[0] == "_" and out and not token.gap and token.text[1:].isalpha() and len(token.text) <= 3:
            if out[-1].text == "Sum":
                raise NotRead(
                    out[-1].column, f"write a sum with what is summed in brackets: Sum(..., {token.text[1:]})"
                )
            if out[-1].text == ")":  # softmax(z)_j
                out += _tokens_of(f"[{','.join(token.text[1:])}]", token.column)
                continue
        name = names.known_as(token.text)
        square = [t.text for t in tokens[k : k + 2]] in (["^", "2"], ["**", "2"])
        if square and name not in names.ranks and f"{name}2" in names.ranks:
            out.append(replace(token, text=f"{name}2"))
            k += 2
        elif re.fullmatch(r"delta_?[a-z]_?[a-z]", name) and names.rank(name) is None and "delta" not in names.ranks:
            pair = name.removeprefix("delta").replace("_", "")
            out += [replace(token, text="delta"), *_tokens_of(f"({pair[0]},{pair[1]})", token.column)]
        else:
            following = tokens[k] if k < len(tokens) else None
            called = following is not None and (following.text == "(" or following.kind in ("name", "number"))
            out.append(replace(token, text=_SYNONYMS.get(name, name) if called and name not in names.ranks else name))
    return out


def _templates(tokens: list[Token], names: Vocabulary) -> list[Token]:
    """Functions of other languages that are one of ours with something around it: ``log10(u)``, ``relu(u)``."""
    places = [k for k, t in enumerate(tokens[:-1]) if t.text in _TEMPLATES and tokens[k + 1].text == "("]
    for k in reversed(places[:_MOST]):
        if tokens[k].text in names.ranks:
            continue
        before, after = _TEMPLATES[tokens[k].text]
        end, column = _closing(tokens, k + 1), tokens[k].column
        head = [Token("op", before, column, tokens[k].gap)]
        tokens = [*tokens[:k], *head, *tokens[k + 2 : end - 1], Token("op", after, column), *tokens[end:]]
    return tokens


def _braced(tokens: list[Token], k: int) -> tuple[list[str], int]:
    """Letters and digits in braces from a place on, with the place after them."""
    found: list[str] = []
    if k < len(tokens) and tokens[k].text == "{":
        for at in range(k + 1, min(k + 8, len(tokens))):
            if tokens[at].text == "}":
                return found, at + 1
            if tokens[at].text != ",":
                found.append(tokens[at].text)
    return [], k


def _tokens_of(text: str, column: int) -> list[Token]:
    return [Token("name" if c.isalpha() else "op", c, column) for c in text]


# --- bars, exponentials, functions without brackets ------------------------------------------------------------


def _bars(tokens: list[Token], names: Vocabulary) -> list[Token]:
    """``|u|`` as ``Abs(u)``: a bar opens after an operator or a bracket and closes after a value."""
    if not any(token.text in "|‖" for token in tokens):
        return tokens
    if "‖" in {t.text for t in tokens} or any(a.text == b.text == "|" and not b.gap for a, b in pairwise(tokens)):
        column = next(t.column for t in tokens if t.text in "|‖")
        raise NotRead(column, "write sum(r**2) for the squared norm of r, or Abs(...) for an absolute value")
    out: list[Token] = []
    depth = 0
    for token in tokens:
        if token.text != "|":
            out.append(token)
            continue
        before = out[-1] if out else None
        value = before is not None and (before.kind in ("name", "number") or before.text in (")", "]"))
        value = value and before is not None and before.text not in WORDS
        if value and depth == 0:
            return tokens  # no pair: the reader says that it is not part of the language
        depth += -1 if value else 1
        out += (
            [replace(token, text=")")]
            if value
            else [replace(token, kind="name", text="Abs"), *_tokens_of("(", token.column)]
        )
    return out if depth == 0 else tokens


def _operand(tokens: list[Token], k: int, depth: int = 0) -> int:
    """Return the place after an operand: signs, a number, a name or a bracket with what belongs to it, and powers."""
    if depth > _MOST:
        raise NotRead(tokens[k - 1].column, "too many powers on top of each other; use brackets")
    while k < len(tokens) and tokens[k].text in ("-", "+"):
        k += 1
    if k < len(tokens) and (tokens[k].kind in ("name", "number") or tokens[k].text in "([{"):
        k = _closing(tokens, k) if tokens[k].text in "([{" else k + 1
        while k < len(tokens) and tokens[k].text in ("(", "[") and not tokens[k].gap and tokens[k - 1].kind == "name":
            k = _closing(tokens, k)
    if k < len(tokens) and tokens[k].text in ("^", "**"):
        return _operand(tokens, k + 1, depth + 1)
    return k


def _closing(tokens: list[Token], k: int) -> int:
    """Return the place after the bracket that closes the one here."""
    depth = 0
    for at in range(k, len(tokens)):
        depth += (tokens[at].text in "([{") - (tokens[at].text in ")]}") if len(tokens[at].text) == 1 else 0
        if depth == 0:
            return at + 1
    return len(tokens)


def _exponentials(tokens: list[Token], names: Vocabulary) -> list[Token]:
    """``e^u`` as ``exp(u)``, where no symbol is called e."""
    if "e" in names.ranks or "e" in names.indices:
        return tokens
    places = [k for k, t in enumerate(tokens[:-1]) if t.text == "e" and tokens[k + 1].text in ("^", "**")]
    if len(places) > _MOST:
        raise NotRead(tokens[places[_MOST]].column, "too many powers of e; write exp(u)")
    for k in reversed(places):
        end = _operand(tokens, k + 2)
        inside = tokens[k + 2 : end]
        if not inside:
            continue
        if end < len(tokens) and tokens[end].kind == "name" and not tokens[end].gap and inside[-1].kind == "number":
            raise NotRead(tokens[k].column, "where does the exponent end? write exp(...) with brackets")
        if inside[0].text in "({" and _closing(inside, 0) == len(inside):
            inside = inside[1:-1]
        column = tokens[k].column
        wrapped = [replace(tokens[k], text="exp"), *_tokens_of("(", column), *inside, *_tokens_of(")", column)]
        tokens = [*tokens[:k], *wrapped, *tokens[end:]]
    return tokens


def _functions(tokens: list[Token], names: Vocabulary) -> list[Token]:
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
        elif tokens[at].kind in ("name", "number") and tokens[at].text not in WORDS:
            end = at + 1
            while end < len(tokens) and tokens[end].text == "[" and not tokens[end].gap:
                end = _closing(tokens, end)
            if end < len(tokens) and tokens[end].text == "(" and _called(tokens[at].text, names):
                end = _closing(tokens, end)  # log Sum(exp(z[l]), l)
            after = tokens[end] if end < len(tokens) else None
            if after is not None and (after.kind in ("name", "number") or after.text in ("(", "^", "**")):
                raise NotRead(
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


def _products(tokens: list[Token], names: Vocabulary) -> list[Token]:
    """A product sign where two factors touch and one meaning is possible."""
    out: list[Token] = []
    for k, token in enumerate(tokens):
        if out and _is_product(out[-1], token, names):
            start = start_of_factor(out)
            loose = bool(token.gap) and not out[start].gap and not out[start - 1].gap
            if start and out[start - 1].text == "/" and not loose:
                raise NotRead(token.column, "a product after / is ambiguous; write a/(b*c) or (a/b)*c")
            if holds_array(out[start:], names) and holds_array(tokens[k : _operand(tokens, k)], names):
                outer = _outer(out[start:], tokens[k : _operand(tokens, k)], names)
                said = "between arrays write @ for the matrix product, or * entry by entry"
                raise NotRead(token.column, f"{said}; a matrix of two vectors is {outer}" if outer else said)
            out.append(Token("op", "*", token.column, token.gap))
            token = replace(token, gap=token.gap and " ")
        out.append(token)
    return out


def _outer(before: list[Token], after: list[Token], names: Vocabulary) -> str:
    """What ``p p.T`` is written as, for two vectors."""
    vectors = len(before) == 1 and names.rank(before[0].text) == 1 and names.rank(after[0].text) == 1
    return f"outer({before[0].text}, {after[0].text})" if vectors else ""


def _is_product(before: Token, token: Token, names: Vocabulary) -> bool:
    opens = token.text == "("
    name = token.kind == "name" and token.text not in WORDS
    if not opens and not name:
        return False
    if name and token.text in ("if", "else", "for", "in", "is", "lambda", "T") and token.text not in names.ranks:
        return False
    if before.kind == "number":
        return name or opens
    if before.text in (")", "]"):
        return name or opens
    if before.kind != "name" or before.text in WORDS:
        return False
    if (before.text == "T" and "T" not in names.ranks) or (names.rank(before.text) or 0) > 0:
        return bool(token.gap) and (opens or (names.rank(token.text) or 0) > 0)
    if names.rank(before.text) != 0:
        return False
    return opens or names.rank(token.text) is not None or (bool(token.gap) and _called(token.text, names))


def _called(name: str, names: Vocabulary) -> bool:
    return names.is_function(name) or name in _OTHER_FUNCTIONS or name in _TEMPLATES
