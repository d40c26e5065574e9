"""What a student sees first, as pictures to look at: path, statement, notebook, watch.

AUTOGRADER_SCREENSHOTS=DIR keeps them.  The feedback page is in test_report_browser.
"""

import json
import shutil
import sys
from pathlib import Path

import pytest

from autograder.course.exercises import exercise_names, load_exercise
from autograder.course.model import load_course
from autograder.release.build import Release, write_files
from tests.conftest import ROOT
from tests.jupyter import browsing, configure, served
from tests.processes import Tmux
from tests.test_report_browser import place

pytestmark = [
    pytest.mark.integration,
    # sockets that the browser's driver leaves to the collector, and what old notebook formats are told
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]

ASSIGNMENT, EXERCISE, PART = "ps1", "empirical_risk", "mse"
PATIENCE = 60_000
HALF = "    return np.sum((np.asarray(y_true, float) - np.asarray(y_pred, float)) ** 2)"


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """A bundle as it is handed out; its first exercise holds a typical mistake."""
    folder = tmp_path_factory.mktemp("student") / "work"
    course = load_course(ROOT)
    chosen = next(one for one in course.assignments if one.name == ASSIGNMENT)
    folders = tuple(load_exercise(ROOT, name, hidden=True) for name in chosen.exercises)
    write_files(folder, Release(course, chosen, folders, False).bundle())
    file = folder / "exercises" / EXERCISE / f"{EXERCISE}.ipynb"
    text = file.read_text(encoding="utf-8")
    assert text.count("raise NotImplementedError") > 1
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["metadata"]["nbgrader"]["grade_id"] == f"{EXERCISE}-{PART}":
            cell["source"] = "".join(cell["source"]).replace("    raise NotImplementedError()", HALF)
            cell["source"] = cell["source"].replace("    raise NotImplementedError", HALF)
    file.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


RUN_ALL = ("Run", "Run All Cells")


def seen(tab, selector):
    """Find the first element that a person sees; JupyterLab keeps others in hidden tabs and far-off cells."""
    return tab.locator(selector).locator("visible=true").first


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_path_statement_and_notebook_before_and_after_run_all(scheme, student, tmp_path):
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    home, shots = tmp_path / "home", place(tmp_path)
    if scheme == "dark":
        configure(home, "themes", theme="JupyterLab Dark")
    configure(home, "plugin", "docmanager", defaultViewers={"markdown": "Markdown Preview"})
    environment = {"PYTHONPATH": str(ROOT)}
    with browsing() as browser, served(student, home, **environment) as address:

        def opened(name, path):
            """Open one file in a workspace of its own: the shared one brings earlier files back as hidden tabs."""
            tab = browser.new_context(viewport={"width": 1280, "height": 1600}).new_page()
            tab.set_default_timeout(PATIENCE)
            tab.goto(f"{address}/lab/workspaces/{name}/tree/{path}")
            return tab

        for name, path in (("path", "exercises/README.md"), ("statement", f"exercises/{EXERCISE}/README.md")):
            tab = opened(name, path)
            for what in ("h1", "mjx-container", "img"):
                seen(tab, f".jp-RenderedMarkdown {what}").wait_for()
            tab.wait_for_timeout(1000)  # for the picture alone: fonts may still arrive
            tab.screenshot(path=shots / f"{name}-{scheme}.png")
            texts = tab.locator(".jp-RenderedMarkdown")
            assert texts.count() == 1
            assert "$$" not in texts.inner_text()
            tab.context.close()
        tab = opened("notebook", f"exercises/{EXERCISE}/{EXERCISE}.ipynb")
        seen(tab, ".jp-Notebook .jp-CodeCell .cm-content").wait_for()
        seen(tab, ".jp-Notebook .jp-RenderedMarkdown mjx-container").wait_for()
        tab.wait_for_timeout(1000)
        tab.screenshot(path=shots / f"notebook-before-{scheme}.png")
        menu, item = RUN_ALL
        tab.get_by_role("menuitem", name=menu, exact=True).click()
        tab.get_by_role("menuitem", name=item, exact=True).click()
        first = seen(tab, "pre.autograder")
        first.wait_for(timeout=3 * PATIENCE)
        first.scroll_into_view_if_needed()
        tab.wait_for_timeout(1000)
        tab.screenshot(path=shots / f"notebook-after-{scheme}.png")
        assert "looks like  sums instead of averaging" in first.inner_text()
        assert "unsafe" not in tab.locator(".jp-Notebook").inner_text()
        tab.context.close()


