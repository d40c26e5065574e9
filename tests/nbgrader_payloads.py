"""What a hostile student puts into the cells of a notebook; each payload says its name in the page's ``ran``."""

import base64
import io
import json

NOTICE = "(window.ran || parent.ran || top.ran).push('NAME')"

FULL_MARKS = """<script>
(async () => {
  const headers = {'Content-Type': 'application/json', 'X-XSRFToken': (document.cookie.match(/_xsrf=([^;]*)/) || [])[1]};
  const grades = await (await fetch('/formgrader/api/grades?submission_id=' + submission_id)).json();
  for (const one of grades) {
    one.manual_score = one.max_score;
    await fetch('/formgrader/api/grade/' + one.id, {method: 'PUT', headers, body: JSON.stringify(one)});
  }
})();
</script>"""

SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{NOTICE}"><script>{NOTICE}</script></svg>'


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


MARKDOWN = {
    "script": "<script>JS</script>",
    "script at the end of a text": "An answer.\n\nMore <b>text</b> <script>JS</script>",
    "script in several cases": '<ScRiPt type="text/javascript"\n>JS</sCrIpT >',
    "error of an image": '<img src=x onerror="JS">',
    "handler on a div": '<div onmouseover="JS" onclick="JS">over</div>',
    "details": '<details open ontoggle="JS"><summary onclick="JS">x</summary></details>',
    "focus of a form": '<form><input autofocus onfocus="JS"><button formaction="javascript:JS">x</button></form>',
    "link": "[click](javascript:JS)",
    "link with entities": "[click](&#106;avascript&#58;JS)",
    "link with a tab": '<a href="java\tscript:JS">click</a> <a href=" javascript:JS">click</a>',
    "link of data": f"[click](data:text/html;base64,{b64('<script>JS</script>')})",
    "link by reference": "[click][it]\n\n[it]: javascript:JS 'title'",
    "autolink": "<javascript:JS>",
    "svg": '<svg onload="JS"><script>JS</script><a xlink:href="javascript:JS"><text y="20">x</text></a></svg>',
    "srcdoc": "<iframe srcdoc=\"<script>parent.ran.push('NAME')</script>\"></iframe>",
    "frame": '<iframe src="javascript:JS"></iframe><embed src="javascript:JS"><object data="javascript:JS"></object>',
    "MathJax link": "$\\href{javascript:JS}{click}$ and \\(\\hr<!-- -->ef{javascript:JS}{click}\\)",
    "MathJax over tags": "$\\hr<wbr>ef{javascript:JS}{click}$ $\\&#104;ref{javascript:JS}{click}$",
    "MathJax script": '<script type="math/tex">\\href{javascript:JS}{x}</script><script type="text/x-mathjax-config">JS</script>',
    "MathJax style": '$\\style{background:url(javascript:JS)}{x}$ $\\class{full-credit}{x}$ $\\cssId{x" onclick="JS}{x}$',
    "MathML": '<math href="javascript:JS"><maction actiontype="statusline" xlink:href="javascript:JS">x</maction></math>',
    "style": '<style>@import "javascript:JS"; * { animation: x 1s }</style><b onanimationstart="JS" style="animation: x">b</b>',
    "style attribute": '<p style="background:url(javascript:JS);position:fixed;inset:0" onclick="JS">over everything</p>',
    "nested Markdown": "> * `code <img src=x onerror='JS'>`\n>   <img src=x onerror='JS'>\n\n| a |\n|--|\n| <script>JS</script> |",
    "code that is not": "```html\n</code></pre><script>JS</script>\n```\n\n    </code><img src=x onerror=\"JS\">",
    "mermaid": "```mermaid\n<img src=x onerror=\"JS\">\n```",
    "entities": "&lt;script&gt;JS&lt;/script&gt; &#60;img src=x onerror=\"JS\"&#62;\n\n&lt;img src=x onerror=&quot;JS&quot;&gt;",
    "mutation": "<svg></p><style><a id=\"</style><img src=x onerror='JS'>\"></svg><noscript><p title=\"</noscript><img src=x onerror='JS'>\">",
    "broken tag": "<img src=x onerror='JS' alt=\"<<script>JS</script>",
    "base and meta": '<base href="javascript:JS//"><meta http-equiv="refresh" content="0;url=javascript:JS"><a href="x">click</a>',
    "image": '![x](x"onerror="JS) ![x](javascript:JS) ![x](<x" onerror="JS>)',
    "blank lines": "<div>\n\n<script>\n\nJS\n\n</script>\n\n</div>\n\n<script>JS\n\n</script>",
    "attached drawing": "![x](attachment:x.svg) <object data='attachment:x.svg'></object>",
    "attached text": '![x](attachment:x.png) <img src="attachment:y.png">',
}  # fmt: skip
ATTACHED = {
    "attached drawing": {"x.svg": {"image/svg+xml": b64(SVG)}},
    "attached text": {"x.png": {"image/png": '" onerror="JS'}, "y.png": {"text/html": b64("<script>JS</script>")}},
}
OUTPUTS = {
    "HTML output": {"text/html": "<script>JS</script><img src=x onerror=\"JS\">", "text/plain": "a table"},
    "JavaScript output": {"application/javascript": "JS"},
    "drawing as output": {"image/svg+xml": SVG},
    "no picture as output": {"image/png": b64("<script>JS</script>")},
    "Markdown output": {"text/markdown": "<script>JS</script>", "text/latex": "<script>JS</script>"},
    "text output": {"text/plain": "<script>JS</script><img src=x onerror=\"JS\">"},
}  # fmt: skip
MATHEMATICS = "The risk $\\mathbb{E}[(Y - c)^2] < \\sigma^2$ is least at\n\n$$c^* = \\begin{aligned} a & b % why\n+ 1\\end{aligned}$$\n"


def named(value, name):
    code = NOTICE.replace("NAME", name)
    text = json.dumps(value).replace("NAME", name)
    return json.loads(text.replace("JS", json.dumps(code)[1:-1]))


def a_picture(kind="PNG"):
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 30, 40)).save(file, kind)
    return file.getvalue()


def cells(text=True):
    """One cell for each payload."""
    for name, source in MARKDOWN.items():
        yield {"cell_type": "markdown", "metadata": {}, **named({"source": source}, name),
               "attachments": named(ATTACHED.get(name, {}), name)}  # fmt: skip
    for name, data in OUTPUTS.items():
        output = {"output_type": "display_data", "metadata": {}, "data": named(data, name)}
        yield {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "# </script>", "outputs": [output]}
    raw = named({"source": "<script>JS</script>"}, "raw cell")
    yield {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html", "format": "text/html"}, **raw}
    error = named(
        {"ename": "<script>JS</script>", "evalue": "<script>JS</script>", "traceback": ["<script>JS</script>"]}, "error"
    )
    yield {
        "cell_type": "code",
        "metadata": {},
        "execution_count": 1,
        "source": "",
        "outputs": [{"output_type": "error", **error}],
    }
    code = named({"source": "# </pre></div><script>JS</script>"}, "code cell")
    yield {"cell_type": "code", "metadata": {"magics_language": "html"}, "execution_count": 1, "outputs": [], **code}
