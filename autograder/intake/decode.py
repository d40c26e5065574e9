"""Bytes to text by stated rules; a guess is never made silently."""

from __future__ import annotations

import codecs
import re

from autograder.intake.source import Rejected

_CODING = re.compile(rb"^[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#[^\n]*)?$")
# Encodings of real editors.  Others of Python's are quadratic (punycode, idna), no text (base64) or hide code
# (unicode_escape); the name must match before Python looks for a codec of that name.
_KNOWN = re.compile(
    r"utf-?8(?:-sig)?|utf-?16(?:-?[lb]e)?|(?:us-)?ascii|latin-?[0-9]{1,2}|iso-?8859-[0-9]{1,2}|(?:cp|windows-)[0-9]{3,5}"
    r"|mac-?(?:roman|cyrillic|greek|turkish|latin2)|koi8-[rut]|gbk|gb2312|gb18030|big5|big5hkscs|shift-?jis|euc-?(?:jp|kr)"
)
_BIDI = "[\u202a-\u202e\u2066-\u2069]"


def decode_python(data: bytes) -> str:
    r"""Decode a ``.py`` file: byte order mark, else the coding line of PEP 263, else UTF-8; line ends become ``\n``.

    Raises
    ------
    Rejected
        If the bytes are not text in that encoding, naming byte and line.
    """
    return decode_text(data, _coding_line(data))


def _coding_line(data: bytes) -> str | None:
    lines = re.split(rb"\r\n|\r|\n", data[:2000], maxsplit=2)[:2]
    for line in lines:
        if found := _CODING.match(line):
            return found[1].decode("ascii", "replace")
        if not _BLANK.match(line):
            return None  # a coding line counts below comments and blanks only
    return None


def decode_text(data: bytes, declared: str | None = None) -> str:
    """Decode a text file; ``declared`` is the encoding that its own first lines name.

    Raises
    ------
    Rejected
        If the bytes are not text in the encoding, or hold a NUL character.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Rejected("the file is UTF-32; save it as UTF-8")
    encoding = declared or "utf-8"
    if data.startswith(codecs.BOM_UTF8):
        data, encoding = data[len(codecs.BOM_UTF8) :], "utf-8"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    plain = encoding.lower().replace("_", "-")
    # a comment such as "# entropy_coding: my answers" is a coding line too, to Python as well
    trap = "; Python reads `coding:` in a comment of the first two lines as an encoding: reword it" if declared else ""
    if not _KNOWN.fullmatch(plain):
        raise Rejected(f"the encoding {encoding[:40]!r} is not known; save the file as UTF-8{trap}")
    try:
        text = data.decode(plain)
    except LookupError:
        raise Rejected(f"the encoding {encoding[:40]!r} is not known; save the file as UTF-8{trap}") from None
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, start) + 1
        raise Rejected(f"byte {start} (line {line}) is not {_spoken(plain)}; save the file as UTF-8") from None
    if "\0" in text:
        position = text.index("\0")
        line = text.count("\n", 0, position) + 1
        if not text.strip("\0"):
            raise Rejected("the file is damaged (it holds zero bytes only); save it and hand it in again")
        raise Rejected(
            f"character {position} (line {line}) is NUL; this is not a text file, or it is damaged; save it as UTF-8 "
            "and hand it in again"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _spoken(encoding: str) -> str:
    return {"utf-8": "UTF-8", "utf8": "UTF-8", "utf-16": "UTF-16", "ascii": "ASCII"}.get(encoding, encoding)


def bidi_notes(text: str, where: str) -> tuple[str, ...]:
    """Return a note if the text holds marks that make an editor show it in another order than Python reads it."""
    found = re.search(_BIDI, text)
    if found is None:
        return ()
    line = text.count("\n", 0, found.start()) + 1
    return (f"{where} line {line}: has marks that reverse the direction of text; it may not be what it looks like",)
