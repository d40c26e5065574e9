"""Exports: read back by a CSV or JSON reader with the documented columns, for_html whatever a student is called."""

import csv
import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import cli
from autograder.course.feedback_policy import FeedbackPolicy
from autograder.course.model import Assignment, Course, Feedback, LatePolicy, load_course
from autograder.lms.canvas import CANVAS_COLUMNS, POINTS_POSSIBLE, Headings, canvas_rows
from autograder.lms.gradescope.results import folder_name, folder_names, results_json
from autograder.lms.moodle import MOODLE_COLUMNS
from autograder.lms.people import directory
from autograder.lms.tables import CSV_COLUMNS
from autograder.reports.terminal import Concerns, class_summary, class_table
from autograder.store.files import write_files
from autograder.store.marks import MarkBook
from autograder.store.records import Record
from autograder.store.standings import count, counted
from autograder.store.store import open_store
from autograder.store.stored import Mark, Stored
from autograder.text import for_html
from tests.conftest import keep

HOSTILE = (
    "=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>", "a\x1b[31mred", "evil\u202egnp.exe",
    'quote"comma,semi;=1', "line\nbreak", "../../up", "a/b", "\uff1d1", "pipe|=2", "Zo\u00eb",
)  # fmt: skip

NOW = datetime(2026, 11, 1, tzinfo=UTC)
COURSE = """
title: Tiny
assignments:
  hw1: {title: First, due: 2026-10-01T12:00:00+00:00, exercises: {alpha: 10, beta: 10}}
late: {percent_per_day: 10}
"""


def check(title, outcome="pass", visibility="public", message=None):
    return {"title": title, "group": "value", "visibility": visibility, "outcome": outcome, "message": message}


def part(name="f", score=2.0, status="partial", message=None, checks=(), misconceptions=(), kind="function"):
    return {
        "name": name, "kind": kind, "status": status, "score": score, "max_score": 4.0, "proof": None,
        "misconceptions": list(misconceptions), "message": message, "checks": list(checks),
    }  # fmt: skip


def save(store, student, exercise, *parts, received=None, status="graded", pending=0.0):
    score = sum(one["score"] for one in parts)
    worth = sum(one["max_score"] for one in parts)
    record = Record(
        student, "hw1", exercise, status, sha256="ab", score=score, max_score=worth, pending_points=pending, parts=parts
    )
    keep(store, Stored(record, "d", "f", received=received))


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "course.yml").write_text(COURSE, encoding="utf-8")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path))
    for name in ("alpha", "beta"):
        (tmp_path / "exercises" / name).mkdir(parents=True)
        (tmp_path / "exercises" / name / "checks.py").touch()
    (tmp_path / "results").mkdir()
    return tmp_path


def export(here, form, *more):
    result = CliRunner().invoke(cli, ["export", form, str(here / "results"), *more], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def table(path):
    with Path(path).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_csv_has_a_row_per_part_under_the_documented_columns(here):
    with open_store(here / "results") as store:
        save(store, "ann", "alpha", part("f"), part("g", status="manual", score=0.0, kind="manual"), pending=4.0)
        save(store, "bob", "alpha", part("f", score=0.0), status="grader_error")
    result = export(here, "csv")
    heading, *rows = table(here / "results" / "parts.csv")
    assert tuple(heading) == CSV_COLUMNS
    found = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [(r["student"], r["part"], r["score"], r["pending_points"]) for r in found] == [
        ("ann", "f", "2", "0"),
        ("ann", "g", "0", "4"),
        ("bob", "f", "", "0"),
    ]
    assert "points still need manual grading: 1 (ann)" in result.stderr
    assert "the grader failed, no score is written: 1 (bob alpha)" in result.stderr


def test_canvas_matches_its_own_gradebook_and_takes_the_penalty_off(here):
    gradebook = here / "gradebook.csv"
    gradebook.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        '"Lovelace, Ada",101,u1,ada,A1\n"Noether, Emmy",102,u2,emmy,A1\n',
        encoding="utf-8",
    )
    with open_store(here / "results") as store:
        late = datetime(2026, 10, 2, 13, tzinfo=UTC)
        save(store, "ada", "alpha", part(score=4.0), received=late)
        save(store, "ada", "beta", part(score=1.0), received=late)
        save(store, "stranger", "beta", part())
    result = export(here, "canvas", "--roster", str(gradebook))
    heading, possible, *rows = table(here / "results" / "canvas.csv")
    assert tuple(heading) == (*CANVAS_COLUMNS, "hw1: First")
    assert (possible[0], possible[-1]) == (POINTS_POSSIBLE, "8")
    assert rows == [
        ["Lovelace, Ada", "101", "u1", "ada", "A1", "4"],  # 5 points less 20 percent: two started days
        ["Noether, Emmy", "102", "u2", "emmy", "A1", ""],
    ]
    assert "on the roster, without a result: 1 (emmy)" in result.stderr
    assert "with results, not on the roster: 1 (stranger)" in result.stderr


