"""What a course's own rules refuse later, `verify` says first: layout, nbgrader's cells, names that two things have."""

import pytest
from click.testing import CliRunner

from autograder.authoring.new_exercise import new_exercise
from autograder.authoring.verify import ExerciseResult, as_text
from autograder.authoring.verify.drawn import figure_problems
from autograder.authoring.verify.promises import exercise_problems
from autograder.cli import cli
from autograder.cli.author import _house_problems, _without_checks
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.release.build import Release
from autograder.release.rules import IDS, cell_lines, format_problems, id_problems
from tests.conftest import make_course

NAME = "first_mean"
RUFF = """
[tool.ruff]
line-length = 120
lint.select = ["F821"]
"""


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


def write(course, name, text):
    (course / name).parent.mkdir(parents=True, exist_ok=True)
    (course / name).write_text(text, encoding="utf-8")


# --- layout ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("added", "said"),
    [("\n\nx   =  1\n", "would be laid out otherwise by ruff; run `ruff format exercises`"),
     ("\n\ny = undefined\n", "refused by ruff (F821")],
)  # fmt: skip
def test_a_file_that_the_course_s_formatter_refuses_is_named(course, added, said):
    pytest.importorskip("ruff", reason="ruff is not installed")
    write(course, "pyproject.toml", RUFF)
    assert list(format_problems(course, [NAME])) == []
    file = course / "exercises" / NAME / "grading.py"
    file.write_text(file.read_text() + added)
    found = list(format_problems(course, [NAME]))
    assert any(one.startswith(f"exercises/{NAME}/grading.py") and said in one for one in found), found
    assert list(format_problems(course, ["second_mean"])) == []


@pytest.mark.parametrize("settings", [None, "[project]\nname = 'x'\n"])
def test_a_course_without_a_formatter_has_no_rule_of_layout(course, settings):
    if settings is not None:
        write(course, "pyproject.toml", settings)
    file = course / "exercises" / NAME / "grading.py"
    file.write_text(file.read_text() + "\n\nx   =  1\n")
    assert list(format_problems(course, [NAME])) == []


# --- nbgrader's cells ------------------------------------------------------------------------------------------


def pinned(course):
    return list(cell_lines(Release.of(load_course(course), "hw1", solved=False)))


def test_a_course_that_pins_its_cells_is_told_which_one_is_another(course):
    assert list(id_problems(course, [NAME])) == []  # nothing is pinned
    lines = pinned(course)
    write(course, IDS.as_posix(), "\n".join(lines) + "\n")
    assert list(id_problems(course, [NAME])) == []
    file = course / "course.yml"
    file.write_text(file.read_text().replace("first_mean: 4", "first_mean: 6"))
    (problem,) = id_problems(course, [NAME])
    assert problem.startswith("tests/grade_ids.txt: the cells of hw1 are others")
    assert "first_mean" in problem


def test_a_cell_that_is_gone_is_named_too(course):
    write(course, IDS.as_posix(), "\n".join([*pinned(course), "hw1 first_mean-other code answer -"]) + "\n")
    (problem,) = id_problems(course, [NAME])
    assert "first_mean-other" in problem


def test_both_rules_belong_to_verify(course):
    pytest.importorskip("ruff", reason="ruff is not installed")
    write(course, "pyproject.toml", RUFF)
    write(course, IDS.as_posix(), "hw1 another-cell code answer -\n")
    file = course / "exercises" / NAME / "grading.py"
    file.write_text(file.read_text() + "\n\nx   =  1\n")
    found = list(_house_problems(course, [ExerciseResult(NAME, "E01", "t", 4.0, ())]))
    assert [one.partition(":")[0] for one in found] == [f"exercises/{NAME}/grading.py", "tests/grade_ids.txt"], found


# --- names that two things have --------------------------------------------------------------------------------


