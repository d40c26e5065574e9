"""Make a student's cells safe to render: what runs in the confined child of :mod:`autograder.lms.nbgrader.harmless`.

Formgrader and feedback pages let HTML in Markdown through, in the origin of the instructor's Jupyter server.  So
Markdown is rendered here as they would render it, cleaned by an allow-list, and written back as one block of HTML,
which every Markdown renderer passes on as it is.  Pictures are decoded and encoded again.
"""

from __future__ import annotations

import base64
import binascii
import io
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import nh3
from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from PIL import Image, ImageOps

from autograder.intake.limited_child import answer
from autograder.sandbox.framing import decode_json, encode_json
from autograder.text import for_html, for_markdown

MAX_CHARACTERS = 100_000
"""Of one cell's Markdown; a longer text is shown as text."""
MAX_OUTPUT = 20_000
"""Characters of one cell's outputs."""
MAX_PIXELS = 25_000_000
MAX_SIDE = 2_000
MAX_PICTURES = 30
"""Of one notebook."""

Image.preinit()  # now, since the child finds no modules that it has not loaded

_TAGS = nh3.ALLOWED_TAGS - {"area", "map", "wbr"}  # MathJax reads over a <wbr>, in the name of a macro too
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "style"},
    "th": {"colspan", "rowspan", "style"},
}
_SCHEMES = frozenset({"http", "https", "mailto", "attachment", "data"})
_LINK = re.compile(r'<a(?: href="([^"]*)")?>(.*?)</a>', re.DOTALL)
_LEFT_OVER = re.compile(r'</?a(?: [a-z]+="[^"]*")*>')
_PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ALT = re.compile(r' alt="([^"]*)"')
_CODE = re.compile(r"(<(pre|code)>.*?</\2>)", re.DOTALL)
# What reaches out of a formula (MathJax's own Safe extension names the same): links, styles, classes, ids, extensions.
_TEX = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|bbox|require|csname|mmlToken|unicode|includegraphics|html[A-Za-z]*)(?![A-Za-z]))"
)
_TEX_COMMENT = re.compile(r"(%[^\n]*)\n")
_DATA = re.compile(r"data:image/(?:png|jpe?g);base64,(.*)", re.DOTALL | re.I)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Resolve = Callable[[str], str | None]
"""Returns the picture that a source names as a data URI, or None."""


def rehearse() -> None:
    """Render a text in the fork server, so that no child compiles the renderer's patterns for itself."""
    markdown = "# Title\n\n*Text* with $x$, `code`, a [link](/there)"
    shown({"cells": [{"markdown": markdown, "attachments": {}}], "files": {}})


def run(job_fd: int, batch_fd: int, result_fd: int) -> None:
    """Answer a job of :func:`autograder.lms.nbgrader.harmless.harmless`."""
    answer(
        job_fd, batch_fd, result_fd, lambda _job, data: encode_json(shown(decode_json(data.decode("ascii")))).encode()
    )


def shown(job: Mapping[str, Any]) -> list[Any]:
    """Return for each cell of a job what may be rendered of it: Markdown, or a list of outputs.

    Parameters
    ----------
    job : mapping
        ``cells`` (each with ``markdown`` and ``attachments``, or with ``outputs``) and ``files``: pictures next to the
        notebook by relative path, in base64.
    """
    pictures = _Pictures(job["files"])
    return [
        _outputs(cell["outputs"], pictures) if "outputs" in cell else _markdown(cell, pictures) for cell in job["cells"]
    ]


# --- Markdown --------------------------------------------------------------------------------------------------


class _Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert publishes no types
    """nbconvert's renderer, without what reads files or ends with an error."""

    def image(self, *arguments: Any, **more: Any) -> str:
        return str(HTMLRenderer.image(self, *arguments, **more))

    def block_mermaidjs(self, code: str) -> str:
        return str(HTMLRenderer.block_code(self, code))


MarkdownWithMath(renderer=_Renderer()).render("")  # its plugins are loaded now, as above


def _markdown(cell: Mapping[str, Any], pictures: _Pictures) -> str:
    text = for_html(cell["markdown"])
    if len(text) > MAX_CHARACTERS:
        return for_markdown(text)
    try:
        rendered = MarkdownWithMath(renderer=_Renderer(escape=False, exclude_anchor_links=True)).render(text)
    except Exception:  # of a parser of other people's; RecursionError is the likely one
        return for_markdown(text)
    attached = cell["attachments"] if isinstance(cell["attachments"], dict) else {}
    return cleaned(rendered, lambda source: pictures.named(source, attached))


