"""The published files: results.jsonl as section 4 of the design has it, grades.csv that no spreadsheet runs."""

import csv
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.model import Failure, Outcome, PartReport, Report
from autograder.store.files import grade_table, write_grades, write_results
from autograder.store.records import Grade, Record, record_of
from autograder.text import for_file_name, for_spreadsheet, for_terminal, lines_for_terminal
from tests.course_files import course_at

PART_KEYS = ["name", "kind", "status", "score", "max_score", "misconceptions", "proof", "message", "checks"]
RECORD_KEYS = [
    "version", "student", "assignment", "exercise", "status", "file", "sha256", "variant", "score", "max_score",
    "pending_points", "seconds", "message", "notes", "parts",
]  # fmt: skip


def report():
    outcomes = (
        Outcome("even", "is even", "property", "public", "pass"),
        Outcome("hand", "worked cases", "value", "hidden", "fail", "off", Failure("differs")),
    )
    return Report(
        "alpha",
        (
            PartReport("f", "function", "wrong", 0.1, 4.0, ("clipped at 1",), ("hint",), None, "differs", outcomes),
            PartReport("g", "function", "correct", 0.2, 6.0),
            PartReport("h", "manual", "manual", 0.0, 3.0, pending=3.0),
        ),
        variant=7,
        seconds=0.0123456789,
    )


def test_a_record_is_the_json_of_the_design():
    record = record_of(("alice", "hw1", "alpha"), report(), file="alice/hw1/alpha.py", sha256="ab")
    data = json.loads(record.line())
    assert list(data) == RECORD_KEYS
    assert data | {"parts": None} == {
        "version": 1, "student": "alice", "assignment": "hw1", "exercise": "alpha", "status": "graded",
        "file": "alice/hw1/alpha.py", "sha256": "ab", "variant": 7, "score": 0.3, "max_score": 13.0,
        "pending_points": 3.0, "seconds": 0.012346, "message": None, "notes": [], "parts": None,
    }  # fmt: skip
    assert all(list(part) == PART_KEYS for part in data["parts"])
    assert data["parts"][0] == {
        "name": "f", "kind": "function", "status": "wrong", "score": 0.1, "max_score": 4.0,
        "misconceptions": ["clipped at 1"], "proof": None, "message": "differs",
        "checks": [
            {"title": "is even", "group": "property", "visibility": "public", "outcome": "pass", "message": None},
            {"title": "worked cases", "group": "value", "visibility": "hidden", "outcome": "fail", "message": "off"},
        ],
    }  # fmt: skip
    assert Record.from_line(record.line()) == record


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_points_that_are_no_numbers_never_get_into_a_record(score):
    with pytest.raises(ValueError, match="finite"):
        record_of(
            ("a", "b", "c"), Report("c", (PartReport("f", "function", "wrong", score, 1.0),)), file=None, sha256=None
        )


@given(st.text(st.characters(), max_size=20), st.text(st.characters(), max_size=20))
def test_any_text_makes_one_line_of_strict_json(student, message):
    line = Record(student, "a", "b", "rejected", message=message).line()
    assert line.isascii()
    assert len(line.splitlines()) == 1
    json.loads(line)["student"].encode()  # no half surrogate is left


@pytest.mark.parametrize("line", ["", "[]", "{}", "null", '{"version": 2}', '{"version": 1, "x": 1}'])
def test_other_lines_are_no_records(line):
    with pytest.raises(CourseError):
        Record.from_line(line)


def test_results_replace_the_old_file_whole_or_not_at_all(tmp_path):
    path = tmp_path / "results.jsonl"
    assert write_results(path, ["1", "2"]) == 2
    assert path.read_text() == "1\n2\n"

    def broken():
        yield "3"
        raise OSError(28, "No space left on device")

    with pytest.raises(CourseError, match="No space left"):
        write_results(path, broken())
    assert path.read_text() == "1\n2\n"
    assert [item.name for item in tmp_path.iterdir()] == ["results.jsonl"]
    with pytest.raises(CourseError, match="cannot be written"):
        write_results(tmp_path / "gone" / "results.jsonl", [])


# --- grades.csv ------------------------------------------------------------------------------------------------

LATE = datetime(2026, 10, 2, 13, tzinfo=UTC)  # hw1 is due on 1 October at noon: the second day has started


