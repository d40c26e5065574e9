"""The text of a derivation as statements, each with the number of the student's line.

Prose, comments, bullets and the decoration of LaTeX are skipped; derivatives in any usual notation are rewritten as
``D(a, b)``.  Whatever is skipped is replaced by spaces, so that columns stay those of the student's line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from itertools import islice
from typing import Literal

from autograder.plain import dataclass, late
from autograder.symbolic.language.latex_tokens import uneaten
from autograder.symbolic.language.notation import GREEK
from autograder.symbolic.language.question import Question
from autograder.symbolic.language.surface import FUNCTIONS, INSTEAD, MAX_TEXT

MAX_DERIVATION = 20_000
MAX_STATEMENTS = 400
_JOINED = 8
_ARROWS = 20


@dataclass(frozen=True)
class WrittenStep:
    """One line, or a part of one: its pieces between ``=`` signs, and whether it begins with ``=``.

    ``aside`` holds for some values only: a reason, as after "since", or a case, as after "for z > 0:"; ``solves`` is
    what an equation to solve gives, said in words.
    """

    number: int
    pieces: tuple[str, ...]
    continues: bool = False
    aside: Literal["", "reason", "case"] = ""
    solves: bool = False


_NOISE = late(r"\s*(\\(begin|end)\{(?!cases)[^}]*\}.*|\$\$|\\\[|\\\]|```.*|-{3,}|={3,}|\*{3,}|(q\.?e\.?d\.?))\s*", re.I)
_COMMENT = late(r"#.*|^\s*//.*")
_BULLET = late(r"\s*(?:\(?\d{1,2}[.)]\s+(?!-\s|[+*/^@=])|[*\u2022\u25e6]\s+(?![-+*/^@=]))")
_LABEL = late(r"\s*(?:(?P<case>(?:for|if|when|case)\b[^:]*)|[A-Za-z][^:=+*/^()\[\]@\\]*):(?!=)", re.I)
_ARROW = late(
    r"<=>|=>|->|[\u21d2\u27f9\u2192\u27fa\u21d4\u2234\u2235]|\\(?:Rightarrow|implies|iff|therefore|to|rightarrow|longrightarrow)\b"
)
_ARROW_OR_LINE = late(rf"{_ARROW.pattern}|\\\\(?:\[[^\]]*\])?")
_LIMIT = late(r"\b\w+\s*(->|\u2192|\\to\b)\s*([-+]?\s*(oo|inf\w*|\u221e|\d+))")
_CLAUSE = late(r"(?<=[\s,(])(since|because|as|by|using|where|with|which|that|this|hence|thus|therefore)\b(?!\s*\()")
_WORD = late(r"[A-Za-z]+")
_LEADING = frozenset({
    *("let", "set", "define", "put", "take", "write", "use", "call", "denote", "find", "know", "get", "have", "obtain"),
    *("so", "hence", "thus", "therefore", "then", "and", "now", "also", "since", "because", "by", "using", "as"),
    *("where", "with", "we", "our", "finally", "first", "second", "next", "that", "is", "it", "follows", "gives"),
})  # fmt: skip
_NAME = r"(?:[A-Za-z\u0370-\u03ff][A-Za-z0-9\u0370-\u03ff]*(?:_\{[A-Za-z0-9]+\}|_[A-Za-z0-9]+)?(?:\[[^\[\]]*\])?)"
_D = r"(?:d|\u2202|\\partial\s*|\bpartial\s+)\s*"
_OF = rf"(?P<log>\\?(?:log|ln)\b\s*\(?\s*)?(?P<a>{_NAME})(?(log)\s*\)?)"
_FRACTION = late(rf"(?<![\w\])}}]){_D}{_OF}\s*/\s*{_D}(?P<b>{_NAME})")
_TEX_FRACTION = late(rf"\\[dt]?frac\s*\{{\s*{_D}{_OF}\s*\}}\s*\{{\s*{_D}(?P<b>{_NAME})\s*\}}")
_AND = late(rf"\sand\s+(?={_NAME}\s*=(?!=))")
_OPERATOR = late(rf"^\s*{_D}/\s*{_D}(?P<b>{_NAME})(?P<rest>.*)$", re.S)
_TEX_OPERATOR = late(rf"^\s*\\[dt]?frac\s*\{{\s*{_D}\}}\s*\{{\s*{_D}(?P<b>{_NAME})\s*\}}(?P<rest>.*)$", re.S)
_NABLA = late(rf"^\s*(?:\u2207|\\nabla|nabla|grad)\s*(?:_\s*\{{?(?P<b>[A-Za-z]\w*)\}}?)?\s*(?P<a>{_NAME})?\s*$")
_PRIME = late(r"^\s*(?P<a>[A-Za-z]\w*)\s*['\u2032]\s*(?:\(\s*(?P<b>[A-Za-z]\w*)\s*\))?\s*$")


def known_words(question: Question) -> frozenset[str]:
    """Names that a formula of the question may hold; every other word of two letters is prose."""
    names = {s.name for s in (*question.symbols, *question.hidden)}
    return frozenset(names | {*question.sizes, *FUNCTIONS, *INSTEAD, *GREEK, "pi", "lambda", "True", "False"})


def statements(question: Question, text: str) -> tuple[WrittenStep, ...]:
    """Return the statements of a derivation, in the order in which they are to be read."""
    known = known_words(question)
    text = uneaten(text, {symbol.name for symbol in (*question.symbols, *question.hidden)})
    found: list[WrittenStep] = []
    for number, line in _joined(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if len(line) > MAX_TEXT:
            found.append(WrittenStep(number, (line,)))
        elif not _NOISE.fullmatch(line):
            found.extend(_of_line(number, line, known))
        if len(found) > MAX_STATEMENTS:
            break
    return tuple(found)


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers; one that ends in an open bracket or an operator goes on in the next."""
    at = 0
    while at < len(lines):
        line, number, count = lines[at].split("#")[0] if "#" in lines[at] else lines[at], at + 1, 1
        if line.strip():
            for more in range(1, min(_JOINED, len(lines) - at)):
                follows = lines[at + more].lstrip()
                both = " ".join(part.split("#")[0].rstrip() for part in lines[at : at + more + 1])
                hanging = line.rstrip().endswith(("+", "-", "*", "/", "@", ",")) or follows.startswith(("*", "@", "+"))
                bullet = _BULLET.match(lines[at + more])
                if more == 1 and _depth(line) <= 0 and hanging and follows and not bullet and len(both) <= MAX_TEXT:
                    line, count = both, 2
                if _depth(line) > 0 and _depth(both) == 0 and len(both) <= MAX_TEXT:
                    line, count = both, more + 1
                    break
            yield number, line
        at += count


