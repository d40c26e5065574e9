"""Hostile submissions in real nbgrader: its formgrader and its feedback in a real browser, and what it copies."""

import json
import os
import re
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

if find_spec("nbgrader") is None:
    pytest.skip("nbgrader is not installed", allow_module_level=True)

from nbgrader.api import Gradebook

from autograder.course.model import load_course
from autograder.release.build import Release
from autograder.release.course_folder import write_course_folder
from tests.bench.small import EXERCISE, FUNCTIONS, release_course
from tests.conftest import ROOT
from tests.jupyter import browsing, served
from tests.nbgrader_course import DUE_LATER, command, filled, hand_in, rows
from tests.nbgrader_payloads import FULL_MARKS, MARKDOWN, MATHEMATICS, a_picture, b64, cells, named

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

ESSAY = f"{EXERCISE}-essay"


def essay(notebook):
    return next(one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == ESSAY)


def make(root):
    """A course folder with five functions and an essay, not in a checkout."""
    course = release_course(root / "course", DUE_LATER)
    checks = course / "exercises" / EXERCISE / "checks.py"
    hints = 'hints=("a", "b", "c")'
    written = f'Part(name="essay", number="E90.6", points=3, summary="why", kind="manual", {hints}),\n    ),\n)'
    checks.write_text(checks.read_text().replace("    ),\n)", f"        {written}"))
    file = course / "course.yml"
    file.write_text(file.read_text().replace(f"{EXERCISE}: 10", f"{EXERCISE}: 13"))
    folder = root / "nb"
    write_course_folder(Release.of(load_course(course), "hw", solved=False), folder)
    return course, folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A cheat, a student who tries everything and an honest one, graded by nbgrader in our sandbox, with feedback."""
    course, folder = make(tmp_path_factory.mktemp("hostile"))
    cheat = filled(folder, {"mse": FUNCTIONS["mse"]})
    essay(cheat)["source"] = f"My answer.\n\n{FULL_MARKS}"
    cheat["cells"].append({"cell_type": "markdown", "metadata": {}, "source": FULL_MARKS})
    hand_in(folder, "cheat", cheat)
    shouting = f"def mae(y, p):\n    raise ValueError({named('<script>JS</script>', 'comment')!r})\n"
    trier = filled(folder, {"mse": FUNCTIONS["mse"], "mae": shouting})
    essay(trier)["source"] = "\n\n".join(named(text, name) for name, text in MARKDOWN.items())
    trier["cells"] += cells()
    trier["metadata"].update(
        named({"title": "<script>JS</script>", "kernelspec": {"name": "<script>JS</script>"}}, "title")
    )
    hand_in(folder, "trier", trier, page__html=named("<script>JS</script>", "page"))
    honest = filled(folder, FUNCTIONS)
    essay(honest)["source"] = (
        f"{MATHEMATICS}\n![attached](attachment:a.png) ![beside](b.jpg)\n\n| a | b |\n|---|--:|\n| 1 | **2** |"
    )
    essay(honest)["attachments"] = {"a.png": {"image/png": b64(a_picture())}}
    plot = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": b64(a_picture()), "text/plain": "<Figure>"},
    }
    said = {"output_type": "stream", "name": "stdout", "text": "slope 0.5 < 1\n"}
    shown = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "plot()", "outputs": [said, plot]}
    honest["cells"].append(shown)
    (hand_in(folder, "honest", honest) / "b.jpg").write_bytes(a_picture("JPEG"))
    for step in ("autograde", "generate_feedback"):
        done = command("nbgrader", step, "hw", folder=folder, course=course)
        assert done.returncode == 0, done.stderr
    return course, folder


def submission_ids(folder):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return {one.student_id: one.notebooks[0].id for one in book.assignment_submissions("hw")}


def mathjax(route):
    """MathJax from the disk, where nbgrader's pages ask the network for it."""
    home = Path(find_spec("nbclassic").origin).parent / "static" / "components" / "MathJax"
    url = urlsplit(route.request.url)
    path = url.path.partition("/mathjax/2.7.7/")[2]
    if path == "latest.js":  # loads a version, as here; the configuration is one that nbclassic brings
        source = f"https://{url.netloc}{url.path}?config=TeX-AMS-MML_HTMLorMML-full,Safe".replace("latest", "MathJax")
        route.fulfill(content_type="text/javascript", body=f"document.write('<script src=\"{source}\"></' + 'script>')")
    elif (home / path).is_file():
        route.fulfill(path=home / path)
    else:
        route.abort()


