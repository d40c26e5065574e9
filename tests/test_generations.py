"""Verdicts of an earlier course are named by exercise, count and what changed; what is read anew each time is not."""

import json
import os
from dataclasses import fields

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.course.model import Assignment, Course, load_course
from autograder.store.generations import PARTS, changed, fingerprint, stale
from autograder.store.store import open_store
from tests.conftest import make_course
from tests.test_marks import RIGHT


@pytest.fixture
def graded(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    for student in ("ann", "bob"):
        for exercise in ("first_mean", "second_mean"):
            place = tmp_path / "submitted" / student / "hw1" / f"{exercise}.py"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(RIGHT)
    run(tmp_path, "grade", tmp_path / "submitted", "--out", tmp_path / "out", "--jobs", 1, "--unsafe")
    return tmp_path


def run(_place, *arguments):
    done = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def lines(place):
    with open_store(place / "out") as store:
        return list(stale(store, load_course(place / "course")))


def edit(file, old, new):
    """Change a file, also for a clock that is too coarse to see it."""
    text = file.read_text()
    assert old in text
    before = file.stat().st_mtime_ns
    file.write_text(text.replace(old, new))
    os.utime(file, ns=(before + 10**9, before + 10**9))


def test_nothing_is_stale_right_after_grading(graded):
    assert lines(graded) == []
    assert "another course" not in run(graded, "export", "csv", graded / "out").stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    title: First", "    title: Another\n    due: 2026-10-05T23:59:00+02:00"),
        ("variants: 3", "variants: 3\nfeedback: {hidden_checks: never}"),
        ("variants: 3", "variants: 3\nlate: {percent_per_day: 50}"),
    ],
)
def test_what_is_read_anew_whenever_results_are_shown_makes_nothing_stale(old, new, graded):
    edit(graded / "course" / "course.yml", old, new)
    assert lines(graded) == []
    said = run(graded, "grade", graded / "submitted", "--out", graded / "out", "--jobs", 1, "--unsafe").output
    assert "graded 0, already done 4" in said


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("second_mean: 8", "second_mean: 9", ["second_mean: 2 results, course.yml changed"]),
        (
            "variants: 3",
            "variants: 4",
            [f"{name}: 2 results, course.yml changed" for name in ("first_mean", "second_mean")],
        ),
    ],
)
def test_what_changes_a_verdict_is_told_by_exercise_and_count_until_it_is_graded_again(old, new, wanted, graded):
    edit(graded / "course" / "course.yml", old, new)
    assert lines(graded) == wanted
    for command in (("export", "csv"), ("export", "canvas"), ("export", "moodle"), ("report",)):
        said = run(graded, *command, graded / "out").stderr
        assert f"grade again: {len(wanted)} ({', '.join(wanted)})" in said
    run(graded, "grade", graded / "submitted", "--out", graded / "out", "--jobs", 1, "--unsafe")
    assert lines(graded) == []
    records = [json.loads(line) for line in (graded / "out" / "results.jsonl").read_text().splitlines()]
    assert {r["max_score"] for r in records if r["exercise"] == "second_mean"} == {9.0 if "9" in new else 8.0}


def test_an_exercise_that_left_the_course_is_named(graded):
    edit(graded / "course" / "course.yml", "      second_mean: 8\n", "")
    assert "second_mean: 2 results, not in course.yml any more" in lines(graded)


def test_each_part_of_a_fingerprint_is_named_by_itself(graded):
    now = fingerprint(graded / "course", "first_mean")
    hashes = now.split("-")
    assert len(hashes) == len(PARTS)
    for k, name in enumerate(PARTS):
        then = "-".join([*hashes[:k], "0" * 16, *hashes[k + 1 :]])
        assert changed(then, now) == f"{name} changed"
    assert changed("an older form", now) == "an earlier course or package"
    assert changed(now, now) == ""


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("reference/first_mean.py", "the reference"),
        ("reference/other.py", "the reference"),
        ("reference/kernel.cu", "the reference"),
        ("exercises/first_mean/grading.py", "the exercise"),
        ("exercises/first_mean/table.csv", "the exercise"),
        ("exercises/first_mean/picture.svg", ""),
        ("exercises/first_mean/first_mean.py", ""),
    ],
)
def test_every_file_counts_where_it_is_but_the_stub(file, part, tmp_path):
    """A module of the reference counts, also one that is called as the exercise is."""
    root = make_course(tmp_path / "course")
    before = fingerprint(root, "first_mean")
    place = root / file
    place.parent.mkdir(exist_ok=True)
    place.write_text((place.read_text() if place.exists() else "") + "\nADDED = 1\n")
    moved = tmp_path / "moved"  # a fingerprint is kept while a process lives, for a folder of this name
    root.rename(moved)
    assert changed(before, fingerprint(moved, "first_mean")) == (f"{part} changed" if part else "")


DECIDES_VERDICTS = {"exercises", "attempts", "limits", "variants", "packages"}
READ_ANEW = {
    "root", "name", "title", "due", "extensions", "late", "by_team", "appeals_until", "assignments", "teams",
    "feedback", "backend", "secret",
}  # fmt: skip
"""Not in a fingerprint: read whenever results are shown, part of what was handed in, or without effect on points."""


def test_every_field_of_the_course_file_either_decides_verdicts_or_is_read_anew():
    """A new field must be in one of the two, or verdicts that it changes would be kept."""
    assert {one.name for kind in (Course, Assignment) for one in fields(kind)} == DECIDES_VERDICTS | READ_ANEW


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("variants: 3", "variants: 4"),
        ("variants: 3", "variants: 3\nattempts: best"),
        ("variants: 3", "variants: 3\npackages: [numpy]"),
        ("variants: 3", "variants: 3\nlimits: {cpu_seconds: 1}"),
        ("    title: First", "    title: First\n    attempts: first"),
        ("first_mean: 4", "first_mean: 5"),
    ],
)
def test_what_decides_verdicts_changes_a_fingerprint(old, new, tmp_path):
    root = make_course(tmp_path / "course")
    before = fingerprint(root, "first_mean")
    edit(root / "course.yml", old, new)
    assert changed(before, fingerprint(root, "first_mean")) == "course.yml changed"


def test_grading_again_without_the_class_list_names_the_command_that_renews_every_record(graded):
    """A student who handed in nothing has records only where the class list says who should have come."""
    grade = ["grade", graded / "submitted", "--out", graded / "out", "--jobs", 1, "--unsafe"]
    (graded / "class.csv").write_text("student\nann\nbob\nlate\n")
    run(graded, *grade, "--roster", graded / "class.csv")
    edit(graded / "course" / "course.yml", "second_mean: 8", "second_mean: 9")
    said = run(graded, *grade).output
    assert "grade them again: 1 (second_mean: 1 result, course.yml changed)" in said
    assert f"grade {graded / 'submitted'} --roster CSV --out" in said
    run(graded, *grade, "--roster", graded / "class.csv")
    assert lines(graded) == []
