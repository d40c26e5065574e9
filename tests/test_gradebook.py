"""What reaches nbgrader's notebooks and gradebook, without nbgrader: cells made whole, outputs, marks both ways."""

import json
import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.feedback_policy import FeedbackPolicy
from autograder.course.late import LatePolicy, spend
from autograder.errors import CourseError
from autograder.intake.discovery import discover
from autograder.intake.source import Rejected
from autograder.lms.nbgrader.cells import (
    MADE_SAFE,
    Blueprint,
    Released,
    as_released,
    clipped,
    fill,
    is_marked,
    whole,
    written,
)
from autograder.lms.nbgrader.handmarks import FILE, Agreed, HandMarks, read_agreed, write_agreed
from autograder.lms.nbgrader.harmless import as_text
from autograder.lms.nbgrader.verdicts import MOST, CellVerdict, verdicts
from autograder.store.marks import Standing, worth_now
from autograder.store.records import Record
from autograder.store.stored import Mark
from tests.course_files import course_at

PLAN = Blueprint(
    (
        Released("r-text", "markdown", "# Text", True, "a" * 32),
        Released("r-f", "code", "def f(): ...", False, "b" * 32, solution=True),
        Released("r-f-test", "code", "graded('f')", True, "c" * 32, points=4.0),
        Released("r-essay", "markdown", "YOUR ANSWER HERE", False, "d" * 32, solution=True, points=3.0),
    ),
    {"name": "python3", "display_name": "Python 3", "language": "python"},
)
NEEDED = [one.name for one in PLAN.cells if one.needed]


def submitted(*cells, **more):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}).encode()


def cell(name=None, text="x = 1", kind="code", **more):
    nbgrader = {} if name is None else {"nbgrader": {"grade_id": name, "schema_version": 3}}
    return {"cell_type": kind, "source": text, "metadata": {**nbgrader, **more}}


def made_whole(data):
    """What is shown of a student's cells is as text; the tests of what is rendered are in test_harmless."""
    return whole(PLAN, data, lambda cells: [as_text(one) for one in cells])


def by_name(notebook):
    return {one["metadata"]["nbgrader"]["grade_id"]: one for one in notebook["cells"] if one["metadata"]}


# --- cells -----------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FLAGS = st.dictionaries(
    st.sampled_from(["grade", "solution", "locked", "task", "points", "schema_version", "checksum", "extra"]), JSON
)
CELLS = st.builds(
    lambda name, kind, text, flags, attachments: {
        "cell_type": kind,
        "source": text,
        "metadata": {"nbgrader": {**flags, "grade_id": name}},
        "attachments": attachments,
    },
    st.sampled_from([*(one.name for one in PLAN.cells), "other"]) | JSON,
    st.sampled_from(["code", "markdown", "raw"]) | JSON,
    st.text(max_size=12) | JSON,
    FLAGS,
    st.dictionaries(st.text(max_size=4), st.dictionaries(st.sampled_from(["image/png", "text/html"]), JSON)) | JSON,
)


@given(st.lists(CELLS | JSON, min_size=1, max_size=8))
def test_whatever_is_in_the_cells_the_notebook_is_what_nbgrader_needs(cells):
    notebook, _ = made_whole(submitted(*cells))
    found = [one for one in notebook["cells"] if one["metadata"]]
    names = [one["metadata"]["nbgrader"]["grade_id"] for one in found]
    assert len(names) == len(set(names))
    assert set(NEEDED) <= set(names) <= {one.name for one in PLAN.cells}
    for released in PLAN.cells:
        for one in found:
            if one["metadata"]["nbgrader"]["grade_id"] == released.name:
                assert one["metadata"]["nbgrader"] == released.metadata()
                assert one["cell_type"] == released.cell_type
                assert not released.locked or one["source"] == released.source
    assert len({one["id"] for one in notebook["cells"]}) == len(notebook["cells"])
    for one in notebook["cells"]:
        assert isinstance(one["source"], str)
        assert set(one) <= {"cell_type", "id", "metadata", "source", "outputs", "execution_count"}
        assert one["cell_type"] in ("code", "markdown")
        assert one.get("outputs", []) == []
    again = made_whole(written(notebook).encode())[0]["cells"]  # made whole once is whole
    assert [one["metadata"] for one in again] == [one["metadata"] for one in notebook["cells"]]