TOUCH = """async () => {
  const all = document.querySelectorAll('.text_cell_render *, .output_area *, .input_area *, .panel-footer *');
  for (const one of all) {
    for (const kind of ['mouseover', 'mouseenter', 'focus', 'click', 'toggle', 'animationstart', 'error', 'load'])
      one.dispatchEvent(new MouseEvent(kind, {bubbles: kind === 'click', cancelable: true}));
    if (one.click && ['A', 'BUTTON', 'SUMMARY', 'INPUT'].includes(one.tagName)) one.click();
  }
  await new Promise(done => setTimeout(done, 1500));
  return window.ran;
}"""


class Watched:
    """A page with what ran in it and where it went."""

    def __init__(self, browser, address):
        self.tab = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
        self.tab.set_default_timeout(120_000)
        self.tab.add_init_script("window.ran = []")
        self.asked, self.dialogs = [], []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.tab.context.on("page", lambda page: self.dialogs.append(page.url))
        if find_spec("nbclassic") is not None:
            self.tab.route("**/mathjax/2.7.7/**", mathjax)
        self.address = address
        self.tab.goto(address)
        self.tab.wait_for_load_state("load")

    def touched(self):
        return self.tab.evaluate(TOUCH)

    def foreign(self):
        """Return the requests that nbgrader's own template does not make."""
        own = r"data:|blob:|http://127\.0\.0\.1:\d+/formgrader/(static|api)/|https://cdnjs\.cloudflare\.com/ajax/libs/"
        return [url for url in self.asked if url != self.address and not re.match(own, url)]

    def stays(self):
        """Whether the tab is where it was; anchors of released headings lead within the page."""
        return urlsplit(self.tab.url).path == urlsplit(self.address).path


@pytest.fixture(scope="module")
def server(graded, tmp_path_factory):
    course, folder = graded
    home = tmp_path_factory.mktemp("home")
    with browsing() as browser, served(folder, home, AUTOGRADER_COURSE=str(course), PYTHONPATH=str(ROOT)) as address:
        yield browser, address


def test_a_script_of_a_student_gives_nobody_marks_when_formgrader_opens_the_notebook(graded, server):
    _, folder = graded
    browser, address = server
    before = rows(folder)
    for student, number in submission_ids(folder).items():
        page = Watched(browser, f"{address}/formgrader/submissions/{number}/")
        page.tab.wait_for_timeout(3000)
        assert page.tab.locator(".nbgrader_cell").count() > 5, student
    assert rows(folder) == before
    assert {value for one in rows(folder).values() for value in one["manual"].values()} == {None}


@pytest.mark.parametrize("where", ["formgrader", "feedback"])
def test_nothing_that_a_student_wrote_is_executed(graded, server, where):
    _, folder = graded
    browser, address = server
    page = f"{address}/formgrader/submissions/{submission_ids(folder)['trier']}/"
    if where == "feedback":
        page = (folder / "feedback" / "trier" / "hw" / f"{EXERCISE}.html").as_uri()
    found = Watched(browser, page)
    found.tab.wait_for_timeout(3000)
    ran = found.touched()
    assert (sorted(set(ran)), found.dialogs, found.foreign()) == ([], [], [])
    assert found.stays()
    assert found.tab.locator(".text_cell_render").count() > len(MARKDOWN)
    words = found.tab.inner_text("body")
    assert "text" in words
    assert "slope" not in words


