"""What is asked of a run that was stopped, of a table that names strangers, and of one result is told as it is."""

from __future__ import annotations

import re
import shlex

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.cli.exporting import export_command
from autograder.cli.forget import forget_command
from autograder.cli.grade import grade_command
from autograder.cli.instructor import replay_command
from autograder.cli.marking import mark_command
from autograder.cli.reporting import diff_command, report_command
from autograder.course.exercises import load_exercise
from autograder.errors import CourseError
from autograder.store.store import open_store
from autograder.text import plural
from tests.conftest import as_made, make_course

RIGHT = "import numpy as np\n\ndef sample_mean(y_true):\n    return float(np.mean(y_true))\n"
WAITING = ("cem", "hw1", "first_mean")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class of two, graded; what is stopped is said to have taken a third one."""
    place = tmp_path_factory.mktemp("unfinished")
    root = make_course(place / "course")
    for student in ("ann", "ben"):
        file = place / "in" / student / "hw1" / "first_mean.py"
        file.parent.mkdir(parents=True)
        file.write_text(RIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_COURSE", str(root))
        grade(place)
    return place


@pytest.fixture
def place(made, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(made / "course"))
    return as_made(made)


def call(command, *args, code=0):
    done = CliRunner().invoke(command, [str(arg) for arg in args])
    assert done.exit_code == code, (done.output, done.exception)
    return done


def grade(place, *args):
    options = ("--exercise", "first_mean", "--out", place / "out", "--jobs", 1, "--unsafe")
    return call(grade_command, place / "in", *options, *args)


def looked_at(place):
    """What each command that shows results says on stderr."""
    out = place / "out"
    return {
        "report": call(report_command, out).stderr,
        "handouts": call(report_command, out, "--for-students").stderr,
        "export": call(export_command, "csv", out).stderr,
        "canvas": call(export_command, "canvas", out).stderr,
        "diff": call(diff_command, out, out).stderr,
    }


def test_a_stopped_run_is_told_until_it_went_on_to_its_end(place):
    assert not any("not finished" in text for text in looked_at(place).values())
    with open_store(place / "out") as store:
        assert (store.claim([WAITING]), store.underway()) == ({WAITING}, 1)
    for name, text in looked_at(place).items():
        assert "grading is not finished (2 results, 1 submission in progress, more may be queued)" in text, name
        assert text.count("the same grade command goes on where it stopped") == (2 if name == "diff" else 1)
    file = place / "in" / "cem" / "hw1" / "first_mean.py"
    file.parent.mkdir(parents=True)
    file.write_text(RIGHT)
    grade(place)
    assert not any("not finished" in text for text in looked_at(place).values())


def test_who_stands_in_a_table_of_times_and_handed_in_nothing_is_named(place):
    table = place / "times.csv"
    rows = [f"{student},hw1,2026-10-01T10:00:00+02:00" for student in ("ann", "zoe", "ydris")]
    table.write_text("\n".join(["student,assignment,time", *rows]) + "\n")
    said = grade(place, "--received", table).stderr
    assert f"in {table}, but nothing of theirs is here: ydris, zoe\n" in said
    table.write_text("\n".join(["student,assignment,time", rows[0]]) + "\n")
    assert "nothing of theirs" not in grade(place, "--received", table).stderr


def test_forget_names_what_was_written_before_and_replay_says_why_there_is_no_file(place):
    out = place / "out"
    call(report_command, out)
    call(export_command, "canvas", out)
    said = call(forget_command, "ann", "--as", "p1", "--out", out, "--yes").stderr
    assert "ann: 1 verdict is now that of p1\n" in said
    assert f"removed from {out}, since they showed them; write them anew: report, canvas.csv\n" in said
    assert not (out / "report").exists()
    with pytest.raises(CourseError, match="the file was removed from the store; `forget --as` removed it"):
        CliRunner().invoke(replay_command, ["p1", "first_mean", "--out", str(out)], catch_exceptions=False)


def test_where_nothing_was_written_forget_names_nothing(place):
    said = call(forget_command, "ann", "--out", place / "out", "--yes").stderr
    first, last = said.splitlines()
    assert first == "ann: 1 verdict removed"
    assert last.startswith(f"nothing outside of {place / 'out'} is touched: ")


def test_one_is_one_and_several_are_several(place):
    assert [plural(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert [plural(n, "entry", "entries") for n in (1, 2)] == ["1 entry", "2 entries"]
    call(forget_command, "ann", "--out", place / "out", "--yes")
    assert call(export_command, "csv", place / "out").stdout.endswith("parts.csv: 1 row\n")
    assert "index.html: 1 student; for you alone" in call(report_command, place / "out").stdout
    said = call(mark_command, "--template", place / "m.csv", "--out", place / "out").stdout
    assert said == f"nothing needs manual grading: {place / 'm.csv'} has the heading only\n"


@pytest.mark.parametrize("name", ["checks.py", "grading.py"])
def test_a_file_of_an_exercise_that_ends_the_program_is_named_with_its_line(tmp_path, name):
    root = make_course(tmp_path / "course")
    file = root / "exercises" / "first_mean" / name
    file.write_text('"""An exercise."""\n\nraise SystemExit(3)\n')
    with pytest.raises(CourseError, match=rf"{name}:3: SystemExit: 3"):
        load_exercise(root, "first_mean", hidden=True)


@pytest.mark.parametrize("points", ["'4'", "0", "-1", "None", "float('nan')", "True"])
def test_points_that_are_no_number_above_zero_are_named(tmp_path, points):
    root = make_course(tmp_path / "course")
    file = root / "exercises" / "first_mean" / "checks.py"
    file.write_text(file.read_text().replace("points=4", f"points={points}"))
    with pytest.raises(CourseError, match=r"checks\.py:\d+: Part 'sample_mean': points: given .*; allowed: a number"):
        load_exercise(root, "first_mean", hidden=False)


def test_a_run_ends_with_a_line_for_each_cause_and_with_commands_that_work_as_they_are_printed(place):
    for exercise in ("first_mean", "second_mean"):
        file = place / "in" / "cem" / "hw1" / f"{exercise}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{")
    (place / "class list.csv").write_text("student\nann\nben\ncem\n")
    options = ("--roster", place / "class list.csv", "--out", place / "out", "--jobs", 1, "--unsafe")
    said = call(grade_command, place / "in", *options).stderr
    assert "2 files could not be used:\n  cem: cem/hw1/first_mean.ipynb and 1 more file: " in said
    steps = [shlex.split(line, comments=True) for line in said.splitlines() if re.match(r"(next:)? +autograder ", line)]
    steps = [step[step.index("autograder") + 1 :] for step in steps]
    assert [step[0] for step in steps] == ["report", "unnamed"]
    for step in steps:
        call(cli, *step)
