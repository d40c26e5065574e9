"""What is left of a student's cells when they are made safe to render: nothing to run, and everything to read."""

import base64
import importlib.util
import io
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("nh3", reason="the nbgrader extra is not installed")
if importlib.util.find_spec("nbconvert") is None:
    pytest.skip("the nbgrader extra is not installed", allow_module_level=True)

from PIL import Image

from autograder.intake import limited
from autograder.lms.nbgrader import harmless as parent
from autograder.lms.nbgrader.harmless import as_text, dressing, harmless
from tests.attacks.strings import STRINGS
from tests.nbgrader_payloads import ATTACHED, MARKDOWN, OUTPUTS, a_picture, b64, named

PIECES = st.sampled_from([
    "<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<style>", "</style>",
    "<!--", "-->", "<a href='javascript:alert(1)'>", "</a>", "[x](javascript:alert(1))",
    "![x](attachment:a.png)", "`", "```\n", "~~~\n", "$", "$$", "\\href{javascript:alert(1)}{x}", "\\(", "\\)",
    "\n", "\n\n", "    ", "> ", "* ", "| a | b |\n|--|--|\n", "<div>", "</div>", "<table>", "<td>", "</td>",
    "<math>", "<wbr>", "&lt;", "&#60;", "&quot;", "\"", "'", "<", ">", "&", "x", "<p ", "=", "onclick=alert(1)",
    "<iframe srcdoc='", "<noscript>", "<textarea>", "<title>", "<xmp>", "<base href=//e>", "\x00", "\u202e",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=14).map("".join)


def child():
    """Import what renders, late: nbconvert takes seconds, which a process that runs other tests need not spend."""
    return importlib.import_module("autograder.lms.nbgrader.harmless_child")


def rendered(text):
    """Render Markdown as nbgrader's pages do."""
    return importlib.import_module("nbconvert.filters.markdown").markdown2html(text)


def markdown(text, attachments=None, files=()):
    (made,) = child().shown({"cells": [{"markdown": text, "attachments": attachments or {}}], "files": dict(files)})
    return made


class Active(HTMLParser):
    """Collects what could run, reach out or be taken for a part of the page around."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag not in child()._TAGS - {"a"}:
            self.found.append(tag)
        for name, value in attributes:
            picture = (
                name == "src" and tag == "img" and (value or "").startswith(("data:image/png;", "data:image/jpeg;"))
            )
            aligned = name == "style" and tag in ("td", "th") and re.fullmatch("text-align: ?[a-z]+;?", value or "")
            if not (picture or aligned or name in ("alt", "start", "colspan", "rowspan")):
                self.found.append(f"{tag} {name}={value}")

    handle_startendtag = handle_starttag


def active(text):
    """What a page would run of Markdown as nbgrader's pages render it."""
    return Active(rendered(text)).found


@settings(max_examples=300)
@given(TEXTS)
@example("<a href=1><table><td><a href=https://u>q</a></td></table></a>")
@example("$\\hr<wbr>ef{javascript:alert(1)}{x}$")
def test_no_text_is_active_when_it_is_rendered(text):
    made = markdown(text)
    assert active(made) == []
    assert "\\href" not in made.partition("<pre>")[0] or "<code>" in made or made.startswith("`")


@given(TEXTS)
def test_markdown_is_one_block_of_html_that_renderers_pass_on(text):
    made = markdown(text)
    if made.startswith("<div>"):
        assert "\n" not in made
        assert rendered(made).strip() == made


@pytest.mark.parametrize("name", [*MARKDOWN, *STRINGS])
def test_no_payload_is_active(name):
    source = named(MARKDOWN[name], name) if name in MARKDOWN else STRINGS[name]
    assert active(markdown(source, named(ATTACHED.get(name, {}), name))) == []


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_text_and_pictures(name):
    output = {"output_type": "display_data", "metadata": {"x": "<script>"}, "data": named(OUTPUTS[name], name)}
    (made,) = child().shown({"cells": [{"outputs": [output]}], "files": {}})
    kinds = {kind for one in made for kind in one.get("data", {"text/plain": ""})}
    assert kinds <= {"text/plain", "image/png", "image/jpeg"}
    assert all(one["output_type"] in ("stream", "display_data") and not one.get("metadata") for one in made)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$a < b$ and $$\\sum_i x_i$$", ["$a &lt; b$", "$$\\sum_i x_i$$"]),
        ("**bold** *soft* `code < 1`", ["<strong>bold</strong>", "<em>soft</em>", "<code>code &lt; 1</code>"]),
        ("```python\nx = '<b>'\n\n\\href\n```", ["x", "&lt;b&gt;", "\\"]),
        ("- one\n- two", ["<li>one</li>", "<li>two</li>"]),
        ("| a |\n|--:|\n| 1 |", ["<th style=\"text-align:right\">a</th>", "<td style=\"text-align:right\">1</td>"]),
        ("[questions](https://example.org/x)", ["questions (https://example.org/x)"]),
        ("![chart](https://example.org/x.png)", ["[picture left out: chart]"]),
    ],
)  # fmt: skip
def test_what_is_to_be_read_is_there(text, words):
    made = markdown(text)
    assert [word for word in words if word not in made] == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_keeps_its_pixels_and_loses_everything_else(kind):
    file = io.BytesIO()
    made = Image.effect_noise((40, 30), 60).convert("RGB")
    made.save(file, kind, comment="<script>", exif=b"Exif\x00\x00<script>")
    mime, data = child().encoded_again(file.getvalue() + b"<script>alert(1)</script>")
    assert mime == f"image/{kind.lower()}"
    assert b"script" not in data
    again = Image.open(io.BytesIO(data))
    assert again.size == made.size
    if kind == "PNG":
        assert again.convert("RGB").tobytes() == made.tobytes()


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", b"GIF89a", b"\x89PNG\r\n\x1a\n", a_picture()[:60], b"%PDF-1.4", a_picture("JPEG")[:20]]
)
def test_what_is_no_whole_png_or_jpeg_is_no_picture(data):
    assert child().encoded_again(data) is None


