"""What leaves the house: a published state that a regrade does not change, feedback for Moodle, code to compare."""

import csv
import json
import zipfile

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.errors import CourseError
from autograder.lms.similarity import write_similarity
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Stored
from tests import report_class as made
from tests.conftest import keep

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": "# words"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": "%matplotlib inline\ndef f():\n    return 1"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": "def g():\n    return 2"},
    ],
}


def hand_in(store, student, file, data, team=None, score=2.0):
    part = made.part(score=score, status="partial")
    sha = __import__("hashlib").sha256(data).hexdigest()
    record = Record(
        student, "hw1", "alpha", "graded", file=file, sha256=sha, score=score, max_score=4.0, parts=(part,), team=team
    )
    keep(store, Stored(record, "d", "f", "1", received=made.DUE), [(file, data)])


@pytest.fixture
def results(tmp_path, monkeypatch):
    root = made.make_course(tmp_path)
    (root / "exercises" / "alpha" / "alpha.py").write_text("def f():\n    raise NotImplementedError\n")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    with open_store(root / "results") as store:
        hand_in(store, "ann", "Ann Doe_4711_assignsubmission_file_/alpha.py", b"def f():\n    return 1\n")
        hand_in(store, "ben", "Ben_Roe_4712_assignsubmission_file_/alpha.ipynb", json.dumps(NOTEBOOK).encode())
        for student in ("cem", "dot"):
            hand_in(store, student, "Cem Fo_4713_assignsubmission_file_/alpha.py", b"def f():\n    return 3\n", "red")
        hand_in(store, "eve", "eve/alpha.ipynb", b"{not a notebook")
    return root / "results"


def call(*args):
    done = CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


# --- similarity ---