def test_the_last_of_several_cells_with_one_id_is_the_answer():
    notebook, notes = made_whole(submitted(cell("r-f", "one"), cell("r-f", "two")))
    assert by_name(notebook)["r-f"]["source"] == "two"
    assert [one["source"] for one in notebook["cells"] if not one["metadata"]] == ["one"]
    assert "r-f is there more than once; the last one is the answer" in notes


def test_missing_cells_come_back_behind_the_cell_they_were_behind():
    notebook, notes = made_whole(submitted(cell("r-text", "# Text", "markdown"), cell("r-f"), cell(text="mine")))
    order = [one["metadata"].get("nbgrader", {}).get("grade_id") for one in notebook["cells"]]
    assert order == ["r-text", "r-f", "r-f-test", "r-essay", None]
    assert sum("was missing" in note for note in notes) == 2


@pytest.mark.parametrize("data", [b"[]", submitted()], ids=["a list", "no cells"])
def test_a_file_that_is_no_notebook_is_refused(data):
    with pytest.raises(Rejected):
        made_whole(data)


@given(st.floats(allow_nan=False), st.sampled_from([0.5, 2.0, 4.0]))
def test_a_graded_cell_holds_one_number_that_nbgrader_takes(points, most):
    cells = as_released(Blueprint((Released("r-f-test", "code", "", True, points=most),), {}))["cells"]
    fill(cells, [CellVerdict("f", "r-f-test", "r-f", points, False, "why")])
    said, result = cells[0]["outputs"]
    assert (said["name"], said["text"]) == ("stdout", "f: the comment on the answer says why\n")
    assert 0.0 <= float(result["data"]["text/plain"]) <= most
    assert math.isclose(float(result["data"]["text/plain"]), clipped(points, most))


@pytest.mark.parametrize("found", [[], [CellVerdict("f", "r-f-test", "r-f", None, True, "no sandbox")]])
def test_a_cell_without_a_verdict_gets_an_error_that_counts_nothing(found):
    cells = as_released(PLAN)["cells"]
    fill(cells, found)
    (output,) = next(one for one in cells if one["metadata"]["nbgrader"]["grade_id"] == "r-f-test")["outputs"]
    assert output["output_type"] == "error"


def test_a_notebook_that_was_cut_off_is_not_marked(tmp_path):
    file = tmp_path / "x.ipynb"
    notebook = as_released(PLAN, [("markdown", "said")])
    assert notebook["cells"][0]["source"] == "```\nsaid\n```"
    notebook["metadata"]["autograder"] = True  # by a version that did not make the cells safe
    file.write_text(written(notebook))
    assert not is_marked(file)
    notebook["metadata"]["autograder"] = MADE_SAFE
    file.write_text(written(notebook))
    assert is_marked(file)
    file.write_text(written(notebook)[:-20])
    assert not is_marked(file)
    assert not is_marked(tmp_path / "none")


# --- verdicts --------------------------------------------------------------------------------------------------


def check(title, visibility, outcome="fail", message=None):
    return {"title": title, "group": "value", "visibility": visibility, "outcome": outcome, "message": message}


def part(name="f", status="wrong", score=1.0, kind="function", checks=(), misconceptions=(), message=None):
    return {
        "name": name, "kind": kind, "status": status, "score": score, "max_score": 4.0, "proof": None,
        "misconceptions": list(misconceptions), "message": message, "checks": list(checks),
    }  # fmt: skip


def record(*parts, status="graded", **more):
    return Record("ann", "hw", "r", status, parts=parts, **more)


def test_what_a_student_may_not_see_is_not_in_the_comment():
    one = part(
        checks=[check("shown", "public", message="got 1"), check("kept back", "hidden")], misconceptions=["half of it"]
    )
    hidden = verdicts(record(one), FeedbackPolicy(False, False, False))[0].said
    assert "shown (got 1)" in hidden
    assert "kept back" not in hidden
    assert "half of it" not in hidden
    told = verdicts(record(one), FeedbackPolicy(True, True, False))[0].said
    assert "kept back" in told
    assert "half of it" in told