def _depth(text: str) -> int:
    """How many brackets and cases are open at the end."""
    cases = text.count(r"\begin{cases}") - text.count(r"\end{cases}")
    return cases + sum((c in "([") - (c in ")]") for c in text)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _of_line(number: int, line: str, known: Set[str]) -> Iterator[WrittenStep]:
    for pattern in (_COMMENT, _LIMIT):
        line = pattern.sub(lambda m: " " * len(m.group()), line)
    math = "$" in line
    marks = r"\$|\\\\\s*$|\\[()\[\]]" + ("" if r"\begin{cases}" in line else "|&")
    line = re.sub(marks, lambda m: " " * len(m.group()), line)
    case = False
    for pattern in (_BULLET, _LABEL):
        match = pattern.match(line)
        if match is not None and match.group().strip(" :") not in known:
            line = _blank(line, 0, match.end())
            case = case or bool(match.groupdict().get("case"))
    start = 0
    cuts = _ARROW if r"\begin{cases}" in line else _ARROW_OR_LINE
    arrows = list(islice(cuts.finditer(line), _ARROWS))
    for end, following in [*((m.start(), m.end()) for m in arrows), (len(line), len(line))]:
        for found in _of_part(number, " " * start + line[start:end], known, math):
            yield replace(found, aside="case") if case else found
        start = following


def _of_part(number: int, text: str, known: Set[str], math: bool) -> Iterator[WrittenStep]:
    text, solves = _without_sentence(text, known)
    text = _AND.sub(lambda m: ",".ljust(len(m.group())), _without_leading_words(text, known))
    clause = next((m for m in _CLAUSE.finditer(text) if _is_clause(m, text, known)), None)
    after: list[WrittenStep] = []
    if clause is not None:
        rest = " " * clause.end() + text[clause.end() :]
        rest = rest.rstrip()[:-1] if _depth(rest) < 0 else rest
        if "=" in rest:
            reasons = list(_of_part(number, rest, known, math))
            if clause.group(1) in ("where", "with", "using"):
                yield from reasons
            else:
                after = [replace(reason, aside="reason") for reason in reasons]
        text = _head(clause, text)
    for part in _parts(text, known) if text.strip() else ():
        pieces = tuple(p for p in at_equals(part) if p.strip())
        if pieces:
            shown = tuple(f"${p.strip()}$" if math else p for p in pieces)
            yield WrittenStep(number, shown, part.lstrip().startswith(("=", ":=")), solves=solves)
    yield from after