def test_dolos_gets_code_alone_under_numbers_and_the_stub_as_template(results):
    done = call("export", "dolos", results)
    place = results / "dolos" / "alpha"
    with (place / "info.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    numbers = json.loads((results / "numbers.json").read_text())
    files = {row["filename"]: row for row in rows}
    assert files.pop("template.py")["ignored"] == "true"
    assert sorted(files) == sorted(f"{numbers[who]}.py" for who in ("ann", "ben", "cem"))  # a team appears once
    assert all((place / name).is_file() for name in (*files, "template.py"))
    assert (place / f"{numbers['ben']}.py").read_text() == "def f():\n    return 1\n\ndef g():\n    return 2\n"
    written = "".join(path.read_text() for path in place.rglob("*") if path.is_file())
    assert not [name for name in ("ann", "ben", "cem", "dot", "Ann Doe", "words") if name in written]
    assert "left out: 1 (eve alpha" in done.stderr
    assert f"dolos run -l python -f web {place / 'info.csv'}" in done.stdout


def test_jplag_gets_a_folder_for_each_submission_and_base_code_apart(results, tmp_path):
    call("export", "jplag", results, "--names", "--to", tmp_path / "out")
    place = tmp_path / "out" / "alpha"
    assert sorted(path.name for path in (place / "submissions").iterdir()) == ["ann", "ben", "cem"]
    assert (place / "submissions" / "ann" / "alpha.py").read_text() == "def f():\n    return 1\n"
    assert (place / "template" / "alpha.py").read_text().startswith("def f():\n    raise")


def test_a_folder_of_someone_else_is_not_written_over_and_ones_own_is(results, tmp_path):
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("kept")
    with open_store(results) as store, pytest.raises(CourseError, match="choose another --to"):
        write_similarity(store, None, other, "dolos")
    call("export", "dolos", results)
    (results / "dolos" / "alpha" / "old.py").write_text("gone")
    call("export", "dolos", results)
    assert not (results / "dolos" / "alpha" / "old.py").exists()


# --- feedback for Moodle ---


def moodles_own_reading(name):
    """How Moodle's importer reads the path of a file in the zip: (participant, plugin's type and name)."""
    info = ("/" + name).split("_", 4)
    assert len(info) == 5
    assert info[1].isdigit()
    return info[1], f"{info[2]}_{info[3]}"


def test_moodle_takes_the_pages_back_each_to_its_own_participant(results, tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("student,name\nann,Ann Doe\nben,Ben_Roe\ncem,Cem Fo\ndot,Dot\neve,Eve\n")
    done = call("export", "moodle-feedback", results, "--roster", roster)
    with zipfile.ZipFile(results / "moodle-feedback-hw1.zip") as archive:
        read = {moodles_own_reading(name): archive.read(name).decode() for name in archive.namelist()}
    # the team's file has the number of the member who handed it in: the other's page must not go there
    assert "Cem Fo" in read["4713", "assignfeedback_file"]
    assert {key[0] for key in read} == {"4711", "4712", "4713"}
    assert {key[1] for key in read} == {"assignfeedback_file"}
    assert "Ann Doe" in read["4711", "assignfeedback_file"]
    assert "Ben_Roe" in read["4712", "assignfeedback_file"]
    assert "the grading table of that assignment as --roster names them): 2 (dot hw1, eve hw1)" in done.stderr


@pytest.mark.parametrize("of_this_assignment", [True, False])
def test_a_grading_table_names_the_members_of_a_team_if_it_is_of_that_assignment(of_this_assignment, results, tmp_path):
    first = 4711 if of_this_assignment else 9
    roster = tmp_path / "grading.csv"
    roster.write_text(f"Identifier,student,name\nParticipant {first},ann,Ann Doe\n4720,dot,Dot\n")
    call("export", "moodle-feedback", results, "--roster", roster)
    with zipfile.ZipFile(results / "moodle-feedback-hw1.zip") as archive:
        numbers = {moodles_own_reading(name)[0] for name in archive.namelist()}
    assert ("4720" in numbers) == of_this_assignment


# --- publishing ---


def test_a_regrade_changes_nothing_for_students_before_it_is_published(results):
    def shown():
        call("report", results, "--for-students")
        call("export", "canvas", results)
        return (results / "feedback" / "ann.html").read_text(), (results / "canvas.csv").read_text()

    call("report", results, "--for-students", "--publish")
    before = shown()
    with open_store(results) as store:
        hand_in(store, "ann", "ann/alpha.py", b"def f():\n    return 9\n", score=4.0)
    assert shown() == before
    compared = call("diff", results / "published", results)
    assert "ann" in compared.stdout
    assert "2 gained" in compared.stdout
    assert (results / "canvas.csv").read_text() == before[1]
    call("export", "canvas", results, "--unpublished", "--to", results / "now.csv")
    assert (results / "now.csv").read_text() != before[1]
    call("report", results, "--for-students", "--publish")
    after = shown()
    assert after[0] != before[0]
    assert after[1] == (results / "now.csv").read_text()


def test_what_is_forgotten_is_not_published_any_more(results):
    call("report", results, "--for-students", "--publish")
    call("forget", "ann", "--out", results, "--yes")
    with open_store(results / "published") as store:
        assert "ann" not in store.students()


def test_a_forgetting_that_was_stopped_goes_on_and_who_is_published_alone_is_forgotten_too(results):
    call("report", results, "--for-students", "--publish")
    with open_store(results / "published") as shown, open_store(results) as store:
        shown.forget("ann", "p-1")  # and there it was stopped
        store.forget("ben")
    assert "ann: 1 verdict is now that of p-1" in call("forget", "ann", "--as", "p-1", "--out", results, "--yes").stderr
    call("forget", "ben", "--out", results, "--yes")
    for folder in (results, results / "published"):
        with open_store(folder) as store:
            assert store.students() == {"p-1", "cem", "dot", "eve"}
    done = CliRunner().invoke(cli, ["forget", "cem", "--as", "p-1", "--out", str(results), "--yes"])
    assert "choose another pseudonym" in str(done.exception)
    for folder in (results, results / "published"):
        with open_store(folder) as store:
            assert "cem" in store.students()


def test_the_published_state_is_its_owners_alone(results):
    call("report", results, "--for-students", "--publish")
    assert (results / "published").stat().st_mode & 0o077 == 0
    assert (results / "published" / "results.db").stat().st_mode & 0o077 == 0
