"""A command that is given twice, or after something changed in between, loses nothing and counts nothing twice."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

import pytest

from autograder.cli.grade import grade_command
from autograder.cli.instructor import replay_command
from autograder.course.exercises import shared_modules
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.intake.discovery import discover
from autograder.intake.tables import read_extensions, read_received
from autograder.lms.gradescope.results import folder_name, write_gradescope
from autograder.lms.gradescope.run import extended, read_sender
from autograder.lms.people import directory
from autograder.store.files import grade_table
from autograder.store.generations import changed, fingerprint, stale
from autograder.store.marks import ROUNDING, is_for
from autograder.store.people import naming, with_extensions
from autograder.store.published import copy_store, publish
from autograder.store.records import Grade, Record
from autograder.store.second_opinions import contradicted_in, held_back
from autograder.store.standings import count, counted, received_of, totals
from autograder.store.store import open_store
from autograder.store.stored import NO_ANSWER, Mark, Stored
from tests.conftest import keep, make_course
from tests.test_marks import again, as_made, call, essay, grades, made, mark, notebook, records  # noqa: F401 - a fixture
from tests.test_term import call as run
from tests.test_term import ended  # noqa: F401 - a fixture

DUE = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture
def graded(made, monkeypatch):  # noqa: F811 - see above
    monkeypatch.setenv("AUTOGRADER_COURSE", str(made / "course"))
    return as_made(made)


# --- marks by hand ----------------------------------------------------------------------------------------------


def test_a_mark_for_nothing_does_not_count_for_an_answer_that_comes_later(graded):
    done = mark(graded, "ben", "first_mean", "essay", 0, "--comment", "nothing handed in")
    assert "nothing was handed in for ben first_mean essay; an answer that comes needs marking again" in done.output
    assert essay(records(graded)["ben"])["status"] == "wrong"
    (graded / "submitted" / "ben" / "hw1" / "first_mean.md").write_text("Now it is here.")
    again(graded)
    part = essay(records(graded)["ben"])
    assert (part["status"], records(graded)["ben"]["pending_points"]) == ("manual", 2.0)
    assert part["message"] == "needs manual grading; before there was an answer it was marked 0 of 2"


@pytest.mark.parametrize(
    ("marked", "now", "same"),
    [
        (None, "a", True),  # a mark that is older than the field
        (None, None, True),
        (NO_ANSWER, None, True),
        (NO_ANSWER, "a", False),
        ("a", "a", True),
        ("a", "b", False),
        ("a", None, False),
    ],
)
def test_a_mark_is_for_one_answer_or_for_none(marked, now, same):
    assert is_for(Mark("ann", "e", "p", 1.0, "", "me", DUE, 2.0, marked), now) is same


def test_a_maximum_that_is_shown_rounded_may_be_given(graded):
    course = graded / "course" / "course.yml"
    course.write_text(course.read_text().replace("first_mean: 4", "first_mean: 13.333333"))
    again(graded)
    done = mark(graded, "ann", "first_mean", "essay", 6.66667)
    assert done.exit_code == 0, done.output
    part = essay(records(graded)["ann"])
    assert (part["status"], part["score"]) == ("correct", part["max_score"])
    done = mark(graded, "ann", "first_mean", "essay", part["max_score"] + 2 * ROUNDING)
    assert "allowed: 0 to 6.66667" in str(done.exception)


def fill(table, **cells):
    with table.open(encoding="utf-8-sig", newline="") as stream:
        heading, *rows = list(csv.reader(stream))
    for name, cell in cells.items():
        rows[0][heading.index(name)] = cell
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows([heading, *rows])


@pytest.mark.parametrize("cells", [{"points": "1"}, {"comment": "good"}])
def test_a_table_that_was_filled_in_is_written_over_only_once_it_is_read(cells, graded):
    table = graded / "t.csv"
    assert mark(graded, "--template", table).exit_code == 0
    assert mark(graded, "--template", table).exit_code == 0  # nothing is lost
    fill(table, **cells)
    before = table.read_bytes()
    done = mark(graded, "--template", table)
    assert isinstance(done.exception, CourseError)
    assert "1 row filled in and not read; read it first with mark --from" in str(done.exception)
    assert table.read_bytes() == before
    read = mark(graded, "--from", table)
    assert read.exit_code == 0
    if "points" in cells:
        assert mark(graded, "--template", table).exit_code == 0
    else:
        assert "cem first_mean essay: a comment without points or a tick is not kept" in read.output


# --- times of submission ----------------------------------------------------------------------------------------


def record(student, assignment, exercise):
    return Record(student, assignment, exercise, "graded", score=8.0, max_score=10.0)


@pytest.mark.parametrize("first_late", [True, False])
def test_an_assignment_was_handed_in_when_its_last_exercise_was_in_every_total(first_late, tmp_path):
    """One file keeps a verified time, the other one was changed later."""
    root = make_course(tmp_path / "course")
    file = root / "course.yml"
    text = file.read_text().replace("    title: First", "    title: First\n    due: 2026-01-10T00:00:00+00:00")
    file.write_text(f"{text}late: {{percent_per_day: 10}}\n")
    course = load_course(root)
    times = [DUE - timedelta(1), DUE + timedelta(1.5)]
    with open_store(tmp_path) as store:
        for exercise, moment in zip(("first_mean", "second_mean"), times[::-1] if first_late else times, strict=True):
            keep(store, Stored(record("ann", "hw1", exercise), "d", "f", received=moment))
        own = sum(one.points for one in counted(store, course))
        assert {one.days_late for one in counted(store, course)} == {2}
        assert own == totals(store.grades(), course)["ann", "hw1"].points == 0.8 * 16
        heading, (row,) = grade_table(store.grades(), course)
        assert row[heading.index("score")] == own


def test_a_time_that_is_unknown_is_not_an_early_one():
    several = [Grade("ann", "hw1", "a", 1, 1, 0, None), Grade("ann", "hw1", "b", 1, 1, 0, DUE)]
    assert received_of(several) == received_of(several[::-1]) == {("ann", "hw1"): DUE}
    assert received_of(several[:1]) == {}


# --- the course changes -----------------------------------------------------------------------------------------


def test_a_renamed_assignment_counts_once(graded):
    before = grades(graded)
    with open_store(graded / "out") as store:
        publish(store, graded / "out")
    course = graded / "course" / "course.yml"
    course.write_text(course.read_text().replace("  hw1:", "  week1:"))
    with open_store(graded / "out") as store:
        assert any(line.endswith("of hw1, now in week1") for line in stale(store, load_course(graded / "course")))
    for folder in (graded / "submitted").iterdir():
        (folder / "hw1").rename(folder / "week1")
    done = regraded(graded)
    assert "now under week1, where course.yml has the exercise" in done.output
    assert grades(graded) == before
    lines = [json.loads(line) for line in (graded / "out" / "results.jsonl").read_text().splitlines()]
    assert {one["assignment"] for one in lines} == {"week1"}
    for folder in (graded / "out", graded / "out" / "published"):
        with open_store(folder, create=False) as store:
            assert list(stale(store, load_course(graded / "course"))) == []


def regraded(graded, *options):
    done = call(grade_command, graded / "submitted", "--out", graded / "out", "--jobs", 1, "--unsafe", *options)
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def test_of_two_results_of_an_exercise_that_of_the_present_assignment_stays(tmp_path):
    with open_store(tmp_path) as store:
        keep(store, Stored(record("ann", "old", "e"), "old", "f"))
        keep(store, Stored(record("ann", "new", "e"), "new", "f"))
        keep(store, Stored(record("ben", "old", "e"), "old", "f"))
        store.move([("ann", "old", "e"), ("ben", "old", "e"), ("cem", "old", "e")], "new")
        assert sorted(store.keys()) == [("ann", "new", "e"), ("ben", "new", "e")]
        assert [store.get(one, "e")[0].digest for one in ("ann", "ben")] == ["new", "old"]
        assert {one.assignment for one in store.records()} == {"new"}


@pytest.mark.parametrize(
    ("line", "file", "counts"),
    [
        ("from shared.rules import LOW", "shared/rules.py", True),
        ("import shared.rules", "shared/deep/more.py", True),
        ("from rules import LOW", "rules.py", True),
        ("from exercises.rules import LOW", "exercises/rules.py", True),
        ("from exercises import rules", "exercises/rules.py", True),
        ("import numpy", "rules.py", False),
        ("# from rules import LOW", "rules.py", False),
    ],
)
def test_a_module_of_the_course_that_an_exercise_imports_is_part_of_its_fingerprint(line, file, counts, tmp_path):
    root = make_course(tmp_path / "course")
    grading = root / "exercises" / "first_mean" / "grading.py"
    grading.write_text(f"{line}\n{grading.read_text()}")
    place = root / file
    place.parent.mkdir(exist_ok=True, parents=True)
    place.write_text("LOW = 1\n")
    assert shared_modules(root, "first_mean") == ((place,) if counts else ())
    assert shared_modules(root, "second_mean") == ()
    before = fingerprint(root, "first_mean")
    place.write_text("LOW = 3\n")
    moved = tmp_path / "moved"  # a fingerprint is kept while a process lives, for a folder of this name
    root.rename(moved)
    assert changed(before, fingerprint(moved, "first_mean")) == ("the exercise changed" if counts else "")


def test_an_extension_that_a_new_table_lacks_is_named(graded):
    course = graded / "course" / "course.yml"
    dated = "    title: First\n    due: 2026-10-05T00:00:00+02:00"
    course.write_text(course.read_text().replace("    title: First", dated))
    for k, student in enumerate(("ann", "ben")):
        table = graded / f"{k}.csv"
        table.write_text(f"student,assignment,until\n{student},hw1,2026-10-09T00:00:00+02:00\n")
        said = regraded(graded, "--extensions", table).output
        gone = "extension of ann for hw1 counts no more: it is not in the table that is given now"
        assert (gone in said) == (student == "ben")
    assert "counts no more" not in regraded(graded).output


# --- the end of a term, and what is published -------------------------------------------------------------------


@pytest.mark.parametrize("place", ["results", "results/archive"])
def test_a_term_is_not_cleared_together_with_its_archive(place, ended):  # noqa: F811 - see above
    with pytest.raises(CourseError, match=f"{ended / place} is in it"):
        run("term", "autumn", "--out", ended / "results", "--to", ended / place, "--clear", "--yes")
    assert (ended / "results" / "results.db").is_file()


def test_a_term_is_not_cleared_together_with_its_course(ended):  # noqa: F811 - see above
    (ended / "results" / "results.db").rename(ended / "results.db")
    with pytest.raises(CourseError, match=f"--clear removes {ended}"):
        run("term", "autumn", "--out", ended, "--to", ended.parent / "kept", "--clear", "--yes")
    assert (ended / "course.yml").is_file()


def test_a_store_is_copied_as_it_is(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with open_store(f"sqlite:///{tmp_path}/a/x.db") as store:
        store.save([(Stored(record("ann", "hw1", "e"), "d", "f"), [("ann.py", b"1"), ("ann.md", b"")])])
        store.mark(Mark("ann", "e", "p", 1.0, "", "me", DUE), Mark("ann", "e", "p", 2.0, "", "me", DUE))
        store.keep_opinions({"k": ("confirmed", "why")})
        with open_store(tmp_path / "b") as copy:
            store.copy_to(copy)
            assert copy.get("ann", "e") == store.get("ann", "e")
            assert copy.marks() == store.marks()
            assert copy.opinions() == store.opinions()
            assert copy.blob(copy.get("ann", "e")[1][0][1]) == b"1"
        copy_store(store, tmp_path / "a")
    with open_store(tmp_path / "a", create=False) as copy:
        assert len(copy.keys()) == 1


# --- what was handed in is read by the same rule everywhere -----------------------------------------------------


@pytest.mark.parametrize(
    ("file", "suffix"),
    [("ann/x.py", ".py"), ("ann/x.ipynb", ".ipynb"), ("ann/x.IPYNB", ".ipynb"), ("ann/x.Py", ".py"), (None, ".py")],
)
def test_the_ending_of_a_file_is_read_in_any_letters(file, suffix):
    assert Record("ann", "hw1", "e", "graded", file=file).suffix == suffix


def test_a_notebook_with_an_ending_in_capitals_is_replayed_as_it_was_graded(graded):
    place = graded / "submitted" / "cem" / "hw1" / "first_mean.ipynb"
    place.unlink()
    place.with_suffix(".IPYNB").write_text(notebook("Another reason."))
    again(graded)
    assert records(graded)["cem"]["file"].endswith(".IPYNB")
    done = call(replay_command, "cem", "first_mean", "--out", graded / "out", "--unsafe")
    assert "the same verdict" in done.output


@pytest.mark.parametrize("written", ["NFC", "NFD"])
@pytest.mark.parametrize("there", ["NFC", "NFD"])
def test_an_id_is_the_same_whichever_system_wrote_its_accents(written, there, tmp_path):
    """A folder unpacked on a Mac and a table from a spreadsheet spell an accent differently."""
    student, named = (normalize(form, "Jos\u00e9") for form in (there, written))
    root = make_course(tmp_path / "course")
    file = root / "course.yml"
    file.write_text(file.read_text().replace("    title: First", f"    title: First\n    due: {DUE.isoformat()}"))
    course = load_course(root)
    place = tmp_path / "submitted" / student / "hw1"
    place.mkdir(parents=True)
    (place / "first_mean.py").write_text("x = 1\n")
    table = tmp_path / "t.csv"
    until = DUE + timedelta(3)
    table.write_text(f"student,assignment,time,until\n{named},hw1,{DUE.isoformat()},{until.isoformat()}\n")
    found = discover(tmp_path / "submitted", course, received=read_received(table, course))
    assert {one.received for one in found} == {DUE}
    assert found.strangers == ()
    assert with_extensions(course, read_extensions(table, course)).assignment("hw1").due_for(student) == until
    with open_store(tmp_path) as store:
        keep(store, Stored(record(student, "hw1", "first_mean"), "d", "f"))
        assert naming(store, tmp_path)(named).student == student


def test_a_verdict_that_the_second_judge_holds_back_is_replayed_as_it_is(graded):
    with open_store(graded / "out") as store:
        before = store.get("ann", "first_mean")[0].record
        name = next(part["name"] for part in before.parts if part["status"] == "correct")
        held = held_back(before, {name: "at K = 3 it differs", "no such part": "it does"})
        assert contradicted_in(held) == {name: "at K = 3 it differs"}
        assert held_back(held, contradicted_in(held)) is held
        assert (held.score, held.pending_points) == (before.score - 2.0, before.pending_points + 2.0)
        store.revise(held)
    done = call(replay_command, "ann", "first_mean", "--out", graded / "out", "--unsafe")
    assert "the same verdict" in done.output


@pytest.mark.parametrize(
    ("users", "days"),
    [
        (["Ann@Uni.edu"], 2),  # Gradescope keeps the letters in which an address was registered
        (["aa@uni.edu", "ann@uni.edu"], 2),  # of a group the later date counts
        (["ann+lab@uni.edu"], 5),
        (["bob@uni.edu"], 0),
    ],
)
def test_an_extension_is_found_by_the_address_of_anyone_who_handed_in(users, days, tmp_path):
    root = make_course(tmp_path / "course")
    file = root / "course.yml"
    own = {"ann@uni.edu": DUE + timedelta(2), "aa@uni.edu": DUE + timedelta(1), "ann+lab@uni.edu": DUE + timedelta(5)}
    lines = "".join(f"      {who}: {until.isoformat()}\n" for who, until in own.items())
    dated = f"    title: First\n    due: {DUE.isoformat()}\n    extensions:\n{lines}"
    file.write_text(file.read_text().replace("    title: First\n", dated))
    data = {"users": [{"email": one} for one in users], "created_at": DUE.isoformat()}
    (tmp_path / "metadata.json").write_text(json.dumps(data))
    sender = read_sender(tmp_path / "metadata.json")
    course = extended(load_course(root), sender)
    assert course.assignment("hw1").due_for(folder_name(sender.student)) == DUE + timedelta(days)


def test_no_score_of_an_earlier_export_stands_for_a_failed_grading(tmp_path):
    course = load_course(make_course(tmp_path / "course"))
    good = record("ann", "hw1", "first_mean")
    for one, there in ((good, True), (replace(good, status="grader_error"), False)):
        write_gradescope(tmp_path / "out", [count(one, None, course)], course)
        assert (tmp_path / "out" / "ann" / "first_mean" / "results.json").exists() is there


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\n", '"sep={}"\n', "\n"])
def test_headings_are_those_of_the_table_whatever_line_excel_puts_first(first, separator, tmp_path):
    table = tmp_path / "gradebook.csv"
    written = ["Student", "ID", "SIS Login ID", "Section", "HW 1 (4711)"]
    rows = [written, ["Lee Ann", "101", "ann", "S1", ""]]
    table.write_text(first.format(separator) + "".join(separator.join(row) + "\n" for row in rows))
    people = directory(["ann"], table)
    assert people.headings == tuple(written)
    assert people.entries["ann"].columns["id"] == "101"


def test_a_page_of_a_student_who_is_no_longer_there_is_named(graded):
    assert "not of a student" not in run("report", graded / "out", "--for-students", "--to", graded / "pages").stderr
    (graded / "pages" / "gone.html").write_text("of another id")
    said = run("report", graded / "out", "--for-students", "--to", graded / "pages").stderr
    assert "pages in the folder that are not of a student of these results; remove them: 1 (gone.html)" in said