@pytest.mark.parametrize("where", ["formgrader", "feedback"])
def test_mathematics_tables_and_pictures_of_a_student_are_shown(graded, server, where):
    if find_spec("nbclassic") is None:
        pytest.skip("nbclassic, which brings MathJax, is not installed")
    _, folder = graded
    browser, address = server
    page = f"{address}/formgrader/submissions/{submission_ids(folder)['honest']}/"
    if where == "feedback":
        page = (folder / "feedback" / "honest" / "hw" / f"{EXERCISE}.html").as_uri()
    tab = Watched(browser, page).tab
    answer = tab.locator(".text_cell_render", has_text="The risk")
    answer.locator(".MathJax").nth(1).wait_for()
    assert answer.locator(".MathJax").count() == 2
    assert answer.locator(".MathJax_Error, .merror, .noError").count() == 0
    assert answer.locator("table td").all_inner_texts() == ["1", "2"]
    assert answer.locator("td strong").count() == 1
    widths = "nodes => nodes.map(node => [node.naturalWidth, node.naturalHeight])"
    assert tab.eval_on_selector_all(".text_cell_render img", widths) == [[30, 20], [30, 20]]
    assert tab.eval_on_selector_all(".output_area img, .output_png img", widths)[:1] == [[30, 20]]
    assert "slope 0.5 < 1" in tab.inner_text("body")


def added(folder, step, student):
    """Return the files of a student's folder that the release did not bring."""
    place = folder / step / student / "hw"
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir()}
    source = folder / "source" / "hw"
    return files - {path.relative_to(source).as_posix() for path in source.rglob("*") if path.suffix != ".ipynb"}


@pytest.mark.parametrize("student", ["cheat", "trier", "honest"])
def test_of_a_submission_only_the_notebook_is_copied(graded, student):
    _, folder = graded
    assert added(folder, "autograded", student) == {f"{EXERCISE}.ipynb"}
    assert added(folder, "feedback", student) == {f"{EXERCISE}.html"}
    assert '"attachments"' not in (folder / "autograded" / student / "hw" / f"{EXERCISE}.ipynb").read_text()


# --- files -----------------------------------------------------------------------------------------------------

