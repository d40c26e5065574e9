"""``check`` and ``hint`` on parts: what is explained, what comes next, what was seen."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from autograder.cli import COMMANDS, cli
from autograder.errors import CourseError
from tests.conftest import ROOT

NAME = "empirical_risk"
FIRST, SECOND, THIRD = "mse", "population_risk", "ols_fit"
WRONG = "return 7.0"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An exercise of six parts alone, without its hidden half."""
    shutil.copytree(ROOT / "exercises" / NAME, tmp_path / "exercises" / NAME,
                    ignore=shutil.ignore_patterns("grading.py", "derivations.py", "__pycache__"))  # fmt: skip
    (tmp_path / "course.yml").write_text(f"title: T\nassignments:\n  a:\n    exercises:\n      {NAME}: 25\n")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(course, **bodies):
    """Write bodies of functions into the stub; the other parts stay as they were handed out."""
    file = course / "exercises" / NAME / f"{NAME}.py"
    text = (ROOT / "exercises" / NAME / f"{NAME}.py").read_text()
    for part, body in bodies.items():
        text = re.sub(rf"(def {part}\(.*?)raise NotImplementedError", rf"\1{body}", text, count=1, flags=re.DOTALL)
    file.write_text(text)


def said(*arguments):
    return CliRunner().invoke(cli, arguments, catch_exceptions=False).output


def steps(text):
    return [line for line in text.splitlines() if line.startswith(("Next: ", "Then: "))]


def explained(text):
    """The parts below which a failure is explained."""
    found, part = [], None
    for line in text.splitlines():
        part = line.split()[1] if re.match(r"  (ok|no|--)  ", line) else part
        if line.startswith("        because"):
            found.append(part)
    return list(dict.fromkeys(found))


def test_the_next_step_is_the_failing_part_s_then_the_next_one(course):
    answer(course, **{SECOND: WRONG})
    assert steps(said("check", NAME)) == [
        f"Next: change {SECOND}, then check again; for a hint: autograder hint {SECOND}",
        f"Then: write {FIRST}",
    ]
    answer(course, **{SECOND: WRONG, THIRD: WRONG})
    assert (
        steps(said("check", NAME))[1] == f"Then: change {THIRD}, which fails too; autograder check {THIRD} explains it"
    )
    answer(course)
    assert steps(said("check", NAME)) == [
        f"Next: write {FIRST}, then check again; for a hint: autograder hint {FIRST}",
        f"Then: write {SECOND}",
    ]
    assert said("hint").startswith(f"{NAME}, {FIRST}: hint 1 of")


BUSY = """import time
    if not hasattr(mse, "busy"):
        mse.busy, until = True, time.process_time() + 0.6
        while time.process_time() < until: pass
    return float(np.mean((np.asarray(y_true, float) - y_pred) ** 2))"""


@pytest.mark.parametrize(("seconds", "ends"), [(0.2, False), (20, True)])
def test_a_call_at_home_has_the_processor_time_that_the_course_gives_it(course, seconds, ends):
    with (course / "course.yml").open("a") as file:
        file.write(f"limits:\n  cpu_seconds: {seconds}\n")
    answer(course, **{FIRST: BUSY})
    assert ("does not end in time" in said("check", FIRST)) is not ends


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
@pytest.mark.parametrize(
    ("line", "newer"), [("type Vector = list[float]", True), ("print(f'{d['a']}')", True), ("x = = 1", False)]
)
def test_syntax_of_a_newer_python_is_named_as_such(course, line, newer):
    answer(course)
    stub = course / "exercises" / NAME / f"{NAME}.py"
    stub.write_text(f"{line}\n{stub.read_text()}")
    text = said("check", NAME)
    assert "SyntaxError" in text
    assert ("note: file line 1: may be valid in a newer Python; checked with 3." in text) is newer


def test_the_first_failing_part_is_explained_and_every_one_on_request(course):
    answer(course, **{FIRST: WRONG, THIRD: WRONG})
    assert explained(said("check", NAME)) == [FIRST]
    assert explained(said("check", NAME, "--all")) == [FIRST, THIRD]
    assert explained(said("check", THIRD)) == [THIRD]
    assert "explained above" in said("check", NAME, "--all")


