"""What a student wrote, as HTML for a page of ours: Markdown, formulas and pictures, and nothing that acts.

No HTML of the student survives: Markdown is rendered with HTML switched off and without links, a formula becomes
MathML that is built again element by element from an allow-list, and a picture is shown only if it is a PNG or JPEG of
moderate size.  A browser shows all of it without a script.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from autograder.reports.engine import Markup
from autograder.text import for_html, missing

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

MOST = 20_000
"""Characters of an answer that are rendered; a longer one is shown as text, cut at :data:`SHOWN`."""
SHOWN = 60_000
FORMULA = 1_000
"""Characters of a formula that are set; a longer one is shown as it was typed."""

PICTURES = 6
"""Of one answer."""
PICTURE = 1_000_000
"""Bytes of one picture."""
PIXELS = 16_000_000

_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_MATH = re.compile(
    "math|mrow|mi|mn|mo|ms|mtext|mspace|mfrac|msqrt|mroot|msub|msup|msubsup|munder|mover|munderover|mtable|mtr|mtd|"
    "mstyle|mpadded|mphantom|menclose"
)
_ATTRIBUTE = re.compile(
    "display|mathvariant|stretchy|fence|separator|form|minsize|maxsize|lspace|rspace|width|height|depth|linethickness|"
    "accent|accentunder|columnalign|rowspacing|columnspacing|displaystyle|scriptlevel|notation"
)
_VALUE = re.compile(r"[A-Za-z0-9 .%+-]{0,40}")


def rendered(text: str) -> Markup:
    """Return a student's text as HTML."""
    text = for_html(text)
    if len(text) > MOST:
        cut = text[:SHOWN] + ("" if len(text) <= SHOWN else f"\n... (cut here: {len(text):,} characters)")
        return Markup(f'<pre class="written">{html.escape(cut)}</pre>')
    try:
        return Markup(_markdown().render(text))
    except (RecursionError, ValueError, IndexError):
        return Markup(f'<pre class="written">{html.escape(text)}</pre>')


@cache
def _markdown() -> MarkdownIt:
    try:
        from markdown_it import MarkdownIt
        from mdit_py_plugins.dollarmath import dollarmath_plugin
    except ImportError as error:
        raise missing(error.name, "report") from None
    rules = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["link", "autolink"])
    rules.use(dollarmath_plugin, renderer=lambda text, options: formula(text, block=bool(options.get("display_mode"))))
    rules.add_render_rule("image", _picture_named)
    for cell in ("th_open", "td_open"):
        rules.add_render_rule(cell, lambda _self, tokens, place, *_: f"<{tokens[place].tag}>")  # no style of their own
    for level in ("heading_open", "heading_close"):
        rules.add_render_rule(level, _as_paragraph)
    return rules


def _picture_named(_self: Any, tokens: Any, place: int, *_: Any) -> str:
    """Name a picture where the text shows it; the picture itself follows the text."""
    return f"<em>(picture{f': {html.escape(tokens[place].content)}' if tokens[place].content else ''})</em>"


def _as_paragraph(_self: Any, tokens: Any, place: int, *_: Any) -> str:
    """Show a heading as a bold line: a student's headings are not headings of our page."""
    return "<p><strong>" if tokens[place].nesting == 1 else "</strong></p>\n"


def formula(text: str, *, block: bool = False) -> str:
    """Return a formula in LaTeX as MathML; as it was typed, where it cannot be read.

    Raises
    ------
    CourseError
        If the report extra is not installed.
    """
    try:
        from latex2mathml.converter import convert
    except ImportError as error:
        raise missing(error.name, "report") from None
    typed = f"<code>{html.escape(text)}</code>"
    if len(text) > FORMULA:
        return typed
    try:
        # the converter escapes nothing, so nothing may reach it that could become markup
        made = convert(text.replace("<", r"\lt ").replace(">", r"\gt "), display="block" if block else "inline")
        return _again(ElementTree.fromstring(made))
    except (Exception, RecursionError):  # a library's converter on untrusted text
        return typed


def _again(node: ElementTree.Element) -> str:
    """Return an element of MathML with what the allow-list has of its attributes, and its children."""
    name = node.tag.removeprefix(_NAMESPACE)
    inside = html.escape(node.text or "") + "".join(_again(one) + html.escape(one.tail or "") for one in node)
    if not _MATH.fullmatch(name):
        return f"<mrow>{inside}</mrow>"
    kept = (f' {k}="{v}"' for k, v in node.attrib.items() if _ATTRIBUTE.fullmatch(k) and _VALUE.fullmatch(v))
    return f"<{name}{''.join(kept)}>{inside}</{name}>"


def pictures_in(files: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """Yield the pictures of a submission as data URIs: in cells, outputs and attachments of notebooks, and files.

    Parameters
    ----------
    files : iterable of (str, bytes)
        Names and bytes of what was handed in.
    """
    left = PICTURES
    for name, data in files:
        ending = PurePosixPath(name).suffix.lower()
        candidates = _in_notebook(data) if ending == ".ipynb" else iter([data] if ending in _ENDINGS else [])
        for candidate in candidates:
            uri = as_uri(candidate)
            if uri is not None and left:
                left -= 1
                yield uri


_ENDINGS = (".png", ".jpg", ".jpeg")


def _in_notebook(data: bytes) -> Iterator[bytes]:
    try:
        cells = json.loads(data).get("cells", ())
    except (ValueError, RecursionError, AttributeError):
        return
    for cell in cells if isinstance(cells, list) else ():
        if not isinstance(cell, dict):
            continue
        attached = cell.get("attachments")
        outputs = cell.get("outputs")
        bundles = [*(attached.values() if isinstance(attached, dict) else ())]
        bundles += [one.get("data") for one in (outputs if isinstance(outputs, list) else ()) if isinstance(one, dict)]
        yield from (picture for bundle in bundles for picture in _of_bundle(bundle))


def _of_bundle(bundle: Any) -> Iterator[bytes]:
    for kind in ("image/png", "image/jpeg"):
        text = bundle.get(kind) if isinstance(bundle, Mapping) else None
        text = "".join(map(str, text)) if isinstance(text, list) else text
        if isinstance(text, str):
            try:
                yield base64.b64decode("".join(text.split()), validate=True)
            except (binascii.Error, ValueError):
                continue


def as_uri(data: bytes) -> str | None:
    """Return a picture as a data URI, or None if it is not a PNG or JPEG, or too large to be shown."""
    size = _png_size(data) or _jpeg_size(data)
    if size is None or not 0 < size[0] * size[1] <= PIXELS or len(data) > PICTURE:
        return None
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _png_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 24 or not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None
