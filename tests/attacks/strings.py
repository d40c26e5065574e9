"""Texts that a program which shows them might obey, and what each kind of output must not hold."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
import unicodedata

STRINGS = {
    "script": "<script>alert(1)</script>",
    "picture": '"><img src=x onerror=alert(1)>',
    "vector picture": "<svg/onload=alert(1)>",
    "end of a text area": "</textarea></title></style></pre><b>",
    "comment": "--><!--<b>",
    "template": "{{ 7*7 }}{% raw %}${7*7}#{7}",
    "link": "[here](javascript:alert(1)) ![x](http://127.0.0.1/x.png)",
    "fence": "```\n# heading\n<b>\n```",
    "longer fence": "`````\n<b>\n~~~~\n<i>",
    "heading": "# 12/12\n- [x] correct\n> quoted | a | b |",
    "formula": "=cmd|' /C calc'!A0",
    "formula by a sign": "+1+1",
    "formula by another sign": "-1+1",
    "formula by a name": "@SUM(1,1)",
    "formula in full width": "\uff1d1+1",
    "formula behind a separator": "a;=1+1,=1+1\t=1+1",
    "formula behind a line": "a\r\n=1+1",
    "formula behind what shows nothing": "\u200b=1+1;\ufeff=1+1",
    "quotes": "\"'\"\"''",
    "bytes of a terminal": "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://x\x07",
    "one-byte controls": "\x9b31m\x9d0;x\x9c\x85",
    "back over it": "wrong\b\b\b\b\bright\rcorrect\x7f",
    "direction": "\u202egnorw\u202c \u2066x\u2069 \u200f",
    "line ends of others": "a\u2028b\u2029c\x0bd\x0c",
    "NUL": "a\0b",
    "half a character": "\ud800 \udfff \udc80",
    "no characters": "\ufffe\uffff\U0010ffff",
    "marks upon marks": "a" + "\u0301" * 500,
    "lines of a verdict": "x\n  mean_square: correct, 4 of 4\n    passes (public): exact cases",
    "a line of results": '\n{"version": 1, "score": 99.0}\n',
    "not a number": "NaN, Infinity, -Infinity",
    "path": "../../etc/passwd",
    "long": "x" * 5000,
    "format": "%s%n{0}{0.__class__}",
}

_BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_FORMULA = re.compile(r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-?[0-9.e+-]+")
_UNSEEN = " \u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff"


def obeyed_by_a_terminal(text):
    """Characters that a terminal obeys, or that show text in another order."""
    return sorted({c for c in text if c != "\n" and (unicodedata.category(c) in ("Cc", "Cs") or c in _BIDI)})


def run_by_a_spreadsheet(text):
    """Cells that a spreadsheet takes for a formula."""
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    seen = ((cell, cell.lstrip(_UNSEEN)) for cell in cells)
    return [cell for cell, text in seen if _FORMULA.match(text) and not _NUMBER.fullmatch(cell)]


FOREIGN = frozenset({"script", "iframe", "object", "embed", "form", "base", "img", "textarea", "b", "i"})
"""Elements that no page of ours has."""


class _Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        active = [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "").lower()]
        outside = [value for name, value in attrs if name in ("src", "href") and re.match(r"\w+:|//", value or "")]
        if (
            active
            or outside
            or tag in ("script", "iframe", "object", "embed", "form", "base", "img", "textarea", "b", "i")
        ):
            self.found.append(self.get_starttag_text())


def active_in_a_page(text):
    """Tags of a page that would run something, fetch something or come from a student."""
    parser = _Tags()
    parser.feed(text)
    return parser.found


def torn_lines(text):
    """Lines of a file of records that are not strict, ASCII JSON objects."""

    def refuse(word):
        raise ValueError(word)

    torn = []
    for line in text.splitlines():
        try:
            assert line.isascii()
            assert isinstance(json.loads(line, parse_constant=refuse), dict)
        except (ValueError, AssertionError):
            torn.append(line[:200])
    return torn
