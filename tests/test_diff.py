"""What a regrade changes: named with its reason, and nothing where nothing changed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from click.testing import CliRunner

from autograder.cli import cli
from autograder.reports.diff import as_text, compare
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Mark, Stored
from tests.conftest import keep


def stored(student="ann", outcome="pass", score=4.0, **more):
    check = {"title": "is even", "group": "property", "visibility": "hidden", "outcome": outcome, "message": None}
    part = {
        "name": "f", "kind": "function", "status": "correct" if outcome == "pass" else "partial", "score": score,
        "max_score": 4.0, "misconceptions": [], "proof": None, "message": None, "checks": [check],
    }  # fmt: skip
    keep = {name: more.pop(name) for name in ("digest", "fingerprint") if name in more}
    more = {"sha256": "ab", "max_score": 4.0, **more}
    record = Record(student, "hw1", "alpha", "graded", score=score, parts=(part,), **more)
    return Stored(record, **{"digest": "d", "fingerprint": "f", **keep})


def both(tmp_path, old, new):
    for name, records in (("old", old), ("new", new)):
        (tmp_path / name).mkdir()
        with open_store(tmp_path / name) as store:
            for one in records:
                keep(store, one)
    with open_store(tmp_path / "old") as before, open_store(tmp_path / "new") as after:
        return compare(before, after)


def test_a_regrade_that_changes_nothing_but_time_changes_nothing(tmp_path):
    difference = both(tmp_path, [stored(seconds=1.0)], [stored(seconds=2.0)])
    assert difference.changes == ()
    assert difference.same == 1


def test_a_known_change_is_named_with_its_reason(tmp_path):
    new = [stored(outcome="fail", score=2.0, fingerprint="g", variant=3), stored("bob")]
    difference = both(tmp_path, [stored(), stored("bob")], new)
    (change,) = difference.changes
    assert (change.student, change.before, change.after, change.points) == ("ann", 4.0, 2.0, -2.0)
    assert change.why == ("variant 0 became 3", "an earlier course or package")
    (part,) = change.parts
    assert (part.before, part.after) == ("correct", "partial")
    assert part.flipped == (("is even", "hidden", "pass", "fail"),)
    totals = difference.totals
    assert (totals["same"], totals["changed"], totals["students"], totals["lost"], totals["gained"]) == (
        1,
        1,
        1,
        2.0,
        0,
    )


def test_a_mark_by_hand_is_the_reason_of_what_it_changes(tmp_path):
    """And no sign that the same course judges the same submission in two ways."""
    essay = {"name": "essay", "kind": "manual", "status": "manual", "score": 0.0, "max_score": 4.0, "checks": []}
    given = stored(score=0.0)
    both(tmp_path, *[[replace(given, record=replace(given.record, parts=(essay,), pending_points=4.0))]] * 2)
    with open_store(tmp_path / "old") as old, open_store(tmp_path / "new") as new:
        new.mark(Mark("ann", "alpha", "essay", 3.0, "", "tutor", datetime(2026, 10, 1, tzinfo=UTC)))
        (change,) = compare(old, new).changes
    assert change.points == 3.0
    assert change.why == ("another mark by hand (essay)",)


def test_another_submission_and_students_on_one_side_are_named(tmp_path):
    difference = both(
        tmp_path, [stored(), stored("gone")], [stored(outcome="fail", score=1.0, sha256="cd"), stored("new")]
    )
    assert {c.student: c.why for c in difference.changes} == {
        "ann": ("another submission",),
        "gone": ("only in the old results",),
        "new": ("only in the new results",),
    }
    assert {c.student: c.points for c in difference.changes} == {"ann": -3.0, "gone": -4.0, "new": 4.0}


LATE = """
title: Tiny
assignments:
  hw1: {title: First, due: 2026-10-01T12:00:00+00:00, exercises: {alpha: 4}}
late: {percent_per_day: 10}
"""


def test_points_lost_by_another_time_of_submission_are_a_change(tmp_path, monkeypatch):
    """The verdict is the same; what counts is not."""
    place = tmp_path / "course"
    (place / "exercises" / "alpha").mkdir(parents=True)
    (place / "exercises" / "alpha" / "checks.py").touch()
    (place / "course.yml").write_text(LATE)
    due = datetime(2026, 10, 1, 12, tzinfo=UTC)
    old, new = (replace(stored(), received=due + timedelta(hours=hours)) for hours in (-1, 30))
    both(tmp_path, [old, stored("bob")], [new, stored("bob")])
    monkeypatch.setenv("AUTOGRADER_COURSE", str(place))
    said = CliRunner().invoke(cli, ["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--json"])
    (change,) = json.loads(said.stdout)["changes"]
    assert (change["student"], change["before"], change["after"]) == ("ann", 4.0, 3.2)
    assert change["why"] == ["0 days late became 2"]
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path / "nowhere"))
    said = CliRunner().invoke(cli, ["diff", str(tmp_path / "old"), str(tmp_path / "new")])
    assert said.exit_code == 0
    assert said.stdout.startswith("0 of 2 records differ")
    assert "lateness is not counted" in said.stderr


def test_the_text_obeys_no_terminal_escape(tmp_path):
    difference = both(tmp_path, [stored("a\x1b[2J")], [stored("a\x1b[2J", outcome="fail", score=0.0)])
    assert "\x1b" not in as_text(difference)


def test_the_command_exits_0_and_prints_json(tmp_path):
    both(tmp_path, [stored()], [stored(outcome="fail", score=2.0)])
    runner = CliRunner()
    result = runner.invoke(cli, ["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--json"])
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["version"] == 1
    assert data["totals"]["lost"] == 2.0
    assert data["changes"][0]["parts"][0]["flipped"] == [["is even", "hidden", "pass", "fail"]]
    text = runner.invoke(cli, ["diff", str(tmp_path / "old"), str(tmp_path / "new")])
    assert text.exit_code == 0
    assert "the points of 1 student change: 0 gained, 2 lost" in text.stdout
