"""Text made safe for where it goes, one function for each place, and the few phrases that every command needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.plain import late

DISTRIBUTION = "mse-course-autograder"

# What a spreadsheet takes for the start of a formula, also in full width, at the start of a cell or behind a separator
# that another locale would split at.
# What shows nothing in front of it is passed over, as some readers do.
_UNSEEN = r" \u00a0\u00ad\u1680\u2000-\u200f\u202f\u205f-\u2064\u3000\ufeff"
_FORMULA = rf"(^|[;,\t|])([{_UNSEEN}]*)(?=[=+\-@\t\uff1d\uff0b\uff0d\uff20])"
# Bidirectional characters, and the categories Cc, Cs, Zl and Zp but for line ends and tabs; a pattern, since pages of
# a large class hold hundreds of millions of letters.
_UNSHOWN = late("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def for_terminal(text: str) -> str:
    """Return text without anything that a terminal would obey (control, escape, bidirectional); line ends stay."""
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def for_terminal_line(text: str) -> str:
    """Return text as one line for a terminal: tabs become spaces, everything else it would obey an escape."""
    text = text.replace("\t", "    ")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def lines_for_terminal(lines: Iterable[str]) -> str:
    r"""Return lines for a terminal; a line end in what one quotes becomes the letters ``\n``."""
    return "\n".join(map(for_terminal_line, lines))


def one_line(text: str) -> str:
    r"""Return text whose line ends are the letters ``\n``: quoted, it cannot pass for a line of a report."""
    return text.replace("\n", "\\n")


def for_html(text: str) -> str:
    r"""Return text whose control and bidirectional characters are escapes such as ``\x1b``; a page still escapes HTML.

    Line ends and tabs stay; so do the joiners that some scripts are written with.
    """
    return _UNSHOWN.sub(_escaped, text)


def for_spreadsheet(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: an apostrophe precedes what would start one.

    Line ends become spaces, so that a row stays a row for every reader; other controls become visible, since tables are
    also read in terminals.
    """
    return re.sub(_FORMULA, r"\1'\2", for_html(re.sub(r"[\r\n]", " ", encodable(text))))


def for_file_name(text: str) -> str:
    """Return text that any system takes as a part of a file name; it may be empty.

    What separates folders, is not allowed somewhere or shows nothing becomes a space; no end is a dot or a space.
    """
    kept = "".join(c if c.isprintable() and c not in '<>:"/\\|?*' else " " for c in encodable(text))
    return " ".join(kept.split())[:80].strip(". ")


def for_markdown(text: str) -> str:
    """Return text as a block of code for Markdown, which lets HTML through: all markup in it stays text."""
    if not text:
        return ""
    fence = "`" * (1 + max(2, *map(len, re.findall("`*", text))))
    return f"{fence}\n{text}\n{fence}"


def for_message(error: Exception) -> str:
    """Return what an error says in printable ASCII, cut to 120 characters."""
    return str(error).encode("unicode_escape", "backslashreplace").decode()[:120]


def as_id(name: str) -> str:
    r"""Return a name in printable characters, one to one: newlines, bidi marks, stray bytes as ``\x0a``, ``\u202e``.

    Distinct names stay distinct (a backslash is doubled), so the result serves as a student's id everywhere.
    """
    if name.isascii() and name.isprintable() and "\\" not in name:
        return name
    return "".join(_id_character(character) for character in name)


def composed(text: str) -> str:
    """Return text with composed letters, in which an id is the same whichever system wrote its accents."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def encodable(value: Any) -> Any:
    r"""Return JSON data whose strings can all be encoded: half a surrogate pair becomes the letters ``\udc80``."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode() if not value.isascii() else value
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {encodable(str(key)): encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encodable(item) for item in value]
    return value


def read_text(path: Path) -> str:
    """Return the text of a file that an author wrote, whichever system ended its lines.

    Raises
    ------
    CourseError
        If it cannot be read, or is not UTF-8 without a byte order mark and zeros; with the place and the next step.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    if data.startswith(b"\xef\xbb\xbf"):
        raise CourseError(f"{path}:1: begins with a byte order mark; save it as UTF-8 without one")
    refuse_zeros(path, data)
    try:
        return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CourseError(f"{path}:{line}: not UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8") from None


def refuse_zeros(path: Path | str, data: bytes) -> None:
    """Raise :class:`CourseError` for a file with a byte of zero, which no text has; Python names no line of it."""
    if (at := data.find(0)) >= 0:
        line = data[:at].count(b"\n") + 1
        raise CourseError(f"{path}:{line}: holds a byte of zero; the file is damaged, or not saved as UTF-8")


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 row", "2 rows"; ``many`` where an s does not make the plural."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def few(names: Sequence[str], most: int) -> str:
    """Return the first of some names in a row, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def one_of(titles: Sequence[str]) -> str:
    """Return the title of a recognised mistake, or those of several that cannot be told apart."""
    return titles[0] if len(titles) == 1 else f"one of: {'; '.join(titles)}"


def did_you_mean(given: str, known: Iterable[str], *, listed: int = 20) -> str:
    """Return ``"; did you mean ...?"`` or ``"; known: ..."`` to end an error message with; too many are not listed."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(known))
    close = get_close_matches(given, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= listed else ""


def part_of(name: str, exercises: Iterable[str]) -> str:
    """Return ``"; ... is a part of ..."`` to end a message about an exercise that is not there; nothing if of none."""
    several = list(exercises)
    advice = "" if len(several) == 1 else "; name one of these"
    return f"; {name} is a part of {' and of '.join(several)}{advice}" if several else ""


def missing(package: str | None, extra: str) -> CourseError:
    """Return the error of a package that is not installed, with the command that installs the extra that has it."""
    called = {"grade": "grading"}.get(extra, extra)
    return CourseError(f"{package} is missing; install the {called} extra: {install(extra)}")


def install(extra: str) -> str:
    """Return the command that installs an extra of this package, where it was installed from.

    A checkout is named by its folder; a wheel may come from anywhere, so the packages of the extra themselves are.
    """
    import json
    from importlib.metadata import distributions
    from urllib.parse import unquote, urlsplit

    # a checkout on the path of imports has metadata too, left there by the build: they do not say how it was installed
    known = [(one, one.read_text("direct_url.json")) for one in distributions(name=DISTRIBUTION)]
    if not known:
        return f"pip install -e '.[{extra}]'"
    found, said = max(known, key=lambda one: one[1] is not None)
    origin = json.loads(said or "{}")
    if origin.get("dir_info", {}).get("editable"):
        folder = Path(unquote(urlsplit(origin.get("url", "")).path))
        where = "." if folder == Path.cwd() else str(folder)
        return f"pip install -e '{where}[{extra}]'"
    return "pip install " + " ".join(f"'{name}'" for name in _packages_of(extra, found.requires or []))


def _packages_of(extra: str, requires: Iterable[str]) -> list[str]:
    """Return the requirements of an extra, those of the extras that it names in their place."""
    marked = [line.partition(";") for line in requires]
    named = [name.strip() for name, _, marker in marked if re.search(rf"extra\s*==\s*['\"]{extra}['\"]", marker)]
    packages: list[str] = []
    for name in named:
        own = re.match(rf"{DISTRIBUTION}\[([^\]]+)\]", name)
        inner = [one.strip() for one in own[1].split(",")] if own else []
        packages += [p for one in inner for p in _packages_of(one, requires)] if own else [name]
    return list(dict.fromkeys(packages))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _id_character(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as Python carries it in file names
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        # U+0080 to U+00FF are written with \u, so that they differ from the stray bytes above.
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