def test_points_wait_where_a_person_must_look_or_the_grader_failed():
    policy = FeedbackPolicy(False, False, False)
    waits = verdicts(record(part("f", "undecided"), part("e", "manual", kind="manual"), part("g")), policy)
    assert [(one.graded, one.points, one.failed) for one in waits] == [
        ("r-f-test", None, False),
        ("r-e", None, False),
        ("r-g-test", 1.0, False),
    ]
    (failed,) = verdicts(record(part(), status="grader_error", message="no sandbox"), policy)
    assert (failed.points, failed.failed, failed.said) == (None, True, "no sandbox")


def test_a_comment_is_harmless_and_short():
    one = verdicts(
        record(part(message="\x1b[31m\u202e" + "x" * 99_999)), FeedbackPolicy(False, False, False), ("late",)
    )[0]
    assert one.said.startswith("late\n")
    assert "\x1b" not in one.said
    assert len(one.said) <= MOST


@given(st.integers(0, 20 * 86400), st.floats(0, 100), st.integers(0, 10) | st.none(), st.integers(0, 600))
def test_started_days_are_counted_from_the_due_date_with_grace_for_each(seconds, percent, most, grace):
    policy = LatePolicy(percent, most, grace)
    days = policy.days(timedelta(seconds=seconds))
    assert days == max(0, math.ceil((seconds - 60 * grace) / 86400))
    assert (spend([(days, policy)], 0)[0].said == "") == (days == 0)


# --- marks by hand ---------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLACE = ("ann", "r", "e")
FOUND = [CellVerdict("e", "r-e", "r-e", None, False, "waits")]


@dataclass
class Cell:
    name: str = "r-e"
    max_score: float = 4.0


@dataclass
class Row:
    """Of the gradebook: one grade and one comment, which are the row itself."""

    manual_score: float | None = None
    manual_comment: str | None = None
    extra_credit: float | None = None
    needs_manual_grade: bool = True
    cell: Cell = field(default_factory=Cell)

    @property
    def grades(self):
        return [self]

    comments = grades


def mark(points, comment="", who="emmy"):
    return Mark(*PLACE, points, comment, who, NOW)


def synced(row, marks, agreed):
    """One export: what formgrader has is taken, what counts is given; returns all marks and what is agreed on."""
    hands = HandMarks(marks, agreed, "formgrader", NOW)
    hands.take(row, "ann", "r", FOUND)
    hands.give(row, "ann", "r", FOUND)
    return [*marks, *hands.new], Agreed(hands.now), hands.remarks


STEPS = st.lists(
    st.tuples(st.sampled_from(["formgrader", "mark", "export"]), st.sampled_from([0.0, 1.0, 2.0, 4.0])), max_size=10
)


@given(STEPS)
def test_formgrader_counts_where_it_changed_something_else_the_last_mark(steps):
    row, marks, agreed = Row(), [], Agreed()
    before = None  # what both sides had after the last export
    for action, points in [*steps, ("export", 0.0)]:
        if action == "formgrader":
            row.manual_score = points
        elif action == "mark":
            marks = [*marks, mark(points)]
        else:
            there, known = row.manual_score, [one.points for one in marks]
            changed = there is not None and there != before and not (before is None and there in known[:-1])
            expected = there if changed else known[-1] if known else None
            marks, agreed, _ = synced(row, marks, agreed)
            assert row.manual_score == expected
            assert [one.points for one in marks][: len(known)] == known
            assert expected is None or marks[-1].points == expected
            before = row.manual_score
    assert synced(row, marks, agreed)[0] == marks  # nothing is taken twice


def test_a_mark_changed_back_in_formgrader_counts():
    row, marks, agreed = Row(), [mark(2.0), mark(3.0)], Agreed()
    marks, agreed, _ = synced(row, marks, agreed)
    assert row.manual_score == 3.0
    row.manual_score = 2.0
    marks, agreed, _ = synced(row, marks, agreed)
    assert (marks[-1].points, marks[-1].who) == (2.0, "formgrader")


def test_an_old_state_of_the_gradebook_does_not_win_without_memory():
    row = Row(manual_score=2.0)
    marks, _, _ = synced(row, [mark(2.0), mark(3.0)], Agreed())
    assert len(marks) == 2
    assert row.manual_score == 3.0


