"""The class report in a browser: looked at, read aloud, walked by keyboard, and attacked."""

import base64
import json
import os
import struct
import zlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from autograder.course.model import load_course
from autograder.lms.people import directory
from autograder.reports.site import write_report
from autograder.store.store import open_store
from tests import report_class as made
from tests.conftest import ROOT

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTHS = {"desktop": 1280, "phone": 390}

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets that the browser's driver leaves to the collector
]


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}; set CHROMIUM to one")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lifelike(tmp_path_factory):
    return made.build(tmp_path_factory.mktemp("seen"), lambda store: made.lifelike(store, 40))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    root = tmp_path_factory.mktemp("attacked")
    return made.build(root, lambda store: made.hostile(store, root / "roster.csv"), root / "roster.csv")


WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@pytest.fixture
def visit(browser):
    """Open a page from its file; afterwards nothing may have run, been blocked, asked, popped up or failed."""
    contexts = []

    def opened(path, width=1280, scheme="light", **more):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        context.add_init_script(WATCH)
        page = context.new_page()
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("popup", lambda popup: said.append("popup"))
        url = Path(path).resolve().as_uri()
        page.goto(url)
        contexts.append((context, page, asked, said))
        return page

    yield opened
    for context, page, asked, said in contexts:
        assert page.evaluate("window.violations") == []
        assert page.evaluate("window.ran") is None
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert said == []
        context.close()


OPEN = "document.querySelectorAll('details').forEach(e => e.open = true)"
"""Opens what is folded."""


def pages_of(folder):
    return {
        "class": folder / "index.html",
        "marking": folder / "marking.html",
        "student": folder / "students" / "0002.html",
    }