COLUMN = 640
OVERFLOWING = """(column, width) => {
  column.style.width = `${width}px`;
  column.style.padding = 0;
  const end = column.getBoundingClientRect().left + width;
  return [...column.querySelectorAll('mjx-math, table, img')]
    .filter(one => one.getBoundingClientRect().right > end + 1)
    .map(one => `${one.tagName}: ${one.textContent.slice(0, 60)}`);
}"""


def test_no_formula_table_or_picture_is_wider_than_a_column_of_640_pixels(tmp_path):
    """In JupyterLab, of the path and of all statements, contracts included."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    home, work = tmp_path / "home", tmp_path / "work"
    names = ("", *exercise_names(ROOT))
    for name in names:
        folder = work / name
        folder.mkdir(parents=True, exist_ok=True)
        text = load_exercise(ROOT, name, hidden=False).text() if name else (ROOT / "exercises/README.md").read_text()
        (folder / "README.md").write_text(text, encoding="utf-8")
        for picture in (ROOT / "exercises" / name).glob("*.svg"):
            shutil.copy(picture, folder)
    configure(home, "plugin", "docmanager", defaultViewers={"markdown": "Markdown Preview"})
    too_wide = {}
    with browsing() as browser, served(work, home) as address:
        for k, name in enumerate(names):
            tab = browser.new_context(viewport={"width": 1000, "height": 1200}).new_page()
            tab.set_default_timeout(PATIENCE)
            tab.goto(f"{address}/lab/workspaces/w{k}/tree/{name}{'/' if name else ''}README.md")
            for what in ("h1", "mjx-container", "img"):
                seen(tab, f".jp-RenderedMarkdown {what}").wait_for()
            column = tab.locator(".jp-RenderedMarkdown")
            if found := column.evaluate(OVERFLOWING, COLUMN):
                too_wide[name or "path"] = found
            assert column.evaluate(OVERFLOWING, 100) != []  # so this can fail
            tab.context.close()
    assert too_wide == {}


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ max-width: 60rem; margin: auto; font: 16px/1.5 sans-serif; color-scheme: light dark; }}
pre, table {{ overflow-x: auto; display: block }}</style></head><body><main>{body}</main></body></html>"""


@pytest.mark.parametrize("name", ["", *exercise_names(ROOT)])
def test_axe_finds_nothing_serious_in_the_path_and_the_statements(name, student, tmp_path):
    """As HTML of nbconvert's Markdown, which is what nbgrader shows of a statement."""
    filters = pytest.importorskip("nbconvert.filters", reason="nbconvert is not installed")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    source = load_exercise(ROOT, name, hidden=False).text() if name else (ROOT / "exercises" / "README.md").read_text()
    body = filters.markdown2html_mistune(source)
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(title=name or "path", body=body), encoding="utf-8")
    for picture in [*(ROOT / "exercises").glob("*.svg"), *(ROOT / "exercises").glob(f"{name or '-'}/*.svg")]:
        shutil.copy(picture, tmp_path)
    with browsing() as browser:
        tab = browser.new_page()
        tab.goto(page.as_uri())
        found = axe.Axe().run(tab).response["violations"]
    grave = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert grave == []


@pytest.mark.parametrize("size", [(60, 15), (100, 30)], ids=str)
def test_the_watch_fits_small_and_large_terminals(size, student, tmp_path):
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    width, height = size
    tmux = Tmux(tmp_path / "tmux", "watch")

    command = (
        f"env -u COLUMNS -u LINES PYTHONPATH={ROOT} TERM=xterm {sys.executable} -m autograder check {EXERCISE} --watch"
    )
    tmux("new-session", "-d", "-s", "watch", "-x", str(width), "-y", str(height), "-c", str(student), command)
    try:
        screen = tmux.until("think about", "q: quit")
        tmux("send-keys", "-t", "watch", "h")
        hinted = tmux.until(" of 3 for mse")
    finally:
        tmux("kill-server")
    shots = place(tmp_path)
    Path(shots / f"watch-{width}x{height}.txt").write_text(f"{screen}\n{'-' * width}\n{hinted}", encoding="utf-8")
    lines = screen.rstrip("\n").splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert "looks like" in screen
