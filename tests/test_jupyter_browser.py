"""``check(huber_loss)`` as a student sees it in JupyterLab and Notebook 7: real servers, kernels and a real browser.

The machine of the student is a released bundle and the package alone: no ``grading.py``, no ``reference/``.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.release.build import Release, write_files
from tests.conftest import ROOT
from tests.jupyter import browsing, configure, notebook, served

pytestmark = [
    pytest.mark.integration,
    # sockets that the browser's driver leaves to the collector, and what old notebook formats are told
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]

EXERCISE = "influence_functions"
PATIENCE = 120_000
"""Milliseconds after which a page that shows nothing is given up; no test measures time."""

HEAD = """\
import importlib.util

import numpy as np
from autograder.notebook import check
from IPython.display import HTML

print([importlib.util.find_spec(name) for name in ("reference", "grading")])
HTML('<b class="probe" onclick="0">what a sanitizer changes</b>')"""
ANSWERS = {
    "wrong": """\
def huber_loss(residual, delta):
    r = np.asarray(residual, float)
    return np.where(np.abs(r) <= delta, r**2, delta * (np.abs(r) - delta / 2))""",
    "right": """\
def huber_loss(residual, delta):
    if not (np.isfinite(delta) and delta > 0):
        raise ValueError("delta")
    r = np.abs(np.asarray(residual, float))
    core = np.minimum(r, delta)
    loss = core * (r - core / 2)
    return loss if loss.ndim else float(loss)""",
    "raises": """\
STEP = 0

def huber_loss(residual, delta):
    return delta / STEP""",
    "markup": """\
