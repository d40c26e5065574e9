"""Results are the grader's alone: modes of all that is written, and no password in the list of processes."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.atomic import private_folder, replacing, write_whole
from autograder.cli import cli
from autograder.errors import CourseError
from autograder.intake.limited import available
from autograder.store.database import connect
from tests.conftest import ROOT

ANSWER = "def sample_mean(values):\n    return sum(values) / len(values)\n"


def modes(root):
    return {path.relative_to(root).as_posix(): stat.S_IMODE(path.lstat().st_mode) for path in [root, *root.rglob("*")]}


def command(course, umask, *arguments):
    script = f"import os, sys; os.umask({umask:#o}); from autograder.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "AUTOGRADER_COURSE": str(course), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.integration
@pytest.mark.skipif(not available(), reason="submissions are graded on Linux")
@pytest.mark.parametrize("umask", [0o022, 0o077], ids=oct)
def test_what_grade_report_and_export_write_is_its_owner_s_alone(umask, mini, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(mini, course)
    (course / ".autograder-secret").unlink()
    for student in ("ann", "bob"):
        place = tmp_path / "submitted" / student / "hw1"
        place.mkdir(parents=True)
        (place / "first_mean.py").write_text(ANSWER)
    out = tmp_path / "term" / "results"
    command(course, umask, "grade", tmp_path / "submitted", "--out", out, "--jobs", 1)
    command(course, umask, "report", out)
    command(course, umask, "report", out, "--anonymous")
    command(course, umask, "report", out, "--for-students", "--publish")
    command(course, umask, "mark", "--out", out, "--template", out / "marks.csv")
    (tmp_path / "roster.csv").write_text("student,identifier\nann,Participant 7\nbob,Participant 8\n")
    for form in ("csv", "canvas", "moodle", "moodle-feedback", "gradescope", "dolos", "jplag"):
        command(course, umask, "export", form, out, "--roster", tmp_path / "roster.csv")
    (tmp_path / "appeals.csv").write_text("student,exercise,text\nann,first_mean,once more\n")
    command(course, umask, "appeals", tmp_path / "appeals.csv", "--out", out, "--to", out / "answers.csv")
    command(course, umask, "diff", out / "published", out, "--notes", out / "notes.csv")
    command(course, umask, "term", "first", "--out", out, "--to", tmp_path / "term" / "archive", "--yes")
    command(course, umask, "export", "moodle", out, "--to", tmp_path / "elsewhere.csv")
    found = modes(tmp_path / "term")
    found |= {"secret": stat.S_IMODE((course / ".autograder-secret").stat().st_mode)}
    found |= {"elsewhere.csv": stat.S_IMODE((tmp_path / "elsewhere.csv").stat().st_mode)}
    assert {"results/results.db", "results/results.jsonl", "results/grades.csv", "results/report/index.html"} <= set(
        found
    )
    folders = {name for name in found if (tmp_path / "term" / name).is_dir()}
    assert {name: oct(mode) for name, mode in found.items() if mode != (0o700 if name in folders else 0o600)} == {}


def test_a_mode_that_was_widened_survives_a_rewrite(tmp_path):
    path = tmp_path / "grades.csv"
    for mode in (0o640, 0o644, 0o664, 0o400, 0o600):
        path.unlink(missing_ok=True)
        with replacing(path) as stream:
            stream.write("first")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(mode)
        with replacing(path) as stream:
            stream.write("second")
        assert (path.read_text() if mode & 0o400 else "second", stat.S_IMODE(path.stat().st_mode)) == ("second", mode)
    tmp_path.chmod(0o750)
    private_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_narrower_umask_narrows_a_new_file(tmp_path):
    before = os.umask(0o277)
    try:
        with replacing(tmp_path / "a"):
            pass
        write_whole(tmp_path / "b", b"", private=True)
    finally:
        os.umask(before)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"} == {0o400}


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match=r"file/results: cannot be made: .*; choose another --out"):
        private_folder(tmp_path / "file" / "results", "choose another --out")


def test_a_store_of_a_url_and_its_journals_are_private(tmp_path):
    path = tmp_path / "elsewhere.db"
    store = connect(f"sqlite:///{path}", create=True)
    try:
        assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
    finally:
        store.close()


# --- the store's URL -------------------------------------------------------------------------------------------

URL = "postgresql+psycopg://grader:pass-word@127.0.0.1:9/course"
IN_QUERY = "postgresql+psycopg://127.0.0.1:9/course?user=grader&password=pass-word"


@pytest.mark.parametrize("url", [URL, IN_QUERY])
def test_a_password_on_the_command_line_warns_and_is_shown_nowhere(url, mini, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    done = CliRunner().invoke(cli, ["export", "csv", str(tmp_path), "--store", url])
    assert "put the URL into the environment variable AUTOGRADER_STORE" in done.stderr
    assert "pass-word" not in done.output + done.stderr + str(done.exception)


def test_the_environment_names_the_store_without_a_warning(mini, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    monkeypatch.setenv("AUTOGRADER_STORE", URL)
    done = CliRunner().invoke(cli, ["export", "csv", str(tmp_path)])
    assert "grader:***@127.0.0.1" in str(done.exception) + done.output + done.stderr
    assert "can read the password" not in done.stderr
    assert "pass-word" not in done.output + done.stderr + str(done.exception)


@pytest.mark.parametrize("name", ["grade", "mark", "show", "replay", "export", "report", "forget"])
def test_every_command_with_a_store_takes_it_from_the_environment(name):
    assert "AUTOGRADER_STORE" in CliRunner().invoke(cli, [name, "--help"]).output


@pytest.mark.skipif(not available(), reason="submissions are graded on Linux")
def test_a_whole_run_uses_the_store_of_the_environment(mini, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    monkeypatch.setenv("AUTOGRADER_STORE", f"sqlite:///{tmp_path / 'shared.db'}")
    place = tmp_path / "submitted" / "ann" / "hw1"
    place.mkdir(parents=True)
    (place / "first_mean.py").write_text(ANSWER)
    out = tmp_path / "results"
    for arguments in (["grade", str(tmp_path / "submitted"), "--out", str(out), "--jobs", "1"], ["report", str(out)]):
        done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output + done.stderr
    assert not (out / "results.db").exists()
    assert {json.loads(line)["student"] for line in (out / "results.jsonl").read_text().splitlines()} == {"ann"}
    assert Path(out / "report" / "index.html").is_file()