def _head(match: re.Match[str], text: str) -> str:
    """Return the formula before a clause, without the comma or the bracket that opens it."""
    return text[: match.start()].rstrip().removesuffix("(").rstrip(" ,")


def _is_clause(match: re.Match[str], text: str, known: Set[str]) -> bool:
    """Whether a word such as ``since`` or ``where`` ends the formula; it may open a bracket of its own."""
    head, word = _head(match, text), match.group(1)
    return bool(head.strip()) and _depth(head) == 0 and (word not in known or word in FUNCTIONS)


_SENTENCE = late(r"\s*(?P<words>(?:[A-Za-z]{2,}[,:]?\s+){2,})(?=\S)")


def _without_sentence(text: str, known: Set[str]) -> tuple[str, bool]:
    """Blank the words before a formula, and say whether they speak of an equation to solve."""
    match = _SENTENCE.match(text)
    if match is None or "\\" in match.group():
        return text, False
    words = re.findall("[A-Za-z]+", match["words"])
    while words and words[-1] in known:
        words.pop()
    end = 0
    for word in words:
        if word in known:
            return text, False
        end = text.index(word, end) + len(word)
    rest = text[end:].lstrip(" ,:")
    unknown = [w for w in _WORD.findall(rest) if len(w) > 1 and w not in known]
    if len(words) < 2 or (unknown and "\\" not in rest and "$" not in rest) or not re.search(r"[-+*/^=()\[\]]", rest):
        return text, False
    return _blank(text, 0, len(text) - len(rest)), bool({"zero", "vanishes", "solve", "solving"} & {*words})


def _without_leading_words(text: str, known: Set[str]) -> str:
    while True:
        match = re.match(r"\s*([A-Za-z]+)\s*(?:[,:]?\s+|$)", text)
        if match is None or match.group(1) in known or match.group(1).lower() not in _LEADING:
            return text
        text = _blank(text, 0, match.end())


def _parts(text: str, known: Set[str]) -> list[str]:
    """Parts between commas and semicolons, without prose; a text of which not every part is an equation stays whole."""
    cuts = [-1, *(k for k, depth in enumerate(_levels(text)) if depth == 0 and text[k] in ",;")]
    ends = [*cuts[1:], len(text)]
    parts = [(a + 1, _without_leading_words(text[a + 1 : b], known)) for a, b in zip(cuts, ends, strict=True)]
    kept = [(at, part) for at, part in parts if part.strip(" .") and not is_prose(part, known)]
    if len(kept) > 1 and all(_names_part_of(part, kept[0][1]) for _, part in kept[1:]):
        kept = [*kept[1:], kept[0]]  # (a - y)*(1 - a**2), a = tanh(z)
    elif len(kept) > 1 and not all("=" in part for _, part in (kept[:-1] if ";" in text else kept)):
        return [text]
    return [" " * at + _unstopped(part) for at, part in kept]


_BARE = late(r"\s*(\\?[A-Za-z]+)(?:_\w|\d|\s*\^\s*\{?2\}?)?\s*=(?!=)")


def _names_part_of(text: str, other: str) -> bool:
    """Whether a text says what a name in another one is: ``a = ...``."""
    match = _BARE.match(text)
    return match is not None and re.search(rf"(?<![A-Za-z\\]){re.escape(match[1])}(?![A-Za-z])", other) is not None


def _unstopped(text: str) -> str:
    """Without the full stop that ends a sentence; ``2.`` keeps its point."""
    return re.sub(r"(?:(?<=[\])A-Za-z])|(?<=[A-Za-z]\d))\s*\.\s*$", "", text)


def is_prose(text: str, known: Set[str]) -> bool:
    """Whether a text is words: two unknown words in a row, or an unknown word and no operator at all."""
    if "\\" in text:
        return False
    run = 0
    for token in re.findall(r"[A-Za-z_0-9]+(?:'[a-z]+)?|\S", text):
        word = token.isalpha() and len(token) > 1 and token not in known and token.lower() not in known
        run = run + 1 if word else 0
        if run == 2:
            return True
    unknown = [w for w in _WORD.findall(text) if len(w) > 1 and w not in known]
    return bool(unknown) and " " in text.strip() and not re.search(r"[-+*/^=()\[\]@\u2202\u2207]", text)