def cleaned(rendered: str, resolve: Resolve) -> str:
    """Return untrusted HTML as one line of harmless HTML, in a ``div``.

    No script, style, form or frame; no class, id or name that a page's own script could take for its own; no link that
    can be followed (its address is shown); no picture but those that ``resolve`` returns.
    """

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return resolve(value)
        if name == "href":
            return value if re.match("https?:|mailto:", value, re.I) else None
        return value

    text = nh3.clean(
        rendered, tags=set(_TAGS), attributes=_ATTRIBUTES, attribute_filter=attribute,
        url_schemes=set(_SCHEMES), link_rel=None, filter_style_properties={"text-align"},
    )  # fmt: skip
    text = _LEFT_OVER.sub("", _LINK.sub(_address, text))  # a link in a link, which tables allow
    text = _PICTURE.sub(_pictured, text)
    return f"<div>{''.join(_one_line(piece) for piece in _pieces(text))}</div>"


def _address(link: re.Match[str]) -> str:
    address, text = link[1] or "", link[2]
    return text if not address or address in (text, f"mailto:{text}") else f"{text} ({address})"


def _pictured(picture: re.Match[str]) -> str:
    if ' src="' in picture[1]:
        return picture[0]
    said = _ALT.search(picture[1])
    return f"[picture left out{f': {said[1]}' if said and said[1] else ''}]"


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, each with whether it is code, in which nothing is typeset."""
    at = 0
    for code in _CODE.finditer(text):
        yield text[at : code.start()], False
        yield code[1], True
        at = code.end()
    yield text[at:], False


def _one_line(piece: tuple[str, bool]) -> str:
    # a blank line would end the block of HTML, and what follows would be Markdown again
    text, code = piece
    if not code:
        text = _TEX_COMMENT.sub(r"\1&#10;", _TEX.sub("\u2216", text)).replace("\n", " ")
    return text.replace("\n", "&#10;").replace("\r", "&#13;")


# --- outputs ---------------------------------------------------------------------------------------------------


def _outputs(outputs: Any, pictures: _Pictures) -> list[dict[str, Any]]:
    """Return a code cell's outputs as text and pictures, the only kinds that a marker needs and no page runs."""
    made: list[dict[str, Any]] = []
    left = MAX_OUTPUT
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        found = output.get("data")
        data: Mapping[str, Any] = found if isinstance(found, dict) else {}
        kind = output.get("output_type")
        if kind in ("display_data", "execute_result") and (picture := pictures.bundled(data)):
            made.append({"output_type": "display_data", "metadata": {}, "data": dict([picture])})
            continue
        text = for_html(_ANSI.sub("", _said(output, data)))[:left]
        left -= len(text)
        if text:
            made.append({"output_type": "stream", "name": "stdout", "text": text if text[-1] == "\n" else f"{text}\n"})
    return made


def _said(output: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    if output.get("output_type") == "error":
        return f"{_joined(output.get('ename'))}: {_joined(output.get('evalue'))}"
    return _joined(output.get("text")) or _joined(data.get("text/plain"))


def _joined(value: Any) -> str:
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str))


# --- pictures --------------------------------------------------------------------------------------------------


class _Pictures:
    """The pictures of one notebook, each decoded once, up to a number."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._left = MAX_PICTURES

    def named(self, source: str, attached: Mapping[str, Any]) -> str | None:
        """Return the picture that Markdown or HTML names, as a data URI."""
        found: tuple[str, str] | None = None
        if source.startswith("attachment:"):
            name = source.removeprefix("attachment:")
            bundle = attached.get(name, attached.get(unquote(name)))
            found = self.bundled(bundle) if isinstance(bundle, dict) else None
        elif inline := _DATA.match(source):
            found = self._anew(unquote(inline[1]))
        else:
            found = self._anew(self._files.get(posixpath.normpath(unquote(source)), ""))
        return f"data:{found[0]};base64,{found[1]}" if found else None

    def bundled(self, bundle: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the picture of a bundle by MIME type; what it is called does not matter, its content does."""
        data = next((_joined(bundle[kind]) for kind in ("image/png", "image/jpeg") if kind in bundle), "")
        return self._anew(data)

    def _anew(self, text: str) -> tuple[str, str] | None:
        if not text or self._left <= 0:
            return None
        try:
            found = encoded_again(base64.b64decode(re.sub(r"\s", "", text), validate=True))
        except (ValueError, binascii.Error):
            return None
        self._left -= 1
        return None if found is None else (found[0], base64.b64encode(found[1]).decode())


def encoded_again(data: bytes) -> tuple[str, bytes] | None:
    """Return MIME type and bytes of a PNG or JPEG with the same pixels and nothing else; None if it is neither."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as found:
            kind = found.format
            if found.width * found.height > MAX_PIXELS:
                return None
            pixels = _upright(found).convert("RGB" if kind == "JPEG" else "RGBA")
    except Exception:  # a library's decoder on untrusted bytes
        return None
    pixels.info.clear()  # profiles and texts
    pixels.thumbnail((MAX_SIDE, MAX_SIDE))
    written = io.BytesIO()
    pixels.save(written, kind)
    return f"image/{str(kind).lower()}", written.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # damaged data on how the camera was held
        return picture