CANVAS_SKIPS = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")


def test_canvas_takes_the_heading_for_what_it_is(here):
    """The rules by which Canvas's own importer (lib/gradebook_importer.rb) reads a heading, row by row."""
    with open_store(here / "results") as store:
        save(store, "ann", "alpha", part(score=4.0))
    export(here, "canvas")
    heading, possible, row = table(here / "results" / "canvas.csv")
    assert "Student" in heading[0]
    assert "ID" in heading[1]
    assert re.search(r"SIS\s+User\s+ID", heading[2])
    assert re.search(r"SIS\s+Login\s+ID", heading[3])
    assert "Section" in heading[4]
    assert [name for name in heading[5:] if CANVAS_SKIPS.search(name)] == []
    assert "Points Possible" in possible[0]
    text = (here / "results" / "canvas.csv").read_text(encoding="utf-8")
    # it splits the first three lines at ; and at , and takes the separator that gives more cells in all of them
    assert [len(line.split(";")) for line in text.splitlines()[:3]] == [1, 1, 1]
    assert row[3] == "ann"  # no student is found without one of the three ids


# first line of a gradebook of Canvas -> what its import must hold, in the first line and for the student
GRADEBOOKS = {
    "without SIS columns": ("Student,ID,Section,First (4711)", "Student,ID,Section,First (4711)"),
    "login only": ("Student,ID,SIS Login ID,Section,hw1: First (7)", "Student,ID,SIS Login ID,Section,hw1: First (7)"),
    "everything": (
        "Student,ID,SIS User ID,SIS Login ID,Integration ID,Section,HW1 (12),Final Score",
        "Student,ID,SIS User ID,SIS Login ID,Integration ID,Section,HW1 (12)",
    ),
    "without the assignment": ("Student,ID,Section,Another (9)", "Student,ID,Section,hw1: First"),
    "a number in the name": ("Student,ID,Section,First (2026) (4711)", "Student,ID,Section,hw1: First"),
}


@pytest.mark.parametrize("name", GRADEBOOKS)
def test_what_canvas_wrote_comes_back_as_it_was(name, here):
    given, wanted = GRADEBOOKS[name]
    cells = {"Student": '"Lovelace, Ada"', "ID": "101", "SIS User ID": "u1", "SIS Login ID": "ada", "Section": "A1"}
    cells |= {"Integration ID": "i9"}
    row = ",".join(cells.get(column, "") for column in given.split(","))
    (here / "gradebook.csv").write_text(f"{given}\n    Points Possible,,,\n{row}\n", encoding="utf-8")
    with open_store(here / "results") as store:
        save(store, "ada" if "Login" in given else "101", "alpha", part(score=4.0))
    export(here, "canvas", "--roster", str(here / "gradebook.csv"))
    heading, _, found = table(here / "results" / "canvas.csv")
    assert heading == wanted.split(",")
    assert found == [cells[column].strip('"') for column in wanted.split(",")[:-1]] + ["4"]


def test_an_assignment_with_another_name_in_canvas_is_named_by_hand(here):
    with open_store(here / "results") as store:
        save(store, "ann", "alpha", part(score=4.0))
    export(here, "canvas", "--column", "hw1=Week 1 (4711)")
    assert table(here / "results" / "canvas.csv")[0][-1] == "Week 1 (4711)"
    for wrong in ("hw9=Week 1", "hw1="):
        done = CliRunner().invoke(cli, ["export", "canvas", str(here / "results"), "--column", wrong])
        assert "write ASSIGNMENT=HEADING" in str(done.exception)
    assert CliRunner().invoke(cli, ["export", "csv", str(here / "results"), "--column", "hw1=x"]).exit_code == 2


