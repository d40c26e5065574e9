"""One record, every renderer, every policy: what a student may not see is in nothing that a student gets."""

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

import pytest

from autograder.course.feedback_policy import LEAST, part_seen, policy_of
from autograder.course.model import load_course
from autograder.lms.gradescope.results import results_json, write_gradescope
from autograder.lms.gradescope.run import merged
from autograder.lms.moodle import moodle_rows
from autograder.lms.nbgrader.cells import Blueprint, Released, as_released, fill, written
from autograder.lms.nbgrader.verdicts import verdicts
from autograder.lms.people import directory
from autograder.reports.diff import compare, notes
from autograder.reports.moodle_feedback import write_feedback
from autograder.reports.site import write_handouts, write_report
from autograder.store.records import Record
from autograder.store.standings import counted
from autograder.store.store import open_store
from autograder.store.stored import Stored
from autograder.text import for_markdown
from tests.conftest import keep

DUE = datetime(2026, 10, 1, 12, tzinfo=UTC)
EXTENDED = DUE + timedelta(days=3)
MOMENTS = {
    "before": DUE - timedelta(days=1),
    "extended": DUE + timedelta(days=1),
    "after": EXTENDED + timedelta(days=1),
}
POLICIES = ("always", "after_due", "never")
DATES = (True, False)

# Words that occur nowhere else; each says under which part of the policy it may be shown, None: never.
TITLE, PASSING, COUNT, MISCONCEPTION = "zweihundert", "dreitausend", "hidden checks fail", "verwechselt"
HIDDEN_CALL, HIDDEN_RETURNED, HIDDEN_EXPECTED, HIDDEN_TEXT = "f(-987.25)", "654.125", "321.0625", "geheimnis"
SECONDS = 1234.5625
"""A hidden call can spell its input by the time that it takes."""
WITHHELD = {
    "hidden_checks": (TITLE, PASSING, COUNT),
    "misconceptions": (MISCONCEPTION,),
    None: (HIDDEN_CALL, HIDDEN_RETURNED, HIDDEN_EXPECTED, HIDDEN_TEXT, "1234.5"),
}
PUBLIC, WRONG = "is right for (1, 2)", "f(1): returns a wrong value"


def check(title, visibility, outcome, message=None):
    return {"title": title, "group": "value", "visibility": visibility, "outcome": outcome, "message": message}


def part(name, status, message, *checks):
    return {
        "name": name, "kind": "function", "status": status, "score": 1.0, "max_score": 4.0, "proof": None,
        "misconceptions": [MISCONCEPTION], "message": message, "checks": list(checks),
    }  # fmt: skip


def evidence(title, visibility, call, returned, expected, message):
    return {"title": title, "group": "value", "visibility": visibility, "call": call, "returned": returned,
            "expected": expected, "message": message, "line": None}  # fmt: skip


PARTS = (
    # right in public, wrong where it is hidden: the message names what fails
    part("secretly", "partial", f"hidden checks fail: {TITLE}", check(PUBLIC, "public", "pass"),
         check(TITLE, "hidden", "fail"), check(PASSING, "hidden", "pass")),
    # wrong in both
    part("openly", "wrong", WRONG, check(PUBLIC, "public", "fail", WRONG),
         check(TITLE, "hidden", "fail"), check(PASSING, "hidden", "skip")),
)  # fmt: skip
EVIDENCE = {
    "secretly": [evidence(TITLE, "hidden", HIDDEN_CALL, HIDDEN_RETURNED, HIDDEN_EXPECTED, HIDDEN_TEXT)],
    "openly": [
        evidence(PUBLIC, "public", "f(1)", "2.0", "3.0", "returns a wrong value"),
        evidence(TITLE, "hidden", HIDDEN_CALL, HIDDEN_RETURNED, HIDDEN_EXPECTED, HIDDEN_TEXT),
    ],
}
RECORD = Record(
    "ann", "hw1", "alpha", "graded", file="ann/hw1/alpha.py", score=2.0, max_score=8.0, seconds=SECONDS, parts=PARTS
)


def course_with(root, hidden, misconceptions, dated):
    due = f"due: {DUE.isoformat()}, extensions: {{bob: '{EXTENDED.isoformat()}'}}, " if dated else ""
    (root / "exercises" / "alpha").mkdir(parents=True, exist_ok=True)
    (root / "exercises" / "alpha" / "checks.py").touch()
    (root / "course.yml").write_text(
        f"title: Tiny\nassignments:\n  hw1: {{title: First, {due}exercises: {{alpha: 8}}}}\n"
        f"feedback: {{hidden_checks: {hidden}, misconceptions: {misconceptions}}}\n"
    )
    return load_course(root)


def page(root, course, store, _one, now):
    write_handouts(store, course, directory(["ann"], None), root / "feedback", now=now)
    return (root / "feedback" / "ann.html").read_text()


def anonymous_class(root, course, store, _one, now):
    """What is projected; it names no student and shows no case."""
    write_report(store, course, directory(["ann"], None), root / "anonymous", numbers={"ann": "anon-1"}, now=now)
    return "".join(page.read_text() for page in (root / "anonymous").glob("*.html"))


def moodle(_root, course, _store, one, now):
    return "\n".join(cell for row in moodle_rows([one], directory(["ann"], None), course, now) for cell in row)


def gradescope_export(root, course, _store, one, now):
    write_gradescope(root / "gradescope", [one], course, now)
    return (root / "gradescope" / "ann" / "alpha" / "results.json").read_text()


