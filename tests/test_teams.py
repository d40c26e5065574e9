"""Teams, free late days, extensions from a table and rules of one assignment: in course.yml, records and totals."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli.grade import grade_command
from autograder.cli.instructor import replay_command
from autograder.cli.marking import mark_command
from autograder.course.late import LatePolicy, spend
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.intake.discovery import Submission
from autograder.intake.extensions import with_team_extensions
from autograder.intake.identity import Person, Roster
from autograder.intake.limited import available
from autograder.intake.tables import read_extensions, read_roster
from autograder.intake.teams import Teams, in_teams
from autograder.store.records import Grade
from autograder.store.standings import totals
from autograder.store.store import open_store
from tests.conftest import make_course
from tests.test_marks import MANUAL, RIGHT

DUE = datetime(2026, 10, 1, 12, tzinfo=UTC)
COURSE = """
title: T
assignments:
  hw1: {title: A, due: 2026-10-01T12:00:00+00:00, exercises: {first_mean: 4}, by_team: true}
  hw2: {title: B, due: 2026-10-08T12:00:00+00:00, exercises: {second_mean: 8}, late: {percent_per_day: 50},
        attempts: first}
late: {percent_per_day: 10, max_days: 3, days_to_spend: 2}
variants: 16
"""


def course(tmp_path, text=COURSE):
    root = make_course(tmp_path / "course")
    (root / "course.yml").write_text(text, encoding="utf-8")
    return load_course(root)


# --- free days ---


@given(
    st.lists(st.tuples(st.integers(0, 9) | st.none(), st.integers(0, 50), st.integers(0, 9) | st.none()), max_size=6),
    st.integers(0, 6),
)
def test_free_days_are_spent_in_order_never_twice_and_only_where_they_help(late, free):
    policies = [LatePolicy(percent, most) for _, percent, most in late]
    found = spend(zip([days for days, _, _ in late], policies, strict=True), free)
    assert sum(one.spent for one in found) <= free
    left = free
    for (days, _, _), policy, one in zip(late, policies, found, strict=True):
        assert one.days == days
        if days is None:
            assert (one.spent, one.cost) == (0, 0.0)
            continue
        assert one.spent in (0, min(days, left))
        assert one.cost == policy.fraction(days - one.spent) <= policy.fraction(days)
        if one.spent == 0 and left:
            assert policy.fraction(days - min(days, left)) == policy.fraction(days)
        left -= one.spent


# student -> (hours after the due date of hw1, of hw2), points that count out of 4 and 8, free days spent
TABLE = {
    "ontime": ((-1, -1), (4.0, 8.0), 0),
    "one": ((1, -1), (4.0, 8.0), 1),
    "two": ((1, 1), (4.0, 8.0), 2),
    "three": ((25, 1), (4.0, 4.0), 2),  # both free days go to hw1; one day of hw2 costs half
    "much": ((5 * 24 - 1, -1), (2.8, 8.0), 2),  # 5 days, 2 free: 3 cost 30 percent
    "toolate": ((9 * 24, 1), (0.0, 8.0), 1),  # 9 days: nothing helps, so the free days are left for hw2
    "unknown": ((None, 49), (4.0, 4.0), 2),  # 3 days of hw2, 2 free
}


def test_totals_are_those_of_a_table_done_by_hand(tmp_path):
    rules = course(tmp_path)
    grades = []
    for student, (hours, _, _) in TABLE.items():
        for name, exercise, worth, after in (
            ("hw1", "first_mean", 4.0, hours[0]),
            ("hw2", "second_mean", 8.0, hours[1]),
        ):
            due = rules.assignment(name).due
            received = None if after is None else due + timedelta(hours=after)
            grades.append(Grade(student, name, exercise, worth, worth, 0.0, received))
    found = totals(grades, rules)
    for student, (_, points, spent) in TABLE.items():
        mine = [found[student, name] for name in ("hw1", "hw2")]
        assert tuple(one.points for one in mine) == points, student
        assert sum(one.days_spent for one in mine) == spent, student


# --- what course.yml may say ---


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("days_to_spend: 2", "days_to_spent: 2", ("late.days_to_spent", "did you mean 'days_to_spend'?")),
        ("days_to_spend: 2", "days_to_spend: -1", ("late.days_to_spend", "greater than or equal to 0")),
        ("by_team: true", "by_team: yes please", ("hw1.by_team", "a valid boolean")),
        ("attempts: first", "attempts: frist", ("hw2.attempts", "last, first, best; did you mean 'first'?")),
        ("late: {percent_per_day: 50}", "late: {percent: 50}", ("hw2.late.percent", "no such field")),
        (
            "late: {percent_per_day: 50}",
            "late: {days_to_spend: 1}",
            ("hw2.late.days_to_spend", "the course's own late"),
        ),
        ("variants: 16", "teams: {red: [ann, ben], blue: [ann]}", ("teams.blue.0", "one team for each student")),
        ("variants: 16", "teams: {red: ann}", ("teams.red", "given 'ann'")),
    ],
)
def test_a_mistake_is_named_with_its_field_and_what_is_allowed(tmp_path, old, new, words):
    assert old in COURSE
    with pytest.raises(CourseError) as raised:
        course(tmp_path, COURSE.replace(old, new))
    assert [word for word in words if word not in str(raised.value)] == []


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("ann,hw3,2026-10-09T12:00:00Z", "no assignment 'hw3'; did you mean"),
        ("ann,hw2,tomorrow", "until: given 'tomorrow'; allowed: date, time and zone"),
        ("ann,hw2,2026-10-01T12:00:00Z", "allowed: not before due"),
        (",hw2,2026-10-09T12:00:00Z", "student is blank"),
    ],
)
def test_a_table_of_extensions_is_read_or_named_by_its_line(tmp_path, row, word):
    rules = course(tmp_path)
    table = tmp_path / "extensions.csv"
    table.write_text("Student,Assignment,Until\nben,hw2,2026-10-09T12:00:00Z\n")
    assert read_extensions(table, rules) == {"hw2": {"ben": datetime(2026, 10, 9, 12, tzinfo=UTC)}}
    table.write_text(table.read_text() + row + "\n")
    with pytest.raises(CourseError, match=r"extensions\.csv:3: ") as raised:
        read_extensions(table, rules)
    assert word in str(raised.value)


# --- teams ---

ROSTER = "student,name,team\nann,Ann A,red\nben,Ben B,red\ncem,Cem C,blue\ndot,Dot D,\n"


def roster(tmp_path):
    (tmp_path / "class.csv").write_text(ROSTER)
    return read_roster(tmp_path / "class.csv")


def test_teams_are_those_of_the_course_file_else_of_the_roster(tmp_path):
    people = roster(tmp_path)
    assert Teams.of(course(tmp_path), people).members == {"red": ("ann", "ben"), "blue": ("cem",)}
    own = course(tmp_path / "own", COURSE + "teams: {green: [Dot D, cem], grey: [zoe]}\n")
    teams = Teams.of(own, people)
    assert teams.members == {"green": ("cem", "dot"), "grey": ("zoe",)}
    assert teams.told == ("course.yml: teams.grey: 'zoe' is not on the roster",)


def test_the_latest_extension_of_a_team_is_that_of_all(tmp_path):
    text = COURSE.replace("by_team: true", "by_team: true, extensions: {ben: 2026-10-03T12:00:00+00:00}")
    rules = with_team_extensions(course(tmp_path, text), roster(tmp_path))
    due = {student: rules.assignment("hw1").due_for(student) for student in ("ann", "ben", "cem", "dot")}
    assert due == {"ann": DUE + timedelta(2), "ben": DUE + timedelta(2), "cem": DUE, "dot": DUE}


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        ([("ann", "found", 1), ("ben", "found", 2)], 2),
        ([("ann", "found", 3), ("ben", "found", 2)], 3),
        ([("ann", "found", 1), ("ben", "rejected", 2)], 1),
        ([("ann", "missing", None), ("ben", "found", None)], None),
        ([("red", "found", 5), ("ann", "missing", None), ("ben", "missing", None)], 5),
    ],
)
def test_of_a_teams_submissions_the_last_that_can_be_used_counts(tmp_path, found, counts):
    people = Roster((Person("ann", team="red"), Person("ben", team="red")))
    given_in = [
        Submission(who, "hw1", "first_mean", status, received=None if at is None else DUE + timedelta(hours=at))
        for who, status, at in found
    ]
    (one,), folders = in_teams(given_in, course(tmp_path), people)
    assert (one.student, one.team, one.members, one.status) == ("ann", "red", ("ann", "ben"), "found")
    assert one.received == (None if counts is None else DUE + timedelta(hours=counts))
    assert folders == frozenset({"red"} & {who for who, _, _ in found})


def test_an_assignment_that_is_not_by_team_is_left_alone(tmp_path):
    people = Roster((Person("ann", team="red"), Person("ben", team="red")))
    given_in = [Submission(who, "hw2", "second_mean", "found") for who in ("ann", "ben")]
    assert in_teams(given_in, course(tmp_path), people)[0] == given_in


def test_a_team_gets_one_verdict_one_variant_and_one_mark(tmp_path, monkeypatch):
    """From files to grades.csv: a team's folder, a member's folder, a student alone, an extension, a mark by hand."""
    rules = course(tmp_path)
    checks = rules.root / "exercises" / "first_mean" / "checks.py"
    head, _, _ = checks.read_text().rpartition("    ),\n)\n")
    checks.write_text(head + MANUAL)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(rules.root))
    (tmp_path / "class.csv").write_text(ROSTER)
    (tmp_path / "received.csv").write_text(
        "student,assignment,time\nben,hw1,2026-10-04T11:00:00Z\ncem,hw1,2026-10-02T11:00:00Z\n"
    )
    (tmp_path / "more.csv").write_text("student,assignment,until\nAnn A,hw1,2026-10-03T12:00:00Z\n")
    for student in ("ben", "cem"):
        place = tmp_path / "submitted" / student / "hw1"
        place.mkdir(parents=True)
        (place / "first_mean.py").write_text(RIGHT)
        (place / "first_mean.md").write_text(f"Because of {student}.")
    out = tmp_path / "out"
    command = [tmp_path / "submitted", "--out", out, "--jobs", 1, "--unsafe", "--assignment", "hw1"]
    tables = ["--roster", tmp_path / "class.csv", "--received", tmp_path / "received.csv"]
    for more in ([*tables, "--extensions", tmp_path / "more.csv"], []):  # kept with the results: needed once
        done = CliRunner().invoke(grade_command, [str(one) for one in (*command, *more)])
        assert done.exit_code == 0, (done.output, done.exception)
        records = {r["student"]: r for r in map(json.loads, (out / "results.jsonl").read_text().splitlines())}
        assert sorted(records) == ["ann", "ben", "cem", "dot"][: len(records)]
        assert {**records["ann"], "student": "ben"} == records["ben"]
        assert (records["ann"]["team"], records["ann"]["file"]) == ("red", "ben/hw1/first_mean.py")
        assert records["cem"]["team"] == "blue"
        assert "team" not in records.get("dot", {})
    replayed = CliRunner().invoke(replay_command, ["ben", "first_mean", "--out", str(out), "--unsafe"])
    assert "the same verdict" in replayed.output, (replayed.output, replayed.exception)
    done = CliRunner().invoke(mark_command, ["ben", "first_mean", "essay", "1", "--who", "t", "--out", str(out)])
    assert "2 marks by t are kept" in done.output
    with (out / "grades.csv").open() as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    # the team is due on the 3rd, by Ann's extension: 1 day late, which is free for each; cem is 1 day late, also free
    wanted = {"ann": ("3", "1", "1", "0"), "ben": ("3", "1", "1", "0"), "cem": ("2", "1", "1", "0")}
    for student, cells in wanted.items():
        row = rows[student]
        assert tuple(row[name] for name in ("score", "days_late", "days_spent", "penalty")) == cells, student
    with open_store(out) as store:
        assert [(mark.student, mark.points) for mark in store.marks()] == [("ben", 1.0), ("ann", 1.0)]


# --- tables that are refused ---


@pytest.mark.skipif(not available(), reason="submissions are graded on Linux")
@pytest.mark.parametrize(
    ("option", "text", "mistakes"),
    [
        (
            "--roster",
            "student,name\nann,Ann A\nann,Zoe Z\nben,Ben B\nben,Yan Y\n",
            [
                "table.csv:3: 'ann' appears twice; the first is in line 2; keep one",
                "table.csv:5: 'ben' appears twice; the first is in line 4; keep one",
            ],
        ),
        (
            "--received",
            "student,assignment,time\n,hw1,2026-10-01T11:00:00Z\nann,hw1,soon\nann,hw3,2026-10-01T11:00:00Z\n"
            "ben,hw1,2026-10-01T11:00:00Z\nben,hw1,2026-10-01T11:30:00Z\n",
            [
                "table.csv:2: student is blank; fill it in or delete the row",
                "table.csv:3: time: given 'soon'; allowed: date, time and zone",
                "table.csv:4: no assignment 'hw3'; did you mean",
                "table.csv:6: 'ben' appears twice for hw1; keep one row",
            ],
        ),
        (
            "--extensions",
            "student,assignment,until\n,hw1,2026-10-03T12:00:00Z\nann,hw1,soon\nann,hw1,2026-09-03T12:00:00Z\n"
            "ben,hw1,2026-10-03T12:00:00Z\nben,hw1,2026-10-04T12:00:00Z\n",
            [
                "table.csv:2: student is blank; fill it in or delete the row",
                "table.csv:3: until: given 'soon'; allowed: date, time and zone",
                "table.csv:4: until: given '2026-09-03T12:00:00Z'; allowed: not before due",
                "table.csv:6: 'ben' appears twice for hw1; keep one row",
            ],
        ),
    ],
)
def test_a_refused_table_ends_with_its_next_step_and_nothing_was_done(option, text, mistakes, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course(tmp_path).root))
    place = tmp_path / "submitted" / "ann" / "hw1"
    place.mkdir(parents=True)
    (place / "first_mean.py").write_text(RIGHT)
    table, out = tmp_path / "table.csv", tmp_path / "out"
    table.write_text(text)
    done = CliRunner().invoke(grade_command, [str(tmp_path / "submitted"), option, str(table), "--out", str(out)])
    assert isinstance(done.exception, CourseError)
    *lines, step = str(done.exception).splitlines()
    assert len(lines) == len(mistakes)
    assert [(line, start) for line, start in zip(lines, mistakes, strict=True) if not line.startswith(start)] == []
    assert step == "nothing was done; correct table.csv and run the same command again"
    assert not out.exists()