def test_a_heading_that_is_misspelt_is_named_and_a_new_one_is_taken(here):
    with open_store(here / "results") as store:
        save(store, "ann", "alpha", part(score=4.0))
    (here / "gradebook.csv").write_text("Student,ID,SIS Login ID,Section,First homework (99)\nAnn,1,ann,S,\n")
    more = ("--roster", str(here / "gradebook.csv"), "--column")
    export(here, "canvas", *more, "hw1=Something else")
    assert table(here / "results" / "canvas.csv")[0][-1] == "Something else"
    wrong = ["export", "canvas", str(here / "results"), *more, "hw1=First homewrok (99)"]
    assert "did you mean 'First homework (99)'" in str(CliRunner().invoke(cli, wrong).exception)


@pytest.mark.parametrize("form", ["canvas", "moodle"])
@pytest.mark.parametrize("heading", ["student,name,ID", "Identifier,Full name,Email address", "SIS User ID,Name"])
def test_no_export_invents_a_login(form, heading, here):
    """An id that is a system's own number, or an address, is neither a login nor a user name."""
    rows = {
        "student,name,ID": "4711,Ada,101",
        "Identifier,Full name,Email address": "Participant 4711,Ada,a@x.org",
        "SIS User ID,Name": "4711,Ada",
    }
    (here / "roster.csv").write_text(f"{heading}\n{rows[heading]}\n", encoding="utf-8")
    with open_store(here / "results") as store:
        save(store, "4711", "alpha", part(score=4.0))
    export(here, form, "--roster", str(here / "roster.csv"))
    names, *_, row = table(here / "results" / f"{form}.csv")
    found = dict(zip(names, row, strict=True))
    if form == "moodle":
        assert found["Username"] == ""
    elif "SIS User ID" in heading or "ID" in heading.split(","):
        assert found["SIS Login ID"] == ""


def test_every_place_shows_the_same_total(here):
    """After lateness, with what waits next to it, in the terminal, grades.csv and both exports."""
    (here / "course.yml").write_text(COURSE, encoding="utf-8")
    with open_store(here / "results") as store:
        late = datetime(2026, 10, 2, 13, tzinfo=UTC)
        save(store, "ann", "alpha", part(score=4.0), received=late)
        save(
            store,
            "ann",
            "beta",
            part("g", status="manual", score=0.0, kind="manual"),
            part(score=1.5),
            received=late,
            pending=4.0,
        )
        save(store, "bob", "alpha", part(score=3.0))
        save(store, "bob", "beta", part(score=0.0), status="rejected")
        write_files(store, load_course(here), here / "results")
        results = list(counted(store, load_course(here)))
    export(here, "canvas")
    export(here, "moodle")
    wanted = {"ann": "4.4", "bob": "3"}
    for file in ("canvas.csv", "moodle.csv", "grades.csv"):
        heading, *rows = table(here / "results" / file)
        name = next(one for one in heading if one in ("hw1: First", "hw1 total", "score"))
        known = [(next((cell for cell in row if cell in wanted), ""), row) for row in rows]
        found = {who: row[heading.index(name)] for who, row in known if who}
        assert found == wanted, file
    grades = {row[0]: dict(zip(heading, row, strict=True)) for row in rows}
    assert (grades["ann"]["pending_points"], grades["bob"]["rejected"]) == ("4", "beta")
    lines = class_table(results, load_course(here)).splitlines()
    assert " 4.4 " in lines[1]
    assert "rejected" in lines[2]
    said = class_summary(results, MarkBook([]), load_course(here))
    assert "mean 3.70, median 3.70 of" in said
    assert "could not be used: 1 (bob beta" in said
    listed = Concerns(listed=frozenset({("bob", "beta")}))  # the caller lists the file with its reason
    assert "could not be used" not in class_summary(results, MarkBook([]), load_course(here), concerns=listed)
    assert "late: 1 (ann hw1: 2 days)" in said


@pytest.mark.parametrize("title", ["Final Score of the year", "Homework (2026)"])
def test_a_title_that_canvas_reads_as_something_else_is_named(title, here):
    (here / "course.yml").write_text(COURSE.replace("First", title), encoding="utf-8")
    with open_store(here / "results") as store:
        save(store, "ann", "alpha", part(score=4.0))
    assert f"Canvas does not take as the name of an assignment: 1 (hw1: {title})" in export(here, "canvas").stderr