def test_a_new_exercise_has_the_name_of_no_part(course):
    checks = course / "exercises" / NAME / "checks.py"
    text = checks.read_text()
    checks.write_text(text.replace('"sample_mean"', '"sample_spread"'))
    with pytest.raises(CourseError, match="'sample_spread' is a part of first_mean"):
        new_exercise(course, "sample_spread")
    assert not (course / "exercises" / "sample_spread").exists()


def test_a_part_with_the_name_of_another_exercise_is_named(course):
    for file in ("checks.py", "grading.py", "README.md", f"{NAME}.py"):
        path = course / "exercises" / NAME / file
        path.write_text(path.read_text().replace("sample_mean", "second_mean"))
    found = list(exercise_problems(load_exercise(course, NAME, hidden=True)))
    (problem,) = [one for one in found if "second_mean has the name of an exercise" in one]
    assert "checks.py:" in problem


def test_a_folder_without_checks_is_not_passed_over_in_silence(course):
    (course / "exercises" / NAME / "checks.py").unlink()
    (problem,) = _without_checks(course)
    assert problem.startswith(f"exercises/{NAME}: has grading.py, but not checks.py")


# --- what is given on purpose ----------------------------------------------------------------------------------


def test_what_is_given_on_purpose_is_listed():
    listed = as_text(ExerciseResult(NAME, "E01", "t", 4.0, (), given=("sum(y) / len(y)", "a title")))
    assert [line for line in listed.splitlines() if "given on purpose" in line] == [
        "  given on purpose: sum(y) / len(y)",
        "  given on purpose: a title",
    ]


def test_verify_of_an_unknown_exercise_names_those_that_there_are(course, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    done = CliRunner().invoke(cli, ["verify", "frist_mean"])
    assert done.exit_code == 2
    assert "there are first_mean, second_mean" in done.output


def test_verify_says_which_exercise_no_assignment_has(course, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    result = ExerciseResult("alone", "E09", "t", 4.0, ())
    monkeypatch.setattr("autograder.cli.author._verify_all", lambda root, names, *_: iter([result]))
    done = CliRunner().invoke(cli, ["verify", "first_mean"])
    assert "ADVICE course.yml: no assignment has alone, so it is not handed out" in done.output
    assert done.exit_code == 0


# --- the figure ------------------------------------------------------------------------------------------------

DRAWS = """
SEEN = []


def figure(functions, plt):
    SEEN.append({name: function([0.0, 0.0, 6.0]) for name, function in functions.items()})
    open(__file__ + ".seen", "w").write(repr(SEEN))
    if BROKEN(functions):
        raise ArithmeticError("no")
    return plt.figure()
"""


def test_the_figure_is_drawn_from_nothing_from_right_and_from_three_wrong_functions(course):
    file = course / "exercises" / NAME / "figure.py"
    file.write_text(DRAWS.replace("BROKEN", "(lambda given: False)"))
    assert list(figure_problems(load_exercise(course, NAME, hidden=True))) == []
    seen = eval(file.with_name("figure.py.seen").read_text())
    assert seen == [{}] + [{"sample_mean": value} for value in (2.0, 3.0, 6.0, 0.0)]


@pytest.mark.parametrize(
    ("broken", "who"),
    [
        ("(lambda given: not given)", "the untouched stub"),
        ("(lambda given: given and given['sample_mean']([2.0]) == 2)", "the reference"),
        ("(lambda given: given and given['sample_mean']([1.0, 1.0]) == 2)", "misconception 1 of each part"),
    ],
)
def test_what_a_figure_cannot_be_drawn_from_is_named_once_with_its_line(course, broken, who):
    file = course / "exercises" / NAME / "figure.py"
    file.write_text(DRAWS.replace("BROKEN", broken))
    (problem,) = figure_problems(load_exercise(course, NAME, hidden=True))
    assert problem.startswith(f"figure.py:9: drawing from {who}")
    assert "ArithmeticError: no" in problem
