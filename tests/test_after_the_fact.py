"""Changes after the fact: what a regrade changes, a note to send, and appeals with their evidence."""

import csv
import json
import zipfile

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.grading.appeals import answer_table, read_appeals, write_answers
from autograder.intake.limited import available
from autograder.reports.diff import as_json, as_text, compare, notes
from autograder.store.marks import set_marks
from autograder.store.people import student_of
from autograder.store.store import open_store
from autograder.store.stored import Mark
from tests import report_class as made
from tests.conftest import make_course
from tests.test_marking_page import SENTENCES, hand_in
from tests.test_marks import RIGHT


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Results before and after: a score that rises, one that falls, and answers marked before and handed in anew."""
    root = made.make_course(tmp_path)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    stores = [open_store(root / name) for name in ("results", "regraded")]
    for k, store in enumerate(stores):
        made.save(store, "ann", "beta", made.part(score=[1.0, 4.0][k], status=["wrong", "correct"][k]))
        made.save(store, "ben", "beta", made.part(score=[4.0, 2.5][k], status=["correct", "partial"][k]))
        made.save(store, "cem", "beta", made.part())
        for student in ("ann", "ben"):
            hand_in(store, student, SENTENCES[0])
    marks = [Mark(who, "alpha", "essay", 3.0, "", "tutor", made.DUE) for who in ("ann", "ben")]
    for store in stores:
        set_marks(store, marks)
    hand_in(stores[1], "ben", SENTENCES[2])
    for store in stores:
        store.close()
    return root


def test_a_difference_is_summed_up_by_exercise_with_the_marks_that_wait_again(two):
    with open_store(two / "results") as old, open_store(two / "regraded") as new:
        found = compare(old, new, load_course(two))
    assert found.exercises == {
        "alpha": {"students": 1, "gained": 0.0, "lost": 3.0, "waiting_again": ["ben essay"]},
        "beta": {"students": 2, "gained": 3.0, "lost": 1.5, "waiting_again": []},
    }
    assert as_json(found)["exercises"] == found.exercises
    text = as_text(found)
    assert "alpha: 1 student with other points, 0 gained, 3 lost; need manual grading again: ben essay" in text
    assert "another answer in essay than the one that was marked 3 of 4" in text


def test_a_note_names_exercise_part_and_points_and_nothing_of_a_check(two):
    with open_store(two / "results") as old, open_store(two / "regraded") as new:
        found = notes(compare(old, new, load_course(two)))
    assert found == [
        ("ann", "Your work was graded again. beta: 1 points, now 4 (f: 1 -> 4)."),
        (
            "ben",
            "Your work was graded again. alpha: 3 points, now 0 (essay: is looked at again). "
            "beta: 4 points, now 2.5 (f: 4 -> 2.5).",
        ),
    ]
    target = two / "notes.csv"
    command = ["diff", str(two / "results"), str(two / "regraded"), "--notes", str(target)]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert done.exit_code == 0
    with target.open(newline="") as stream:
        assert [tuple(row.values()) for row in csv.DictReader(stream)] == found


# --- appeals ---


def requests(root, *rows):
    path = root / "appeals.csv"
    path.write_text("Student,Exercise,Part,Text,Time\n" + "".join(row + "\n" for row in rows))
    return path


def test_a_request_becomes_a_row_with_verdict_evidence_and_whether_it_is_in_time(two):
    text = made.COURSE.replace("exercises: {", "appeals_until: 2026-10-20T12:00:00+00:00, exercises: {")
    (two / "course.yml").write_text(text)
    path = requests(
        two,
        "ann,beta,f,why 1?,2026-10-19T12:00:00Z",
        "ann,alpha,,all of it,2026-10-21T12:00:00Z",
        "cem,beta,,nothing is lost,2026-10-19T12:00:00Z",
    )
    asked = []

    def replay(student, exercise):
        asked.append((student, exercise))
        if exercise == "alpha":
            raise CourseError("the file was removed from the store")
        return False, "another verdict\n  score 1 of 4, now 2 of 4"

    with open_store(two / "results") as store:
        found = read_appeals(path, store, lambda text: text)
        rows = answer_table(found, store, load_course(two), replay)
    assert asked == [("ann", "beta"), ("ann", "alpha"), ("cem", "beta")]
    assert [(r["student"], r["part"], r["in_time"], r["status"], r["points"], r["marked_by"]) for r in rows] == [
        ("ann", "f", "yes", "wrong", "1", ""),
        ("ann", "essay", "no", "partial", "3", "tutor"),
        ("cem", "", "yes", "graded", "4", ""),
    ]
    assert rows[2]["reason"] == "no part lost points"
    assert [row["replayed"] for row in rows] == [
        "another verdict: score 1 of 4, now 2 of 4",
        "the file was removed from the store",
        "another verdict: score 1 of 4, now 2 of 4",
    ]
    assert write_answers(two / "out.csv", rows) == 3
    with (two / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["answer"] for row in csv.DictReader(stream)] == [""] * 3


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("anm,beta,f,x,", "no student 'anm' in the results; did you mean 'ann'?"),
        ("ann,betta,f,x,", "no result of ann for 'betta'; did you mean 'beta'?"),
        ("ann,alpha,esay,x,", "alpha has no part 'esay'; did you mean 'essay'?"),
        ("ann,beta,f,x,yesterday", "time: given 'yesterday'"),
    ],
)
def test_a_request_that_cannot_be_is_named_by_its_line(two, row, word):
    path = requests(two, "ann,beta,f,fine,", row)
    with open_store(two / "results") as store, pytest.raises(CourseError) as raised:
        read_appeals(path, store, lambda text: text)
    assert str(raised.value).startswith("appeals.csv:3: ")
    assert word in str(raised.value)


def test_the_command_writes_the_answers_next_to_the_table(two):
    path = requests(two, "ann,beta,f,why?,")
    command = ["appeals", str(path), "--out", str(two / "results"), "--unsafe"]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert (two / "appeals-answers.csv").exists()
    assert "1 request, 1 row" in done.output


# --- finding a student ---


@pytest.mark.parametrize(("text", "found"), [("ann", "ann"), ("AN", "ann"), ("em", "cem")])
def test_a_piece_of_an_id_finds_a_student_where_only_one_has_it(two, text, found):
    with open_store(two / "results") as store:
        assert student_of(store, two / "results", text, part=True) == found


@pytest.mark.parametrize("text", ["e", "n", "zzz"])
def test_a_piece_that_several_have_finds_nobody(two, text):
    with open_store(two / "results") as store, pytest.raises(CourseError):
        student_of(store, two / "results", text, part=True)


def test_a_mark_is_never_given_by_a_piece_of_an_id(two):
    with open_store(two / "results") as store, pytest.raises(CourseError):
        student_of(store, two / "results", "an")


def test_show_names_the_exercise_that_was_meant(two):
    with pytest.raises(CourseError, match="no result of ann for 'betta'; did you mean 'beta'"):
        CliRunner().invoke(cli, ["show", "ann", "betta", "--out", str(two / "results")], catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "ann", "f"), "no result of ann for 'f'; f is a part of beta"),
        (("replay", "ann", "essay"), "no result of ann for 'essay'; essay is a part of alpha"),
        (
            ("mark", "ann", "essay", "essay", "1", "--who", "t"),
            "no result of ann for 'essay'; essay is a part of alpha",
        ),
    ],
)
def test_who_names_a_part_as_the_exercise_is_told_of_which_it_is(two, arguments, said):
    done = CliRunner().invoke(cli, [*arguments, "--out", str(two / "results")])
    assert str(done.exception) == said


@pytest.mark.skipif(not available(), reason="submissions are graded on Linux")
@pytest.mark.parametrize("command", [("grade", "."), ("verify",)])
def test_a_part_is_no_exercise_to_grade_or_verify(command, tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    monkeypatch.chdir(root)
    given = ("--exercise", "sample_mean", "--out", "out") if command[0] == "grade" else ("sample_mean",)
    done = CliRunner().invoke(cli, [*command, *given])
    assert "no exercise 'sample_mean'" in f"{done.output}{done.exception}"
    assert (
        "; sample_mean is a part of first_mean and of second_mean; name one of these"
        in f"{done.output}{done.exception}"
    )


# --- the class list is given once ---


def test_an_exercise_that_a_student_left_out_has_a_record_with_and_without_a_class_list(mini, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    place = tmp_path / "s" / "ann" / "hw1"
    place.mkdir(parents=True)
    (place / "first_mean.py").write_text("x = 1\n")
    (tmp_path / "class.csv").write_text("student\nann\nbob\n")
    command = ["grade", str(tmp_path / "s"), "--out", str(tmp_path / "out"), "--assignment", "hw1", "--unsafe"]
    for roster, wanted in (
        ([], {"ann"}),
        (["--roster", str(tmp_path / "class.csv")], {"ann", "bob"}),
        ([], {"ann", "bob"}),
    ):
        done = CliRunner().invoke(cli, [*command, "--jobs", "1", *roster])
        assert done.exit_code == 0, done.output
        lines = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
        records = {(one["student"], one["exercise"]): one["status"] for one in map(json.loads, lines)}
        assert {student for student, _ in records} == wanted
        assert records["ann", "second_mean"] == "missing"


def test_a_regrade_without_the_class_list_knows_whose_files_they_are(tmp_path, monkeypatch):
    """The zip of Canvas does not use the ids of the class list; a student who is not in it is not missing."""
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    (tmp_path / "class.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        '"Doe, Ann",11,u11,ann@example.org,A\n"Roe, Bob",12,u12,bob@example.org,A\n'
        '"Poe, Cem",13,u13,cem@example.org,A\n'
    )
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        for key in ("doeann_11_901", "roebob_12_902"):
            archive.writestr(f"{key}_first_mean.py", RIGHT)

    def graded(*more):
        command = ["grade", tmp_path / "submissions.zip", *more, "--out", tmp_path / "out", "--jobs", 1, "--unsafe"]
        done = CliRunner().invoke(cli, [str(one) for one in command], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        records = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text().splitlines()]
        return {(record["student"], record["exercise"]): record["status"] for record in records}

    first = graded("--assignment", "hw1", "--roster", tmp_path / "class.csv")
    text = (root / "course.yml").read_text()
    (root / "course.yml").write_text(text.replace("first_mean: 4", "first_mean: 6"))
    assert graded("--exercise", "first_mean") == first
    assert {who for who, _ in first} == {"ann@example.org", "bob@example.org", "cem@example.org"}
    with open_store(tmp_path / "out") as store:
        assert student_of(store, tmp_path / "out", "bob", part=True) == "bob@example.org"
        with pytest.raises(CourseError, match="written differently"):
            student_of(store, tmp_path / "out", "bob")
