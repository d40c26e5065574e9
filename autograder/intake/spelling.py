"""Spellings of ids and names: what two of them share, and whether they can be one student's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal

from autograder.intake.names import same
from autograder.text import as_id, composed

_WORD = re.compile(r"[^\W_]+")


def agree(one: str, other: str) -> bool:
    """Whether two spellings can be one person's name: the same words, fewer of them, or all run together.

    Enough to confirm what a number says, not enough to find a student.
    """
    ours, theirs = words(bare(one)), words(bare(other))
    if not ours or not theirs:
        return False
    if set(ours) <= set(theirs) or set(theirs) <= set(ours):
        return True
    return _is_made_of("".join(ours), theirs) or _is_made_of("".join(theirs), ours)


def _is_made_of(run: str, pieces: Sequence[str]) -> bool:
    """Whether a text is two or more of the pieces, each once, or begins with all of them, without anything between."""

    def rest(text: str, left: tuple[str, ...], used: int) -> bool:
        if not text or not left:
            return used > 1
        return any(
            text.startswith(word) and rest(text[len(word) :], (*left[:k], *left[k + 1 :]), used + 1)
            for k, word in enumerate(left)
        )

    return len(pieces) <= 8 and rest(run, tuple(pieces), 0)


def plain_id(text: str) -> str:
    """Return an id as it is looked up: composed characters, printable."""
    return as_id(composed(text.strip()))


def words(name: str) -> list[str]:
    """Return the words of a name in small letters."""
    return _WORD.findall(same(name))


def bare(text: str) -> str:
    """Return a text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.translate(_LETTERS)) if not unicodedata.combining(c))


_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "œ": "oe"})


def sorted_words(name: str) -> str:
    """Return a name's words in alphabetical order, so that "Ada Lovelace" and "Lovelace, Ada" meet."""
    return " ".join(sorted(same(name.replace(",", " ")).split()))


def squashed(name: str) -> str:
    """Return the words of a name run together."""
    return "".join(words(name))


def name_keys(name: str) -> Iterator[str]:
    """Yield what a name is found under: its words in order of the alphabet, and run together as Canvas writes them."""
    yield sorted_words(name)
    own = words(name)
    for start in range(len(own)):
        yield "".join(own[start:] + own[:start])


ROUNDED = re.compile(r"[0-9](?:\.(?P<digits>[0-9]+))?[Ee]\+[0-9]{1,3}")
"""A number as a spreadsheet writes a large one, with few of its digits."""
_LARGE = re.compile(r"[0-9]{5,400}|[0-9]{1,9}[Ee][0-9]{1,3}")


def rounds_to(text: str, number: str) -> bool:
    """Whether an id may be what a spreadsheet made a :data:`ROUNDED` number of: 1.23457E+11 of 123456789012, 1E5."""
    found = ROUNDED.fullmatch(number)
    if found is None or not _LARGE.fullmatch(text):
        return False
    return Decimal(f"{Decimal(text):.{len(found['digits'] or '')}E}") == Decimal(number)


def loosely(text: str) -> Iterator[str]:
    """Yield readings of a text without case, accents, leading zeros, or the domain of an address."""
    whole = " ".join(sorted(bare(same(text)).replace(",", " ").split()))
    local = whole.partition("@")[0]
    for one in {whole, local}:
        if one:
            yield one.lstrip("0") or "0" if one.isdigit() else one