@pytest.mark.integration
def test_another_program_reads_the_canvas_file(here):
    read = pytest.importorskip("finalgrade.canvas.read", reason="finalgrade is not installed")
    names = ("Lovelace, Ada", 'O\'Brien, "Zo\u00eb"', "\u674e, \u660e", "Smith; Jones")
    gradebook = here / "gradebook.csv"
    with gradebook.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows(
            [("Student", "ID", "SIS User ID", "SIS Login ID", "Section"), (POINTS_POSSIBLE, "", "", "", "")]
        )
        writer.writerows((name, 100 + k, f"u{k}", f"s{k}", "A1") for k, name in enumerate(names))
    with open_store(here / "results") as store:
        for k in range(len(names)):
            save(store, f"s{k}", "alpha", part(score=float(k)))
            save(store, f"s{k}", "beta", part(score=0.5))
    export(here, "canvas", "--roster", str(gradebook))
    found = read.read_canvas(here / "results" / "canvas.csv")
    assert list(found["points"]) == [8.0]
    assert found["df_score"].iloc[:, 0].tolist() == [0.5, 1.5, 2.5, 3.5]
    assert sorted(found["df_meta"]["sid"]) == ["u0", "u1", "u2", "u3"]


def test_canvas_writes_no_total_from_a_failed_grading(here):
    with open_store(here / "results") as store:
        save(store, "ann", "alpha", part(), status="grader_error")
        save(store, "ann", "beta", part())
    export(here, "canvas")
    assert table(here / "results" / "canvas.csv")[2][-1] == ""


def test_moodle_has_points_and_feedback_per_exercise(here):
    roster = here / "participants.csv"
    roster.write_text(
        "First name,Last name,Username,ID number,Email address\nAda,Lovelace,ada,77,ada@example.org\n", encoding="utf-8"
    )
    hidden = check("hidden thing", "fail", "hidden")
    with open_store(here / "results") as store:
        save(store, "ada", "beta", part(message="f([1]): <b>wrong</b>", checks=[hidden], misconceptions=["secret"]))
    export(here, "moodle", "--roster", str(roster))
    heading, row = table(here / "results" / "moodle.csv")
    assert tuple(heading) == (*MOODLE_COLUMNS, "hw1 total", "beta", "beta feedback")
    assert row[:6] == ["ada", "77", "ada@example.org", "Ada Lovelace", "2", "2"]
    assert row[6] == "f: partial, 2 of 4 (f([1]): &lt;b&gt;wrong&lt;/b&gt;)"


@pytest.mark.parametrize("form", ["csv", "canvas", "moodle"])
def test_hostile_names_and_messages_leave_no_cell_that_anything_obeys(form, here):
    roster = here / "roster.csv"
    with roster.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("student", "name"), *((f"s{k}", name) for k, name in enumerate(HOSTILE))])
    with open_store(here / "results") as store:
        for k, text in enumerate(HOSTILE):
            save(store, f"s{k}", "alpha", part(message=text, misconceptions=[text]))
            save(store, text, "beta", part(message=text))
    for more in ([], ["--roster", str(roster)]):
        export(here, form, *more)
        rows = table(here / "results" / ("parts.csv" if form == "csv" else f"{form}.csv"))
        assert {len(row) for row in rows} == {len(rows[0])}
        for cell in (cell for row in rows for cell in row if cell != POINTS_POSSIBLE):
            assert cell.lstrip()[:1] not in ("=", "+", "-", "@", "\uff1d") or cell == ""
            assert "|=" not in cell
            assert ";=" not in cell
            assert not set(cell) & set("\x1b\u202e\n\r\t")


def test_an_id_that_a_spreadsheet_would_run_is_named(here):
    with open_store(here / "results") as store:
        save(store, "=1", "alpha", part())
    assert "would run them: 1 (=1)" in export(here, "canvas").stderr