def place(tmp_path):
    """Where pictures go: a folder to look at, if one is named."""
    folder = Path(os.environ.get("AUTOGRADER_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", ["class", "marking", "student"])
def test_a_page_fits_its_window_and_has_its_colours(which, width, scheme, lifelike, visit, tmp_path):
    page = visit(pages_of(lifelike)[which], WIDTHS[width], scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    shade = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
    assert (sum(shade) / 3 > 128) == (scheme == "light")
    picture = place(tmp_path) / f"{which}-{width}-{scheme}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 20_000  # an empty page is smaller


SCREEN = 900


def test_the_class_page_of_a_whole_course_is_three_screens_before_it_is_unfolded(visit, tmp_path):
    course = load_course(ROOT)
    dated = tuple(replace(one, due=made.DUE) for one in course.assignments)
    course = replace(course, assignments=dated)
    with open_store(tmp_path) as store:
        made.whole_course(store, course)
        write_report(store, course, directory(made.students_of(store), None), tmp_path / "report")
    page = visit(tmp_path / "report" / "index.html", 1280)
    page.screenshot(path=place(tmp_path) / "whole-course.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollHeight") <= 3 * SCREEN
    page.locator("ul.todo a", has_text="could not be used").click()  # a link into a fold opens it
    assert page.locator("#trouble").is_visible()


@pytest.mark.parametrize("which", ["class", "marking", "student"])
def test_a_page_prints_on_paper_width(which, lifelike, visit, tmp_path):
    page = visit(pages_of(lifelike)[which])
    questions = place(tmp_path) / f"{which}.pdf"
    page.pdf(path=questions, format="A4")
    assert questions.stat().st_size > 10_000
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    assert page.evaluate("[...document.querySelectorAll('.skip, header nav.trail')].every(e => !e.offsetParent)")
    if which == "class":  # a class of hundreds would be hundreds of sheets: what the reader opened is printed
        shown = "[...document.querySelectorAll('details:not([open]) td')].filter(e => e.checkVisibility())"
        assert page.evaluate("document.querySelectorAll('details:not([open])').length")
        assert page.evaluate(f"{shown}.length") == 0
    if which == "student":
        closed = "[...document.querySelectorAll('details:not([open]) li')].map(e => e.getBoundingClientRect().height)"
        heights = page.evaluate(closed)
        assert heights  # details are closed on the screen ...
        assert min(heights) > 5  # ... and are printed all the same


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", ["class", "marking", "student"])
def test_axe_finds_nothing_serious(which, width, scheme, lifelike, visit):
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    from axe_playwright_python.sync_playwright import Axe

    page = visit(pages_of(lifelike)[which], WIDTHS[width], scheme)
    page.evaluate(OPEN)
    found = Axe().run(page).response["violations"]
    grave = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert grave == []


def test_a_page_can_be_walked_by_keyboard(lifelike, visit):
    page = visit(pages_of(lifelike)["class"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0  # it shows when it has the focus
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.evaluate(OPEN)
    reached = []
    for _ in range(600):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.tagName"))
        if reached[-1] == "students/0040.html":
            break
    assert {f"students/{k + 1:04d}.html" for k in range(40)} <= set(reached)
    page.keyboard.press("Enter")
    page.wait_for_url("**/0040.html")
    page.get_by_role("link", name="Class report").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html")


def test_headings_and_landmarks_are_in_order(lifelike, visit):
    for path in pages_of(lifelike).values():
        page = visit(path)
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(e => +e.tagName[1])")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        for role in ("banner", "main", "contentinfo"):
            assert page.get_by_role(role).count() == 1


def noise(side):
    """A PNG of random grey, which is as long as a real figure."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    grey = np.random.default_rng(1).integers(0, 256, (side, side + 1), np.uint8)
    grey[:, 0] = 0  # how each row is packed: as it is
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(grey.tobytes())), chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(bytes.fromhex('89504e470d0a1a0a') + b''.join(parts)).decode()}"


def test_a_figure_is_shown_and_needs_no_file(visit, tmp_path):
    root = made.make_course(tmp_path)
    with open_store(root) as store:
        made.lifelike(store, 2)
        people = directory(made.students_of(store), None)
        write_report(store, load_course(root), people, root / "report", lambda stored, data: (noise(200), ("f", "g")))
    page = visit(root / "report" / "students" / "0001.html")
    assert page.evaluate("[...document.images].map(i => i.complete && i.naturalWidth)") == [200, 200]
    assert page.get_by_alt_text("drawn from f, g").count() == 2


def test_nothing_hostile_runs_or_breaks_out(hostile, visit):
    page = visit(hostile / "index.html", 390)
    for path in [hostile / "index.html", hostile / "marking.html", *sorted((hostile / "students").iterdir())]:
        page.goto(path.as_uri())
        page.evaluate(OPEN)
        assert page.evaluate("[window.ran, window.violations.length]") == [None, 0]
        assert page.evaluate("document.querySelectorAll('iframe, img, object, form, base').length") == 0
        assert page.evaluate("document.scripts.length") == (path.name == "index.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        links = page.evaluate("[...document.links].map(a => a.protocol)")
        assert set(links) <= {"file:"}


def test_hostile_texts_are_read_as_they_are(hostile, visit):
    page = visit(hostile / "index.html")
    page.evaluate(OPEN)
    shown = page.inner_text("body")
    assert f"<script>{made.SCRIPT}</script>" in shown
    assert "{{ 7 * 7 }}{% x %}" in shown
    assert "&lt;b&gt;" in shown
    assert "\\x1b[31mred" in shown
    assert "\\u202egnp.exe" in shown
    assert "\u05e9\u05dc\u05d5\u05dd" in shown


def test_the_policy_holds_by_itself(hostile, visit, browser, tmp_path):
    """Were an escape forgotten, the policy would still stop the script: it is injected here on purpose."""
    text = (hostile / "index.html").read_text(encoding="utf-8")
    bad = tmp_path / "bad.html"
    bad.write_text(text.replace("<main", f"<script>{made.SCRIPT}</script><b onclick='1' style='color:red'>x</b><main"))
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(bad.as_uri())
    assert page.evaluate("window.ran") is None
    assert len(page.evaluate("window.violations")) >= 2
    assert json.dumps(page.evaluate("window.violations")).count("script-src") >= 1
    page.close()


def test_rows_are_sorted_and_filtered_by_the_pages_own_script(visit, tmp_path):
    root = made.make_course(tmp_path)
    with open_store(root) as store:
        for k in range(260):
            made.save(store, f"s{k:03d}", "alpha", made.part(score=float((7 * k) % 5)))
        write_report(store, load_course(root), directory(made.students_of(store), None), root / "report")
    page = visit(root / "report" / "index.html")
    page.locator("summary", has_text="260 students").click()
    rows = "[...document.querySelectorAll('table.sortable tbody tr')].filter(row => !row.hidden)"

    def column(k):
        return page.evaluate(f"{rows}.map(row => row.cells[{k}].textContent.trim())")

    assert len(column(0)) == 200, "the rest comes on demand"
    page.get_by_role("button", name="Show all").click()
    assert column(0) == [f"s{k:03d}" for k in range(260)]
    page.get_by_role("button", name="Total").click()
    page.wait_for_function(f"{rows}.length === 260")
    assert [float(text) for text in column(3)] == sorted(((7 * k) % 5 for k in range(260)), reverse=True)
    page.get_by_role("button", name="Total").click()
    assert column(3)[0] == "0"
    page.wait_for_function(f"{rows}.length === 260")
    assert page.locator("th[aria-sort]").count() == 1
    page.get_by_label("Filter by name or id").fill("s01")
    assert sorted(column(0)) == [f"s{k:03d}" for k in range(10, 20)]
