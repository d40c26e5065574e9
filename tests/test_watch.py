"""The check loop: what one screen says, and the whole loop in a real terminal."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.cli.student import in_order
from autograder.student.render import Paint, as_text
from autograder.student.watch import WatchScreen
from tests.conftest import ROOT, make_course
from tests.processes import Tmux

WRONG = "import numpy as np\n\ndef sample_mean(y_true):\n    return np.sum(np.asarray(y_true, float))\n"
RIGHT = """import numpy as np

def sample_mean(y_true):
    y_true = np.asarray(y_true, float)
    if y_true.size == 0:
        raise ValueError("no entries")
    return y_true.mean()
"""


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


def stub(course, name):
    return course / "exercises" / name / f"{name}.py"


def opened(course, current=0):
    one = WatchScreen(course, in_order(course), current, Paint(False))
    one.look()
    return one


def save(file, text):
    """Write a file so that its stamp changes, whatever the resolution of the clock."""
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 10**9, before + 10**9))


def test_a_line_that_is_broken_keeps_its_colours(course):
    """As words, rows and colours: what is shown without colour is shown with it."""
    save(stub(course, "first_mean"), WRONG)
    plain = opened(course)
    painted = WatchScreen(course, in_order(course), 0, Paint(True))
    painted.look()
    for width in (24, 48, 120):
        shown = painted.screen(width, 60)
        assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain.screen(width, 60)
        assert "\x1b[31mno\x1b[0m  sample_mean" in shown
        first, *_, last = shown.splitlines()
        assert first.startswith("\x1b[1m")
        assert last.startswith("\x1b[2m")
        assert first.endswith("\x1b[0m")


def test_a_screen_says_what_fails_then_what_passes_then_what_is_next(course):
    one = opened(course)
    assert "not started" in one.screen()
    assert "0 of 2 exercises" in one.screen()
    save(stub(course, "first_mean"), WRONG)
    assert one.look()
    screen = one.screen()
    for words in ("call        sample_mean([1, 2, 6])", "returned    9.0", "expected    3.0"):
        assert words in screen
    assert "Next exercise" not in screen
    save(stub(course, "first_mean"), RIGHT)
    assert one.look()
    assert "public checks pass" in one.screen()
    assert "Next exercise: second_mean" in one.screen()
    assert "1 of 2 exercises" in one.screen()
    assert one.press("n")
    assert one.screen().startswith("second_mean")


def test_nothing_is_checked_while_nothing_is_saved(course):
    one = opened(course)
    assert one.look() is False
    assert one.look_around() is True  # the other exercise, once
    assert one.look_around() is False


def test_hints_come_one_after_the_other_and_go_with_the_next_save(course):
    one = opened(course)
    one.press("h")
    assert "hint 1 of 3" in one.screen()
    one.press("h")
    assert "hint 2 of 3" in one.screen()
    save(stub(course, "first_mean"), WRONG)
    one.look()
    assert "hint 2 of 3" not in one.screen()


def test_a_file_that_cannot_be_read_is_said_and_looked_at_again(course):
    one = opened(course)
    stub(course, "first_mean").unlink()
    assert one.look()
    assert "No such file" in one.screen()
    stub(course, "first_mean").write_text(RIGHT)
    assert one.look()
    assert "public checks pass" in one.screen()


def test_a_notebook_is_watched_as_soon_as_something_is_begun_in_it(course):
    def write(text):
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": text}
        notebook.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}))

    notebook = stub(course, "first_mean").with_suffix(".ipynb")
    save(stub(course, "first_mean"), WRONG)
    one = opened(course)
    write("def sample_mean(y_true):\n    raise NotImplementedError\n")
    assert one.look()
    assert "returned    9.0" in one.screen()
    write(RIGHT)
    assert one.look()
    assert "public checks pass" in one.screen()
    named = WatchScreen(course, [("first_mean", stub(course, "first_mean"))], 0, Paint(False))
    named.look()
    assert "public checks pass" in named.screen()  # by its name an exercise, wherever it is answered
    elsewhere = course / "work" / "first_mean.py"
    elsewhere.parent.mkdir()
    elsewhere.write_text(WRONG)
    own = WatchScreen(course, [("first_mean", elsewhere)], 0, Paint(False))
    own.look()
    assert "returned    9.0" in own.screen()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 15), (40, 30), (200, 15), (100, 30)])
def test_a_screen_fits_its_terminal_and_keeps_its_foot(course, width, height):
    save(stub(course, "first_mean"), "print('x' * 70)\n" * 30 + WRONG)
    one = opened(course)
    screen = one.screen(width, height)
    rows = sum(max(1, -(-len(line) // width)) for line in screen.splitlines())
    assert rows <= height
    assert "of 2 exercises" in screen


@pytest.mark.parametrize(("width", "height"), [(60, 15), (80, 24), (100, 30)])
def test_no_word_is_cut_and_the_most_useful_line_is_the_last_to_go(course, width, height):
    save(stub(course, "first_mean"), "print('x ' * 60)\n" * 30 + WRONG)
    one = opened(course)
    one.press("h")
    screen = one.screen(width, height)
    assert all(len(line) < width for line in screen.splitlines())
    whole = " ".join(as_text(one.at_hand).split())
    shown = " ".join(screen.split())
    useful = re.findall(r"(?:because|think about) .*?(?= looks like | think about | This part)", whole)
    assert useful
    assert all(line in shown for line in useful)
    assert "Next: change sample_mean, then check again" in shown
    words = set(re.findall(r"[a-z_]{3,}", f"{whole} {one.hint} {' '.join(one._foot(True))} all autograder"))
    assert set(re.findall(r"[a-z_]{3,}", screen)) <= words


def test_hints_that_were_shown_are_shown_again_by_their_number(course):
    one = opened(course)
    one.press("h")
    first = one.hint
    one.press("h")
    assert one.press("1")
    assert one.hint == first
    one.press("3")
    assert "was not shown yet" in one.hint
    assert one.press("0") is False


def test_the_bar_counts_parts(course):
    one = opened(course)
    assert "0 of 1 parts, 0 of 2 exercises" in one.screen()
    save(stub(course, "first_mean"), RIGHT)
    one.look()
    assert "1 of 1 parts, 1 of 2 exercises" in one.screen()


def test_keys_that_mean_nothing_do_nothing(course):
    one = opened(course)
    assert [one.press(key) for key in ("x", "n", "\x1b", "")] == [False] * 4


@pytest.mark.integration
def test_the_loop_in_a_terminal_fail_hint_fix_pass_next_quit(course):
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    tmux = Tmux(course / "tmux", "loop")

    stub(course, "first_mean").write_text(WRONG)
    settings = {"AUTOGRADER_COURSE": str(course), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    command = " ".join(
        ["env", *(f"{k}='{v}'" for k, v in settings.items()), sys.executable, "-m autograder check first_mean --watch"]
    )
    tmux("new-session", "-d", "-s", "loop", "-x", "100", "-y", "30", command)
    try:
        screen = tmux.until("returned    9.0", "expected    3.0", "q: quit")
        assert screen.startswith("first_mean")
        tmux("send-keys", "-t", "loop", "h")
        tmux.until("hint 1 of 3")
        stub(course, "first_mean").write_text(RIGHT)
        screen = tmux.until("public checks pass", "1 of 2 exercises", "Next exercise: second_mean")
        assert "returned" not in screen
        tmux("send-keys", "-t", "loop", "n")
        screen = tmux.until("second_mean:", "not started")
        assert "first_mean" not in screen.splitlines()[0]
        tmux("send-keys", "-t", "loop", "q")
        end = time.monotonic() + 120
        while tmux("list-sessions") and time.monotonic() < end:
            time.sleep(0.2)
        assert tmux("list-sessions") == ""
    finally:
        tmux("kill-server")


def test_without_a_command_the_program_says_where_you_are(course, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    stub(course, "first_mean").write_text(RIGHT)
    said = CliRunner().invoke(cli, [], catch_exceptions=False).output
    assert "first_mean" in said
    assert "done" in said
    assert "Next: autograder check second_mean" in said


def test_the_json_of_a_check_has_the_documented_fields(course, monkeypatch):
    import json

    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    stub(course, "first_mean").write_text(WRONG)
    run = CliRunner().invoke(cli, ["check", "--json", "first_mean"], catch_exceptions=False)
    assert run.exit_code == 1
    (one,) = json.loads(run.stdout)
    (part,) = one["parts"]
    fields = {*one, *part, *(name for check in part["checks"] for name in check)}
    documented = CliRunner().invoke(cli, ["check", "--help"]).output
    assert sorted(field for field in fields if field not in documented) == []
    assert set(one) == {
        "version",
        "exercise",
        "file",
        "done",
        "parts",
        "unexamined",
        "notes",
        "printed",
        "values_checked_when_graded",
    }


def test_a_plain_check_imports_nothing_that_makes_it_slow(course):
    """Counted in modules, not in seconds: the libraries of the grader, the report and symbolic parts stay out."""
    stub(course, "first_mean").write_text(WRONG)
    code = (
        "import sys; from autograder.cli import cli\n"
        "try: cli(['check', 'first_mean'])\n"
        "except SystemExit: pass\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    environment = {**os.environ, "AUTOGRADER_COURSE": str(course), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=course).stdout
    assert "returned    9.0" in said
    (course / "exercises" / "first_mean" / "grading.py").unlink()  # as a student has it
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=course).stdout
    loaded = set(ast.literal_eval(said.strip().splitlines()[-1]))
    slow = {"rich", "jinja2", "sympy", "mpmath", "pydantic", "sqlalchemy", "scipy", "matplotlib", "nbformat", "pandas"}
    assert loaded & slow == set()


@pytest.mark.parametrize("there", [True, False])
def test_reset_tells_of_a_kept_file_only_where_there_is_one(course, monkeypatch, there):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    file = stub(course, "first_mean")
    file.with_name("stub.txt").write_text("pass\n")
    if not there:
        file.unlink()
    done = CliRunner().invoke(cli, ["reset", "first_mean"])
    assert done.exit_code == 0, done.output
    assert file.read_text() == "pass\n"
    assert ("first_mean.kept1.txt" in done.output) == there == file.with_name("first_mean.kept1.txt").exists()