@pytest.mark.parametrize("points", [-1.0, 5.0, math.inf, math.nan])
def test_points_that_cannot_be_stay_out_of_the_store(points):
    marks, _, remarks = synced(Row(manual_score=points), [], Agreed())
    assert marks == []
    assert "allowed: 0 to 4" in remarks[0]


def test_extra_credit_and_marks_taken_back_are_told():
    _, _, remarks = synced(Row(extra_credit=1.0), [mark(2.0)], Agreed({PLACE: (2.0, "")}))
    assert any("extra credit" in text for text in remarks)
    assert any("taken back" in text for text in remarks)


def verdict(digest, points=None):
    return [CellVerdict("e", "r-e", "r-e", points, False, "waits", digest)]


def sync(row, marks, agreed, found):
    hands = HandMarks(marks, agreed, "formgrader", NOW)
    hands.take(row, "ann", "r", found)
    hands.give(row, "ann", "r", found)
    return [*marks, *hands.new], Agreed(hands.now), hands.remarks


@pytest.mark.parametrize("exported", [False, True])
def test_a_conflict_is_named_with_both_values(exported):
    """Marked in both places since they last agreed, or before they ever did."""
    row, marks, agreed = Row(), [mark(3.0)], Agreed()
    if exported:
        marks, agreed, _ = sync(row, marks, agreed, verdict("a"))
        marks = [*marks, mark(2.5)]
    row.manual_score = 1.0
    marks, _, remarks = sync(row, marks, agreed, verdict("a"))
    assert remarks == [
        f"ann r e: marked {2.5 if exported else 3:g} of 4 by emmy here and 1 of 4 in formgrader; formgrader's 1 counts"
    ]
    assert (marks[-1].points, marks[-1].out_of, marks[-1].answer, row.manual_score) == (1.0, 4.0, "a", 1.0)


def test_a_conflict_after_the_part_got_other_points_is_named_with_both_maxima():
    row, marks, agreed = Row(manual_score=1.0), [replace(mark(3.0), out_of=6.0)], Agreed()
    _, _, remarks = sync(row, marks, agreed, verdict("a"))
    assert remarks == [
        "ann r e: marked 3 of 6 (now 2 of 4) by emmy here and 1 of 4 in formgrader; formgrader's 1 counts"
    ]


def test_other_points_of_a_part_are_not_a_conflict_when_formgrader_changes_it_later():
    row, marks = Row(), [replace(mark(3.0), out_of=6.0)]
    marks, agreed, _ = sync(row, marks, Agreed(), verdict("a"))
    assert row.manual_score == 2.0
    row.manual_score = 1.0
    marks, _, remarks = sync(row, marks, agreed, verdict("a"))
    assert (remarks, marks[-1].points, marks[-1].out_of) == ([], 1.0, 4.0)


def test_a_mark_that_formgrader_changed_alone_is_not_a_conflict():
    row = Row()
    marks, agreed, _ = sync(row, [mark(3.0)], Agreed(), verdict("a"))
    row.manual_score = 1.0
    assert sync(row, marks, agreed, verdict("a"))[2] == []


def test_another_answer_takes_its_old_mark_out_of_the_gradebook_and_is_marked_anew():
    old = replace(mark(3.0, "well"), out_of=4.0, answer="a")
    row = Row()
    marks, agreed, _ = sync(row, [old], Agreed(), verdict("a"))
    assert (row.manual_score, row.needs_manual_grade) == (3.0, False)
    marks, agreed, remarks = sync(row, marks, agreed, verdict("b"))
    assert (row.manual_score, row.needs_manual_grade, marks) == (None, True, [old])
    assert remarks == ["ann r e: another answer than the one that was marked 3 by emmy; it needs manual grading again"]
    row.manual_score = 3.0  # the same points again, for the new answer
    marks, agreed, _ = sync(row, marks, agreed, verdict("b"))
    assert (marks[-1].points, marks[-1].answer, row.manual_score, row.needs_manual_grade) == (3.0, "b", 3.0, False)
    assert sync(row, marks, agreed, verdict("b"))[0] == marks


@pytest.mark.parametrize("out_of", [2.0, 4.0, 10.0])
def test_a_mark_counts_in_a_cell_by_its_share(out_of):
    row = Row()
    marks, agreed, _ = sync(row, [replace(mark(out_of / 2), out_of=out_of)], Agreed(), verdict(None))
    assert row.manual_score == 2.0
    assert sync(row, marks, agreed, verdict(None))[0] == marks