def test_parts_are_checked_alone_or_together(course):
    answer(course, **{FIRST: WRONG})
    one = said("check", FIRST)
    assert FIRST in one
    assert SECOND not in one
    several = json.loads(said("check", THIRD, FIRST, "--json"))
    assert [[part["name"] for part in file["parts"]] for file in several] == [[FIRST, THIRD]]
    whole = json.loads(said("check", FIRST, NAME, "--json"))
    assert len(whole) == 1
    assert len(whole[0]["parts"]) > 2


def test_mathematics_is_explained_before_a_refusal(course):
    """A part that is right nowhere is told of a value, whatever it does with bad input."""
    answer(course, **{FIRST: WRONG})
    text = said("check", FIRST)
    assert "returned    7.0" in text
    assert "ValueError" not in text


def test_hints_that_were_shown_are_shown_again(course):
    assert said("hint", FIRST, "--all-seen").startswith(f"{NAME}, {FIRST}: 0 of 3 hints")
    given = [said("hint", FIRST).splitlines()[1].strip() for _ in range(2)]
    again = said("hint", FIRST, "--all-seen").splitlines()
    assert again == [f"{NAME}, {FIRST}: 2 of 3 hints shown so far", f"  1. {given[0]}", f"  2. {given[1]}"]


@pytest.mark.parametrize(
    ("command", "word"), [("check", "ols_fitt"), ("hint", "ols_fitt"), ("check", "empirical_riks")]
)
def test_a_name_that_is_nothing_is_named_with_the_nearest(course, command, word):
    from autograder.errors import CourseError

    with pytest.raises(CourseError, match=f"no exercise or part '{word}'; did you mean '{word[:4]}"):
        said(command, word)


@pytest.mark.parametrize("student", [True, False])
def test_a_student_s_help_shows_a_student_s_commands(student, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if student and name == "pydantic" else found(name)
    )
    shown = re.findall(r"^  (\w+)  ", said("--help"), re.MULTILINE)
    wanted = [name for name, (module, _) in COMMANDS.items() if module == "student" or not student]
    assert shown == wanted


def test_a_clone_without_what_its_hidden_half_needs_says_what_to_install(course):
    folder = course / "exercises" / NAME
    (folder / "grading.py").write_text("import a_module_that_is_on_no_machine\n")
    answer(course, mse=WRONG)
    with pytest.raises(
        CourseError, match=r"'a_module_that_is_on_no_machine'; .*what the course itself needs .* pip install"
    ):
        said("check", FIRST)


def test_a_students_code_runs_with_garbage_collection(course):
    """The program itself is loaded without."""
    answer(course, **{FIRST: "import gc; assert gc.isenabled(); return 7.0"})
    file = str(course / "exercises" / NAME / f"{NAME}.py")
    command = [sys.executable, "-m", "autograder", "check", file, "--json"]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    data = json.loads(ran.stdout)
    parts = {part["name"]: part["status"] for part in (data[0] if isinstance(data, list) else data)["parts"]}
    assert parts[FIRST] == "wrong"


@pytest.mark.parametrize(("name", "part"), [("heavy_tails", "plot_spread"), ("r_squared", "written_inverted_u")])
def test_a_part_that_is_marked_by_hand_can_be_named_and_says_so(tmp_path, monkeypatch, name, part):
    shutil.copytree(ROOT / "exercises" / name, tmp_path / "exercises" / name)
    (tmp_path / "course.yml").write_text(f"title: T\nassignments:\n  a:\n    exercises:\n      {name}: 25\n")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path))
    for arguments in (("check", part), ("check", part, "--all")):
        heading, *lines = said(*arguments).splitlines()
        assert heading.startswith(f"{name}: ")
        assert lines == [f"  ..  marked by hand: {part}", "", "Nothing here is checked before it is graded."]
    (found,) = json.loads(said("check", part, "--json"))
    assert found["unexamined"] == [part]