def gradescope_upload(_root, course, _store, one, now):
    """What Gradescope shows to a student: at once what is visible, and of the rest what its own date lets through."""
    data = results_json(one, LEAST, course.feedback)
    over = course.assignments[0].due is not None and now > EXTENDED
    shown = ("visible", "after_due_date") if over else ("visible",)
    return json.dumps({**data, "tests": [test for test in data["tests"] if test["visibility"] in shown]})


def nbgrader_comment(_root, course, _store, one, now):
    found = verdicts(one.record, policy_of(course, course.assignments[0], now))
    return "\n".join(for_markdown(verdict.said) for verdict in found)


def nbgrader_notebook(_root, course, _store, one, now):
    released = (Released(f"alpha-{p['name']}-test", "code", "", True, points=4.0) for p in PARTS)
    notebook = as_released(Blueprint(tuple(released), {}))
    fill(notebook["cells"], verdicts(one.record, policy_of(course, course.assignments[0], now)))
    return written(notebook)


def lines(_root, course, _store, one, now):
    return json.dumps([part_seen(p, policy_of(course, course.assignments[0], now)) for p in one.record.parts])


RENDERERS = (
    page, moodle, gradescope_export, gradescope_upload, nbgrader_comment, nbgrader_notebook, lines, anonymous_class,
)  # fmt: skip
SHORT = (moodle, anonymous_class, nbgrader_notebook)
"""Renderers that show less than is allowed; the notebook leaves the reasons to the comments."""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = tmp_path_factory.mktemp("policy")
    with open_store(root) as store:
        keep(store, Stored(RECORD, "d", "f", evidence=EVIDENCE))
        yield root, store


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    """A course for each policy; a test only reads it."""
    return cache(lambda *policy: course_with(tmp_path_factory.mktemp("course"), *policy))


def allowed(when, dated, moment):
    return when == "always" or (when == "after_due" and dated and moment == "after")


@pytest.mark.parametrize("render", RENDERERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(("hidden", "misconceptions"), list(product(POLICIES, POLICIES)))
@pytest.mark.parametrize("dated", DATES, ids=["due", "no due date"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_the_policy_withholds_is_in_nothing_that_a_student_gets(
    render, hidden, misconceptions, dated, moment, graded, courses
):
    root, store = graded
    course = courses(hidden, misconceptions, dated)
    (one,) = counted(store, course)
    text = render(root, course, store, one, MOMENTS[moment])
    may = {"hidden_checks": allowed(hidden, dated, moment), "misconceptions": allowed(misconceptions, dated, moment)}
    leaks = [word for what, words in WITHHELD.items() if not may.get(what, False) for word in words if word in text]
    assert leaks == []
    # and what may be shown is shown, so that the search above can find something
    if may["hidden_checks"]:
        assert TITLE in text or render in SHORT
    if may["misconceptions"] and render not in (moodle, nbgrader_notebook):
        assert MISCONCEPTION in text
    assert "returns a wrong value" in text or render in (anonymous_class, nbgrader_notebook)


def test_moodle_names_hidden_checks_where_they_may_be_seen(graded):
    root, store = graded
    course = course_with(root, "always", "never", False)
    (one,) = counted(store, course)
    assert TITLE in moodle(root, course, store, one, MOMENTS["before"])


def test_an_assignment_that_the_course_does_not_know_shows_the_least(graded):
    root, store = graded
    course = course_with(root, "always", "always", True)
    (root / "course.yml").write_text((root / "course.yml").read_text().replace("hw1", "other"))
    (one,) = counted(store, course)
    other = load_course(root)
    for render in (page, moodle, gradescope_export):
        text = render(root, other, store, one, MOMENTS["after"])
        assert [word for words in WITHHELD.values() for word in words if word in text] == []


def test_gradescope_of_several_exercises_asks_the_policy_too(graded):
    root, store = graded
    course = course_with(root, "never", "never", True)
    (one,) = counted(store, course)
    tests = merged([one, one], course)["tests"]
    seen = json.dumps([test for test in tests if test["visibility"] == "visible"])
    assert [word for words in WITHHELD.values() for word in words if word in seen] == []


def test_what_moodle_hands_back_is_the_page_of_the_student(graded):
    root, store = graded
    course, now = course_with(root, "after_due", "never", True), MOMENTS["before"]
    path = root / "roster.csv"
    path.write_text("student,name,identifier\nann,Ann,Participant 7\n")
    (zipped,) = write_feedback(store, course, directory(["ann"], path), root / "zips", now=now).written
    with zipfile.ZipFile(zipped) as archive:
        assert [name.startswith("Ann_7_") for name in archive.namelist()] == [True]
        shown = archive.read(archive.namelist()[0]).decode()
    assert "returns a wrong value" in shown
    assert [word for words in WITHHELD.values() for word in words if word in shown] == []


def test_notes_of_a_regrade_name_no_check(tmp_path):
    course = course_with(tmp_path, "always", "always", False)
    with open_store(tmp_path / "before") as before, open_store(tmp_path / "after") as after:
        keep(before, Stored(RECORD, "d", "f", evidence=EVIDENCE))
        flipped = [{**p, "score": 0.5, "checks": [{**c, "outcome": "fail"} for c in p["checks"]]} for p in PARTS]
        keep(after, Stored(replace(RECORD, score=1.0, parts=tuple(flipped)), "d", "g", evidence=EVIDENCE))
        ((student, note),) = notes(compare(before, after, course))
    assert student == "ann"
    assert "openly: 1 -> 0.5" in note
    assert [word for words in WITHHELD.values() for word in (*words, PUBLIC) if word in note] == []