def huber_loss(residual, delta):
    return "$x^2$ <b onclick='1'>" + "a long answer " * 9 + "x" * 200""",
}
FORMULAS = {
    "sym_psi_pseudo_huber": "r/sqrt(1 + (r/delta)**2)",
    "sym_psi_huber": "where(abs(r) < delta, r, delta*r/abs(r))",
}
CELLS = [
    HEAD,
    *(text for answer in ANSWERS.values() for text in (answer, "check(huber_loss)")),
    *(
        text
        for name, formula in FORMULAS.items()
        for text in (f"def {name}():\n    return {formula!r}", f"check({name})")
    ),
]
CHECKED = [*ANSWERS, *FORMULAS]
"""What the verdicts are about, in the order of the notebook."""


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """A released bundle, and the environment in which only the package is there besides it."""
    place = tmp_path_factory.mktemp("student")
    course = load_course(ROOT)
    assignment = next(one for one in course.assignments if EXERCISE in one.exercises)
    chosen = replace(assignment, exercises={EXERCISE: assignment.exercises[EXERCISE]})
    write_files(place / "work", Release(course, chosen, (load_exercise(ROOT, EXERCISE, hidden=True),), False).bundle())
    shutil.copytree(ROOT / "autograder", place / "site" / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    return SimpleNamespace(work=place / "work", environment={"PYTHONPATH": str(place / "site")})


@pytest.fixture(scope="module")
def on_the_command_line(student):
    """What ``autograder check`` prints about each answer to the function, as lines about that part."""
    said = {}
    file = student.work / "exercises" / EXERCISE / f"{EXERCISE}.py"
    stub = file.read_text()
    for name, answer in ANSWERS.items():
        file.write_text(f"import numpy as np\n\n\n{answer}\n")
        done = subprocess.run(
            [sys.executable, "-m", "autograder", "check", EXERCISE],
            cwd=student.work,
            env={**os.environ, **student.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        said[name] = about(done.stdout, "huber_loss")
    file.write_text(stub)
    return said


def about(text, part):
    """Return heading, verdict and explanation of one part; where a raised error comes from differs by the file."""
    lines = text.splitlines()
    (start,) = [i for i, line in enumerate(lines) if re.match(rf"  (ok|no|--)  {part}\b", line)]
    after = [i for i, line in enumerate(lines) if i > start and not line.startswith("        ")]
    explained = [re.sub(r" \(line \d+ of [\w ]+\)", "", line) for line in lines[start + 1 : after[0]]]
    return lines[0], lines[start].split(), explained


def run_by_keyboard(tab):
    """Run all cells from the top, each when the one before is done, then one that is typed."""
    prompts = tab.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-prompt")
    expect = pytest.importorskip("playwright.sync_api").expect
    number = re.compile(r"\[\d+\]:")
    first = tab.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    for _ in range(30):  # keys that come before the page is connected to its kernel are lost
        first.click()
        tab.keyboard.press("Shift+Enter")
        try:
            expect(prompts.first).to_have_text(number, timeout=PATIENCE / 30)
            break
        except AssertionError:
            continue
    for position in range(1, len(CELLS)):
        tab.keyboard.press("Shift+Enter")
        expect(prompts.nth(position)).to_have_text(number, timeout=PATIENCE)
    tab.keyboard.type("check(sym_psi_huber)")
    tab.keyboard.press("Shift+Enter")
    expect(prompts.nth(len(CELLS))).to_have_text(number, timeout=PATIENCE)
    tab.locator("pre.autograder").nth(len(CHECKED)).wait_for()
    tab.locator(".autograder-reading mjx-container").nth(len(FORMULAS)).wait_for()


def save_by_keyboard(tab, file):
    """Save and return the notebook once it is on the disk with its last verdict."""
    tab.keyboard.press("Control+s")
    for _ in range(PATIENCE // 500):
        saved = json.loads(file.read_text())
        if file.read_text().count('class=\\"autograder\\"') == len(CHECKED) + 1:
            return saved
        time.sleep(0.5)
    raise AssertionError("the notebook was not saved")


def styles(tab):
    """Return what the verdicts look like: computed styles of all in them that a theme does not choose."""
    return tab.evaluate("""() => [...document.querySelectorAll('pre.autograder, pre.autograder span')].map(e => {
        const s = getComputedStyle(e), badge = s.borderRadius == '0px' ? [] : [s.backgroundColor, s.color];
        return [e.textContent, s.display, s.margin, s.padding, s.textIndent, s.maxWidth, s.whiteSpace, s.wordBreak,
                s.overflowWrap, s.borderRadius, ...badge];
    })""")


GROUNDS = """() => [...document.querySelectorAll('.autograder, .autograder *, .autograder-reading')].map(e => {
    let ground = e;
    while (ground.parentElement && getComputedStyle(ground).backgroundColor == 'rgba(0, 0, 0, 0)')
        ground = ground.parentElement;
    return [e.textContent, getComputedStyle(e).color, getComputedStyle(ground).backgroundColor];
})"""


def contrast(colour, ground):
    """Contrast by WCAG 2.2 of a colour, which may let the ground through, on an opaque ground."""
    *over, alpha = [*map(float, re.findall(r"[\d.]+", colour)), 1.0][:4]
    under = [float(one) for one in re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", ground).groups()]
    low, high = sorted(map(luminance, (under, [alpha * a + (1 - alpha) * b for a, b in zip(over, under, strict=True)])))
    return (high + 0.05) / (low + 0.05)


def luminance(channels):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (one / 255 for one in channels)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def assert_readable(tab):
    """All text of a verdict has the contrast that WCAG asks for (axe does not look into Jupyter's panels)."""
    found = tab.evaluate(GROUNDS)
    assert len({ground for _, _, ground in found}) == 3  # the page and two badges
    for text, colour, ground in found:
        assert contrast(colour, ground) >= 4.5, (text, colour, ground)
    assert tab.evaluate("[...document.querySelectorAll('pre.autograder')].every(e => e.scrollWidth <= e.clientWidth)")


def assert_no_noise(tab):
    """No student sees stderr, an error or a traceback."""
    for mime in ("application/vnd.jupyter.stderr", "application/vnd.jupyter.error"):
        assert tab.locator(f"[data-mime-type='{mime}']").count() == 0
    assert "Traceback" not in tab.locator(".jp-Notebook").inner_text()


def verdicts(tab):
    texts = [one.inner_text() for one in tab.locator("pre.autograder").all()]
    return dict(zip(CHECKED, texts, strict=False)), texts[-1]


def assert_mathematics(tab):
    """Each formula is set by MathJax and none of the text of a verdict is."""
    assert tab.locator(".autograder-reading mjx-container").count() == len(FORMULAS) + 1
    assert tab.locator("pre.autograder mjx-container").count() == 0
    first = tab.locator(".autograder-reading").first
    assert "$" not in first.inner_text()
    assert first.locator("mjx-mfrac mjx-msqrt").count() == 1
    assert first.locator("mjx-mfrac").first.bounding_box()["height"] > 25  # numerator above denominator
    fonts = tab.evaluate("document.fonts.ready.then(f => [...f].filter(o => /MJX/.test(o.family)).map(o => o.status))")
    assert "loaded" in fonts
    assert "error" not in fonts


@pytest.mark.parametrize(
    ("app", "where"), [("jupyterlab", "lab/tree"), ("notebook", "notebooks")], ids=["JupyterLab", "Notebook 7"]
)
def test_the_verdict_in_the_browser(app, where, student, on_the_command_line, tmp_path):
    if find_spec(app) is None:
        pytest.skip(f"{app} is not installed")
    import nbformat

    folder = student.work / "exercises" / EXERCISE
    file = folder / f"{app}.ipynb"
    nbformat.write(notebook(*CELLS), file)
    home = tmp_path / "home"
    asked = []

    def opened(browser, address):
        tab = browser.new_context(viewport={"width": 1300, "height": 3000}).new_page()
        tab.set_default_timeout(PATIENCE)
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(f"{address}/{where}/exercises/{EXERCISE}/{file.name}")
        tab.locator(".jp-Notebook .jp-CodeCell .cm-content").first.wait_for()
        return tab

    with browsing() as browser, served(student.work, home, app, **student.environment) as address:
        tab = opened(browser, address)
        run_by_keyboard(tab)
        tab.screenshot(path=tmp_path / "light.png")
        assert "[None, None]" in tab.locator(".jp-OutputArea").first.inner_text()
        shown, typed = verdicts(tab)
        for answer, expected in on_the_command_line.items():
            assert about(shown[answer], "huber_loss") == expected, answer
        assert "  no  huber_loss" in shown["wrong"]
        assert "looks like  forgets 1/2 in the quadratic core" in shown["wrong"]
        assert "  ok  huber_loss" in shown["right"]
        assert "ZeroDivisionError: float division by zero (line 4 of cell huber_loss)" in shown["raises"]
        assert "$x^2$ <b onclick='1'>" in shown["markup"]
        assert "  ok  sym_psi_pseudo_huber" in shown["sym_psi_pseudo_huber"]
        assert typed == shown["sym_psi_huber"]
        assert_mathematics(tab)
        assert_no_noise(tab)
        assert_readable(tab)
        looks = styles(tab)
        assert tab.locator(".probe[onclick]").count() == 1

        saved = save_by_keyboard(tab, file)
        outputs = [out for cell in saved["cells"] for out in cell["outputs"] if "autograder" in str(out)]
        plain = ["".join(out["data"]["text/plain"]) for out in outputs]
        assert plain == [*shown.values(), typed]
        tab.context.close()

        # the same notebook from elsewhere, which Jupyter does not trust and sanitizes, in the dark
        saved["metadata"]["from"] = "elsewhere"
        file.write_text(json.dumps(saved))
        configure(home, "themes", theme="JupyterLab Dark")
        tab = opened(browser, address)
        tab.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
        tab.locator(".autograder-reading mjx-container").nth(len(FORMULAS)).wait_for()
        tab.screenshot(path=tmp_path / "dark.png")
        assert tab.locator(".probe").count() == 1
        assert tab.locator(".probe[onclick]").count() == 0
        assert verdicts(tab) == (shown, typed)
        assert styles(tab) == looks
        assert_mathematics(tab)
        assert_readable(tab)
    assert {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))} == {"127.0.0.1"}
