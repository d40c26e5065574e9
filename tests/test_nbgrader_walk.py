"""The walk of the README, smaller: release, exchange, collect, grade both ways, formgrader, feedback, export."""

import csv
import re
import shutil
from importlib.util import find_spec

import pytest

if find_spec("nbgrader") is None:
    pytest.skip("nbgrader is not installed", allow_module_level=True)

from nbgrader.utils import notebook_hash

from autograder.course.model import load_course
from autograder.release.build import Release
from autograder.release.course_folder import write_course_folder
from tests.conftest import ROOT, make_course
from tests.jupyter import browsing, served
from tests.nbgrader_class import kind_of
from tests.nbgrader_course import command

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

STUDENTS = 6
EXTRA = "    due: 2026-10-05T23:59:00+02:00\n    exercises:\n"


def run(folder, course, *arguments):
    said = command(*arguments, folder=folder, course=course)
    assert said.returncode == 0, said.stdout + said.stderr
    return said


def table(path, key, *columns):
    """Return for everybody the sum of these columns, of the score where none is named."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {row[key]: sum(float(row[column]) for column in columns or ["score"]) for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    root = tmp_path_factory.mktemp("walk")
    course, nb, exchange = make_course(root / "course"), root / "nb", root / "exchange"
    file = course / "course.yml"
    late = "late: {percent_per_day: 10, max_days: 5, grace_minutes: 15}\n"
    file.write_text(file.read_text().replace("    exercises:\n", EXTRA) + late)
    write_course_folder(Release.of(load_course(course), "hw1", solved=False), nb)
    exchange.mkdir()
    exchange.chmod(0o777)
    config = nb / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}c.Exchange.root = {str(exchange)!r}\n")
    run(nb, course, "nbgrader", "release_assignment", "hw1")
    run(nb, course, "tests.nbgrader_class", nb, exchange, STUDENTS)
    run(nb, course, "nbgrader", "collect", "hw1")
    other, out = root / "nb-export", root / "results"
    shutil.copytree(nb, other)
    run(nb, course, "nbgrader", "autograde", "hw1")
    run(nb, course, "autograder", "grade", nb / "submitted", "--roster", nb / "roster.csv", "--out", out)
    run(nb, course, "autograder", "export", "nbgrader", out, "--to", other)
    for place in (nb, other):
        run(place, course, "nbgrader", "export")
    for place in (nb, other):
        run(place, course, "nbgrader", "generate_feedback", "hw1")
    return course, nb, other, out


def test_both_ways_and_the_export_give_the_same_totals(walked):
    _, nb, other, out = walked
    own = table(out / "grades.csv", "student")
    assert len(own) == STUDENTS
    assert table(nb / "grades.csv", "student_id") == pytest.approx(own)
    assert table(other / "grades.csv", "student_id") == pytest.approx(own)
    by_kind = dict(zip(map(kind_of, range(STUDENTS)), own.values(), strict=False))
    assert by_kind["blank"] == by_kind["broken"] == 0.0 < by_kind["late"] < by_kind["right"]


def test_feedback_is_there_for_everybody_and_can_be_read(walked):
    _, nb, *_ = walked
    pages = sorted((nb / "feedback").rglob("first_mean.html"))
    assert len(pages) == STUDENTS
    with browsing() as browser:
        tab = browser.new_page(viewport={"width": 1100, "height": 900})
        for page in pages:
            tab.goto(page.as_uri())
            assert "first_mean" in tab.inner_text("body")
            assert re.search(r"\(Score: [\d.]+ / [\d.]+\)", tab.inner_text("body"))
        tab.goto(pages[1].as_uri())
        tab.screenshot(path=nb / "feedback.png", full_page=True)


@pytest.mark.parametrize("way", ["in our sandbox", "by our export"])
def test_feedback_reaches_the_exchange_under_the_student_s_own_key(walked, way):
    """nbgrader's ``release_feedback`` stops where one submission lacks its secret; ``fetch`` asks for these."""
    course, nb, other, _ = walked
    place = nb if way == "in our sandbox" else other
    feedback = next(nb.parent.glob("exchange/*/inbound")).parent / "feedback"
    shutil.rmtree(feedback, ignore_errors=True)  # what the other way has released
    run(place, course, "nbgrader", "release_feedback", "hw1")
    released = {page.name for page in feedback.glob("*.html")}
    secrets = [file.read_text() for file in sorted((nb / "submitted").glob("*/hw1/submission_secret.txt"))]
    assert len(secrets) == STUDENTS
    assert {f"{notebook_hash(secret=one, notebook_id='first_mean')}.html" for one in secrets} <= released


def test_formgrader_shows_the_same_scores(walked, tmp_path):
    course, nb, _, out = walked
    own = table(out / "grades.csv", "student", "score", "penalty")  # its list shows scores before the penalty
    with (
        browsing() as browser,
        served(nb, tmp_path / "home", AUTOGRADER_COURSE=str(course), PYTHONPATH=str(ROOT)) as at,
    ):
        tab = browser.new_page(viewport={"width": 1300, "height": 800})
        tab.set_default_timeout(120_000)
        tab.goto(f"{at}/formgrader/manage_submissions/hw1")
        tab.locator("tbody tr").nth(STUDENTS - 1).wait_for()
        shown = {}
        for row in tab.locator("tbody tr").all():
            text = row.inner_text()
            student = re.search(r"\bs\d{4}\b", text)[0]
            shown[student] = float(re.search(r"([\d.]+) / 12", text)[1])
        tab.screenshot(path=tmp_path / "formgrader.png", full_page=True)
    assert shown == pytest.approx(own)


def test_a_link_in_the_place_of_the_key_is_not_followed(walked):
    course, _, other, out = walked
    student = sorted(path.name for path in (other / "submitted").iterdir())[0]
    key = other / "submitted" / student / "hw1" / "submission_secret.txt"
    before = key.read_text()
    elsewhere = other / "elsewhere.txt"
    elsewhere.write_text("nobody else's business")
    key.unlink()
    key.symlink_to(elsewhere)
    said = run(other, course, "autograder", "export", "nbgrader", out, "--to", other)
    assert f"{student}, hw1: submission_secret.txt is a symbolic link, not a regular file; left out" in said.stderr
    assert (other / "autograded" / student / "hw1" / "submission_secret.txt").read_text() == before
