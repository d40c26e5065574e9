"""The demo class: everything that a term has is in it, and a course without due dates gets some for it alone."""

import csv
import json
import re

import pytest
from click.testing import CliRunner

from autograder.authoring.demo.around import LATE, UNCLEAR, dated, write_around
from autograder.authoring.demo.build import student_of, write_class
from autograder.cli import cli
from autograder.course.model import load_course
from tests import term
from tests.conftest import make_course

DATED = "    due: 2026-10-01T12:00:00+00:00\n    exercises:"


def test_a_course_without_due_dates_gets_some_for_the_demo_alone(tmp_path):
    course = load_course(make_course(tmp_path / "course"))
    text = (course.root / "course.yml").read_text()
    place = dated(course, tmp_path / "demo", ["hw1"])
    own = load_course(place)
    assert (course.root / "course.yml").read_text() == text
    assert [one.due for one in course.assignments] == [None] * len(course.assignments)
    assert None not in [one.due for one in own.assignments]
    assert [one.exercises for one in own.assignments] == [one.exercises for one in course.assignments]
    assert (place / "exercises").resolve() == course.root / "exercises"


def test_a_course_with_due_dates_is_taken_as_it_is(tmp_path):
    root = make_course(tmp_path / "course")
    file = root / "course.yml"
    file.write_text(file.read_text().replace("    exercises:", DATED))
    assert dated(load_course(root), tmp_path / "demo", ["hw1"]) == root
    assert not (tmp_path / "demo").exists()


def test_the_class_is_late_has_an_extension_and_a_folder_that_is_not_clear(tmp_path):
    out = tmp_path / "demo"
    course = load_course(dated(load_course(make_course(tmp_path / "course")), out, ["hw1"]))
    write_class(course, 20, out, ["hw1"], slow=False)
    received, extensions = write_around(course, 20, out, ["hw1"])
    due = course.assignment("hw1").due
    with received.open(newline="") as stream:
        late = [row["student"] for row in csv.DictReader(stream) if row["time"] > due.isoformat()]
    assert late == [student_of(k)[0] for k in sorted(LATE)]
    assert len(extensions.read_text().splitlines()) == 2
    names = {path.name for path in (out / "submitted").iterdir()}
    assert student_of(UNCLEAR)[0].upper() in names
    assert student_of(UNCLEAR)[0] not in names


@pytest.mark.integration
def test_the_page_of_the_demo_has_everything_that_a_term_has(tmp_path):
    with term.course(tmp_path / "course"):
        out = tmp_path / "demo"
        done = CliRunner().invoke(cli, ["demo", "--students", "60", "--out", str(out), "--assignment", "all"])
        assert done.exit_code == 0, done.output
        report = ["report", str(out / "results"), "--roster", str(out / "roster.csv")]
        assert CliRunner().invoke(cli, report).exit_code == 0
    records = [json.loads(line) for line in (out / "results" / "results.jsonl").read_text().splitlines()]
    page = (out / "results" / "report" / "index.html").read_text()
    todo = re.search(r'aria-labelledby="todo">(.*?)</section>', page, re.S)[1]
    assert {"graded", "rejected"} <= {record["status"] for record in records}
    for said in (
        "to read and mark",
        "handed in late",
        "wrong answers that several students share",
        "handed in as a file that could not be used",
        "S0015 may be this student",
    ):
        assert said in todo, said
