"""A term ends in one file that is enough for a replay, and the next one begins without traces."""

import os
import zipfile

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.cli.grade import grade_command
from autograder.errors import CourseError
from autograder.lms.nbgrader.handmarks import read_agreed, write_agreed
from autograder.store.store import open_store
from tests import report_class as made
from tests.conftest import make_course
from tests.test_marks import RIGHT


def call(*args, code=0):
    done = CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def ended(tmp_path, monkeypatch):
    """A graded term in a course of its own."""
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    monkeypatch.chdir(root)
    place = root / "submitted" / "ann" / "hw1"
    place.mkdir(parents=True)
    (place / "first_mean.py").write_text(RIGHT)
    (root / "class.csv").write_text("student\nann\n")
    (root / "Week 1-submissions.zip").write_bytes(b"as the learning system hands it out")
    arguments = [str(root / "submitted"), "--out", str(root / "results"), "--jobs", "1", "--unsafe"]
    done = CliRunner().invoke(grade_command, arguments)
    assert done.exit_code == 0, done.output
    return root


def test_a_verdict_is_replayed_from_the_archive_alone(ended, tmp_path, monkeypatch):
    done = call("term", "2026 autumn", "--out", ended / "results", "--clear", "--yes")
    path = ended / "archive" / "2026 autumn.zip"
    assert path.stat().st_mode & 0o077 == 0
    assert not (ended / "results").exists()
    assert not (ended / ".autograder-secret").exists()
    assert "left in the course's folder, may name students: Week 1-submissions.zip, class.csv, submitted" in done.stderr
    assert "next term: new dates in course.yml, " in done.stdout
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "again")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path / "again" / "course"))
    (ended / "course.yml").unlink()
    replayed = call("replay", "ann", "first_mean", "--out", tmp_path / "again" / "results", "--unsafe")
    assert "the same verdict" in replayed.output
    assert "are unchanged" in replayed.output


def test_the_archive_is_next_to_the_course_wherever_the_command_is_given(ended, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert f"{ended / 'archive' / 't1.zip'}: " in call("term", "t1", "--out", ended / "results").stdout
    assert list((tmp_path / "elsewhere").iterdir()) == []
    call("term", "t2", "--out", ended / "results", "--to", "here")
    assert (tmp_path / "elsewhere" / "here" / "t2.zip").is_file()


def test_an_archive_is_not_written_over_and_its_name_is_a_files(ended):
    call("term", "t1", "--out", ended / "results")
    written = (ended / "archive" / "t1.zip").read_bytes()
    (ended / "results" / "grades.csv").write_text("student\n")
    with pytest.raises(CourseError, match="choose another name"):
        call("term", "t1", "--out", ended / "results")
    assert (ended / "archive" / "t1.zip").read_bytes() == written
    with pytest.raises(CourseError, match="allowed: letters"):
        call("term", "../t2", "--out", ended / "results")
    assert (ended / "results").is_dir()


def test_a_term_that_is_archived_already_can_be_cleared_under_the_same_name(ended):
    call("term", "t1", "--out", ended / "results")
    call("term", "t1", "--out", ended / "results", "--clear", code=1)  # the question is not answered
    assert (ended / "results").is_dir()
    call("term", "t1", "--out", ended / "results", "--clear", "--yes")
    assert not (ended / "results").exists()
    assert [path.name for path in (ended / "archive").iterdir()] == ["t1.zip"]


def hands_in(root, section, who, code=RIGHT):
    place = root / section / who / "hw1"
    place.mkdir(parents=True)
    (place / "first_mean.py").write_text(code)


def statuses(root):
    with open_store(root / "results") as store:
        return {record.student: record.status for record in store.records() if record.exercise == "first_mean"}


def test_sections_in_folders_of_their_own_are_graded_one_after_the_other(ended):
    """The class list names everybody, and a run finds one section only: the other keeps its results."""
    hands_in(ended, "south", "ben", RIGHT + "\n# ben\n")
    (ended / "class.csv").write_text("student\nann\nben\ncid\n")
    for section in ("submitted", "south", "submitted"):
        more = ("--roster", ended / "class.csv", "--out", ended / "results", "--jobs", "1", "--unsafe")
        said = call("grade", ended / section, *more).output
    assert statuses(ended) == {"ann": "graded", "ben": "graded", "cid": "missing"}
    assert "nothing of theirs is found now: the results are kept: 1 (ben first_mean" in said


def test_a_file_that_was_anothers_leaves_no_result_behind(ended):
    """What ann had handed in, as far as the first run knew, is ben's."""
    (ended / "submitted" / "ann").rename(ended / "submitted" / "ben")
    (ended / "class.csv").write_text("student\nann\nben\n")
    more = ("--roster", ended / "class.csv", "--out", ended / "results", "--unsafe")
    said = call("grade", ended / "submitted", *more).output
    assert statuses(ended) == {"ann": "missing", "ben": "graded"}
    assert "counts for another student or team now: 0 points: 1 (ann first_mean)" in said


def test_several_students_are_forgotten_at_once(tmp_path, monkeypatch):
    root = made.make_course(tmp_path)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    with open_store(root / "results") as store:
        made.lifelike(store, 6)
    write_agreed(root / "results", {("s01", "alpha", "essay"): (1.0, "well"), ("s02", "alpha", "essay"): (2.0, "")})
    call("forget", "s01", "s04", "s01", "--out", root / "results", "--yes")
    assert list(read_agreed(root / "results").marks) == [("s02", "alpha", "essay")]
    with open_store(root / "results") as store:
        assert store.students() == {"s00", "s02", "s03", "s05"}
    with pytest.raises(CourseError):
        call("forget", "s00", "s99", "--out", root / "results", "--yes")
    with open_store(root / "results") as store:
        assert "s00" in store.students(), "all or none"
    assert CliRunner().invoke(cli, ["forget", "s00", "s02", "--as", "x", "--out", str(root / "results")]).exit_code == 2


# --- doctor ---


def test_doctor_says_of_the_course_what_the_first_evening_needs(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    monkeypatch.delenv("AUTOGRADER_SECRET", raising=False)
    text = (root / "course.yml").read_text()
    (root / "course.yml").write_text(text.replace("    title: First\n", "    title: First\n    by_team: true\n"))
    roster = tmp_path / "class.csv"
    roster.write_text("student,team\nann,red\nben,\n")
    said = call("doctor", "--roster", roster).output
    assert "course: A course for tests, 2 exercises in 1 assignment" in said
    assert "no due date, so nothing is ever late; by team" in said
    assert "class list: 2 students, 1 team" in said
    assert "in no team: ben" in said
    os.chmod(root / ".autograder-secret", 0o644)
    assert "others on this machine can read it" in call("doctor").output
    (root / ".autograder-secret").unlink()
    assert "secret: no course secret" in call("doctor").output
    (root / ".autograder-secret").write_text("short")
    assert "needs at least 16 characters" in call("doctor", code=1).output


@pytest.mark.parametrize(("year", "past"), [(2020, True), (2999, False)])
def test_doctor_says_of_a_due_date_that_it_is_past(year, past, tmp_path, monkeypatch):
    root = made.make_course(tmp_path)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    (root / "course.yml").write_text((root / "course.yml").read_text().replace("2026-", f"{year}-"))
    assert (f"due {year}-10-01 12:00 UTC (past)" in call("doctor").output) == past


def test_doctor_names_the_mistakes_of_a_course_file(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    (root / "course.yml").write_text((root / "course.yml").read_text() + "attemps: last\n")
    assert "did you mean 'attempts'" in call("doctor", code=1).output