def test_the_table_has_points_penalty_and_days_late(tmp_path):
    course = course_at(tmp_path)
    grades = [
        Grade("bob", "hw1", "alpha", 8.0, 10.0, 0.0, LATE),
        Grade("bob", "hw1", "beta", 12.0, 20.0, 1.0, LATE),
        Grade("bob", "hw2", "gamma", 30.0, 30.0, 0.0, LATE),  # has no due date
        Grade("ann", "hw1", "beta", 0.5, 20.0, 0.0, None),
        Grade("dora", "hw1", "alpha", 10.0, 10.0, 0.0, LATE, "rejected"),  # has an extension
        Grade("eve", "hw1", "alpha", 0.0, 10.0, 0.0, None, "grader_error"),  # no score may stand for it
    ]
    assert grade_table(grades, course) == (
        [
            "student",
            "alpha",
            "beta",
            "gamma",
            "score",
            "max_score",
            "pending_points",
            "days_late",
            "penalty",
            "rejected",
        ],
        [
            ["ann", None, 0.5, None, 0.5, 20.0, 0.0, None, 0.0, ""],
            ["bob", 8.0, 12.0, 30.0, 46.0, 60.0, 1.0, 2, 4.0, ""],
            ["dora", 10.0, None, None, 10.0, 10.0, 0.0, 0, 0.0, "alpha"],
            ["eve", None, None, None, None, 10.0, 0.0, None, 0.0, ""],
        ],
    )


def test_the_order_of_records_does_not_matter(tmp_path):
    course = course_at(tmp_path)
    grades = [Grade(f"s{k}", "hw1", name, 1.0, 2.0, 0.0) for k in range(3) for name in ("alpha", "beta")]
    assert grade_table(grades, course) == grade_table(grades[::-1], course)


def test_the_file_is_utf8_and_numbers_are_plain(tmp_path):
    course = course_at(tmp_path)
    write_grades(tmp_path / "g.csv", [Grade("Åsa Ünal", "hw1", "alpha", 17.5, 25.0, 0.0)], course)
    assert (tmp_path / "g.csv").read_text("utf-8").splitlines() == [
        "student,alpha,score,max_score,pending_points,days_late,penalty,rejected",
        "Åsa Ünal,17.5,17.5,25,0,,0,",
    ]


CELLS = {
    "alice": "alice",
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-rf": "'-rf",
    "@SUM(A1)": "'@SUM(A1)",
    "\tx": "'\tx",
    "\rx": " x",
    "\r=1\n": "' =1 ",
    " =1": "' =1",
    "\uff1d1+1": "'\uff1d1+1",
    "\uff0b1": "'\uff0b1",
    "\uff0d1": "'\uff0d1",
    "\uff20A": "'\uff20A",
    "a;=1": "a;'=1",
    "\u200b=1": "'\u200b=1",
    "\ufeff\u2003=1": "'\ufeff\u2003=1",
    "\x1b[2J": "\\x1b[2J",
    "\x00\u202ex": "\\x00\\u202ex",
    "a-b@c.d": "a-b@c.d",
    "": "",
}


@pytest.mark.parametrize("text", CELLS)
def test_no_cell_starts_a_formula(text, tmp_path):
    assert for_spreadsheet(text) == CELLS[text]
    course = course_at(tmp_path)
    write_grades(tmp_path / "g.csv", [Grade(text, "hw1", "alpha", 1.0, 1.0, 0.0)], course)
    with (tmp_path / "g.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert len(rows) == 2
    assert rows[1][0] == CELLS[text]


@given(st.text(max_size=200))
def test_any_system_takes_a_name_as_a_part_of_a_file_name(text):
    name = for_file_name(text)
    assert len(name) <= 80
    assert name.isprintable()
    assert not set(name) & set('<>:"/\\|?*')
    assert name == name.strip(". ")
    name.encode()


@given(st.lists(st.text(max_size=20), max_size=5))
def test_a_line_for_a_terminal_stays_one_line(lines):
    assert lines_for_terminal(lines).count("\n") == max(0, len(lines) - 1)


@given(st.text(alphabet="=+-@\t\r\n ;,|ab\uff1d\uff20", max_size=12))
def test_no_separator_starts_a_formula_either(text):
    for separator in (";", "\t", ",", "|"):
        for cell in for_spreadsheet(text).split(separator):
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\uff1d", "\uff20"))


@given(st.text())
def test_a_terminal_obeys_nothing_of_a_text_but_its_line_ends(text):
    shown = for_terminal(text)
    assert shown.replace("\n", "").isprintable()
    assert shown.count("\n") == text.count("\n")
    assert for_terminal(shown) == shown


def test_a_terminal_is_shown_controls_as_escapes():
    assert for_terminal("a\x1b[2J\u202eb\r\nc") == "a\\x1b[2J\\u202eb\\r\nc"