def test_gradescope_results_have_the_documented_fields(here):
    file = here / "course.yml"
    file.write_text(file.read_text() + "feedback: {hidden_checks: always, misconceptions: always}\n")
    checks = [check("shape", "pass"), check("sign", "fail", "public", "f(1)"), check("deep", "fail", "hidden")]
    with open_store(here / "results") as store:
        save(store, "ann", "alpha", part(checks=checks, misconceptions=["sum instead of mean"]))
        save(store, "bob", "alpha", part(), status="grader_error")
    export(here, "gradescope")
    files = sorted((here / "results" / "gradescope").rglob("results.json"))
    assert [f.relative_to(here / "results" / "gradescope").as_posix() for f in files] == ["ann/alpha/results.json"]
    data = json.loads(files[0].read_text(encoding="utf-8"))
    assert set(data) <= {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
        "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    visibilities = {"hidden", "after_due_date", "after_published", "visible"}
    for test in data["tests"]:
        assert set(test) <= {"score", "max_score", "status", "name", "output", "tags", "visibility"}
        assert test["visibility"] in visibilities
        assert test["status"] in {"passed", "failed"}
    assert data["score"] == sum(test.get("score", 0.0) for test in data["tests"]) == 2.0
    assert "deep" in json.dumps(data["tests"])
    assert "sum instead of mean" in json.dumps(data["tests"])


@pytest.mark.parametrize(
    ("when", "seen"), [("always", "visible"), ("after_due", "after_due_date"), ("never", "hidden")]
)
def test_gradescope_itself_shows_hidden_checks_when_the_course_says_so(when, seen, tmp_path):
    course = Course(tmp_path, "T", (Assignment("hw1", "", {"alpha": 4.0}),))
    with open_store(tmp_path) as store:
        save(store, "ann", "alpha", part(checks=[check("deep", visibility="hidden")], misconceptions=["m"]))
        (one,) = counted(store, course)
    policy = FeedbackPolicy(when == "always", when == "always", False)
    tests = results_json(one, policy, Feedback(when, when))["tests"]
    assert [test["visibility"] for test in tests] == ["visible", seen, seen]
    exported = results_json(one, policy)["tests"]  # a file that is read elsewhere holds nothing back, so it has nothing
    assert [test["visibility"] for test in exported] == ["visible"] * (3 if when == "always" else 1)


def test_any_student_id_becomes_one_folder_inside_the_target():
    names = {folder_name(text) for text in (*HOSTILE, ".", "..", "", "x" * 500, "\udc80")}
    assert len(names) == len(HOSTILE) + 5
    for name in names:
        assert "/" not in name
        assert not name.startswith(".")
        assert len(name) < 200


WINDOWS = ("con", "CON", "nul.", "aux.txt", "LPT1", "com9 .x", "ann.", "ann", "Ann", "ANN", "ann ", ". .", "=1", "a:b")


@given(st.lists(st.sampled_from(WINDOWS) | st.text(max_size=6), unique=True))
def test_any_students_have_files_that_every_system_tells_apart(texts):
    """Windows has devices, drops dots and spaces at the end and, as macOS does, takes two cases for one."""
    names = folder_names(texts)
    assert len({name.casefold() for name in names.values()}) == len(texts)
    for name in names.values():
        assert name.partition(".")[0].strip().casefold() not in ("con", "nul", "aux", "lpt1", "com9")
        assert name[-1] not in ". "
        assert name.isascii()
        assert not set(name) & set('<>:"/\\|?*')


def test_a_class_list_without_an_id_of_moodles_is_told(here):
    with open_store(here / "results") as store:
        save(store, "ada", "alpha", part())
    (here / "roster.csv").write_text("student,name\nada,Ada\n", encoding="utf-8")
    assert "give the table of participants" in export(here, "moodle", "--roster", str(here / "roster.csv")).stderr
    (here / "roster.csv").write_text("student,email\nada,ada@x.edu\n", encoding="utf-8")
    assert "participants" not in export(here, "moodle", "--roster", str(here / "roster.csv")).stderr
    assert "participants" not in export(here, "moodle").stderr


def test_marks_by_hand_and_lateness_count_as_in_the_grade_table(tmp_path):
    due = datetime(2026, 10, 1, tzinfo=UTC)
    course = Course(tmp_path, "T", (Assignment("hw1", "", {"alpha": 4.0}, due),), LatePolicy(25.0))
    with open_store(tmp_path) as store:
        moment = datetime(2026, 10, 1, 1, tzinfo=UTC)
        save(store, "ann", "alpha", part(status="manual", score=0.0, kind="manual"), received=moment, pending=4.0)
        store.mark(Mark("ann", "alpha", "f", 4.0, "", "me", moment))
        (one,) = counted(store, course)
    assert (one.days_late, one.points, one.record.pending_points) == (1, 3.0, 0.0)


def test_harmless_text_keeps_every_script_and_no_control():
    assert for_html("Zo\u00eb \u0641\u200c\u0627 \u6797") == "Zo\u00eb \u0641\u200c\u0627 \u6797"
    assert for_html("\x1b[2J\u202e\x9b\u2028") == "\\x1b[2J\\u202e\\x9b\\u2028"


def test_exactly_what_shows_nothing_or_turns_text_around_becomes_an_escape():
    """Of all characters: controls but line ends and tabs, halves of pairs, separators, bidirectional ones."""
    turning = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    letters = [chr(k) for k in range(0x30000)]
    escaped = {c for c in letters if for_html(c) != c}
    hidden = {c for c in letters if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} - set("\n\t")
    assert escaped == hidden | turning
    assert for_html("".join(letters)) == "".join(map(for_html, letters))


def test_a_roster_may_know_students_by_another_id(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("Name,SIS User ID,Email\nAda,u1,ada@example.org\n", encoding="utf-8")
    people = directory(["ada@example.org"], path)
    assert (people.missing, people.unknown) == ((), ())
    assert people.entries["ada@example.org"].first("sis user id") == "u1"


def test_the_summary_of_a_large_class_is_short_and_names_who_needs_a_person(here):
    """Five hundred students, eighteen exercises, everything that can be wrong: at most forty lines."""
    exercises = [f"exercise{number:02}" for number in range(18)]
    assignments = {f"ps{k}": exercises[k::5] for k in range(5)}
    text = "title: Large\nlate: {percent_per_day: 10}\nassignments:\n" + "".join(
        f"  {name}: {{title: T, due: 2026-10-01T12:00:00+00:00, exercises: {{{', '.join(f'{e}: 8' for e in mine)}}}}}\n"
        for name, mine in assignments.items()
    )
    (here / "course.yml").write_text(text, encoding="utf-8")
    for name in exercises:
        (here / "exercises" / name).mkdir(parents=True)
        (here / "exercises" / name / "checks.py").touch()
    course = load_course(here)
    statuses = ("graded", "rejected", "missing", "grader_error", "graded")
    essay = part("essay", kind="manual", status="manual", score=0.0)
    results = [
        count(
            Record(
                f"s{student:03}", name, exercise, statuses[(student + k) % 5], file="f" * 300, score=2.0, max_score=8.0,
                pending_points=4.0, message="m\n" * 200, parts=(essay, part()),
            ),
            datetime(2026, 10, 1 + student % 3, 13, tzinfo=UTC) if student % 7 else None,
            course,
        )
        for student in range(500)
        for name, mine in assignments.items()
        for k, exercise in enumerate(mine)
    ]  # fmt: skip
    marks = [Mark(f"s{k:03}", "exercise00", "essay", 2.0, "", "me", NOW, 8.0, "another") for k in range(0, 500, 2)]
    marks += [Mark(f"s{k:03}", "exercise00", "essay", 2.0, "", "me", NOW, 8.0) for k in range(1, 500, 2)]
    step = "autograder mark --template to-mark.csv --out results"
    concerns = Concerns(steps={"to be marked": step})
    concerns.add("of some other kind", *(f"name{k}" for k in range(500)))
    lines = class_summary(results, MarkBook(marks), course, concerns=concerns).splitlines()
    assert len(lines) <= 36  # grade adds how many were found, graded and kept
    assert max(map(len, lines)) <= 240
    listed = lines[lines.index("needs a person:") + 1 :]
    assert listed.pop(1) == f"    $ {step}"
    assert [line for line in listed if not re.search(r" and \d+ more\)$", line)] == []  # cut between two names
    assert re.search(r"to be marked: \d+ \(exercise\d\d essay: \d+ students, ", "\n".join(listed))
    kinds = ("to be marked", "another answer", "could not be used", "grader failed", "late", "unknown", "other kind")
    told = "\n".join(lines)
    assert [kind for kind in kinds if kind not in told] == []


def test_canvas_gets_the_courses_own_ids_as_logins_from_a_list_whose_ids_are_called_otherwise(here, tmp_path):
    path = tmp_path / "participants.csv"
    path.write_text("Identifier,Full name,ID number\nParticipant 11,Ann Doe,ann\n", encoding="utf-8")
    with open_store(here / "results") as store:
        course = load_course(here)
        rows = list(canvas_rows(counted(store, course), directory(["ann"], path), course, Headings()))
    assert rows[2][:5] == ("Ann Doe", "", "", "ann", "")