def at_equals(text: str) -> list[str]:
    """Return the pieces between single ``=`` or ``:=`` signs outside of brackets and cases, at their columns."""
    found, start = [], 0
    for k, (char, depth) in enumerate(zip(text, _levels(text), strict=True)):
        lone = char == "=" and text[k + 1 : k + 2] != "=" and text[max(k - 1, 0) : k] not in ("=", "<", ">", "!")
        if lone and depth == 0:
            found.append(" " * start + text[start:k].rstrip(":"))
            start = k + 1
    return [*found, " " * start + text[start:]]


_BRACKET = late(r"\\begin|\\end|[(\[{]|[)\]}]")


def _levels(text: str) -> list[int]:
    """Return how deep each character lies in brackets and environments."""
    levels, depth, start = [], 0, 0
    for match in _BRACKET.finditer(text):
        levels += [depth] * (match.start() - start)
        start = match.start()
        depth += 1 if match.group() in ("(", "[", "{", "\\begin") else -1
    return [*levels, *[depth] * (len(text) - start)]


def derivatives(text: str, known: Set[str], by: str) -> tuple[str, set[str]]:
    """Rewrite derivatives as ``D(a, b)``; also return the names of differentiated quantities that are not known.

    Parameters
    ----------
    text : str
        One piece.
    known : set of str
        Names that mean something, so that ``delta`` is not taken for a differential.
    by : str
        What a derivative without a variable is taken by.
    """
    unknown: set[str] = set()

    def numerator(name: str) -> str:
        name = _bare(name)
        base = re.split(r"[_\[]", name)[0]
        if base in known:
            return name
        whole = name.split("[")[0]
        if whole not in known:
            unknown.add(whole)
        return whole

    def fraction(match: re.Match[str]) -> str:
        a, b = match["a"], _bare(match["b"])
        plain = match.group().split("/")
        if {re.split(r"[_\[]", part.strip())[0] for part in plain} <= known:
            return match.group()  # a quotient of two symbols whose names begin with d
        if not {re.split(r"[_\[]", b)[0], b} & known:
            return match.group()
        a = numerator(a)
        return f"D({f'log({a})' if match['log'] else a}, {b})"

    for pattern in (_FRACTION, _TEX_FRACTION):
        text = pattern.sub(fraction, text)
    for pattern in (_OPERATOR, _TEX_OPERATOR):
        match = pattern.match(text)
        if match is not None:
            rest = match["rest"].strip().strip("$").strip()
            rest = f"({rest[1:-1]})" if rest[:1] == "[" and rest[-1:] == "]" else rest
            return f"D({_quantity(rest, numerator)}, {_bare(match['b'])})", unknown
    text = _inline(text, numerator)
    match = _NABLA.match(text)
    if match is not None:
        return f"D({_quantity(match['a'] or '', numerator)}, {match['b'] or by.split('[')[0]})", unknown
    match = _PRIME.match(text)
    if match is not None:
        return f"D({numerator(match['a'])}, {match['b'] or by})", unknown
    return text, unknown


_INLINE = late(
    rf"(?:\\[dt]?frac\s*\{{\s*{_D}\}}\s*\{{\s*{_D}(?P<a>{_NAME})\s*\}}|(?<![\w}}]){_D}/\s*{_D}(?P<b>{_NAME}))"
    r"\s*(?P<arg>(?:\\?[A-Za-z]+\s*)?(?:\\left\s*)?)(?P<open>[(\[])"
)


def _inline(text: str, numerator: Callable[[str], str]) -> str:
    """Rewrite ``d/dw f(...)`` inside of a product; what the derivative is taken of is one function or one bracket."""
    for match in reversed([*islice(_INLINE.finditer(text), _ARROWS)]):
        depth, end = 0, len(text)
        for k in range(match.start("open"), len(text)):
            depth += (text[k] in "([{") - (text[k] in ")]}")
            if depth == 0:
                end = k + 1
                break
        after = text[end:].lstrip()
        if after.startswith(("^", "/")):
            continue
        of = text[match.start("arg") : end]
        text = f"{text[: match.start()]} D({of}, {_bare(match['a'] or match['b'])}){text[end:]}"
    return text


def _bare(name: str) -> str:
    return re.sub(r"_\{(\w+)\}", r"_\1", name)


def _quantity(text: str, numerator: Callable[[str], str]) -> str:
    """The quantity of an operator such as d/dw; the loss where none is written."""
    return numerator(text or "L") if not text or re.fullmatch(_NAME, text) else text