def test_a_bomb_of_pixels_is_no_picture():
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    assert child().encoded_again(file.getvalue()) is None


def test_pictures_come_from_attachments_and_from_beside_the_notebook_whatever_they_are_called():
    attached = {"a b.png": {"image/png": b64(a_picture("JPEG"))}}
    files = {"figures/c.jpg": base64.b64encode(a_picture()).decode()}
    made = markdown('![x](attachment:a%20b.png) <img src="./figures/c.jpg" onerror="x">', attached, files.items())
    assert made.count('<img src="data:image/jpeg;base64,') == made.count('<img src="data:image/png;base64,') == 1
    many = " ".join(["![x](figures/c.jpg)"] * (child().MAX_PICTURES + 5))
    assert markdown(many, None, files.items()).count("<img") == child().MAX_PICTURES


def test_pictures_beside_the_notebook_are_read_without_following_links(tmp_path):
    place = tmp_path / "ann" / "hw"
    (place / "sub").mkdir(parents=True)
    (place / "a.png").write_bytes(a_picture())
    (place / "sub" / "b.png").write_bytes(a_picture())
    (tmp_path / "c.png").write_bytes(a_picture())
    (place / "c.png").symlink_to(tmp_path / "c.png")
    text = "![a](a.png) ![b](sub/b.png) ![c](c.png) ![d](../../c.png)"
    (made,) = dressing(tmp_path, ("ann", "hw"))([{"markdown": text, "attachments": None}])
    assert made.count("<img") == 2
    assert made.count("[picture left out") == 2


def test_what_cannot_be_rendered_within_the_limits_is_text(monkeypatch):
    long = "x" * 200_000
    assert markdown(long) == f"```\n{long}\n```"
    cell = {"markdown": "<b>`", "attachments": {}}

    def refuse(*_):
        raise parent.Rejected("too slow")

    monkeypatch.setattr(parent, "CONFINED", True)
    monkeypatch.setattr(limited, "ask", refuse)
    assert harmless([cell, {"outputs": [1]}], {}) == [as_text(cell), []]


def test_a_child_and_this_process_say_the_same(monkeypatch):
    cells = [{"markdown": named(text, name), "attachments": {}} for name, text in MARKDOWN.items()]
    cells += [{"outputs": [{"output_type": "stream", "text": ["a", "b"]}]}, {"outputs": "x"}, {"outputs": [1, {}]}]
    apart = harmless(cells, {})
    monkeypatch.setattr(parent, "CONFINED", False)
    assert harmless(json.loads(json.dumps(cells)), {}) == apart