CANARY = "the instructor's own"


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Students who leave links, FIFOs, devices and folders in what they hand in, and an honest one after them."""
    root = tmp_path_factory.mktemp("planted")
    course, folder = make(root)
    secret = root / "instructor.txt"
    secret.write_text(CANARY)
    right = filled(folder, FUNCTIONS)
    places = {name: hand_in(folder, name, right) for name in (
        "link", "dangling", "fifo", "device", "socket", "below", "stamp", "key", "notebook_link", "notebook_fifo",
        "notebook_device", "notebook_folder", "misnamed_folder", "zz_honest",
    )}  # fmt: skip
    (places["link"] / "leak.html").symlink_to(secret)
    (places["dangling"] / "leak.html").symlink_to(root / "nothing")
    os.mkfifo(places["fifo"] / "wait.txt")
    (places["device"] / "zero.png").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as made:
        here = os.getcwd()
        os.chdir(places["socket"])
        made.bind("talk")
        os.chdir(here)
    (places["below"] / "figures").mkdir()
    (places["below"] / "figures" / "a.png").symlink_to(secret)
    (places["below"] / "all").symlink_to(root)
    os.mkfifo(places["stamp"] / "timestamp.txt")
    (places["key"] / "submission_secret.txt").symlink_to(secret)
    for name, make_one in {
        "notebook_link": lambda file: file.symlink_to(secret),
        "notebook_fifo": os.mkfifo,
        "notebook_device": lambda file: file.symlink_to("/dev/zero"),
        "notebook_folder": lambda file: file.mkdir(),
    }.items():
        file = places[name] / f"{EXERCISE}.ipynb"
        file.unlink()
        make_one(file)
    (places["misnamed_folder"] / "other.ipynb").mkdir()
    (folder / "submitted" / "borrower").symlink_to(places["zz_honest"].parent)
    (folder / "submitted" / "<img src=x>" / "hw").mkdir(parents=True)
    shutil.copy(places["zz_honest"] / f"{EXERCISE}.ipynb", folder / "submitted" / "<img src=x>" / "hw")
    said = command("nbgrader", "autograde", "hw", folder=folder, course=course)
    feedback = command("nbgrader", "generate_feedback", "hw", folder=folder, course=course)
    return course, folder, places, said, feedback, rows(folder)


def test_what_is_not_a_regular_file_is_refused_and_the_batch_goes_on(planted):
    _, _, places, said, feedback, found = planted
    assert (said.returncode, feedback.returncode) == (0, 0), said.stderr + feedback.stderr
    assert set(found) == {*places, "borrower"}
    refused = {"notebook_link", "notebook_fifo", "notebook_device", "notebook_folder", "borrower"}
    assert {name for name, one in found.items() if one["score"] == 0.0} == refused
    assert {one["score"] for name, one in found.items() if name not in refused} == {10.0}


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("link", "leak.html is a symbolic link, not a regular file; it is left out"),
        ("dangling", "leak.html is a symbolic link, not a regular file; it is left out"),
        ("fifo", "wait.txt is a FIFO, not a regular file; it is left out"),
        ("device", "zero.png is a symbolic link, not a regular file; it is left out"),
        ("socket", "talk is a socket, not a regular file; it is left out"),
        ("below", "figures/a.png is a symbolic link, not a regular file; it is left out"),
        ("below", "all is a symbolic link, not a regular file; it is left out"),
        ("stamp", "timestamp.txt is a FIFO, not a regular file; it is left out"),
        ("key", "submission_secret.txt is a symbolic link, not a regular file; it is left out"),
        ("notebook_link", "is a symbolic link, not a regular file"),
        ("notebook_fifo", "is a FIFO, not a regular file"),
        ("notebook_device", "is a symbolic link, not a regular file"),
        ("notebook_folder", "is a folder, not a regular file"),
        ("borrower", "its folder is a symbolic link or no folder"),
    ],
)
def test_each_is_told_in_the_log_and_to_the_student(planted, student, words):
    _, _, _, said, _, found = planted
    assert any(student in line and words in line for line in said.stderr.splitlines()), said.stderr
    assert words in found[student]["comments"][f"{EXERCISE}-mse"]


def test_an_id_that_formgrader_would_take_for_markup_is_refused(planted):
    *_, said, _, found = planted
    assert "a student's id cannot hold" in said.stderr
    assert "<img src=x>" not in found


@pytest.mark.parametrize(("step", "suffix"), [("autograded", "ipynb"), ("feedback", "html")])
def test_nothing_is_published_but_notebooks(planted, step, suffix):
    _, folder, _, _, _, found = planted
    assert {student: added(folder, step, student) for student in found} == {
        name: {f"{EXERCISE}.{suffix}"} for name in found
    }
    for path in (folder / step).rglob("*"):
        assert not path.is_symlink()
        assert path.is_dir() or CANARY not in path.read_text(), path


def test_our_own_way_refuses_the_same(planted, tmp_path):
    course, folder, _, _, _, found = planted
    out = tmp_path / "out"
    done = command("autograder", "grade", folder / "submitted", "--out", out, "--jobs", 1, folder=folder, course=course)
    assert done.returncode == 0, done.stderr
    records = {one["student"]: one for one in map(json.loads, (out / "results.jsonl").read_text().splitlines())}
    for student, row in found.items():
        if student != "borrower":
            assert records[student]["score"] == row["score"], student
    assert CANARY not in (out / "results.jsonl").read_text()
    assert CANARY.encode() not in (out / "results.db").read_bytes()
