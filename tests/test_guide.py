"""The author's guide: its exercise grows to the last line of `verify`, its words are those of the language."""

import ast
import re

import pytest
from click.testing import CliRunner

import autograder.checks
from autograder.authoring.new_course import new_course
from autograder.authoring.verify import verify_exercise
from autograder.cli import cli
from autograder.course.exercises import load_exercise
from tests import smallest
from tests.conftest import ROOT

GUIDE = (ROOT / "autograder" / "checks" / "README.md").read_text(encoding="utf-8")
GROWING, _, WORDS = GUIDE.partition("\n## The words\n")
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+?))?(?: (added|instead=\"([^\n]*)\"))?\n(.*?)^```$", re.M | re.S)
NAME = "geometric_mean"


def test_every_word_is_explained_with_an_example_that_runs():
    sections = re.split(r"^### ", WORDS, flags=re.M)
    assert sorted(section.partition("\n")[0] for section in sections[1:]) == sorted(autograder.checks.__all__)
    scope = {}
    for section in sections:
        blocks = [match[5] for match in BLOCK.finditer(section)]
        assert blocks, section
        for block in blocks:
            exec(compile(block, f"guide: {section.partition(chr(10))[0]}", "exec"), scope)


@pytest.mark.integration
def test_the_exercise_of_the_guide_grows_to_the_last_line_of_verify(tmp_path):
    place = new_course(tmp_path / "course", "A course") / "exercises" / NAME
    place.mkdir()
    steps = 0
    for language, file, how, instead, text in BLOCK.findall(GROWING):
        if language == "verify":
            steps += 1
            said = [f"PROBLEM {one}" for one in problems(place)] or ["every promise holds"]
            assert set(text.splitlines()) <= set(said), said
            continue
        target = place / file
        before = target.read_text() if target.exists() else ""
        if how == "added":
            text = f"{before}\n\n{text}"
        elif how:
            written = (ast.get_source_segment(before, node) for node in ast.parse(before).body)
            text = before.replace(next(one for one in written if one.startswith(instead)), text)
        target.write_text(text)
    assert steps == 4
    assert said == ["every promise holds"]


def problems(place):
    return verify_exercise(load_exercise(place.parents[1], place.name, hidden=True)).all_problems


def test_the_smallest_exercise_has_few_lines_and_few_concepts(tmp_path):
    """The exercise that `init` writes, its misconceptions apart; next to the same one for two other systems."""
    counted = smallest.ours()
    assert counted.lines <= 25
    assert len(counted.concepts) <= 6
    assert smallest.table() in GUIDE
    chapter = smallest.second()
    text = " ".join(GUIDE.split())
    assert f"{chapter.lines} lines in {chapter.files} files with {len(chapter.concepts)} words of the package" in text
    assert problems(new_course(tmp_path / "course", "A course") / "exercises" / "squares") == ()


@pytest.mark.parametrize("system", smallest.CONCEPTS)
def test_the_same_exercise_of_another_system_runs_and_its_tests_can_fail(system):
    program = smallest.program(system)
    exec(compile(program, system, "exec"), {})
    with pytest.raises(AssertionError):
        exec(compile(program.replace("np.arange(1, n + 1) ** 2", "np.arange(1, n + 1)"), system, "exec"), {})


@pytest.mark.parametrize("title", ["Statistics", 'A: "b" # c', "Größen & Maße"])
def test_help_greets_a_course_by_its_own_title(tmp_path, monkeypatch, title):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(new_course(tmp_path / "course", title)))
    assert f"{title}: check your answers" in " ".join(CliRunner().invoke(cli, ["--help"]).output.split())


def test_nothing_in_the_package_is_about_the_course_of_this_checkout():
    subject = re.compile(r"mean squared error|\bmse\b(?!-)|exercises on", re.I)
    for file in (ROOT / "autograder").rglob("*"):
        if file.suffix in (".py", ".md", ".txt", ".j2"):
            found = [line for line in file.read_text(encoding="utf-8").splitlines() if subject.search(line)]
            assert found == [], file