def test_a_comment_of_formgrader_stays_under_a_mark_without_one():
    row = Row(manual_comment="well said")
    synced(row, [mark(2.0)], Agreed())
    assert (row.manual_score, row.manual_comment, row.needs_manual_grade) == (2.0, "well said", False)


def test_what_was_agreed_on_is_read_back(tmp_path):
    assert read_agreed(tmp_path) == Agreed()
    write_agreed(tmp_path, {PLACE: (2.5, "caf\u00e9")})
    assert read_agreed(tmp_path) == Agreed({PLACE: (2.5, "caf\u00e9")})
    (tmp_path / FILE).write_text("[[1]]")
    with pytest.raises(CourseError, match=FILE):
        read_agreed(tmp_path)


# --- intake ----------------------------------------------------------------------------------------------------


def test_files_that_the_release_put_there_are_no_strange_files(tmp_path):
    course = course_at(tmp_path / "course")
    place = tmp_path / "submitted" / "ann" / "hw1"
    files = ["alpha.ipynb", "exercises/alpha/checks.py", "exercises/alpha/figure.py", "exercises/alpha/public.json"]
    for name in [*files, "checks.py"]:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(submitted(cell()))
    for one in discover(Path(tmp_path / "submitted"), course).submissions:
        assert [note for note in one.notes if "was not used" in note] == [
            "ann/hw1/checks.py: was not used: neither its name nor its contents match an exercise being graded"
        ]


# --- criteria ---

RUBRIC = ({"name": "a", "points": 1.0, "title": "one"}, {"name": "b", "points": 3.0, "title": "three"})
HEAVIER = ({"name": "a", "points": 2.0, "title": "one"}, {"name": "b", "points": 2.0, "title": "three"})
ANOTHER = (*RUBRIC, {"name": "c", "points": 1.0, "title": "new"})


def by_criteria(ticks, rubric=RUBRIC, who="emmy"):
    blank = Mark(*PLACE, 0.0, "", who, NOW, 4.0, "a", tuple(ticks.items()))
    return replace(blank, points=worth_now(blank, 4.0, rubric))


def asked(rubric):
    return [CellVerdict("e", "r-e", "r-e", None, False, "waits", "a", rubric)]


def test_a_mark_by_criteria_is_the_gradebooks_and_other_points_of_a_criterion_rescore_it_there_too():
    row, marks, agreed = Row(), [by_criteria({"a": True, "b": False})], Agreed()
    marks, agreed, _ = sync(row, marks, agreed, asked(RUBRIC))
    assert row.manual_score == 1.0
    marks, agreed, remarks = sync(row, marks, agreed, asked(HEAVIER))
    assert (row.manual_score, remarks, len(marks)) == (2.0, [], 1)
    marks, agreed, remarks = sync(row, marks, agreed, asked(ANOTHER))
    assert (row.manual_score, row.needs_manual_grade, len(marks)) == (None, True, 1)
    assert "it needs manual grading again" in remarks[0]


def test_a_number_from_formgrader_takes_the_place_of_criteria_and_is_named():
    row, marks, agreed = Row(), [by_criteria({"a": True, "b": True})], Agreed()
    row.manual_score = 2.5
    marks, agreed, remarks = sync(row, marks, agreed, asked(RUBRIC))
    assert (marks[-1].points, marks[-1].criteria, row.manual_score) == (2.5, (), 2.5)
    assert remarks == ["ann r e: marked 4 of 4 by emmy here and 2.5 of 4 in formgrader; formgrader's 2.5 counts"]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30), st.sampled_from([RUBRIC, HEAVIER]))
def test_gradebook_and_store_agree_on_every_mark_by_criteria(several, then):
    for a, b in several:
        mine = by_criteria({"a": a, "b": b})
        row = Row()
        marks, agreed, _ = sync(row, [mine], Agreed(), asked(RUBRIC))
        marks, _, remarks = sync(row, marks, agreed, asked(then))
        part = {"name": "e", "kind": "manual", "max_score": 4.0, "answer": "a", "criteria": then}
        assert (row.manual_score, remarks) == (Standing.of(marks[-1], part).points, [])
